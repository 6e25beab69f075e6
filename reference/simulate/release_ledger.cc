#include "simulate/release_ledger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace mailassay::simulate {

namespace {

// The most officers, each behind those listed before him, that a sequence of approvals holds: its
// longest increasing subsequence.
std::size_t in_order(const std::vector<std::size_t>& officers) {
    std::vector<std::size_t> least_last;
    for (const std::size_t each : officers) {
        const auto place = std::ranges::lower_bound(least_last, each);
        if (place == least_last.end()) {
            least_last.push_back(each);
        } else {
            *place = each;
        }
    }
    return least_last.size();
}

}  // namespace

std::string_view describe(ReleaseBroken broken) {
    switch (broken) {
        case ReleaseBroken::Unauthorized:
            return "a message left without enough approvals";
        case ReleaseBroken::OutOfOrder:
            return "a message left with approvals out of order";
        case ReleaseBroken::Misdirected:
            return "a message left to somebody it was not addressed to";
        case ReleaseBroken::BlindSeen:
            return "a blind-copy recipient was shown";
        case ReleaseBroken::ReleasedTwice:
            return "a draft was released twice";
        case ReleaseBroken::Repeated:
            return "a release left twice without need";
        case ReleaseBroken::StoppedBehind:
            return "what was released did not pass the border";
        case ReleaseBroken::Lost:
            return "a draft was lost";
        case ReleaseBroken::Endless:
            return "the way of a draft did not end";
    }
    return "unknown";
}

void ReleaseLedger::taken(std::string_view draft, const std::vector<std::string>& recipients,
                          std::string_view blind) {
    Draft& it = of(draft);
    it.was_taken = true;
    it.recipients.insert(recipients.begin(), recipients.end());
    it.blind = blind;
    note(draft, fmt::format("taken, for {}", fmt::join(recipients, ", ")));
}

void ReleaseLedger::approved(std::string_view draft, std::size_t officer) {
    of(draft).approvals.push_back(officer);
    note(draft, fmt::format("approved by officer {}", officer));
}

void ReleaseLedger::ended(std::string_view draft, DraftEnd end) {
    of(draft).ends.insert(end);
}

void ReleaseLedger::reply_lost(std::string_view draft) {
    ++of(draft).lost_replies;
    note(draft, "a reply was lost");
}

void ReleaseLedger::left(std::string_view draft, const std::string& recipient,
                         std::string_view release, const std::set<std::size_t>& signed_by,
                         std::string_view octets) {
    Draft& it = of(draft);
    it.ends.insert(DraftEnd::Delivered);
    note(draft, fmt::format("left for {}, signed by {}", recipient, fmt::join(signed_by, ", ")));
    check_approvals(draft, signed_by);
    if (!it.recipients.contains(recipient)) breaks(ReleaseBroken::Misdirected, draft);
    if (!it.blind.empty() && octets.contains(it.blind)) breaks(ReleaseBroken::BlindSeen, draft);
    if (it.release.empty()) it.release = release;
    if (it.release != release) breaks(ReleaseBroken::ReleasedTwice, draft);
    if (++it.deliveries[recipient] > 1 + it.lost_replies) breaks(ReleaseBroken::Repeated, draft);
}

void ReleaseLedger::check_approvals(std::string_view draft,
                                    const std::set<std::size_t>& signed_by) {
    std::vector<std::size_t> approvals = of(draft).approvals;
    std::erase_if(approvals, [&](std::size_t each) { return !signed_by.contains(each); });
    const std::set<std::size_t> distinct(approvals.begin(), approvals.end());
    if (distinct.size() < needed_.officers) return breaks(ReleaseBroken::Unauthorized, draft);
    if (needed_.is_ordered && in_order(approvals) < needed_.officers) {
        breaks(ReleaseBroken::OutOfOrder, draft);
    }
}

void ReleaseLedger::note(std::string_view draft, std::string words) {
    of(draft).story.push_back(std::move(words));
}

void ReleaseLedger::breaks(ReleaseBroken broken, std::string_view draft) {
    if (violation_) return;
    violation_ = {.broken = broken};
    for (const std::string& each : of(draft).story) violation_->story += "  " + each + "\n";
}

void ReleaseLedger::close() {
    for (const auto& [name, draft] : drafts_) {
        const bool is_short = draft.ends.contains(DraftEnd::Delivered) &&
                              draft.deliveries.size() < draft.recipients.size();
        if (draft.was_taken && (draft.ends.empty() || is_short)) {
            breaks(ReleaseBroken::Lost, name);
        }
    }
}

std::vector<DraftEnd> ReleaseLedger::ends() const {
    std::vector<DraftEnd> all;
    for (const auto& [_, draft] : drafts_) {
        if (!draft.ends.empty()) all.push_back(*draft.ends.begin());
    }
    return all;
}

}  // namespace mailassay::simulate
