#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "crypto/signed_data.h"
#include "dca/names.h"
#include "dca/rules.h"
#include "imf/header.h"
#include "secureheaders/signed_message.h"
#include "secureheaders/verify.h"

// The signature around an envelope, which makes a message a triple-wrapped one (RFC 2634 section
// 1.1, RFC 3183 section 3): put on, found, and judged.
namespace mailassay::dca {

struct OuterSigning {
    crypto::Signer signer;
    std::vector<crypto::Certificate> chain = {};
    // Whose signature it is marked as; nullopt: a user's own, which has no mark.
    std::optional<Agent> as = Agent::DomainSigning;
    crypto::Encapsulation encapsulation = crypto::Encapsulation::Detached;
    // By what the signatures on the message have to hold before an agent signs; of a user's own
    // nothing is asked.
    crypto::Trust trust = {};
};

// What became of the outer signature that was asked for.
enum class Wrapped : std::uint8_t {
    Signed,
    NothingWithin,  // an agent's wraps another signature, and the message has none
};

// Whether the signature may go around the message, which is not yet encrypted.
// Errors: dca.sign.name (the signer is not named as such an agent of the originator's domain),
// dca.sign.not-authentic (the message's own signatures do not hold), and those of
// secureheaders::verify_message().
[[nodiscard]] Result<Wrapped> may_sign(std::string_view message, const imf::HeaderSection& header,
                                       const OuterSigning& signing,
                                       secureheaders::Verification verification,
                                       const Rules& rules);

// What a signature around an envelope is worth.
struct OuterSignature {
    std::string subject = {};  // RFC 4514; empty: its certificate is not there
    Standing standing = Standing::NoCertificate;
    std::vector<Agent> agents = {};             // as which it is marked
    std::optional<Error> fault = std::nullopt;  // of its mark
    std::vector<NameFault> name_faults = {};    // of a marked one
    std::optional<crypto::Certificate> certificate = std::nullopt;
};

// Where the envelope of a message is, and what is signed around it, the outermost first. The views
// are into the message or into what `kept` keeps.
struct FoundEnvelope {
    imf::HeaderSection header = {};
    std::string_view body = {};
    std::vector<secureheaders::SignedParts> around = {};
    std::vector<base::Octets> kept = {};
};

// No signature is judged. nullopt: there is no envelope, or none that can be found within what is
// signed around it, or beneath too many signatures.
[[nodiscard]] std::optional<FoundEnvelope> find_envelope(const imf::MessageView& message,
                                                         base::Scratch& scratch);

// What becomes of an envelope within a broken signature.
enum class WithinBroken : std::uint8_t {
    AsTheRules,
    Open,  // for whoever tells of the signature by other means
};

// The signatures around an envelope, but for the names of their signers.
// Errors: those of crypto::verify(), dca.decrypt.outer-signature (one does not hold).
[[nodiscard]] Result<std::vector<OuterSignature>> judge_outer(const FoundEnvelope& found,
                                                              const crypto::Trust& trust,
                                                              WithinBroken within_broken,
                                                              const Rules& rules,
                                                              base::Scratch& scratch);

// The names of their signers, for the message that was in the envelope.
void judge_outer_names(std::vector<OuterSignature>& signatures, std::string_view message,
                       const imf::HeaderSection& header,
                       const secureheaders::Verification& verification, const Rules& rules);

[[nodiscard]] std::string_view to_string(Wrapped wrapped);
[[nodiscard]] std::string_view to_string(Standing standing);

}  // namespace mailassay::dca
