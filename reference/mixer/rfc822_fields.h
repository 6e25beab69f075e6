#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "imf/header.h"
#include "mixer/heading.h"

// The heading extension that carries fields without a place in X.400 (RFC 2156 section 5.1.2).
namespace mailassay::mixer {

inline constexpr std::string_view oid_rfc_822_fields = "1.3.6.1.7.1.3.2";

// Whether the field has a place of its own: in the heading, in the envelope, or with the body. What
// an extension says of such a field is not believed, since it would be there twice.
[[nodiscard]] bool has_own_place(std::string_view name);

// Whether the extension can hold it: ASCII, with a name.
[[nodiscard]] bool can_be_carried(const imf::HeaderField& field);

// Each is unfolded, without space before its colon.
[[nodiscard]] Extension carry(std::span<const imf::HeaderField> fields);

struct Carried {
    std::vector<imf::HeaderField> fields;
    // What is no field, or one that has its own place; its name, or nothing.
    std::vector<std::string> left_out;
};
[[nodiscard]] Carried carried(const Extension& extension);

}  // namespace mailassay::mixer
