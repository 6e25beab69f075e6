// Whatever the network, its faults and its adoption, the promises hold.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulate/release_simulation.h"
#include "simulate/simulation.h"

namespace mailassay::simulate {
namespace {

double any_percent(int highest) {
    return *rc::gen::inRange(0, highest + 1);
}

Assumptions any_assumptions() {
    Assumptions any;
    any.dnssec = any_percent(100);
    any.mta_sts = any_percent(100);
    any.dane = any_percent(100);
    any.testing = any_percent(100);
    any.starttls = any_percent(100);
    any.certificates = any_percent(100);
    any.old_tls = any_percent(100);
    any.prepared = any_percent(100);
    any.lagging = any_percent(100);
    any.forwarded = any_percent(50);
    any.lists = any_percent(30);
    any.refused_connections = any_percent(50);
    any.temporary_failures = any_percent(30);
    any.failed_handshakes = any_percent(30);
    any.failed_lookups = any_percent(40);
    any.attacks = any_percent(30);
    any.crashes = any_percent(15);
    return any;
}

RC_GTEST_PROP(Simulation, NothingUnfitNothingLostNothingTwice, ()) {
    const Assumptions assumptions = any_assumptions();
    const auto edition = *rc::gen::element(requiretls::Edition::Rfc, requiretls::Edition::Draft);
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    Network network(*rc::gen::inRange<std::size_t>(2, 16), seed, assumptions);
    network.adopt(any_percent(100));
    const Outcome outcome = simulate(network, assumptions, requiretls::StandardRules(edition),
                                     {.seed = seed, .messages = 25});
    if (outcome.violation) {
        RC_FAIL(std::string(describe(outcome.violation->broken)) + "\n" + outcome.violation->story);
    }
    RC_ASSERT(outcome.tagged.messages + outcome.plain.messages + outcome.optional.messages == 25U);
    // The draft asks for no proof of the MX record, so a spoofed one leads to a fit host.
    RC_ASSERT(outcome.tagged.intercepted == 0U || edition == requiretls::Edition::Draft);
}

RC_GTEST_PROP(ReleaseSimulation, NothingLeavesThatIsNotReleased, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const auto result = simulate_release(release::StandardRules(), {.seed = seed, .runs = 5});
    if (result.violation) {
        RC_FAIL(std::string(describe(result.violation->broken)) + "\n" + result.violation->story);
    }
    RC_ASSERT(result.counts.drafts >= 5U);
}

}  // namespace
}  // namespace mailassay::simulate
