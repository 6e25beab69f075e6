#include "release/rules.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace mailassay::release {

// -- the field ----------------------------------------------------------------------------------

Result<std::optional<Field>> StandardRules::read(const std::vector<std::string>& bodies,
                                                 base::Edition edition) const {
    if (bodies.empty()) return std::nullopt;
    // [rfc7912/4/1] [draft-melnikov/4/1] [rfc7912/4/3]: sent back and not mended, since whoever
    // mends it chooses the users.
    if (bodies.size() > 1) return std::unexpected(Error{.id = "release.field.repeated"});
    auto field = parse_field(bodies.front(), edition);
    if (!field) return std::unexpected(std::move(field.error()));
    return std::move(*field);
}

bool StandardRules::is_same(const imf::Mailbox& one, const imf::Mailbox& other) const {
    return is_same_user(one, other);
}

std::optional<std::size_t> StandardRules::officer(const imf::Mailbox& user,
                                                  const Policy& policy) const {
    const auto found = std::ranges::find_if(
        policy.officers, [&](const imf::Mailbox& each) { return is_same(each, user); });
    if (found == policy.officers.end()) return std::nullopt;
    return static_cast<std::size_t>(found - policy.officers.begin());
}

bool StandardRules::proves(const Endorsement& endorsement, std::span<const imf::Mailbox> users,
                           std::size_t index, const Policy& policy) const {
    if (endorsement.standing != Standing::Holds) return false;
    const auto is_users = [&](const imf::Mailbox& each) { return is_same(each, users[index]); };
    // [rfc7912/3.3/9] [rfc7912/3.2/6]
    if (std::ranges::none_of(endorsement.signer, is_users)) return false;
    if (policy.proof != Proof::OfField) return true;
    // The field as it was when this user was added to it: those before him, and himself.
    const auto then = users.first(index + 1);
    return endorsement.cover == Cover::Field &&
           std::ranges::equal(endorsement.users, then,
                              [&](const auto& a, const auto& b) { return is_same(a, b); });
}

bool StandardRules::is_proven(std::span<const imf::Mailbox> users, std::size_t index,
                              const Evidence& evidence, const Policy& policy) const {
    // [rfc7912/7.1/1]: unless whoever set it up trusts the way of the message itself.
    return policy.proof == Proof::None ||
           std::ranges::any_of(evidence.endorsements, [&](const Endorsement& each) {
               return proves(each, users, index, policy);
           });
}

Officers StandardRules::authorized(const Field& field, const Evidence& evidence,
                                   const Policy& policy) const {
    const std::vector<imf::Mailbox> users = field.users();
    Officers all;
    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto who = officer(users[i], policy);
        if (who && is_proven(users, i, evidence, policy)) all.insert(*who);
    }
    return all;
}

// -- signatures of domains ------------------------------------------------------------------------

namespace {

// A signature that leaves something out says nothing about the message as it is. Whoever has a
// domain above another could sign for addresses of that one (RFC 6376 section 8.15).
bool is_whole(const DomainSignature& signature) {
    return signature.standing == Standing::Holds && signature.covered.contains(Covered::Body) &&
           base::equals_ignore_case(signature.agent.domain, signature.domain);
}

}  // namespace

bool StandardRules::tells_origin(const DomainSignature& signature,
                                 const imf::Mailbox& sender) const {
    // [rfc7912/3.3/6]
    if (!is_whole(signature) || !signature.covered.contains(Covered::Origin)) return false;
    return signature.agent.local_part.empty()
               ? base::equals_ignore_case(signature.agent.domain, sender.domain)
               : is_same(signature.agent, sender);
}

bool StandardRules::endorses(const DomainSignature& signature) const {
    // [rfc7912/3.3/8] [rfc7912/3.3/9]: of an address, and over the field.
    return is_whole(signature) && signature.covered.contains(Covered::Field) &&
           signature.covered.contains(Covered::Origin) && !signature.agent.local_part.empty();
}

// -- the releasing agent ------------------------------------------------------------------------

Finding StandardRules::origin(const Evidence& evidence, const Policy& policy) const {
    if (evidence.sealing == Sealing::Sealed) {
        const bool is_told =
            policy.unreadable == Unreadable::Tell && evidence.origin == Origin::Proven;
        return is_told ? Finding::SealedTold : Finding::SealedHeld;
    }
    if (evidence.origin == Origin::Proven) return Finding::Proven;
    switch (policy.doubt) {
        case Doubt::Hold:
            return Finding::DoubtHeld;
        case Doubt::Return:
            return Finding::DoubtReturned;
        case Doubt::Tell:
            return Finding::DoubtTold;
    }
    return Finding::DoubtHeld;
}

Finding StandardRules::own_entry(const Field& field, const imf::Mailbox& user,
                                 const Evidence& evidence, const Policy& policy) const {
    const std::vector<imf::Mailbox> users = field.users();
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (!is_same(users[i], user)) continue;
        // [rfc7912/3.3/8] [draft-melnikov/3/10]
        if (is_proven(users, i, evidence, policy)) return Finding::Valid;
        return policy.forgery == Forgery::ToAbuse ? Finding::ForgedToAbuse : Finding::Forged;
    }
    return Finding::Absent;
}

