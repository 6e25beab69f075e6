#include "crypto/public_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/handles.h"
#include "crypto/hash.h"

namespace mailassay::crypto {

namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
    return {key, Release<EVP_PKEY_free>{}};
}

KeyKind kind_of(const EVP_PKEY* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
            return KeyKind::Rsa;
        case EVP_PKEY_ED25519:
            return KeyKind::Ed25519;
        default:
            return KeyKind::Other;
    }
}

// What goes into the signature function, and the digest that this takes itself.
struct Signed {
    std::string octets;
    const EVP_MD* digest;
};

Signed signed_by(KeyKind kind, std::string_view octets) {
    if (kind == KeyKind::Ed25519) return {.octets = sha256(octets), .digest = nullptr};
    return {.octets = std::string(octets), .digest = EVP_sha256()};
}

const unsigned char* data_of(std::string_view octets) {
    return reinterpret_cast<const unsigned char*>(octets.data());
}

}  // namespace

Result<PublicKey> PublicKey::from_der(std::string_view der) {
    const unsigned char* at = data_of(der);
    EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
    if (key == nullptr) {
        at = data_of(der);
        key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size()));
    }
    ERR_clear_error();
    PublicKey made(owned(key));
    const bool is_whole = key != nullptr && at == data_of(der) + der.size();
    if (!is_whole) return std::unexpected(Error{.id = "crypto.key.malformed"});
    return made;
}

Result<PublicKey> PublicKey::of_ed25519(std::string_view octets) {
    EVP_PKEY* key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(octets), octets.size());
    ERR_clear_error();
    if (key == nullptr) return std::unexpected(Error{.id = "crypto.key.malformed"});
    return PublicKey(owned(key));
}

PublicKey PublicKey::of(const PrivateKey& key) {
    EVP_PKEY_up_ref(key.get());
    return PublicKey(owned(key.get()));
}

KeyKind PublicKey::kind() const {
    return kind_of(key_.get());
}

int PublicKey::bits() const {
    return EVP_PKEY_get_bits(key_.get());
}

bool PublicKey::verifies(std::string_view octets, std::string_view signature) const {
    if (kind() == KeyKind::Other) return false;
    const Signed what = signed_by(kind(), octets);
    const DigestContext context(EVP_MD_CTX_new());
    const bool holds =
        context &&
        EVP_DigestVerifyInit(context.get(), nullptr, what.digest, nullptr, key_.get()) == 1 &&
        EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(what.octets),
                         what.octets.size()) == 1;
    ERR_clear_error();
    return holds;
}

std::string PublicKey::to_octets() const {
    if (kind() == KeyKind::Ed25519) {
        std::string octets(32, '\0');
        std::size_t size = octets.size();
        EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(octets.data()),
                                    &size);
        return octets;
    }
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    std::string octets(reinterpret_cast<const char*>(der),
                       static_cast<std::size_t>(size > 0 ? size : 0));
    OPENSSL_free(der);
    return octets;
}

Result<std::string> bare_signature(std::string_view octets, const PrivateKey& key) {
    const KeyKind kind = kind_of(key.get());
    if (kind == KeyKind::Other) return std::unexpected(Error{.id = "crypto.sign.failed"});
    const Signed what = signed_by(kind, octets);
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const bool is_sized =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, what.digest, nullptr, key.get()) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, data_of(what.octets), what.octets.size()) ==
            1;
    std::string signature(size, '\0');
    if (!is_sized ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       data_of(what.octets), what.octets.size()) != 1) {
        return std::unexpected(openssl_error("crypto.sign.failed"));
    }
    signature.resize(size);
    return signature;
}

}  // namespace mailassay::crypto
