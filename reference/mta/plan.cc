#include "mta/plan.h"

#include <algorithm>

#include "base/ascii.h"

namespace mailassay::mta {

namespace {

RecipientResult expired(const RecipientResult& last) {
    RecipientResult result = last;
    result.outcome = Outcome::Failed;
    result.status = {.cls = 4, .subject = 4, .detail = 7};
    result.explanation = "The message could not be delivered in time. " + last.explanation;
    return result;
}

}  // namespace

std::vector<Group> group_by_domain(const Message& message, const Progress& progress) {
    std::vector<Group> groups;
    for (std::size_t index = 0; index < message.envelope.recipients.size(); ++index) {
        if (progress.fates.at(index) != Fate::Pending) continue;
        const std::string domain =
            base::to_lower(message.envelope.recipients[index].forward_path.domain);
        const auto same = std::find_if(groups.begin(), groups.end(),
                                       [&](const Group& group) { return group.domain == domain; });
        if (same == groups.end()) {
            groups.push_back({.domain = domain, .recipients = {index}});
        } else {
            same->recipients.push_back(index);
        }
    }
    return groups;
}

Settlement settle(const Message& message, const Progress& before,
                  const std::vector<std::optional<RecipientResult>>& results,
                  const QueueSettings& settings, base::TimePoint now) {
    const base::TimePoint deadline = message.arrival + settings.lifetime;
    Settlement settlement{.progress = before, .failures = {}};
    Progress& progress = settlement.progress;
    ++progress.attempts;
    // The last attempt falls on the deadline itself, not up to one retry before it.
    progress.next_attempt = std::max(now, std::min(now + settings.retry, deadline));
    for (std::size_t index = 0; index < results.size(); ++index) {
        if (!results[index] || progress.fates.at(index) != Fate::Pending) continue;
        const RecipientResult& result = *results[index];
        if (result.outcome == Outcome::Relayed) {
            progress.fates[index] = Fate::Relayed;
        } else if (result.outcome == Outcome::Dropped) {
            progress.fates[index] = Fate::Failed;
        } else if (result.outcome == Outcome::Failed || now >= deadline) {
            const bool in_time = result.outcome == Outcome::Failed;
            progress.fates[index] = Fate::Failed;
            settlement.failures.push_back({index, in_time ? result : expired(result)});
        }
    }
    return settlement;
}

bool wants_failure_report(const smtp::Recipient& recipient) {
    const smtp::Parameter* parameter = smtp::find_parameter(recipient.parameters, "NOTIFY");
    if (parameter == nullptr || !parameter->value) return true;
    const auto notify = dsn::parse_notify(*parameter->value);
    // The server has checked the value; should it be unreadable all the same, tell the sender.
    return !notify || notify->failure;
}

}  // namespace mailassay::mta
