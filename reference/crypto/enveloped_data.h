#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "crypto/certificate.h"

// EnvelopedData (RFC 5652 section 6) and AuthEnvelopedData (RFC 5083) of CMS, made and opened.
namespace mailassay::crypto {

enum class ContentCipher : std::uint8_t { Aes128Cbc, Aes256Cbc, Aes128Gcm, Aes256Gcm };

// Which of both types a ContentInfo is: CBC makes the first, GCM the second.
enum class EnvelopeType : std::uint8_t { EnvelopedData, AuthEnvelopedData };

[[nodiscard]] EnvelopeType type_made_with(ContentCipher cipher);

// What the holder of a certificate says there that he can open (S/MIME capabilities, RFC 4262), the
// most preferred first; others than these four are passed over. nullopt: it says nothing.
[[nodiscard]] std::optional<std::vector<ContentCipher>> capabilities_of(
    const Certificate& certificate);

// How a recipient has the content-encryption key.
enum class KeyManagement : std::uint8_t {
    Transport,  // RSA
    Agreement,  // ECDH, with an ephemeral key of the sender
    Other,      // by a key that both have, or a password
};

// One recipient as the recipientInfos name it. Either issuer and serial stand there, or the key
// identifier.
struct RecipientReport {
    KeyManagement management = KeyManagement::Other;
    std::string issuer = {};          // RFC 4514, as UTF-8
    std::string serial = {};          // hexadecimal
    std::string key_identifier = {};  // hexadecimal
    std::string algorithm = {};       // OpenSSL's short name

    friend bool operator==(const RecipientReport&, const RecipientReport&) = default;
};

struct EnvelopeReport {
    EnvelopeType type = EnvelopeType::EnvelopedData;
    std::vector<RecipientReport> recipients = {};
    // The certificates that originatorInfo holds.
    std::vector<Certificate> originators = {};
};

struct Opened {
    base::Octets content;
    EnvelopeReport envelope;
};

// A ContentInfo in DER with one recipientInfo for each certificate, which names it by issuer and
// serial: key transport for RSA, key agreement with SHA-256 for elliptic curves (RFC 5753).
// Errors: crypto.encrypt.no-recipient, crypto.encrypt.recipient (a key that nothing is encrypted
// to; the offset is the index of the certificate), crypto.encrypt.failed.
[[nodiscard]] Result<std::string> encrypt(std::string_view content,
                                          std::span<const Certificate> recipients,
                                          ContentCipher cipher);

// The same ContentInfo in three pieces, one after the other. `content` are views that make one
// content. What is encrypted is kept in `scratch`. Errors: those of encrypt() and of `scratch`.
struct EnvelopePieces {
    std::string before;
    base::Octets encrypted;
    std::string behind;
};
[[nodiscard]] Result<EnvelopePieces> encrypt_pieces(std::span<const std::string_view> content,
                                                    std::span<const Certificate> recipients,
                                                    ContentCipher cipher, base::Scratch& scratch);

// What can be told of an envelope without a key.
// Errors: crypto.cms.malformed, crypto.cms.not-enveloped-data.
[[nodiscard]] Result<EnvelopeReport> inspect(std::string_view content_info);

// Opens an envelope as the holder of the certificate. A wrong content-encryption key and a damaged
// content are one and the same error, so that nobody learns which it was (RFC 3218). What was
// encrypted is kept in `scratch`; nothing of it is given before all of it held.
// Errors: those of inspect(), crypto.decrypt.key-mismatch (the key is not the certificate's),
// crypto.decrypt.not-a-recipient, crypto.decrypt.failed, and those of `scratch`.
[[nodiscard]] Result<Opened> decrypt(std::string_view content_info, const PrivateKey& key,
                                     const Certificate& certificate,
                                     base::Scratch& scratch = base::memory());

}  // namespace mailassay::crypto
