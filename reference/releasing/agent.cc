#include "releasing/agent.h"

#include <utility>

#include "imf/header.h"
#include "releasing/evidence.h"

namespace mailassay::releasing {

namespace {

release::Evidence evidence_on(std::string_view message, const Verification& verification,
                              base::Edition edition) {
    return evidence_of(verification.seals->open(message, verification.trust, verification.opener),
                       edition);
}

}  // namespace

Result<Authorized> authorize(std::string_view message, const Verification& verification,
                             const release::Authorization& authorization,
                             const std::optional<crypto::Signer>& signer,
                             const release::Rules& rules, base::Random& random) {
    const auto parsed = imf::view_message(message);
    // [rfc7912/7.2/1]
    if (!parsed) return Authorized{.outcome = {.reason = parsed.error()}};
    Authorized made{.outcome = release::authorize(
                        parsed->header, evidence_on(message, verification, authorization.edition),
                        verification.policy, authorization, rules)};
    if (!made.outcome.header) return made;
    std::string goes_on = made.outcome.header->to_octets();
    goes_on += parsed->separator;
    goes_on += rules.body(parsed->body);
    // [rfc7912/3.3/15] [draft-melnikov/3/17]: behind the fourth step, so that the field is covered.
    if (signer && made.outcome.has_entered()) {
        auto reviewed = countersign(goes_on, verification.reading, *signer, random);
        if (!reviewed) return std::unexpected(std::move(reviewed.error()));
        goes_on = std::move(*reviewed);
    }
    made.message = std::move(goes_on);
    return made;
}

release::Judgement check(std::string_view message, std::span<const imf::Mailbox> recipients,
                         release::Place place, const Verification& verification,
                         base::Edition edition, const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (parsed) {
        return release::check(parsed->header, recipients, place, edition,
                              evidence_on(message, verification, edition), verification.policy,
                              rules);
    }
    release::Judgement refused{.reason = parsed.error()};
    for (const imf::Mailbox& each : recipients) refused.recipients.push_back({.recipient = each});
    return refused;
}

release::Chain chain_of(std::string_view message, const Verification& verification,
                        base::Edition edition, const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return {.fault = parsed.error()};
    return release::chain_of(parsed->header, edition, evidence_on(message, verification, edition),
                             verification.policy, rules);
}

}  // namespace mailassay::releasing
