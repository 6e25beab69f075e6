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
#include "vectors/dca_check.h"
#include "vectors/dca_write.h"
#include "vectors/mixer_vectors.h"
#include "vectors/opes_vectors.h"
#include "vectors/release_vectors.h"
#include "vectors/vector_set.h"
#include "vectors/write.h"

namespace mailassay::cli {

namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

constexpr const char* footer =
    R"(The vectors of Secure Headers, of the Domain Confidentiality Authority, of OPES, of the
border to X.400 and of Draft and Release, made by the reference with fixed keys, time and
randomness: the same octets every time. DIR has a folder for each, secure-headers, dca, opes,
mixer and release, with the keys in keys/.

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

// The vectors of one folder.
struct Collection {
    fs::path folder;
    Files made;
    std::size_t count = 0;
    std::vector<std::string> disagreements;  // of the reference with them
};

Result<vectors::Material> read_keys(const fs::path& root) {
    Files keys;
    for (const char* folder : {"secure-headers", "dca", "release"}) {
        auto found = read_folder(root / folder / "keys");
        if (!found) return std::unexpected(found.error());
        keys.merge(*found);
    }
    return vectors::read_material(keys);
}

std::vector<Collection> make_all(const fs::path& root, const vectors::Material& material) {
    const vectors::VectorSet signatures = vectors::make_vectors(material);
    const vectors::DcaVectorSet envelopes = vectors::make_dca_vectors(material);
    vectors::OpesFiles adaptation = vectors::make_opes_vectors();
    vectors::MixerFiles border = vectors::make_mixer_vectors();
    vectors::ReleaseFiles release = vectors::make_release_vectors(material);
    return {{.folder = root / "secure-headers",
             .made = to_files(signatures),
             .count = signatures.verify.size() + signatures.sign.size(),
             .disagreements = disagreements(signatures, material)},
            {.folder = root / "dca",
             .made = to_files(envelopes),
             .count = envelopes.encrypt.size() + envelopes.decrypt.size(),
             .disagreements = disagreements(envelopes, material)},
            {.folder = root / "opes",
             .made = std::move(adaptation.files),
             .count = adaptation.count,
             .disagreements = std::move(adaptation.disagreements)},
            {.folder = root / "mixer",
             .made = std::move(border.files),
             .count = border.count,
             .disagreements = std::move(border.disagreements)},
            {.folder = root / "release",
             .made = std::move(release.files),
             .count = release.count,
             .disagreements = std::move(release.disagreements)}};
}

// How many lines were printed.
std::size_t check(const Collection& collection, const Files& there) {
    std::vector<std::string> lines = differences(collection.made, there);
    lines.insert(lines.end(), collection.disagreements.begin(), collection.disagreements.end());
    for (const std::string& each : lines) fmt::print("{}\n", base::escape(each, 1000));
    fmt::print("{}: {} vectors, {} differences\n", collection.folder.filename().string(),
               collection.count, lines.size());
    return lines.size();
}

}  // namespace

int run_vectors(std::span<const std::string> arguments, const Implementation&) {
    CommandLine line("mailassay vectors", "Makes the vectors, or checks them.");
    std::string action;
    std::string folder = std::string(MAILASSAY_SOURCE_DIR) + "/vectors";
    line.text({"action", "", "generate or check"}, action, Presence::Required);
    line.text({"--dir", "DIR", "Where they are; the source tree's own unless given"}, folder);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    if (action != "generate" && action != "check") {
        return fail("generate or check, not " + action);
    }
    const auto material = read_keys(folder);
    if (!material) return fail(to_string(material.error()));
    std::size_t lines = 0;
    for (const Collection& collection : make_all(folder, *material)) {
        const auto there = read_folder(collection.folder);
        if (!there) return fail(to_string(there.error()));
        if (action == "check") {
            lines += check(collection, *there);
            continue;
        }
        if (auto done = write_all(collection.folder, collection.made, *there); !done) {
            return fail(to_string(done.error()));
        }
        fmt::print("{} vectors in {}\n", collection.count, collection.folder.string());
    }
    return lines == 0 ? exit_ok : exit_invalid;
}

}  // namespace mailassay::cli
