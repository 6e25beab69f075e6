#include "dca/outer_signature.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dca/signature_type.h"
#include "imf/address.h"

namespace mailassay::dca {

namespace {

using secureheaders::Outcome;

constexpr std::size_t most_signatures_around = 8;

std::vector<std::string> addresses_in_from(const imf::HeaderSection& header) {
    std::vector<std::string> addresses;
    for (const imf::HeaderField* field : header.find_all("From")) {
        const auto mailboxes = imf::parse_mailbox_list(field->body);
        if (!mailboxes) continue;
        for (const imf::Mailbox& mailbox : *mailboxes) addresses.push_back(mailbox.address());
    }
    return addresses;
}

// Whom a domain signs for: who signed innermost, else whoever is in From.
// [rfc3183/3.2/10] [rfc3183/3.2/11]
Name originator_of(const secureheaders::MessageResult* signatures,
                   const imf::HeaderSection& header) {
    Name name;
    if (signatures != nullptr && !signatures->layers.empty()) {
        const auto& signers = signatures->layers.back().signers;
        if (!signers.empty() && signers.front().cms.certificate) {
            name = Name::of(*signers.front().cms.certificate);
        }
    }
    if (name.mail_addresses.empty()) name.mail_addresses = addresses_in_from(header);
    return name;
}

OuterSignature read_signer(const crypto::SignerReport& signer, const Rules& rules) {
    OuterSignature read{.standing = rules.standing(signer), .certificate = signer.certificate};
    if (signer.certificate) read.subject = signer.certificate->subject();
    auto agents = read_signature_type(signer);  // [rfc3183/3.1/3] [rfc3183/3.1/5]
    if (agents) {
        read.agents = std::move(*agents);
    } else {
        read.fault = agents.error();
    }
    return read;
}

// All signers of one signature are marked alike. [rfc3183/3.1.2/11]
void hold_together(std::vector<OuterSignature>& signers) {
    const auto differs = [&signers](const OuterSignature& each) {
        return each.agents != signers.front().agents;
    };
    if (std::ranges::none_of(signers, differs)) return;
    for (OuterSignature& each : signers) {
        each.fault = Error{.id = "dca.signature-type.differs", .requirement = "rfc3183/3.1.2/11"};
    }
}

}  // namespace

Result<Wrapped> may_sign(std::string_view message, const imf::HeaderSection& header,
                         const OuterSigning& signing, secureheaders::Verification verification,
                         const Rules& rules) {
    if (!signing.as) return Wrapped::Signed;
    verification.trust = signing.trust;
    const auto signatures =
        secureheaders::verify_message(message, verification, secureheaders::StandardRules());
    if (!signatures) return std::unexpected(signatures.error());
    const Outcome outcome = signatures->outcome();
    if (outcome == Outcome::NotSigned) return Wrapped::NothingWithin;  // [rfc3183/3.1.2/8]
    if (!rules.signs_for(outcome)) {  // [rfc3183/3.2/2] [rfc3183/3.2/4] [rfc3183/3.2/7]
        return std::unexpected(
            Error{.id = "dca.sign.not-authentic", .requirement = "rfc3183/3.2/7"});
    }
    const auto faults = rules.judge_signer(*signing.as, Name::of(signing.signer.certificate),
                                           originator_of(&*signatures, header));
    if (!rules.signs_despite(faults)) {  // [rfc3183/3.2/1] [rfc3183/3.2/6] [rfc3183/3.4/3]
        return std::unexpected(Error{.id = "dca.sign.name",
                                     .requirement = "rfc3183/3.2/6",
                                     .detail = std::string(to_string(faults.front()))});
    }
    return Wrapped::Signed;
}

// Down to the envelope, whatever is signed around it. [rfc3183/5/3]
std::optional<FoundEnvelope> find_envelope(const imf::MessageView& message,
                                           base::Scratch& scratch) {
    FoundEnvelope found{.header = message.header, .body = message.body};
    while (!secureheaders::is_envelope(found.header)) {
        if (found.around.size() == most_signatures_around) return std::nullopt;
        auto parts = secureheaders::find_signature(found.header, found.body, scratch);
        if (!parts || !*parts) return std::nullopt;
        std::string_view content = (*parts)->content.value_or("");
        if (!(*parts)->content) {
            auto opaque = crypto::inspect_signatures((*parts)->cms.view(), std::nullopt, scratch);
            if (!opaque || !opaque->content) return std::nullopt;
            content = opaque->content->view();
            found.kept.push_back(std::move(*opaque->content));
        }
        found.around.push_back(std::move(**parts));
        auto entity = imf::view_message(content);
        if (!entity) return std::nullopt;
        found.header = std::move(entity->header);
        found.body = entity->body;
    }
    return found;
}

Result<std::vector<OuterSignature>> judge_outer(const FoundEnvelope& found,
                                                const crypto::Trust& trust,
                                                WithinBroken within_broken, const Rules& rules,
                                                base::Scratch& scratch) {
    std::vector<OuterSignature> judged;
    for (const secureheaders::SignedParts& parts : found.around) {
        const auto report = crypto::verify(parts.cms.view(), parts.content, trust, scratch);
        if (!report) return std::unexpected(report.error());
        std::vector<OuterSignature> signers;
        for (const crypto::SignerReport& each : report->signers) {
            signers.push_back(read_signer(each, rules));
        }
        hold_together(signers);
        for (OuterSignature& each : signers) {
            if (within_broken == WithinBroken::AsTheRules &&
                !rules.opens_within(each.standing)) {  // [rfc3183/3.2/8]
                return std::unexpected(Error{.id = "dca.decrypt.outer-signature",
                                             .requirement = "rfc3183/3.2/8",
                                             .detail = each.subject});
            }
            judged.push_back(std::move(each));
        }
    }
    return judged;
}

void judge_outer_names(std::vector<OuterSignature>& signatures, std::string_view message,
                       const imf::HeaderSection& header,
                       const secureheaders::Verification& verification, const Rules& rules) {
    const auto is_marked = [](const OuterSignature& each) { return !each.agents.empty(); };
    if (std::ranges::none_of(signatures, is_marked)) return;
    const auto inner =
        secureheaders::verify_message(message, verification, secureheaders::StandardRules());
    const Name originator = originator_of(inner ? &*inner : nullptr, header);
    for (OuterSignature& each : signatures) {
        if (!each.certificate) continue;
        const Name signer = Name::of(*each.certificate);
        for (const Agent agent : each.agents) {
            // [rfc3183/3.1/3] [rfc3183/3.1.1/13] [rfc3183/3.1.1/18] [rfc3183/3.1.1/19]
            // [rfc3183/3.2/9] [rfc3183/3.4/4]
            std::ranges::copy(rules.judge_signer(agent, signer, originator),
                              std::back_inserter(each.name_faults));
        }
    }
}

std::string_view to_string(Wrapped wrapped) {
    switch (wrapped) {
        case Wrapped::Signed:
            return "signed";
        case Wrapped::NothingWithin:
            return "nothing-within";
    }
    std::unreachable();
}

std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::Holds:
            return "holds";
        case Standing::NotTrusted:
            return "not-trusted";
        case Standing::NoCertificate:
            return "no-certificate";
        case Standing::Unsupported:
            return "unsupported";
        case Standing::Broken:
            return "broken";
    }
    std::unreachable();
}

}  // namespace mailassay::dca
