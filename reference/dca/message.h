#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "crypto/enveloped_data.h"
#include "dca/header.h"
#include "dca/outer_signature.h"
#include "dca/rules.h"
#include "imf/header.h"
#include "secureheaders/codec.h"

// Both processes of a Domain Confidentiality Authority (RFC 7508 section 4.6) on whole messages.
namespace mailassay::dca {

// Why the header was left as it is, though the message was encrypted or decrypted.
enum class Unchanged : std::uint8_t {
    NotSigned,
    NoSecureHeaders,
    NotRestorable,  // of decryption alone: `fault` says why
};

// A certificate that a message is or was encrypted to, whose names are not as RFC 3183 wants them.
struct Flag {
    std::string subject;  // RFC 4514
    std::vector<NameFault> faults;
};

struct Encryption {
    // Authorities and end recipients alike. An authority is a certificate that has its common name,
    // or its local part in a mail address.
    std::vector<crypto::Certificate> recipients;
    // The mail addresses that the message goes to, for the names of authorities; without any no
    // domain is compared.
    std::vector<std::string> addresses = {};
    Replacements replacements = {};
    // nullopt: what the recipients' certificates say that all of them can open, so that it is
    // AuthEnvelopedData where the other side can.
    std::optional<crypto::ContentCipher> cipher = crypto::ContentCipher::Aes256Cbc;
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
    // A signature around the envelope.
    std::optional<OuterSigning> outer = std::nullopt;
};

// What became of a message that was encrypted.
struct EncryptionReport {
    std::optional<Unchanged> unchanged = std::nullopt;
    std::optional<Wrapped> outer = std::nullopt;  // where a signature was asked for
    std::vector<Change> changes = {};
    std::vector<Flag> flags = {};
};

struct Encrypted : EncryptionReport {
    std::string message = {};
};

// The message as application/pkcs7-mime, its header hidden where its signature says so. On any
// error there is no message: one whose fields can't be hidden is not sent half hidden.
//
// Errors: dca.encrypt.wrong-domain (an authority of none of the addresses), dca.signers-disagree,
// dca.encrypt.no-separator (the message has no body), those of hide(), of
// secureheaders::read_structures(), of an attribute that can't be read, of crypto::encrypt(), and,
// with a signature around the envelope, of may_sign() and crypto::sign().
[[nodiscard]] Result<Encrypted> encrypt_message(std::string_view message,
                                                const Encryption& encryption, const Rules& rules);

// The same into `out`; what is in between is kept in `scratch`, so that memory does not grow with
// the message. After an error `out` may hold a part, if the error is its own. Errors: those above,
// of `scratch` and of `out`.
[[nodiscard]] Result<EncryptionReport> encrypt_message(std::string_view message,
                                                       const Encryption& encryption,
                                                       const Rules& rules, base::Scratch& scratch,
                                                       base::Sink& out);

struct Decryption {
    crypto::PrivateKey key;
    crypto::Certificate certificate;
    std::vector<std::string> addresses = {};  // that the message came for
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
    // By what signatures around the envelope are trusted.
    crypto::Trust trust = {};
    WithinBroken within_broken = WithinBroken::AsTheRules;
};

// What became of a message that was decrypted.
struct DecryptionReport {
    std::optional<Unchanged> unchanged = std::nullopt;
    std::optional<Error> fault = std::nullopt;
    std::vector<Change> changes = {};
    std::vector<Flag> flags = {};
    crypto::EnvelopeReport envelope = {};
    std::vector<OuterSignature> outer = {};  // around the envelope, the outermost first
};

struct Decrypted : DecryptionReport {
    std::string message = {};
};

// The message that was encrypted, its header restored where its signature says so. A header that
// can't be restored is no error: the message is there, and verification will tell. Signatures
// around the envelope are left behind; the report tells what they are worth.
//
// Errors: dca.decrypt.not-enveloped, dca.decrypt.no-entity (what was encrypted is no MIME entity),
// and those of imf::parse_message(), imf::decode_body(), crypto::decrypt() and judge_outer().
[[nodiscard]] Result<Decrypted> decrypt_message(std::string_view message,
                                                const Decryption& decryption, const Rules& rules);

// The same into `out`, as encrypt_message() does.
[[nodiscard]] Result<DecryptionReport> decrypt_message(std::string_view message,
                                                       const Decryption& decryption,
                                                       const Rules& rules, base::Scratch& scratch,
                                                       base::Sink& out);

[[nodiscard]] std::string_view to_string(Unchanged reason);

}  // namespace mailassay::dca
