#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "mixer/mapping.h"

namespace mailassay::cli {

namespace {

using Json = nlohmann::ordered_json;

// How many deviations from DER are told of one message.
constexpr std::size_t max_tolerated = 20;

constexpr const char* footer =
    R"(Maps the header of a message to the heading of X.400, or back, as a gateway between Internet
mail and military X.400 does (RFC 7912 section 5, RFC 2156).

  to-x400    reads a message, writes an interpersonal message of X.420 in DER, without body
  from-x400  reads one in BER, writes a message without body
  lost       reads a message, writes what the way there and back loses, and why

to-x400 and from-x400 say on standard error what is lost, and what in BER is not DER: a line each.
With --json a line is an object of JSON: vectors/schema/mixer-line.schema.json.

Examples:
  mailassay mixer to-x400 message.eml --out message.ipm
  mailassay mixer from-x400 message.ipm --military
  mailassay mixer lost --military < message.eml

Exit codes: 0 mapped, 1 this message can't be mapped, and nothing is written, 2 bad arguments.)";

enum class Action : std::uint8_t { ToX400, FromX400, Lost };

struct Options {
    std::string action;
    std::string input = "-";
    std::string output = "-";
    std::string domain = "gateway.example";
    std::string route = "/PRMD=GATEWAY/ADMD= /C=XX/";
    bool military = false;
    bool json = false;
    std::optional<base::Edition> edition;
};

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay mixer: {}\n", base::escape(what, 1000));
    return code;
}

// What is said about a message beside what is written of it: lines of text or of JSON.
class Report {
  public:
    explicit Report(bool json) : json_(json) {}

    void add(const std::vector<mixer::Loss>& losses) {
        for (const mixer::Loss& loss : losses) {
            const std::string where = base::escape(loss.where, 1000);
            const std::string detail = base::escape(loss.detail, 1000);
            const std::string_view reason = mixer::reason(loss.id);
            if (json_) {
                line(Json{
                    {"loss", loss.id}, {"where", where}, {"detail", detail}, {"reason", reason}});
            } else {
                const std::string_view gap = detail.empty() ? "" : " ";
                line(fmt::format("{}{}{}: {} ({})", where, gap, detail, reason, loss.id));
            }
        }
    }

    void add(const std::vector<Error>& tolerated) {
        for (std::size_t i = 0; i < std::min(tolerated.size(), max_tolerated); ++i) {
            if (json_) {
                line(Json{{"tolerated", tolerated[i].id}, {"offset", tolerated[i].offset}});
            } else {
                line("tolerated: " + to_string(tolerated[i]));
            }
        }
    }

    [[nodiscard]] std::string text() const {
        std::string all;
        for (const std::string& each : lines_) all += each + "\n";
        return all;
    }

    // Behind the command's name, unless a machine reads them.
    void print() const {
        for (const std::string& each : lines_) {
            fmt::print(stderr, "{}{}\n", json_ ? "" : "mailassay mixer: ", each);
        }
    }

  private:
    void line(std::string text) { lines_.push_back(std::move(text)); }
    void line(const Json& object) { lines_.push_back(object.dump()); }

    bool json_;
    std::vector<std::string> lines_;
};

std::optional<Action> action_named(std::string_view name) {
    if (name == "to-x400") return Action::ToX400;
    if (name == "from-x400") return Action::FromX400;
    return name == "lost" ? std::optional(Action::Lost) : std::nullopt;
}

Result<mixer::Mapping> read_mapping(const Options& options) {
    auto gateway = mixer::make_gateway(options.domain, options.route);
    if (!gateway) return std::unexpected(std::move(gateway.error()));
    return mixer::Mapping{
        .edition = options.edition.value_or(base::Edition::Rfc),
        .gateway = std::move(*gateway),
        .military = options.military ? mixer::Military::Always : mixer::Military::ByExtension};
}

Result<std::string> from_x400(const std::string& octets, const mixer::Mapping& mapping,
                              const mixer::Rules& rules, Report& report) {
    const auto reading = rules.read(octets);
    if (!reading) return std::unexpected(reading.error());
    report.add(reading->tolerated);
    const auto made = mixer::from_x400(reading->heading, mapping, rules);
    if (!made) return std::unexpected(made.error());
    report.add(made->losses);
    return made->header.to_octets() + "\r\n";
}

// What is written.
Result<std::string> mapped(Action action, const std::string& octets, const mixer::Mapping& mapping,
                           const mixer::Rules& rules, Report& report) {
    if (action == Action::FromX400) return from_x400(octets, mapping, rules, report);
    const auto message = imf::parse_message(as_mail(octets));
    if (!message) return std::unexpected(message.error());
    if (action == Action::Lost) {
        const auto losses = mixer::round_trip_losses(message->header, mapping, rules);
        if (!losses) return std::unexpected(losses.error());
        report.add(*losses);
        return report.text();
    }
    const auto made = mixer::to_x400(message->header, mapping, rules);
    if (!made) return std::unexpected(made.error());
    report.add(made->losses);
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
    line.text({"--route", "ADDRESS", "O/R attributes that lead to it; /PRMD=GATEWAY/ADMD= /C=XX/"},
              options.route);
    line.flag({"--military", "", "Take all messages for military"}, options.military);
    line.flag({"--json", "", "Say what is lost in lines of JSON"}, options.json);
    line.edition("Which text; rfc unless given", options.edition);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    const auto action = action_named(options.action);
    if (!action) return fail(exit_usage, "to-x400, from-x400 or lost, not " + options.action);
    const auto mapping = read_mapping(options);
    if (!mapping) return fail(exit_usage, to_string(mapping.error()));
    const auto input = read_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));
    Report report(options.json);
    const auto octets = mapped(*action, *input, *mapping, *implementation.border, report);
    if (!octets) return fail(exit_refused, to_string(octets.error()));
    if (*action != Action::Lost) report.print();
    const auto written = write_output(options.output, *octets);
    return written ? exit_ok : fail(exit_usage, to_string(written.error()));
}

}  // namespace mailassay::cli
