#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "crypto/signed_data.h"
#include "secureheaders/codec.h"
#include "secureheaders/compare.h"
#include "secureheaders/policy.h"
#include "secureheaders/rules.h"

// The signature verification process (section 4.5.2) on a whole message.
namespace mailassay::secureheaders {

struct Verification {
    Policies policies;
    crypto::Trust trust;
    Edition edition = Edition::Rfc;
    Strictness strictness = Strictness::Strict;
    // Keeps what has to be decoded, which is as large as the message; must outlive the
    // verification.
    base::Scratch* scratch = &base::memory();
};

enum class Outcome : std::uint8_t {
    Valid,             // the signature holds, and so do all secured fields
    Invalid,           // the signature holds, and the secured fields do not
    SignatureInvalid,  // step 1 failed, which ends the process
    NoSecureHeaders,   // the signature holds and has no secured fields
    NotSigned,
};

struct SignerResult {
    crypto::SignerReport cms;
    // nullopt: the signer has no such attribute, or it can't be read (`fault`).
    std::optional<SecureHeaderFields> structure = std::nullopt;
    std::optional<Error> fault = std::nullopt;
    std::vector<Error> tolerated = {};
    AddressMatch address = AddressMatch::NoneInCertificate;
};

// One signature.
struct LayerResult {
    Outcome outcome = Outcome::NotSigned;
    // By which part of the policy it was judged.
    Layer layer = Layer::Inner;
    std::vector<SignerResult> signers = {};
    // Of the structure that the signers agree on.
    std::optional<Comparison> comparison = std::nullopt;
};

// What all signatures that could be seen are over.
enum class Inside : std::uint8_t {
    Plain,
    Encrypted,  // what is in there has not been verified
};

struct MessageResult {
    // The outer signature first. Those over an envelope are outer ones, and so are those over
    // another signature.
    std::vector<LayerResult> layers;
    Inside inside = Inside::Plain;

    // Of all layers: the worst; NotSigned without any.
    [[nodiscard]] Outcome outcome() const;
};

// Faults of the attribute, beside those of decode(): secureheaders.attribute.repeated (two of the
// type), secureheaders.attribute.values (other than one value). They make the outcome Invalid.
//
// Errors, for what is no readable message or signature: those of imf::parse_message(),
// find_signature() and crypto::verify().
[[nodiscard]] Result<MessageResult> verify_message(std::string_view octets,
                                                   const Verification& verification,
                                                   const Rules& rules);

// What the signatures of a message say, the outer one first, and of each all signers: their
// structures and faults. None is judged, so that neither `trust` nor `policies` matter.
// Errors: those of verify_message().
[[nodiscard]] Result<std::vector<std::vector<SignerResult>>> read_structures(
    std::string_view octets, const Verification& verification, const Rules& rules);

// The structure that the signers of one signature agree on; nullopt: none of them has one. Errors:
// an attribute that can't be read, and `disagreement` where they do not agree.
[[nodiscard]] Result<std::optional<SecureHeaderFields>> agreed_structure(
    const std::vector<SignerResult>& signers, std::string_view disagreement);

[[nodiscard]] std::string_view to_string(Outcome outcome);
[[nodiscard]] std::string_view to_string(Inside inside);

}  // namespace mailassay::secureheaders
