#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "requiretls/rules.h"
#include "simulate/ledger.h"
#include "simulate/network.h"

// Mail on its way through a network, in virtual time. Each server is the relay of mta: its
// deliverer, its settling of rounds, its bounces and its intake, over smtp's two state machines,
// with every decision by the same Rules. Simulated are the network, the clock and the spool alone.
namespace mailassay::simulate {

// Of the queues; shorter than is usual, since nobody is there to wait.
inline constexpr std::chrono::minutes retry{60};
inline constexpr std::chrono::hours lifetime{6};
// Between two messages into the network.
inline constexpr std::chrono::seconds submission_interval{1};
// A server that crashed is down for so long.
inline constexpr std::chrono::minutes restart{10};

struct Run {
    std::uint64_t seed = 1;
    std::uint64_t messages = 0;
};

struct Outcome {
    Tally tagged;
    Tally plain;
    Tally optional;
    std::uint64_t hops = 0;  // messages and reports that a server took
    std::uint64_t connections = 0;
    std::uint64_t crashes = 0;
    std::uint64_t checks = 0;            // of an invariant
    std::uint64_t most_under_way = 0;    // messages at one time
    std::optional<Violation> violation;  // the first; the run ended there
};

// The network must have adopted. The same arguments give the same outcome.
[[nodiscard]] Outcome simulate(const Network& network, const Assumptions& assumptions,
                               const requiretls::Rules& rules, const Run& run);

}  // namespace mailassay::simulate
