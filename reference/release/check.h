#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/header.h"
#include "release/rules.h"

// What agents on the way make of a message: the submission server (section 3.2 of RFC 7912), the
// border (3.4.2) and delivery within the domain (3.4.1).
namespace mailassay::release {

struct RecipientFate {
    imf::Mailbox recipient;
    Fate fate = Fate::Refused;
};

struct Judgement {
    // In the order of the recipients.
    std::vector<RecipientFate> recipients = {};
    // With Fate::ToOfficers: who is asked; nullopt: whichever of them.
    std::optional<imf::Mailbox> next = std::nullopt;
    // Why it does not pass; of a draft there is nothing to say.
    std::optional<Error> reason = std::nullopt;
};

// Reasons: release.field.absent, release.check.too-few, those of Rules::read() and Rules::holds().
[[nodiscard]] Judgement check(const imf::HeaderSection& header,
                              std::span<const imf::Mailbox> recipients, Place place,
                              base::Edition edition, const Evidence& evidence, const Policy& policy,
                              const Rules& rules);

// What a recipient may believe of the field (section 3.3.2 of RFC 7912). Of the policy the proof
// counts alone: who may authorize, only the sender's organization knows.
struct Chain {
    // The users whose entries are proven, in order.
    std::vector<imf::Mailbox> proven = {};
    // Why the chain as a whole is not valid; nullopt: it is. Reasons: release.field.absent,
    // release.check.contradicted, release.check.not-proven (the offset is the entry's place), those
    // of Rules::read().
    std::optional<Error> fault = std::nullopt;
};

[[nodiscard]] Chain chain_of(const imf::HeaderSection& header, base::Edition edition,
                             const Evidence& evidence, const Policy& policy, const Rules& rules);

}  // namespace mailassay::release
