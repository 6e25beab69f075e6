#include "release/check.h"

#include <utility>

#include "release/authorize.h"

namespace mailassay::release {

namespace {

// What becomes of the message where nothing exempts it.
struct Ruling {
    Fate fate = Fate::Refused;
    std::optional<imf::Mailbox> next = std::nullopt;
    std::optional<Error> reason = std::nullopt;
};

Ruling ruling_on(const imf::HeaderSection& header, Place place, base::Edition edition,
                 const Evidence& evidence, const Policy& policy, const Rules& rules) {
    auto field = rules.read(field_bodies(header), edition);
    // [rfc7912/3.2/4] [rfc7912/7.2/1]
    if (!field) return {.reason = std::move(field.error())};
    if (!*field) {
        const Fate fate = rules.without_field(place);
        if (fate != Fate::Refused) return {.fate = fate};
        return {.reason = Error{.id = "release.field.absent"}};
    }
    if (auto held = rules.holds(**field, evidence, policy); !held) {
        return {.reason = std::move(held.error())};
    }
    auto next = rules.next(rules.authorized(**field, evidence, policy), policy);
    if (!next) return {.fate = Fate::Passes};
    // [rfc7912/3.1/3]: some have authorized it, and others are still to.
    const Fate fate = place == Place::Submission ? Fate::ToOfficers : Fate::Refused;
    return {.fate = fate, .next = std::move(next), .reason = Error{.id = "release.check.too-few"}};
}

}  // namespace

Chain chain_of(const imf::HeaderSection& header, base::Edition edition, const Evidence& evidence,
               const Policy& policy, const Rules& rules) {
    auto field = rules.read(field_bodies(header), edition);
    if (!field) return {.fault = std::move(field.error())};
    if (!*field) return {.fault = Error{.id = "release.field.absent"}};
    Chain chain;
    if (!rules.is_chain_sound(evidence)) chain.fault = Error{.id = "release.check.contradicted"};
    const std::vector<imf::Mailbox> users = (*field)->users();
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (rules.is_proven(users, i, evidence, policy)) {
            chain.proven.push_back(users[i]);
        } else if (!chain.fault) {
            // [rfc7912/3.3.2/4] [rfc7912/3.3.2/5]
            chain.fault = Error{.id = "release.check.not-proven", .offset = i};
        }
    }
    return chain;
}

Judgement check(const imf::HeaderSection& header, std::span<const imf::Mailbox> recipients,
                Place place, base::Edition edition, const Evidence& evidence, const Policy& policy,
                const Rules& rules) {
    Ruling ruling = ruling_on(header, place, edition, evidence, policy, rules);
    Judgement judgement;
    for (const imf::Mailbox& each : recipients) {
        const Fate fate = rules.is_exempt(place, each, policy) ? Fate::Passes : ruling.fate;
        judgement.recipients.push_back({.recipient = each, .fate = fate});
    }
    judgement.next = std::move(ruling.next);
    judgement.reason = std::move(ruling.reason);
    return judgement;
}

}  // namespace mailassay::release
