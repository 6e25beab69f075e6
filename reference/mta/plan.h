#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dsn/options.h"
#include "dsn/status.h"
#include "mta/config.h"
#include "mta/message.h"
#include "smtp/reply.h"

// What the queue does with a message, as functions of values: who is served together, and what
// follows from the results of a round.
namespace mailassay::mta {

// Recipients of one domain, which share a next hop and a fate.
struct Group {
    std::string domain;                   // lower case, or an address literal
    std::vector<std::size_t> recipients;  // indexes into the envelope, ascending

    friend bool operator==(const Group&, const Group&) = default;
};

// The recipients that are still pending, by domain, in the order of the envelope.
[[nodiscard]] std::vector<Group> group_by_domain(const Message& message, const Progress& progress);

enum class Outcome : std::uint8_t {
    Relayed,
    Deferred,
    Failed,
    Dropped,  // failed, and nobody is to hear of it
};

// What one attempt came to for one recipient.
struct RecipientResult {
    Outcome outcome = Outcome::Deferred;
    dsn::EnhancedStatus status;             // fits the outcome's class
    std::optional<std::string> remote_mta;  // host name of the last next hop that was asked
    std::optional<smtp::Reply> reply;       // its words, when there are any; hostile
    std::string explanation;                // for a person: one sentence without hostile octets

    friend bool operator==(const RecipientResult&, const RecipientResult&) = default;
};

struct Failure {
    std::size_t recipient = 0;  // index into the envelope
    RecipientResult result;

    friend bool operator==(const Failure&, const Failure&) = default;
};

// What follows from a round.
struct Settlement {
    Progress progress;
    std::vector<Failure> failures;  // recipients that failed in this round, ascending
};

// `results` has one entry for each recipient of the envelope; nullopt: not tried in this round. A
// recipient that is deferred beyond the queue's lifetime fails with 4.4.7.
[[nodiscard]] Settlement settle(const Message& message, const Progress& before,
                                const std::vector<std::optional<RecipientResult>>& results,
                                const QueueSettings& settings, base::TimePoint now);

// Whether the sender wants to hear of this recipient's failure (RFC 3461 section 4.1: NOTIFY is
// FAILURE unless the sender said otherwise).
[[nodiscard]] bool wants_failure_report(const smtp::Recipient& recipient);

}  // namespace mailassay::mta
