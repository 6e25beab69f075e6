#pragma once

#include <cstdint>
#include <optional>

#include "release/rules.h"
#include "simulate/release_ledger.h"

// Draft and Release in virtual time: drafters, a submission server with its folder of envelopes,
// officers with their mailboxes and agents, the border, and whoever would like to get past them.
// Server and border are those of roles, agents and checks those of release and releasing, with
// every decision by the same Rules. Simulated are connections, the disk, people, and signatures.
namespace mailassay::simulate {

// How often what happened, over all runs.
struct ReleaseCounts {
    std::uint64_t runs = 0;
    std::uint64_t drafts = 0;  // handed in, those of attackers included
    std::uint64_t delivered = 0;
    std::uint64_t returned = 0;
    std::uint64_t discarded = 0;
    std::uint64_t redrafted = 0;
    std::uint64_t held = 0;
    std::uint64_t refused = 0;
    std::uint64_t steps = 0;  // of officers' agents
    std::uint64_t lost_connections = 0;
    std::uint64_t lost_replies = 0;
    std::uint64_t doubled = 0;   // brought to a mailbox twice
    std::uint64_t restarts = 0;  // of the server, in the middle of its work
    std::uint64_t attacks = 0;
    std::uint64_t attacks_stopped = 0;
    std::uint64_t replays_stopped = 0;  // of what had been released, to somebody else
    std::uint64_t second_releases_stopped = 0;

    // What no run of many may be without; nullptr: nothing is missing. A text of its own.
    [[nodiscard]] const char* missing() const;
};

struct ReleaseRuns {
    std::uint64_t seed = 1;
    std::uint64_t runs = 1;
};

struct ReleaseResult {
    ReleaseCounts counts;
    // The first, and the seed that shows it alone (with one run).
    std::optional<ReleaseViolation> violation = std::nullopt;
    std::uint64_t seed = 0;
};

// Run after run, with the seeds from `seed` on, until one breaks something. The same arguments give
// the same result.
[[nodiscard]] ReleaseResult simulate_release(const release::Rules& rules, const ReleaseRuns& runs);

}  // namespace mailassay::simulate
