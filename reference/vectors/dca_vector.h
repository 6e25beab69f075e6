#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/enveloped_data.h"
#include "dca/message.h"
#include "vectors/vector.h"

// Vectors of the Domain Confidentiality Authority as values.
namespace mailassay::vectors {

// Words of an outcome, as the shim protocol has them.
namespace outcome {
inline constexpr std::string_view encrypted = "encrypted";
inline constexpr std::string_view decrypted = "decrypted";
inline constexpr std::string_view not_a_recipient = "not-a-recipient";
inline constexpr std::string_view not_encrypted = "not-encrypted";
}  // namespace outcome

// What became of the header section.
namespace header {
inline constexpr std::string_view hidden = "hidden";
inline constexpr std::string_view restored = "restored";
inline constexpr std::string_view not_signed = "not-signed";
inline constexpr std::string_view no_secure_headers = "no-secure-headers";
inline constexpr std::string_view not_restorable = "not-restorable";
}  // namespace header

// What vectors of both operations have.
struct DcaCommon {
    // Behind the mechanism, the operation and the edition: "deleted/first".
    std::string name = {};
    std::string requirement = {};  // as the RFC counts it
    std::string note = {};
    std::vector<std::string> flags = {};
    // All that the text allows; the reference's own first.
    std::vector<std::string_view> outcomes = {};
    // What becomes of the header; empty where there is no message.
    std::string_view header = {};
    // Why the reference does not do all that was asked: an error's id; empty: it does.
    std::string reason = {};
    // What a verifier makes of the message, before it is encrypted and afterwards.
    std::string_view verifies = outcome::valid;
    // The mail addresses that the message goes to.
    std::vector<std::string> addresses = {"bob@example.net"};
    Edition edition = Edition::Rfc;  // set by the author
};

using NameFaults = std::vector<dca::NameFault>;

struct EncryptVector {
    DcaCommon common = {};
    std::string message = {};
    std::vector<std::string> recipients = {"dca-rsa"};
    dca::Replacements replacements = {};
    crypto::ContentCipher cipher = crypto::ContentCipher::Aes256Cbc;
    // The fields that cross the wire in the clear, each without its CRLF, in order; but for
    // Content-*.
    std::vector<std::string> outer = {};
    // What must not be seen on the wire.
    std::vector<std::string> hidden = {};
    std::vector<std::pair<std::string, NameFaults>> name_faults = {};  // by recipient
};

struct DecryptVector {
    DcaCommon common = {};
    std::string message = {};
    std::string holder = "dca-rsa";
    // What comes out, octet for octet; nothing where there is no message.
    std::optional<std::string> restored = std::nullopt;
    // Whether the text determines each octet of it; otherwise a verifier alone can tell.
    bool is_determined = true;
    NameFaults name_faults = {};
};

struct DcaVectorSet {
    std::vector<EncryptVector> encrypt = {};
    std::vector<DecryptVector> decrypt = {};
};

}  // namespace mailassay::vectors
