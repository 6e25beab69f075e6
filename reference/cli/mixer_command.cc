#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "mixer/mapping.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Maps the header of a message to the heading of X.400, or back, as a gateway between Internet
mail and military X.400 does (RFC 7912 section 5, RFC 2156).

  to-x400    reads a message, writes an interpersonal message of X.420 in DER, without body
  from-x400  reads one in BER, writes a message without body
  lost       reads a message, and says what the way there and back loses

What is lost is said on standard error, a line each.

Example:
  mailassay mixer to-x400 < message.eml | mailassay mixer from-x400 --military

Exit codes: 0 mapped, 1 this message can't be mapped, and nothing is written, 2 bad arguments.)";

struct Options {
    std::string action;
    std::string input = "-";
    std::string output = "-";
    std::string domain;
    std::string route;
    bool military = false;
    std::optional<base::Edition> edition;
};

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay mixer: {}\n", base::escape(what, 1000));
    return code;
}

void print(const std::vector<mixer::Loss>& losses) {
    for (const mixer::Loss& loss : losses) {
        fmt::print(stderr, "mailassay mixer: {}: {} {}\n", loss.id, base::escape(loss.where),
                   base::escape(loss.detail));
    }
}

Result<mixer::Mapping> read_mapping(const Options& options) {
    mixer::Mapping mapping{.edition = options.edition.value_or(base::Edition::Rfc)};
    if (options.military) mapping.military = mixer::Military::Always;
    if (!options.domain.empty()) mapping.gateway.domain = options.domain;
    if (options.route.empty()) return mapping;
    auto route = mixer::parse_text(options.route);
    if (!route) return std::unexpected(std::move(route.error()));
    mapping.gateway.route = std::move(*route);
    return mapping;
}

// What is written.
Result<std::string> mapped(const std::string& action, const std::string& octets,
                           const mixer::Mapping& mapping, const mixer::Rules& rules) {
    if (action == "from-x400") {
        const auto reading = mixer::decode_ipm(octets);
        if (!reading) return std::unexpected(reading.error());
        const auto made = mixer::from_x400(reading->heading, mapping, rules);
        if (!made) return std::unexpected(made.error());
        print(made->losses);
        return made->header.to_octets() + "\r\n";
    }
    const auto message = imf::parse_message(as_mail(octets));
    if (!message) return std::unexpected(message.error());
    if (action == "lost") {
        const auto losses = mixer::round_trip_losses(message->header, mapping, rules);
        if (!losses) return std::unexpected(losses.error());
        print(*losses);
        return "";
    }
    const auto made = mixer::to_x400(message->header, mapping, rules);
    if (!made) return std::unexpected(made.error());
    print(made->losses);
    return mixer::encode_ipm(made->heading);
}

}  // namespace

int run_mixer(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay mixer", "Maps headers to X.400 and back.");
    Options options;
    line.text({"action", "", "to-x400, from-x400 or lost"}, options.action, Presence::Required);
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.text({"--domain", "DOMAIN", "The gateway's; gateway.example unless given"},
              options.domain);
    line.text({"--route", "ADDRESS", "O/R attributes that lead to the gateway"}, options.route);
    line.flag({"--military", "", "Take all messages for military"}, options.military);
    line.edition("Which text; rfc unless given", options.edition);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    if (options.action != "to-x400" && options.action != "from-x400" && options.action != "lost") {
        return fail(exit_usage, "to-x400, from-x400 or lost, not " + options.action);
    }
    const auto mapping = read_mapping(options);
    if (!mapping) return fail(exit_usage, to_string(mapping.error()));
    const auto input = read_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));
    const auto octets = mapped(options.action, *input, *mapping, *implementation.border);
    if (!octets) return fail(exit_refused, to_string(octets.error()));
    const auto written = write_output(options.output, *octets);
    return written ? exit_ok : fail(exit_usage, to_string(written.error()));
}

}  // namespace mailassay::cli