Finding StandardRules::review(Decision decision) const {
    switch (decision) {
        case Decision::Release:
        case Decision::Forward:
            return Finding::Approved;
        case Decision::Return:
            return Finding::Rejected;
        case Decision::Discard:
            return Finding::ThrownAway;
        case Decision::Redraft:
            return Finding::TakenOver;
    }
    return Finding::Rejected;
}

Next StandardRules::after(Step at, Finding finding, base::Edition edition) const {
    return release::after(at, finding, edition);
}

Field StandardRules::entered(const Field& field, const imf::Mailbox& user) const {
    const auto is_users = [&](const imf::Mailbox& each) { return is_same(each, user); };
    // [rfc7912/3.3/25] [draft-melnikov/3/22]
    if (std::ranges::any_of(field.users(), is_users)) return field;
    // [rfc7912/3.3/23] [rfc7912/3.3/24] [draft-melnikov/3/20] [draft-melnikov/3/21]
    Field made = field;
    made.addresses.emplace_back(user);
    return made;
}

Field StandardRules::redrafted(const Field&) const {
    return {};  // [rfc7912/3.3/21] [rfc7912/3.3/22]
}

imf::HeaderSection StandardRules::written(const imf::HeaderSection& before,
                                          const Field& field) const {
    return with_field(before, field);
}

bool StandardRules::may_enter(std::size_t officer, const Officers& authorized,
                              const Policy& policy) const {
    if (policy.order == Order::Any) return true;
    if (!authorized.empty() && *authorized.rbegin() >= officer) return false;
    // Those behind him have to suffice for the rest.
    const std::size_t behind = policy.officers.size() - 1 - officer;
    return authorized.size() + 1 + behind >= policy.needed;
}

std::vector<std::size_t> StandardRules::taken_off(std::span<const Standing> signatures) const {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        // [rfc7912/3.3.2/6] [rfc7912/3.3.2/2]: what is left is what he signs.
        if (signatures[i] != Standing::Holds) all.push_back(i);
    }
    return all;
}

std::string_view StandardRules::body(std::string_view came) const {
    return came;  // [rfc7912/1/1] [draft-melnikov/1/1]: the octets that the drafter signed
}

std::optional<imf::Mailbox> StandardRules::next(const Officers& authorized,
                                                const Policy& policy) const {
    // [rfc7912/3.3/27] [rfc7912/3.1/3] [draft-melnikov/3/24]
    if (authorized.size() >= policy.needed) return std::nullopt;
    for (std::size_t i = 0; i < policy.officers.size(); ++i) {
        if (!authorized.contains(i) && may_enter(i, authorized, policy)) return policy.officers[i];
    }
    // Nobody can complete it any more: somebody has to hear of that, and nothing leaves.
    return policy.officers.front();
}

// -- on the way -----------------------------------------------------------------------------------

bool StandardRules::is_chain_sound(const Evidence& evidence) const {
    // [rfc7912/3.3.2/4]: of a chain all has to hold, the drafter's signature to begin with.
    return evidence.origin != Origin::Contradicted;
}

bool StandardRules::is_exempt(Place place, const imf::Mailbox& recipient,
                              const Policy& policy) const {
    // [rfc7912/3.4.1/5]
    return place == Place::Delivery && officer(recipient, policy).has_value();
}

Fate StandardRules::without_field(Place place) const {
    // [rfc7912/3.2/2] [draft-melnikov/3/4] [rfc7912/3.4.1/2] [rfc7912/3.4.2/2]
    return place == Place::Submission ? Fate::ToOfficers : Fate::Refused;
}

Result<void> StandardRules::holds(const Field& field, const Evidence& evidence,
                                  const Policy& policy) const {
    if (policy.proof != Proof::None && !is_chain_sound(evidence)) {
        return std::unexpected(Error{.id = "release.check.contradicted"});
    }
    const std::vector<imf::Mailbox> users = field.users();
    Officers seen;
    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto who = officer(users[i], policy);
        // [rfc7912/3.2/5]
        if (!who) {
            return std::unexpected(
                Error{.id = "release.check.not-an-officer", .offset = i, .requirement = "3.2"});
        }
        if (seen.contains(*who)) {
            return std::unexpected(Error{.id = "release.check.twice", .offset = i});
        }
        if (!may_enter(*who, seen, policy)) {
            return std::unexpected(Error{.id = "release.check.order", .offset = i});
        }
        seen.insert(*who);
        // [rfc7912/3.2/6] [rfc7912/3.4.1/3] [rfc7912/3.4.2/3]
        if (!is_proven(users, i, evidence, policy)) {
            return std::unexpected(
                Error{.id = "release.check.not-proven", .offset = i, .requirement = "3.2"});
        }
    }
    return {};
}

}  // namespace mailassay::release
