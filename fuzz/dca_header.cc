// A header section and what a signature says of it. The input is a message; its body holds the
// signed fields, each ended by a NUL: a letter for the status, then name:value. Whatever they are,
// no field becomes two, and what was hidden comes back.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/ascii.h"
#include "dca/header.h"
#include "imf/canonicalization.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
using mailassay::imf::Canonicalization;
using mailassay::imf::HeaderSection;
using mailassay::secureheaders::SecureHeaderFields;
using mailassay::secureheaders::Status;

// By name in lower case.
using Values = std::map<std::string, std::multiset<std::string>>;

SecureHeaderFields structure_in(std::string_view body, Canonicalization algorithm) {
    SecureHeaderFields structure{.algorithm = algorithm, .fields = {}};
    for (const std::string_view entry : mailassay::base::split(body, '\0')) {
        const std::size_t colon = entry.find(':');
        if (entry.empty() || colon == std::string_view::npos) continue;
        const Status status = entry[0] == 'd'   ? Status::Deleted
                              : entry[0] == 'm' ? Status::Modified
                                                : Status::Duplicated;
        structure.fields.push_back({.name = std::string(entry.substr(1, colon - 1)),
                                    .value = std::string(entry.substr(colon + 1)),
                                    .status = status});
    }
    return structure;
}

bool is_canonical(const SecureHeaderFields& structure) {
    return std::ranges::all_of(structure.fields, [&](const auto& field) {
        return mailassay::imf::canonical_body(field.value, structure.algorithm) == field.value;
    });
}

Values values_of(const HeaderSection& header, Canonicalization algorithm) {
    Values values;
    for (const auto& field : header.fields()) {
        if (field.is_opaque()) continue;
        values[mailassay::base::to_lower(field.name)].insert(
            mailassay::imf::canonical_body(field.body, algorithm));
    }
    return values;
}

void check_octets(const HeaderSection& header) {
    const auto read = mailassay::imf::parse_message(header.to_octets() + "\r\n");
    require(!read || read->header.fields().size() == header.fields().size(),
            "a field written is one field");
}

void check_restored(const HeaderSection& header, const SecureHeaderFields& structure) {
    const mailassay::dca::StandardRules rules;
    const auto restored = mailassay::dca::restore(header, structure, rules);
    if (!restored) return;
    require(restored->header.fields().size() >= header.fields().size(), "nothing is lost");
    check_octets(restored->header);
    if (!is_canonical(structure)) return;
    Values there = values_of(restored->header, structure.algorithm);
    bool all_there = true;
    for (const bool is_restored : {true, false}) {
        for (const auto& field : structure.fields) {
            if (rules.restores(field) != is_restored) continue;
            auto& values = there[mailassay::base::to_lower(field.name)];
            const auto found = values.find(field.value);
            require(found != values.end() || !is_restored, "what is restored is in the header");
            if (found == values.end()) all_there = false;
            if (found != values.end()) values.erase(found);
        }
    }
    // A field that never was hidden and is gone all the same may be told to be an equal one.
    if (!all_there) return;
    const auto again = mailassay::dca::restore(restored->header, structure, rules);
    require(again && again->header == restored->header, "nothing is restored twice");
}

void check_hidden(const HeaderSection& header, const SecureHeaderFields& structure) {
    const mailassay::dca::StandardRules rules;
    mailassay::dca::Replacements replacements;
    for (const auto& field : structure.fields) replacements[field.name] = "hidden";
    const auto hidden = mailassay::dca::hide(header, structure, replacements, rules);
    if (!hidden) return;
    check_octets(hidden->header);
    const auto restored = mailassay::dca::restore(hidden->header, structure, rules);
    if (!restored) return;
    require(
        values_of(restored->header, structure.algorithm) == values_of(header, structure.algorithm),
        "what was hidden comes back");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto message = mailassay::imf::parse_message(mailassay::fuzz::octets_of(data, size));
    if (!message || message->separator.empty()) return 0;
    for (const auto algorithm : {Canonicalization::Simple, Canonicalization::Relaxed}) {
        const SecureHeaderFields structure = structure_in(message->body, algorithm);
        check_restored(message->header, structure);
        check_hidden(message->header, structure);
    }
    return 0;
}
