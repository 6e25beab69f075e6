#include "cli/dca_report.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/ascii.h"

namespace mailassay::cli {

namespace {

// A structure may name ten thousand fields; a person reads a few.
constexpr std::size_t most_changes = 20;

}  // namespace

void print_dca_report(std::string_view command, const std::vector<dca::Change>& changes,
                      std::optional<dca::Unchanged> unchanged,
                      const std::vector<dca::Flag>& flags) {
    std::string told;
    for (std::size_t i = 0; i < changes.size() && i < most_changes; ++i) {
        told += fmt::format("{}{} {}", i == 0 ? "" : ", ", base::escape(changes[i].name, 80),
                            dca::to_string(changes[i].kind));
    }
    if (changes.size() > most_changes) {
        told += fmt::format(" and {} more", changes.size() - most_changes);
    }
    if (unchanged) told = fmt::format("left as it is ({})", dca::to_string(*unchanged));
    fmt::print(stderr, "mailassay {}: header: {}\n", command, told.empty() ? "unchanged" : told);
    for (const dca::Flag& flag : flags) {
        std::string faults;
        for (const dca::NameFault fault : flag.faults) {
            faults += (faults.empty() ? "" : ", ") + std::string(dca::to_string(fault));
        }
        fmt::print(stderr, "mailassay {}: {}: {}\n", command, base::escape(flag.subject, 200),
                   faults);
    }
}

}  // namespace mailassay::cli
