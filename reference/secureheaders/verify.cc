#include "secureheaders/verify.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "imf/address.h"
#include "imf/header.h"
#include "secureheaders/signed_message.h"

namespace mailassay::secureheaders {

namespace {

constexpr std::size_t max_layers = 8;

// The domain ignores case and the local part does not (RFC 5280 section 7.5).
bool same_address(std::string_view a, std::string_view b) {
    const std::size_t at_a = a.rfind('@');
    const std::size_t at_b = b.rfind('@');
    if (at_a == std::string_view::npos || at_b == std::string_view::npos) return false;
    return a.substr(0, at_a) == b.substr(0, at_b) &&
           base::equals_ignore_case(a.substr(at_a), b.substr(at_b));
}

AddressMatch match_address(const imf::HeaderSection& header,
                           const std::optional<crypto::Certificate>& certificate) {
    if (!certificate) return AddressMatch::NoneInCertificate;
    const std::vector<std::string> certified = certificate->mail_addresses();
    if (certified.empty()) return AddressMatch::NoneInCertificate;
    bool any = false;
    for (const char* name : {"From", "Sender"}) {
        for (const imf::HeaderField* field : header.find_all(name)) {
            const auto mailboxes = imf::parse_mailbox_list(field->body);
            if (!mailboxes) continue;
            for (const imf::Mailbox& mailbox : *mailboxes) {
                any = true;
                const auto is_its = [&mailbox](const std::string& address) {
                    return same_address(address, mailbox.address());
                };
                if (std::ranges::any_of(certified, is_its)) return AddressMatch::Matches;
            }
        }
    }
    return any ? AddressMatch::Differs : AddressMatch::NoneInMessage;
}

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
        signer.address = match_address(header, signer.cms.certificate);
        read_attribute(signer, verification, rules);
    }
    return layer;
}

// Goes through the signatures of a message, the outer one first. `take` reads one, and gives the
// content of an opaque one.
template <class Take>
Result<void> for_each_signature(const imf::MessageView& message, base::Scratch& scratch,
                                Take take) {
    auto parts = find_signature(message.header, message.body, scratch);
    if (!parts) return std::unexpected(parts.error());
    // What was inside of signatures, and what it stands in; the views into it need it to stay.
    // Detached content is seen where it stands.
    std::vector<base::Octets> kept;
    for (std::size_t layers = 0; *parts; ++layers) {
        if (layers == max_layers) {
            return std::unexpected(Error{.id = "secureheaders.message.too-deep"});
        }
        Result<std::optional<base::Octets>> opaque = take(**parts);
        if (!opaque) return std::unexpected(opaque.error());
        std::string_view content = (*parts)->content.value_or("");
        if (*opaque) {
            content = (*opaque)->view();
            kept.push_back((*parts)->cms);
            kept.push_back(std::move(**opaque));
        }
        const auto entity = imf::view_message(content);
        if (!entity) return std::unexpected(entity.error());
        parts = find_signature(entity->header, entity->body, scratch);
        if (!parts) return std::unexpected(parts.error());
    }
    return {};
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
    if (auto done = for_each_signature(*message, *verification.scratch, take); !done) {
        return std::unexpected(done.error());
    }
    for (LayerResult& layer : result.layers) {
        const bool outer = result.layers.size() > 1 && &layer != &result.layers.back();
        const Policies& policies = verification.policies;  // [rfc7508/5/7]
        judge_layer(layer, message->header, outer ? policies.outer : policies.inner, rules,
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
    if (auto done = for_each_signature(*message, *verification.scratch, take); !done) {
        return std::unexpected(done.error());
    }
    return layers;
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

std::string_view to_string(AddressMatch match) {
    switch (match) {
        case AddressMatch::Matches:
            return "matches";
        case AddressMatch::Differs:
            return "differs";
        case AddressMatch::NoneInCertificate:
            return "none-in-certificate";
        case AddressMatch::NoneInMessage:
            return "none-in-message";
    }
    std::unreachable();
}

}  // namespace mailassay::secureheaders
