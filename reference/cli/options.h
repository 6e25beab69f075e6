#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>

#include "requiretls/facts.h"

// What the native commands' options have in common.
namespace mailassay::cli {

// Parses the arguments. An exit code means that the command is over: help was printed, or one line
// that says what is wrong.
[[nodiscard]] std::optional<int> parse_arguments(CLI::App& app,
                                                 std::span<const std::string> arguments);

// --edition draft|rfc.
void add_edition_option(CLI::App& app, std::optional<requiretls::Edition>& edition,
                        const std::string& description);

}  // namespace mailassay::cli
