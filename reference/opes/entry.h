#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// Who had a hand in a message: entries of OPES-System and OPES-Via (RFC 4236 section 4), in the
// syntax of this project's profile (README.md).
namespace mailassay::opes {

struct Parameter {
    std::string name;
    std::string value;  // without quotes; empty where there is none

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Entry {
    std::string agent;  // an absolute URI
    std::vector<Parameter> parameters = {};

    friend bool operator==(const Entry&, const Entry&) = default;
};

// Bounds on what is read of fields that anybody may have written. An agent fits a line of a reply,
// behind a code and a status.
inline constexpr std::size_t agent_octets = 480;
inline constexpr std::size_t entries_of_a_field = 1000;

// A scheme, a colon, and at least one octet of an absolute URI (RFC 3986 section 4.3) behind it; no
// comma and no semicolon, which the list itself needs, so that they stand there as %2C and %3B.
[[nodiscard]] bool is_agent(std::string_view text);

// The URI as an entry can hold it. The comparison of two: scheme and host in any case, the comma
// and the semicolon encoded or not.
[[nodiscard]] std::string encoded(std::string_view uri);
[[nodiscard]] bool same_agent(std::string_view one, std::string_view other);

// The body of a field, folded or not. Empty elements of the list are skipped (RFC 2616 section
// 2.1); a list of none is one.
// Errors: opes.entry.agent, opes.entry.parameter, opes.entry.separator, opes.entry.too-many,
// opes.entry.too-long; the offset is into the unfolded body.
[[nodiscard]] Result<std::vector<Entry>> parse_entries(std::string_view body);

// The entries behind each other, with a comma between; what make_field() folds at its spaces.
[[nodiscard]] std::string to_string(std::span<const Entry> entries);

}  // namespace mailassay::opes
