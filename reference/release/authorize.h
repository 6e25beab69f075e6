#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/header.h"
#include "release/rules.h"

// The releasing agent of one authorizing user (section 3.3 of RFC 7912, 3 of the draft). No I/O:
// who verifies signatures brings the evidence, who signs does so with what comes out.
namespace mailassay::release {

struct Authorization {
    base::Edition edition = base::Edition::Rfc;
    imf::Mailbox user;
    Decision decision = Decision::Return;
    // With Decision::Forward: who is asked too.
    std::optional<imf::Mailbox> forward_to = std::nullopt;
    // With Decision::Return: why, for the drafter; UTF-8.
    std::string explanation = {};
};

struct Outcome {
    End end = End::SetAside;
    // The steps that were taken, in order.
    std::vector<Step> steps = {};
    // With End::ToNext: who.
    std::optional<imf::Mailbox> next = std::nullopt;
    // With Released, ToNext and Redrafted: the header that goes on. Without the steps Entry and
    // Redrafted it has the octets that it had.
    std::optional<imf::HeaderSection> header = std::nullopt;
    // Why it does not go on.
    std::optional<Error> reason = std::nullopt;

    // Whether the user is in the field because of this run, and may protect it.
    [[nodiscard]] bool has_entered() const;
};

// Takes the steps until an end. Reasons: release.origin.unproven, release.origin.contradicted,
// release.message.sealed, release.own-entry.forged, release.review.rejected,
// release.user.not-an-officer, release.user.out-of-turn, release.forward.not-an-officer (who may
// not authorize can't, whatever is decided), and those of Rules::read().
[[nodiscard]] Outcome authorize(const imf::HeaderSection& header, const Evidence& evidence,
                                const Policy& policy, const Authorization& authorization,
                                const Rules& rules);

// The bodies of all fields of that name.
[[nodiscard]] std::vector<std::string> field_bodies(const imf::HeaderSection& header);

}  // namespace mailassay::release
