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

// What a signature around an envelope is worth.
namespace standing {
inline constexpr std::string_view holds = "holds";
inline constexpr std::string_view not_trusted = "not-trusted";
inline constexpr std::string_view broken = "broken";
}  // namespace standing

// What became of the signature that was asked for around an envelope.
namespace wrapped {
inline constexpr std::string_view is_signed = "signed";
inline constexpr std::string_view nothing_within = "nothing-within";
}  // namespace wrapped

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

// A signature that is asked for around the envelope.
struct OuterWish {
    std::string signer;
    std::string_view as = "domain";  // or "review", "user"
    crypto::Encapsulation form = crypto::Encapsulation::Detached;
};

// A signature that is found around an envelope.
struct OuterSeen {
    std::string signer;
    std::string_view standing = standing::holds;
    std::vector<std::string_view> as = {};  // names of agents
    std::vector<std::string> faults = {};   // of its mark and its signer's names
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
    std::optional<OuterWish> signature = std::nullopt;
    std::string_view wrapped = {};  // what becomes of it
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
    std::vector<OuterSeen> around = {};  // the outermost first
};

struct DcaVectorSet {
    std::vector<EncryptVector> encrypt = {};
    std::vector<DecryptVector> decrypt = {};
};

}  // namespace mailassay::vectors
