#include "cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "cli/exit_codes.h"
#include "cli/harness.h"

namespace mailassay::cli {

namespace {

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
    fmt::print(
        "\n"
        "Use the reference implementation:\n"
        "  {:<14} Run the reference relay: receive, spool, relay, bounce\n"
        "  {:<14} Submit one message to a server, with REQUIRETLS if wanted\n"
        "\n"
        "Options:\n"
        "  -h, --help     This text; behind a command, that command's options\n"
        "  --version      Print the version\n"
        "\n"
        "Start with:\n"
        "  mailassay run                    judge the reference itself\n"
        "  mailassay run --target postfix   judge Postfix\n"
        "  mailassay targets                see what else can be judged\n",
        "mta", "sendmail");
}

// The known command that `word` most likely was meant to be, or nothing.
std::string_view nearest(std::string_view word) {
    std::vector<std::string_view> names = {"mta", "sendmail"};
    for (const HarnessCommand& command : harness_commands()) names.push_back(command.name);
    for (const std::string_view name : names) {
        const std::string_view longer = word.size() > name.size() ? word : name;
        const std::string_view shorter = word.size() > name.size() ? name : word;
        if (shorter.size() >= 2 && longer.starts_with(shorter)) return name;
    }
    return {};
}

int refuse(const std::string& word) {
    const bool option = word.starts_with('-');
    const std::string_view hint = nearest(word);
    fmt::print(stderr, "mailassay: unknown {} \"{}\"{}; mailassay --help lists all\n",
               option ? "option" : "command", word,
               hint.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", hint));
    return exit_usage;
}

}  // namespace

int run(std::span<const std::string> arguments, const mta::DecisionsFactory& decisions) {
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
    if (command == "mta") return run_mta(arguments.subspan(1), decisions);
    if (command == "sendmail") return run_sendmail(arguments.subspan(1), decisions);
    if (is_harness_command(command)) return exec_harness(arguments);
    return refuse(command);
}

}  // namespace mailassay::cli
