#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "simulate/render.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Sends mail through a random network in virtual time, by the same state machines and rules
as the reference relay, and prints what share of tagged mail and of its bounces arrives as
adoption grows. Every hop is checked: should a tagged message cross an unfit one, vanish, or
be reported twice, the command says so, tells the message's story, and ends with 1.
The same seed gives the same output.

`mailassay simulate release --help`: the same for Draft and Release.

Exit codes: 0 all went right, 1 a promise was broken, 2 bad arguments.)";

constexpr Bounds<std::uint64_t> any_seed{.least = 0,
                                         .most = std::numeric_limits<std::uint64_t>::max()};

struct Options {
    simulate::Setting setting{.servers = 300, .messages = 2'000, .seed = 1, .assumptions = {}};
    std::optional<double> adoption;
    bool sweep = false;
    bool json = false;
    std::string plot;
    std::optional<requiretls::Edition> edition;
};

void declare(CommandLine& line, Options& options) {
    simulate::Setting& setting = options.setting;
    line.number({"--servers", "10..10000", "Size of the network; 300 unless given"},
                {.least = 10, .most = 10'000}, setting.servers);
    line.number({"--messages", "N", "Sent at each adoption; 2000 unless given"},
                {.least = 1, .most = 10'000'000}, setting.messages);
    line.number({"--seed", "N", "Of all that is random; 1 unless given"}, any_seed, setting.seed);
    line.number({"--adoption", "1..100", "Only with so many percent of the domains having adopted"},
                {.least = 1, .most = 100}, options.adoption);
    line.flag({"--sweep", "", "From 1% to 100%; the default"}, options.sweep);
    line.excludes("--sweep", "--adoption");
    line.flag({"--json", "", "Print JSON"}, options.json);
    line.text({"--plot", "FILE", "Also draw it, as SVG"}, options.plot);
    line.edition("rfc unless given", options.edition);
    const auto percentage = [&line](const char* name, double& value, const std::string& what) {
        line.number({name, "0..100", fmt::format("Percent {}; {} unless given", what, value)},
                    {.least = 0, .most = 100}, value);
    };
    simulate::Assumptions& assumed = setting.assumptions;
    percentage("--dnssec", assumed.dnssec, "of domains that sign their zone");
    percentage("--mta-sts", assumed.mta_sts, "of domains with an MTA-STS policy");
    percentage("--prepared", assumed.prepared, "of adopters with DNSSEC or MTA-STS");
    percentage("--forwarded", assumed.forwarded, "of mail to a forwarding alias");
    percentage("--attacks", assumed.attacks, "of connections and lookups attacked");
    percentage("--crashes", assumed.crashes, "of receipts and rounds that crash");
    line.footer(footer);
}

int usage(const std::string& detail) {
    fmt::print(stderr, "mailassay simulate: {}\n", base::escape(detail, 400));
    return exit_usage;
}

int tell(const simulate::Setting& setting, const simulate::Point& point) {
    const simulate::Violation& violation = *point.outcome.violation;
    fmt::print(stderr, "mailassay simulate: {} (message {}, seed {}, {} servers, adoption {}%)\n{}",
               simulate::describe(violation.broken), violation.message, setting.seed,
               setting.servers, point.adoption, violation.story);
    return exit_broken;
}

}  // namespace

int run_simulate(std::span<const std::string> arguments, const Implementation& implementation) {
    if (!arguments.empty() && arguments.front() == "release") {
        return run_simulate_release(arguments.subspan(1), implementation);
    }
    CommandLine line("mailassay simulate",
                     "How much tagged mail arrives as REQUIRETLS is adopted.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    simulate::Setting& setting = options.setting;
    setting.edition = options.edition.value_or(requiretls::Edition::Rfc);
    std::ofstream plot;
    if (!options.plot.empty()) {
        plot.open(options.plot, std::ios::binary);
        if (!plot) return usage(options.plot + ": can't be written");
    }
    std::vector<double> adoptions = {1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    if (options.adoption) adoptions = {*options.adoption};

    const mta::Decisions parts = implementation.decisions(setting.edition);
    simulate::Network network(setting.servers, setting.seed, setting.assumptions);
    setting.domains = network.domains().size();
    std::vector<simulate::Point> points;
    for (const double adoption : adoptions) {
        network.adopt(adoption);
        points.push_back(
            {.adoption = adoption,
             .outcome = simulate::simulate(network, setting.assumptions, *parts.rules,
                                           {.seed = setting.seed, .messages = setting.messages})});
        if (points.back().outcome.violation) break;
    }
    const bool broken = points.back().outcome.violation.has_value();
    if (options.json) {
        fmt::print("{}", simulate::to_json(setting, points));
    } else if (!broken) {
        fmt::print("{}", simulate::to_table(setting, points));
    }
    if (broken) return tell(setting, points.back());
    plot << (options.plot.empty() ? "" : simulate::to_svg(setting, points));
    if (!options.plot.empty() && !plot.flush()) return usage(options.plot + ": can't be written");
    return exit_ok;
}

}  // namespace mailassay::cli
