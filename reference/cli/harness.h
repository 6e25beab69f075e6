#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mailassay::cli {

// A command that the Python harness carries out; this program only finds it and gives way to it.
struct HarnessCommand {
    std::string_view name;
    std::string_view summary;
};

// In the order of the help text.
[[nodiscard]] std::span<const HarnessCommand> harness_commands();

[[nodiscard]] bool is_harness_command(std::string_view name);

// Replaces this process by `python3 -m mailassay <arguments>`. It gets, in its environment,
// MAILASSAY_ROOT (the checkout), MAILASSAY_PROGRAM (this program) and a PYTHONPATH with the harness
// folder in front. Returns only when that is impossible: prints one line and gives the exit code.
[[nodiscard]] int exec_harness(std::span<const std::string> arguments);

}  // namespace mailassay::cli
