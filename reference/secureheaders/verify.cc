#include "secureheaders/verify.h"

#include <algorithm>
#include <array>
#include <utility>

#include "imf/header.h"
#include "secureheaders/signed_message.h"

namespace mailassay::secureheaders {

namespace {

constexpr std::size_t max_layers = 8;

// What a signer's attribute holds.
void read_attribute(SignerResult& signer, const Verification& verification, const Rules& rules) {
    const auto found = signer.cms.find_all(rules.attribute_type(verification.edition));
    if (found.empty()) return;
    auto decoded = rules.read(found, verification.edition, verification.strictness);
    if (!decoded) {
        signer.fault = std::move(decoded.error());
        return;
    }
    signer.structure = std::move(decoded->structure);
    signer.tolerated = std::move(decoded->tolerated);
}

// Step 1. Of several signatures by one signer one good one is enough (RFC 4853 section 3).
bool all_signers_are_good(const std::vector<SignerResult>& signers, const Rules& rules) {
    return std::ranges::all_of(signers, [&](const SignerResult& signer) {
        if (rules.accepts(signer.cms)) return true;
        if (!signer.cms.certificate) return false;
        return std::ranges::any_of(signers, [&](const SignerResult& other) {
            return rules.accepts(other.cms) && other.cms.certificate &&
                   other.cms.certificate->same_as(*signer.cms.certificate);
        });
    });
}

// The structures that the signers hold, each once.
std::vector<const SecureHeaderFields*> distinct_structures(
    const std::vector<SignerResult>& signers) {
    std::vector<const SecureHeaderFields*> distinct;
    for (const SignerResult& signer : signers) {
        if (!signer.structure) continue;
        const bool known = std::ranges::any_of(
            distinct, [&](const auto* other) { return *other == *signer.structure; });
        if (!known) distinct.push_back(&*signer.structure);
    }
    return distinct;
}

// Warnings of a layer that no comparison of one structure can see.
void judge_agreement(LayerResult& layer, std::size_t structures, const Rules& rules) {
    const auto warn = [&](Warning warning) {
        if (rules.invalidates(warning)) layer.comparison->valid = false;
        if (rules.warns(warning)) layer.comparison->warnings.push_back({warning, ""});
    };
    if (structures > 1) warn(Warning::SignersDisagree);
    const bool one_without = std::ranges::any_of(
        layer.signers, [](const SignerResult& s) { return !s.structure && !s.fault; });
    if (one_without) warn(Warning::SignerWithout);
}

void judge_layer(LayerResult& layer, const imf::HeaderSection& header, const Policy& policy,
                 const Rules& rules, Edition edition) {
    if (!all_signers_are_good(layer.signers, rules)) {
        layer.outcome = Outcome::SignatureInvalid;
        return;
    }
    const auto structures = distinct_structures(layer.signers);
    const bool faulty = std::ranges::any_of(
        layer.signers, [](const SignerResult& s) { return s.fault.has_value(); });
    if (structures.empty()) {
        layer.outcome = faulty ? Outcome::Invalid : Outcome::NoSecureHeaders;
        return;
    }
    layer.comparison = compare(*structures.front(), header, policy, rules, edition);
    judge_agreement(layer, structures.size(), rules);
    layer.outcome = layer.comparison->valid && !faulty ? Outcome::Valid : Outcome::Invalid;
}

LayerResult read_layer(std::vector<crypto::SignerReport> signers, const imf::HeaderSection& header,
                       const Verification& verification, const Rules& rules) {
    LayerResult layer;
    for (crypto::SignerReport& cms : signers) {
        layer.signers.push_back({.cms = std::move(cms)});
        SignerResult& signer = layer.signers.back();
        if (signer.cms.certificate) {
            signer.address = rules.match_address(header, *signer.cms.certificate);
        }
        read_attribute(signer, verification, rules);
    }
    return layer;
}

// The MIME entity within all signatures of a message: the message itself, if it has none.
struct SignedEntity {
    std::string_view octets;  // in the message or in `kept`
    std::vector<base::Octets> kept;
    std::size_t signatures = 0;
};

// What is within the signatures of a message.
struct Within {
    SignedEntity entity;
    Inside inside = Inside::Plain;
};

// Goes through the signatures of a message, the outer one first. `take` reads one, and gives the
// content of an opaque one.
template <class Take>
Result<Within> for_each_signature(std::string_view octets, const imf::MessageView& message,
                                  base::Scratch& scratch, Take take) {
    auto parts = find_signature(message.header, message.body, scratch);
    if (!parts) return std::unexpected(parts.error());
    Within within{
        .entity = {.octets = octets, .kept = {}},
        .inside = !*parts && is_envelope(message.header) ? Inside::Encrypted : Inside::Plain};
    while (*parts) {
        if (within.entity.signatures++ == max_layers) {
            return std::unexpected(Error{.id = "secureheaders.message.too-deep"});
        }
        Result<std::optional<base::Octets>> opaque = take(**parts);
        if (!opaque) return std::unexpected(opaque.error());
        // Detached content is seen where it stands; the views into other content need it to stay.
        within.entity.octets = (*parts)->content.value_or("");
        if (*opaque) {
            within.entity.octets = (*opaque)->view();
            within.entity.kept.push_back((*parts)->cms);
            within.entity.kept.push_back(std::move(**opaque));
        }
        const auto entity = imf::view_message(within.entity.octets);
        if (!entity) return std::unexpected(entity.error());
        parts = find_signature(entity->header, entity->body, scratch);
        if (!parts) return std::unexpected(parts.error());
        if (!*parts && is_envelope(entity->header)) within.inside = Inside::Encrypted;
    }
    return within;
}

}  // namespace

Outcome MessageResult::outcome() const {
    constexpr std::array worst_first{Outcome::SignatureInvalid, Outcome::Invalid, Outcome::Valid,
                                     Outcome::NoSecureHeaders};
    for (const Outcome outcome : worst_first) {
        if (std::ranges::any_of(
                layers, [outcome](const LayerResult& layer) { return layer.outcome == outcome; })) {
            return outcome;
        }
    }
    return Outcome::NotSigned;
}

// The seven steps. [rfc7508/4.5.2/9]
Result<MessageResult> verify_message(std::string_view octets, const Verification& verification,
                                     const Rules& rules) {
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    MessageResult result;
    const auto take = [&](const SignedParts& parts) -> Result<std::optional<base::Octets>> {
        auto report = crypto::verify(parts.cms.view(), parts.content, verification.trust,
                                     *verification.scratch);
        if (!report) return std::unexpected(report.error());
        result.layers.push_back(
            read_layer(std::move(report->signers), message->header, verification, rules));
        return std::move(report->content);
    };
    const auto within = for_each_signature(octets, *message, *verification.scratch, take);
    if (!within) return std::unexpected(within.error());
    result.inside = within->inside;
    for (LayerResult& layer : result.layers) {
        const bool innermost = &layer == &result.layers.back() && result.inside == Inside::Plain;
        layer.layer = innermost ? Layer::Inner : Layer::Outer;
        judge_layer(layer, message->header, rules.part(verification.policies, layer.layer), rules,
                    verification.edition);
    }
    return result;
}

Result<std::vector<std::vector<SignerResult>>> read_structures(std::string_view octets,
                                                               const Verification& verification,
                                                               const Rules& rules) {
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    std::vector<std::vector<SignerResult>> layers;
    const auto take = [&](const SignedParts& parts) -> Result<std::optional<base::Octets>> {
        auto report =
            crypto::inspect_signatures(parts.cms.view(), parts.content, *verification.scratch);
        if (!report) return std::unexpected(report.error());
        layers.push_back(
            read_layer(std::move(report->signers), message->header, verification, rules).signers);
        return std::move(report->content);
    };
    const auto within = for_each_signature(octets, *message, *verification.scratch, take);
    if (!within) return std::unexpected(within.error());
    return layers;
}

Result<std::optional<SecureHeaderFields>> agreed_structure(const std::vector<SignerResult>& signers,
                                                           std::string_view disagreement) {
    std::optional<SecureHeaderFields> found;
    for (const SignerResult& signer : signers) {
        if (signer.fault) return std::unexpected(*signer.fault);
        if (!signer.structure) continue;
        if (found && *found != *signer.structure) {
            return std::unexpected(Error{.id = disagreement, .requirement = "rfc7508/4.5.1"});
        }
        found = signer.structure;
    }
    return found;
}

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::Valid:
            return "valid";
        case Outcome::Invalid:
            return "invalid";
        case Outcome::SignatureInvalid:
            return "signature-invalid";
        case Outcome::NoSecureHeaders:
            return "no-secure-headers";
        case Outcome::NotSigned:
            return "not-signed";
    }
    std::unreachable();
}

std::string_view to_string(Inside inside) {
    return inside == Inside::Plain ? "plain" : "encrypted";
}

}  // namespace mailassay::secureheaders
