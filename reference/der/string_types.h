#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "der/value.h"

// The string types of ASN.1 and their characters (X.680 section 41).
namespace mailassay::der {

// BIT STRING, OCTET STRING, every character string and both times: what BER may write in segments.
[[nodiscard]] bool is_string(const Tag& tag);

// Where the first octet stands that a string of this type can't hold; nullopt: there is none, or
// the type takes any. UTF8String is checked as a whole, and its offset is then 0.
[[nodiscard]] std::optional<std::size_t> first_wrong_character(const Tag& tag,
                                                               std::string_view content);

}  // namespace mailassay::der
