#pragma once

#include <optional>
#include <string>

#include "imf/header.h"
#include "mixer/heading.h"

// The two precedences of RFC 6477 (sections 3.8 and 3.9), which every military message has one of,
// as fields and as extensions of STANAG 4406. The other fields and extensions are not mapped here.
namespace mailassay::mixer {

inline constexpr std::string_view oid_primary_precedence = "1.3.26.0.4406.0.2.0";
inline constexpr std::string_view oid_copy_precedence = "1.3.26.0.4406.0.2.1";

// nullopt: it is another field, or its value is not what RFC 6477 has.
[[nodiscard]] std::optional<Extension> to_extension(const imf::HeaderField& field);

// nullopt: it is another extension, or its value is no precedence.
[[nodiscard]] std::optional<imf::HeaderField> to_field(const Extension& extension);

}  // namespace mailassay::mixer
