#include "cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "cli/exit_codes.h"
#include "cli/harness.h"

namespace mailassay::cli {

namespace {

using Arguments = std::span<const std::string>;

// A command that this program carries out itself.
struct NativeCommand {
    std::string_view name;
    std::string_view summary;
    int (*run)(Arguments, const Implementation&);
};

constexpr std::array native_commands{
    NativeCommand{"mta", "Run the reference relay: receive, spool, relay, bounce", run_mta},
    NativeCommand{"sendmail", "Submit one message to a server, with REQUIRETLS if wanted",
                  run_sendmail},
    NativeCommand{"probe",
                  "Would mail with REQUIRETLS get through to a domain; if not, what to fix",
                  run_probe},
    NativeCommand{"simulate", "How much tagged mail arrives as the extension is adopted",
                  run_simulate},
    NativeCommand{"sign", "Sign a message by S/MIME, and its header fields with it", run_sign},
    NativeCommand{"verify", "Verify a signed message, and show which header fields hold",
                  run_verify},
    NativeCommand{"encrypt", "Encrypt a message for a domain, and hide the header fields it says",
                  run_encrypt},
    NativeCommand{"decrypt", "Decrypt a message of a domain, and restore what was hidden",
                  run_decrypt},
    NativeCommand{"authorize",
                  "Release, return or pass on a draft, as its authorizing user decides",
                  run_authorize},
    NativeCommand{"milter", "Serve a mail server: encrypt, decrypt, call services, hold drafts",
                  run_milter},
    NativeCommand{"statement", "Say who answers for an OPES system, and what it does with mail",
                  run_statement},
    NativeCommand{"mixer", "Map a message's header to X.400, or back", run_mixer},
    NativeCommand{"shim", "Answer requests of the shim protocol, a line of JSON each", run_shim},
    NativeCommand{"vectors", "Make the test vectors anew, or check them", run_vectors}};

void print_help() {
    fmt::print(
        "mailassay - does this mail software keep the promises of secure mail?\n"
        "\n"
        "Drives mail servers and clients from both sides in a private network, judges each\n"
        "requirement of the specification, and shows the evidence.\n"
        "\n"
        "Usage: mailassay COMMAND [OPTIONS]\n"
        "\n"
        "Judge software:\n");
    for (const HarnessCommand& command : harness_commands()) {
        fmt::print("  {:<14} {}\n", command.name, command.summary);
    }
    fmt::print("\nUse the reference implementation:\n");
    for (const NativeCommand& command : native_commands) {
        fmt::print("  {:<14} {}\n", command.name, command.summary);
    }
    fmt::print(
        "\n"
        "Options:\n"
        "  -h, --help     This text; behind a command, that command's options\n"
        "  --version      Print the version\n"
        "\n"
        "Start with:\n"
        "  mailassay run                    judge the reference itself\n"
        "  mailassay run --target postfix   judge Postfix\n"
        "  mailassay targets                see what else can be judged\n");
}

// How many insertions, deletions and replacements lead from one word to the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

// The known command that `word` was most likely meant to be, or nothing.
std::string_view nearest(std::string_view word) {
    constexpr std::size_t longest = 32;
    if (word.size() > longest) return {};
    std::vector<std::string_view> names;
    for (const NativeCommand& command : native_commands) names.push_back(command.name);
    for (const HarnessCommand& command : harness_commands()) names.push_back(command.name);
    const std::string_view best = *std::min_element(
        names.begin(), names.end(), [word](std::string_view a, std::string_view b) {
            return distance(word, a) < distance(word, b);
        });
    return distance(word, best) <= 2 ? best : std::string_view();
}

int refuse(const std::string& word) {
    const bool option = word.starts_with('-');
    const std::string_view hint = option ? std::string_view() : nearest(word);
    fmt::print(stderr, "mailassay: unknown {} \"{}\"{}; mailassay --help lists all\n",
               option ? "option" : "command", base::escape(word, 60),
               hint.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", hint));
    return exit_usage;
}

}  // namespace

Implementation standard_implementation() {
    return {.decisions = mta::standard_decisions,
            .secure_headers = std::make_shared<const secureheaders::StandardRules>(),
            .confidentiality = std::make_shared<const dca::StandardRules>(),
            .adaptation = std::make_shared<const opes::StandardRules>(),
            .border = std::make_shared<const mixer::StandardRules>(),
            .release = std::make_shared<const release::StandardRules>()};
}

int run(std::span<const std::string> arguments, const Implementation& implementation) {
    if (arguments.empty()) {
        print_help();
        return exit_usage;
    }
    const std::string& command = arguments.front();
    if (command == "--help" || command == "-h" || command == "help") {
        print_help();
        return exit_ok;
    }
    if (command == "--version") {
        fmt::print("mailassay {}\n", MAILASSAY_VERSION);
        return exit_ok;
    }
    for (const NativeCommand& native : native_commands) {
        if (command == native.name) return native.run(arguments.subspan(1), implementation);
    }
    if (is_harness_command(command)) return exec_harness(arguments);
    return refuse(command);
}

}  // namespace mailassay::cli
