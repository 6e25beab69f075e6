#include "crypto/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace mailassay::crypto {
namespace {

void need(bool holds) {
    if (!holds) std::abort();
}

using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()),
                              X509_EXTENSION_free);
    need(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_extensions(X509* certificate, X509* issuer, const Wish& wish) {
    const bool is_authority = wish.names.empty() && wish.mail_addresses.empty();
    add_extension(certificate, issuer, NID_basic_constraints,
                  is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage,
                  is_authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (is_authority) return;
    std::string names;
    for (const std::string& name : wish.names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
    for (const std::string& address : wish.mail_addresses) {
        names += (names.empty() ? "email:" : ",email:") + address;
    }
    add_extension(certificate, issuer, NID_subject_alt_name, names);
}

std::string digest(const unsigned char* data, std::size_t size) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    need(EVP_Digest(data, size, out.data(), &length, EVP_sha256(), nullptr) == 1);
    return {reinterpret_cast<const char*>(out.data()), length};
}

std::string octets_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Identity make_identity(const Wish& wish, const Identity* issuer) {
    Identity made;
    made.key = wish.key;
    if (!made.key) {
        made.key.reset(wish.rsa_bits == 0 ? EVP_EC_gen(wish.curve) : EVP_RSA_gen(wish.rsa_bits),
                       EVP_PKEY_free);
    }
    made.certificate.reset(X509_new(), X509_free);
    X509* certificate = made.certificate.get();
    need(made.key && certificate != nullptr);
    static long serial = 0;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_set_version(certificate, X509_VERSION_3);
    X509_time_adj_ex(X509_getm_notBefore(certificate), wish.valid_from_days, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate), wish.valid_to_days, 0, nullptr);
    X509_set_pubkey(certificate, made.key.get());
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(wish.common_name.c_str());
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
    X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
    EVP_PKEY* key = issuer == nullptr ? made.key.get() : issuer->key.get();
    need(X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1);
    add_extensions(certificate, signer, wish);
    need(X509_sign(certificate, key, EVP_sha256()) > 0);
    return made;
}

std::string key_digest(const Identity& identity) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(identity.key.get(), &der);
    need(size > 0);
    const std::string result = digest(der, static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return result;
}

std::string certificate_digest(const Identity& identity) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(identity.certificate.get(), &der);
    need(size > 0);
    const std::string result = digest(der, static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return result;
}

TestFolder::TestFolder() {
    std::string pattern = testing::TempDir() + "mailassay-XXXXXX";
    need(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::path(const std::string& name) const {
    return (path_ / name).string();
}

std::string TestFolder::write(const std::string& name, const std::string& octets) const {
    std::ofstream(path(name), std::ios::binary) << octets;
    return path(name);
}

std::string TestFolder::write_certificates(const std::string& name,
                                           const std::vector<Identity>& chain) const {
    const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
    for (const Identity& each : chain) PEM_write_bio_X509(bio.get(), each.certificate.get());
    return write(name, octets_of(bio.get()));
}

std::string TestFolder::write_key(const std::string& name, const Identity& identity) const {
    const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return write(name, octets_of(bio.get()));
}

}  // namespace mailassay::crypto
