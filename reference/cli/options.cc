#include "cli/options.h"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "base/ascii.h"
#include "cli/exit_codes.h"

namespace mailassay::cli {

std::optional<int> parse_arguments(CLI::App& app, std::span<const std::string> arguments) {
    // CLI11 wants them in reverse.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return exit_ok;
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "{}: {}; {} --help shows how\n", app.get_name(),
                   base::escape(error.what(), 400), app.get_name());
        return exit_usage;
    }
}

void add_edition_option(CLI::App& app, std::optional<requiretls::Edition>& edition,
                        const std::string& description) {
    app.add_option_function<std::string>(
           "--edition",
           [&edition](const std::string& word) {
               edition = word == "draft" ? requiretls::Edition::Draft : requiretls::Edition::Rfc;
           },
           description)
        ->check(CLI::IsMember({"draft", "rfc"}))
        ->type_name("draft|rfc")
        ->option_text("draft|rfc");
}

}  // namespace mailassay::cli
