#include "cli/dca_report.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/ascii.h"

namespace mailassay::cli {

namespace {

// A structure may name ten thousand fields; a person reads a few.
constexpr std::size_t most_changes = 20;

std::string words_for(const std::vector<dca::NameFault>& faults) {
    std::string words;
    for (const dca::NameFault fault : faults) {
        words += (words.empty() ? "" : ", ") + std::string(dca::to_string(fault));
    }
    return words;
}

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
        fmt::print(stderr, "mailassay {}: {}: {}\n", command, base::escape(flag.subject, 200),
                   words_for(flag.faults));
    }
}

void print_outer_signatures(std::string_view command,
                            const std::vector<dca::OuterSignature>& signatures) {
    for (const dca::OuterSignature& each : signatures) {
        std::string told =
            fmt::format("{}: {}", base::escape(each.subject, 200), dca::to_string(each.standing));
        for (const dca::Agent agent : each.agents) told += fmt::format(", as {}", name_of(agent));
        if (each.fault) told += fmt::format(", {}", each.fault->id);
        if (!each.name_faults.empty()) told += ", " + words_for(each.name_faults);
        fmt::print(stderr, "mailassay {}: outer signature: {}\n", command, told);
    }
}

}  // namespace mailassay::cli
