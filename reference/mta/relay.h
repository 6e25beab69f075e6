#pragma once

#include <functional>
#include <memory>

#include "mta/config.h"
#include "requiretls/facts.h"
#include "requiretls/rules.h"
#include "smtp/server.h"

// The relay as a program: `mailassay mta`.
namespace mailassay::mta {

// What the relay decides by. It holds no decision about REQUIRETLS itself: whoever replaces a part
// here gets a relay that is the same in everything else.
struct Decisions {
    // Never null.
    std::unique_ptr<const requiretls::Rules> rules;
    // Wraps the policy that the listener asks. Called once a connection; empty: nothing is wrapped.
    std::function<std::unique_ptr<smtp::ServerPolicy>(std::unique_ptr<smtp::ServerPolicy>)>
        wrap_policy = {};
};

// Makes the decisions for an edition, which is known only once the configuration has been read.
using DecisionsFactory = std::function<Decisions(requiretls::Edition)>;

// StandardRules and nothing wrapped.
[[nodiscard]] Decisions standard_decisions(requiretls::Edition edition);

// Receives, spools, relays and bounces until SIGTERM or SIGINT, then ends in order: connections
// are told 421, deliveries under way are finished or left in the spool. Prints `listening
// ADDRESS:PORT` for each listener to standard output when it accepts connections, and logs to
// standard error. Blocks SIGTERM and SIGINT in the calling thread, so call it before any other
// thread is started.
// Errors, each before anything was received: mta.files.* (the queue's directory), mta.listen,
// mta.tls (certificate or key), and those of net.
[[nodiscard]] Result<void> run(const Config& config, const Decisions& decisions);

}  // namespace mailassay::mta
