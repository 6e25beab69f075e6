#include "crypto/public_key.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"

namespace mailassay::crypto {
namespace {

PrivateKey rsa() {
    return PrivateKey(make_identity({.mail_addresses = {"a@b.example"}, .rsa_bits = 2048}).key);
}

PrivateKey ed25519() {
    return PrivateKey(
        std::shared_ptr<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free));
}

TEST(PublicKey, VerifiesWhatItsPrivateKeySigned) {
    for (const PrivateKey& key : {rsa(), ed25519()}) {
        const std::string signature = bare_signature("text", key).value();
        const PublicKey own = PublicKey::of(key);
        EXPECT_TRUE(own.verifies("text", signature));
        EXPECT_FALSE(own.verifies("test", signature));
        EXPECT_FALSE(own.verifies("text", signature.substr(1)));
        EXPECT_FALSE(own.verifies("text", ""));
    }
}

TEST(PublicKey, IsReadAsItIsWritten) {
    const PrivateKey one = rsa();
    const auto read = PublicKey::from_der(PublicKey::of(one).to_octets());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind(), KeyKind::Rsa);
    EXPECT_EQ(read->bits(), 2048);
    EXPECT_TRUE(read->verifies("text", bare_signature("text", one).value()));
    const PrivateKey other = ed25519();
    const auto raw = PublicKey::of_ed25519(PublicKey::of(other).to_octets());
    ASSERT_TRUE(raw);
    EXPECT_TRUE(raw->verifies("text", bare_signature("text", other).value()));
}

TEST(PublicKey, OfNonsenseIsNone) {
    EXPECT_EQ(PublicKey::from_der("\x30\x03").error().id, "crypto.key.malformed");
    EXPECT_EQ(PublicKey::from_der("").error().id, "crypto.key.malformed");
    EXPECT_EQ(PublicKey::from_der(PublicKey::of(rsa()).to_octets() + "x").error().id,
              "crypto.key.malformed");
    EXPECT_EQ(PublicKey::of_ed25519("short").error().id, "crypto.key.malformed");
}

TEST(PublicKey, OfAnotherKindVerifiesNothing) {
    const PrivateKey curve(make_identity({.mail_addresses = {"a@b.example"}}).key);
    EXPECT_EQ(bare_signature("text", curve).error().id, "crypto.sign.failed");
    EXPECT_FALSE(PublicKey::of(curve).verifies("text", "x"));
}

}  // namespace
}  // namespace mailassay::crypto
