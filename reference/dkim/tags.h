#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

// tag=value lists (RFC 6376 section 3.2).
namespace mailassay::dkim {

// By name; the values without white space around them.
using Tags = std::map<std::string, std::string, std::less<>>;

// Errors: dkim.tags.syntax, dkim.tags.twice (a name), both with the offset; dkim.tags.too-large
// (64 KiB).
[[nodiscard]] Result<Tags> parse_tags(std::string_view text);

// The value of that tag; empty: there is none.
[[nodiscard]] std::string_view value_of(const Tags& tags, std::string_view name);

// Without the white space and line ends that a value may be folded with.
[[nodiscard]] std::string without_folding(std::string_view value);

}  // namespace mailassay::dkim
