#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// Certificates and private keys as values; copies share the object, which nothing changes.
namespace mailassay::crypto {

// One attribute of a name: its type as an object identifier in dots, its value as UTF-8.
struct NameAttribute {
    std::string type;
    std::string value;

    friend bool operator==(const NameAttribute&, const NameAttribute&) = default;
};

class Certificate {
  public:
    explicit Certificate(std::shared_ptr<X509> x509) : x509_(std::move(x509)) {}

    // All certificates of a PEM text, in order; other blocks are skipped.
    // Errors: crypto.certificate.none, crypto.certificate.malformed.
    [[nodiscard]] static Result<std::vector<Certificate>> all_from_pem(std::string_view pem);

    // RFC 4514, as UTF-8.
    [[nodiscard]] std::string subject() const;
    // The same in parts, the most significant first, as it is encoded.
    [[nodiscard]] std::vector<NameAttribute> subject_attributes() const;
    [[nodiscard]] std::string issuer() const;
    // Hexadecimal.
    [[nodiscard]] std::string serial() const;
    // The Internet mail addresses: rfc822Name and SmtpUTF8Mailbox of subjectAltName, and the
    // emailAddress attributes of the subject (RFC 8550 section 3), as written.
    [[nodiscard]] std::vector<std::string> mail_addresses() const;
    [[nodiscard]] std::string to_pem() const;
    [[nodiscard]] bool same_as(const Certificate& other) const;

    // For this module and for callers that hand it to OpenSSL at once.
    [[nodiscard]] X509* get() const { return x509_.get(); }

  private:
    std::shared_ptr<X509> x509_;
};

class PrivateKey {
  public:
    explicit PrivateKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

    // PKCS#8 or a traditional format; a password is never asked for on a terminal.
    // Errors: crypto.key.none, crypto.key.password, crypto.key.malformed.
    [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view pem,
                                                     std::string_view password = {});

    [[nodiscard]] bool belongs_to(const Certificate& certificate) const;
    // PKCS#8, not encrypted.
    [[nodiscard]] std::string to_pem() const;
    [[nodiscard]] EVP_PKEY* get() const { return key_.get(); }

  private:
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace mailassay::crypto
