#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/signed_data.h"
#include "secureheaders/policy.h"
#include "secureheaders/rules.h"
#include "secureheaders/structure.h"

// Vectors as values: what is given, what must come of it, and why.
namespace mailassay::vectors {

using secureheaders::Edition;

// When all vectors are signed, and when they are verified.
inline constexpr std::string_view signing_time = "2026-01-01T12:00:00Z";
inline constexpr std::string_view verifying_time = "2026-06-01T12:00:00Z";

// Words of an outcome, as verify.schema.json has them.
namespace outcome {
inline constexpr std::string_view valid = "valid";
inline constexpr std::string_view invalid = "invalid";
inline constexpr std::string_view signature_invalid = "signature-invalid";
inline constexpr std::string_view no_secure_headers = "no-secure-headers";
inline constexpr std::string_view not_signed = "not-signed";
inline constexpr std::string_view unreadable = "unreadable";
inline constexpr std::string_view made = "signed";
inline constexpr std::string_view refused = "refused";
}  // namespace outcome

// What must come of a vector.
struct Expected {
    // All that the text allows; the reference's own first.
    std::vector<std::string_view> outcomes = {};
    // Which reading of the clause an outcome follows, where there are several.
    std::map<std::string_view, std::string_view> readings = {};
    // That must be given, with the name of the field; and kinds that must not be.
    std::vector<std::pair<secureheaders::Warning, std::string>> warnings = {};
    std::vector<secureheaders::Warning> silent = {};
    // What must be shown (verify), or be in the structure (sign).
    std::optional<imf::Canonicalization> algorithm = std::nullopt;
    std::optional<std::vector<secureheaders::FieldReport>> fields = std::nullopt;
    // How the signer's certificate stands to From and Sender (RFC 8550), as must be shown (verify).
    std::optional<secureheaders::AddressMatch> address = std::nullopt;
    // What a client that does not know the attribute makes of the signature: no-secure-headers,
    // signature-invalid or not-signed; empty: nothing certain.
    std::string_view unaware = {};
};

// What every vector has.
struct Common {
    // Behind the mechanism, the operation and the edition: "field-missing/subject".
    std::string name;
    // The case that asks it, the last part: "field-missing".
    std::string case_slug;
    std::string requirement;  // as the RFC counts it, or of the draft alone
    std::vector<std::string> flags = {};
    Expected expected = {};
    // Why the reference comes to its outcome: an error's id, a warning, a state of the signature;
    // empty where nothing is wrong.
    std::string reason = {};
    std::string note = {};
    Edition edition = Edition::Rfc;  // set by the author
};

struct VerifyVector {
    Common common;
    std::string message = {};
    std::optional<secureheaders::Policies> policies = std::nullopt;
    std::vector<std::string> trust = {"root"};
    std::string time = std::string(verifying_time);
    // Whose key opens what is encrypted; empty: nobody's is given.
    std::string opener = {};
};

// Where a signature comes: around the message, or beside the signers that it has.
enum class Place : std::uint8_t { Around, Beside };

struct SignVector {
    Common common;
    std::string message = {};
    secureheaders::Policy policy = {};
    crypto::Encapsulation encapsulation = crypto::Encapsulation::Detached;
    std::vector<std::string> signers = {"alice-rsa"};
    Place place = Place::Around;
    // The other part of the policy, where it has two; `layer` says by which to sign.
    std::optional<secureheaders::Policy> outer = std::nullopt;
    secureheaders::Layer layer = secureheaders::Layer::Inner;
};

struct VectorSet {
    std::vector<VerifyVector> verify = {};
    std::vector<SignVector> sign = {};
};

}  // namespace mailassay::vectors
