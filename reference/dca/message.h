#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/enveloped_data.h"
#include "dca/header.h"
#include "dca/rules.h"
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
    crypto::ContentCipher cipher = crypto::ContentCipher::Aes256Cbc;
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
};

struct Encrypted {
    std::string message;
    std::optional<Unchanged> unchanged = std::nullopt;
    std::vector<Change> changes = {};
    std::vector<Flag> flags = {};
};

// The message as application/pkcs7-mime, its header hidden where its signature says so. On any
// error there is no message: one whose fields can't be hidden is not sent half hidden.
//
// Errors: dca.encrypt.wrong-domain (an authority of none of the addresses), dca.signers-disagree,
// dca.encrypt.no-separator (the message has no body), those of hide(), of
// secureheaders::verify_message(), of an attribute that can't be read, and of crypto::encrypt().
[[nodiscard]] Result<Encrypted> encrypt_message(std::string_view message,
                                                const Encryption& encryption, const Rules& rules);

struct Decryption {
    crypto::PrivateKey key;
    crypto::Certificate certificate;
    std::vector<std::string> addresses = {};  // that the message came for
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
};

struct Decrypted {
    std::string message;
    std::optional<Unchanged> unchanged = std::nullopt;
    std::optional<Error> fault = std::nullopt;
    std::vector<Change> changes = {};
    std::vector<Flag> flags = {};
    crypto::EnvelopeReport envelope = {};
};

// The message that was encrypted, its header restored where its signature says so. A header that
// can't be restored is no error: the message is there, and verification will tell.
//
// Errors: dca.decrypt.not-enveloped, dca.decrypt.no-entity (what was encrypted is no MIME entity),
// and those of imf::parse_message(), imf::content_type_of(), imf::decode_body() and
// crypto::decrypt().
[[nodiscard]] Result<Decrypted> decrypt_message(std::string_view message,
                                                const Decryption& decryption, const Rules& rules);

[[nodiscard]] std::string_view to_string(Unchanged reason);

}  // namespace mailassay::dca
