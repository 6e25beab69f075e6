#include "cli/harness.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "cli/exit_codes.h"

namespace mailassay::cli {

namespace {

constexpr const char* python = "/usr/bin/python3";

constexpr std::array<HarnessCommand, 11> commands{{
    {"run", "Judge targets: run the cases, write report, evidence and summary"},
    {"targets", "List the targets, what they claim and how they are reached"},
    {"cases", "List the cases and the requirements that each one checks"},
    {"requirements", "List the requirements of both editions and what covers them"},
    {"deviants", "Run the wrong implementations: which case catches which"},
    {"diff", "Say what changed between two reports"},
    {"table", "Print all targets by all requirements, from a report"},
    {"verify-report", "Check that a report and its evidence are whole"},
    {"merge", "Join the reports of shards or of several targets into one"},
    {"publish", "Write the table of a report, with a page for each target"},
    {"baseline", "Keep a baseline of known faults for `run --baseline`"},
}};

// This program's own file, or nothing when the system does not tell.
std::filesystem::path own_program() {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/self/exe", code);
}

// The checkout: the folder above the build folder that this program stands in, else the one it was
// built from.
std::optional<std::filesystem::path> find_root(const std::filesystem::path& program) {
    for (const std::filesystem::path& root :
         {program.parent_path().parent_path(), std::filesystem::path(MAILASSAY_SOURCE_DIR)}) {
        std::error_code code;
        if (std::filesystem::exists(root / "harness" / "mailassay", code)) return root;
    }
    return std::nullopt;
}

void set_environment(const std::filesystem::path& root, const std::filesystem::path& program) {
    const std::string harness = (root / "harness").string();
    const char* inherited = std::getenv("PYTHONPATH");
    const bool has_path = inherited != nullptr && *inherited != '\0';
    const std::string path = has_path ? harness + ":" + inherited : harness;
    ::setenv("PYTHONPATH", path.c_str(), 1);
    ::setenv("MAILASSAY_ROOT", root.c_str(), 1);
    ::setenv("MAILASSAY_PROGRAM", program.c_str(), 1);
}

}  // namespace

std::span<const HarnessCommand> harness_commands() {
    return commands;
}

bool is_harness_command(std::string_view name) {
    return std::any_of(commands.begin(), commands.end(),
                       [name](const HarnessCommand& command) { return command.name == name; });
}

int exec_harness(std::span<const std::string> arguments) {
    const std::filesystem::path program = own_program();
    const auto root = find_root(program);
    if (!root) {
        fmt::print(stderr, "mailassay: no harness folder found beside {} or in {}\n",
                   program.parent_path().string(), MAILASSAY_SOURCE_DIR);
        return exit_cannot_start;
    }
    set_environment(*root, program);
    std::vector<std::string> words = {python, "-m", "mailassay"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(python, pointers.data());
    fmt::print(stderr, "mailassay: can't run {}: {}\n", python,
               std::generic_category().message(errno));
    return exit_cannot_start;
}

}  // namespace mailassay::cli
