#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "vectors/check.h"
#include "vectors/vector_set.h"
#include "vectors/write.h"

namespace mailassay::cli {

namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

constexpr const char* footer =
    R"(The vectors of Secure Headers, made by the reference from the keys in DIR/keys with fixed
time and randomness: the same octets every time.

  generate   writes them into DIR, and removes messages that are no vector's any more
  check      compares DIR with what would be written, and the reference with what they say

Exit codes: 0 done, or all as it should be; 1 a difference; 2 bad arguments or keys.)";

int fail(const std::string& what) {
    fmt::print(stderr, "mailassay vectors: {}\n", base::escape(what, 1000));
    return exit_usage;
}

// Every regular file below the folder, by its path there.
Result<Files> read_folder(const fs::path& folder) {
    Files files;
    std::error_code problem;
    for (auto entry = fs::recursive_directory_iterator(folder, problem);
         !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem)) {
        if (!entry->is_regular_file()) continue;
        auto octets = read_input(entry->path().string());
        if (!octets) return std::unexpected(octets.error());
        files[entry->path().lexically_relative(folder).generic_string()] = std::move(*octets);
    }
    if (problem) {
        return std::unexpected(Error{.id = "cli.input.unreadable",
                                     .detail = folder.string() + ": " + problem.message()});
    }
    return files;
}

// What is ours in a folder of vectors: its messages and lists, not its keys and README.
bool is_generated(const std::string& name) {
    return name.starts_with("messages/") || name.ends_with(".json");
}

Result<void> write_all(const fs::path& folder, const Files& files, const Files& there) {
    for (const auto& [name, octets] : files) {
        const fs::path file = folder / name;
        std::error_code problem;
        fs::create_directories(file.parent_path(), problem);
        if (auto written = write_output(file.string(), octets); !written) return written;
    }
    for (const auto& [name, octets] : there) {
        if (is_generated(name) && !files.contains(name)) fs::remove(folder / name);
    }
    return {};
}

// A line for each difference.
std::vector<std::string> differences(const Files& made, const Files& there) {
    std::vector<std::string> lines;
    for (const auto& [name, octets] : made) {
        const auto found = there.find(name);
        if (found == there.end()) {
            lines.push_back(name + ": is missing");
        } else if (found->second != octets) {
            lines.push_back(name + ": has other octets");
        }
    }
    for (const auto& [name, octets] : there) {
        if (is_generated(name) && !made.contains(name)) lines.push_back(name + ": is no vector's");
    }
    return lines;
}

}  // namespace

int run_vectors(std::span<const std::string> arguments, const Implementation&) {
    CommandLine line("mailassay vectors", "Makes the vectors of Secure Headers, or checks them.");
    std::string action;
    std::string folder = std::string(MAILASSAY_SOURCE_DIR) + "/vectors/secure-headers";
    line.text({"action", "", "generate or check"}, action, Presence::Required);
    line.text({"--dir", "DIR", "Where they are; the source tree's own unless given"}, folder);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    if (action != "generate" && action != "check") {
        return fail("generate or check, not " + action);
    }
    const auto keys = read_folder(fs::path(folder) / "keys");
    if (!keys) return fail(to_string(keys.error()));
    const auto material = vectors::read_material(*keys);
    if (!material) return fail(to_string(material.error()));
    const auto there = read_folder(folder);
    if (!there) return fail(to_string(there.error()));

    const vectors::VectorSet set = vectors::make_vectors(*material);
    const Files made = to_files(set);
    if (action == "generate") {
        if (auto done = write_all(folder, made, *there); !done)
            return fail(to_string(done.error()));
        fmt::print("{} vectors in {}\n", set.verify.size() + set.sign.size(), folder);
        return exit_ok;
    }
    std::vector<std::string> lines = differences(made, *there);
    for (std::string& each : disagreements(set, *material)) lines.push_back(std::move(each));
    for (const std::string& each : lines) fmt::print("{}\n", base::escape(each, 1000));
    fmt::print("{} vectors, {} differences\n", set.verify.size() + set.sign.size(), lines.size());
    return lines.empty() ? exit_ok : exit_invalid;
}

}  // namespace mailassay::cli
