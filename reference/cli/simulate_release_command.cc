#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "simulate/release_simulation.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Draft and Release (RFC 7912) in virtual time: drafters, a submission server, officers and
their agents, the border, and who would like to get past them, each run with a policy of its own.
Connections and replies are lost, messages come twice, and the server's power is cut. Should a
message leave without those whom the policy asks for, get lost, or be released twice, the command
says so, tells the draft's story, and ends with 1. So it does when in a thousand runs or more one
of these things never happened. The same seed gives the same output.

Exit codes: 0 all went right, 1 a promise was broken, 2 bad arguments.)";

// From this many runs on everything has to have happened.
constexpr std::uint64_t many = 1'000;

std::string to_json(const simulate::ReleaseCounts& counts) {
    return nlohmann::ordered_json{{"runs", counts.runs},
                                  {"drafts", counts.drafts},
                                  {"delivered", counts.delivered},
                                  {"returned", counts.returned},
                                  {"discarded", counts.discarded},
                                  {"redrafted", counts.redrafted},
                                  {"held", counts.held},
                                  {"refused", counts.refused},
                                  {"steps", counts.steps},
                                  {"lost_connections", counts.lost_connections},
                                  {"lost_replies", counts.lost_replies},
                                  {"doubled", counts.doubled},
                                  {"restarts", counts.restarts},
                                  {"attacks", counts.attacks},
                                  {"attacks_stopped", counts.attacks_stopped},
                                  {"replays_stopped", counts.replays_stopped},
                                  {"second_releases_stopped", counts.second_releases_stopped}}
               .dump(2) +
           "\n";
}

std::string to_text(const simulate::ReleaseCounts& counts) {
    return fmt::format(
        "{} runs, {} drafts: {} delivered, {} returned, {} discarded, {} taken over, {} held, {} "
        "refused\n"
        "{} decisions; {} connections and {} replies lost, {} messages came twice, {} restarts\n"
        "{} attacks, {} refused at once; {} replays and {} second releases stopped\n",
        counts.runs, counts.drafts, counts.delivered, counts.returned, counts.discarded,
        counts.redrafted, counts.held, counts.refused, counts.steps, counts.lost_connections,
        counts.lost_replies, counts.doubled, counts.restarts, counts.attacks,
        counts.attacks_stopped, counts.replays_stopped, counts.second_releases_stopped);
}

}  // namespace

int run_simulate_release(std::span<const std::string> arguments,
                         const Implementation& implementation) {
    CommandLine line("mailassay simulate release",
                     "That nothing leaves without a releasing officer.");
    simulate::ReleaseRuns runs{.seed = 1, .runs = 10'000};
    bool json = false;
    line.number({"--runs", "N", "10000 unless given"}, {.least = 1, .most = 100'000'000},
                runs.runs);
    line.number(
        {"--seed", "N", "Of the first run, the next has the next; 1 unless given"},
        Bounds<std::uint64_t>{.least = 0, .most = std::numeric_limits<std::uint64_t>::max() / 2},
        runs.seed);
    line.flag({"--json", "", "Print JSON"}, json);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;

    const auto result = simulate::simulate_release(*implementation.release, runs);
    if (result.violation) {
        fmt::print(stderr, "mailassay simulate release: {} (--seed {} --runs 1)\n{}",
                   describe(result.violation->broken), result.seed, result.violation->story);
        return exit_broken;
    }
    fmt::print("{}", json ? to_json(result.counts) : to_text(result.counts));
    const char* missing = runs.runs >= many ? result.counts.missing() : nullptr;
    if (missing == nullptr) return exit_ok;
    fmt::print(stderr, "mailassay simulate release: {} in {} runs\n", missing, runs.runs);
    return exit_broken;
}

}  // namespace mailassay::cli
