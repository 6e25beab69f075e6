#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/opes_config.h"
#include "cli/program.h"
#include "shim/opes_statement.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Prints, as JSON (vectors/schema/opes-statement.schema.json), what the system of a milter's
configuration states of itself: who answers for it, what it and its services see, keep and share,
what they do to references, what the trace reveals, and who has agreed to what. Put it where the
system's URI or its `policy` leads to. Single addresses that have agreed are counted, not told.

Example:
  mailassay statement --config opes.toml >/var/www/opes/statement.json

Exit codes: 0 printed, 2 bad arguments or configuration.)";

}  // namespace

int run_statement(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay statement", "Prints what an OPES system states of itself.");
    std::string path;
    line.text({"--config", "FILE", "The configuration of `mailassay milter --role opes`"}, path,
              Presence::Required);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    const auto config = read_opes_config(path);
    if (!config) {
        fmt::print(stderr, "mailassay statement: {}\n",
                   base::escape(to_string(config.error()), 1000));
        return exit_usage;
    }
    const auto statement =
        shim::as_json(implementation.adaptation->stated(config->settings.system));
    fmt::print("{}\n", statement.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    return exit_ok;
}

}  // namespace mailassay::cli
