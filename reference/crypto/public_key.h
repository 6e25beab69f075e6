#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/certificate.h"

// Keys without certificates, and bare signatures, as DKIM has them (RFC 6376, RFC 8463).
namespace mailassay::crypto {

enum class KeyKind : std::uint8_t { Rsa, Ed25519, Other };

// Copies share the object, which nothing changes.
class PublicKey {
  public:
    // A SubjectPublicKeyInfo, or an RSAPublicKey of PKCS#1, in DER. Error: crypto.key.malformed.
    [[nodiscard]] static Result<PublicKey> from_der(std::string_view der);
    // Of Ed25519, its 32 octets. Error: crypto.key.malformed.
    [[nodiscard]] static Result<PublicKey> of_ed25519(std::string_view octets);
    [[nodiscard]] static PublicKey of(const PrivateKey& key);

    [[nodiscard]] KeyKind kind() const;
    [[nodiscard]] int bits() const;
    // Over octets: with RSA by PKCS#1 v1.5 and SHA-256, with Ed25519 over their SHA-256 (RFC 8463
    // section 3). Keys of other kinds verify nothing.
    [[nodiscard]] bool verifies(std::string_view octets, std::string_view signature) const;
    // Of Ed25519 the 32 octets, else a SubjectPublicKeyInfo in DER.
    [[nodiscard]] std::string to_octets() const;

  private:
    explicit PublicKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}

    std::shared_ptr<EVP_PKEY> key_;
};

// What PublicKey::verifies() takes. Error: crypto.sign.failed (a key of another kind among others).
[[nodiscard]] Result<std::string> bare_signature(std::string_view octets, const PrivateKey& key);

}  // namespace mailassay::crypto
