// Runs a fuzz target over every file of the folders named on the command line, in name order.
// A folder that does not exist is passed over (a target need not have crashed yet), but a run that
// found no input at all fails: it would have tested nothing.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> inputs_of(const std::vector<std::string>& folders) {
    std::vector<std::filesystem::path> inputs;
    for (const std::string& folder : folders) {
        if (!std::filesystem::is_directory(folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.is_regular_file()) inputs.push_back(entry.path());
        }
    }
    std::sort(inputs.begin(), inputs.end());
    return inputs;
}

std::vector<std::uint8_t> octets_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> folders(argv + 1, argv + argc);
    const auto inputs = inputs_of(folders);
    if (inputs.empty()) {
        fmt::print(stderr, "no input found in: {}\n", fmt::join(folders, ", "));
        return 1;
    }
    for (const auto& input : inputs) {
        // Named before it runs, so that a crash tells which input it was.
        fmt::print("{}\n", input.string());
        std::fflush(stdout);
        const auto octets = octets_of(input);
        LLVMFuzzerTestOneInput(octets.data(), octets.size());
    }
    fmt::print("{} inputs replayed\n", inputs.size());
    return 0;
}
