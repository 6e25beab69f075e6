#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imf/header.h"
#include "mixer/heading.h"

// The fields of RFC 6477 as heading extensions of STANAG 4406 and back (section 6).
// MMHS-Exempted-Address is named here and mapped elsewhere, since it holds addresses.
namespace mailassay::mixer {

inline constexpr std::string_view exempted_address_field = "MMHS-Exempted-Address";
inline constexpr std::string_view oid_exempted_address = "1.3.26.0.4406.0.2.4";
inline constexpr std::string_view authorisation_field = "MMHS-Extended-Authorisation-Info";
inline constexpr std::string_view oid_authorisation = "1.3.26.0.4406.0.2.5";

// Whether RFC 6477 defines the field. MMHS-Authorizing-Users is RFC 7912's.
[[nodiscard]] bool is_mmhs_field(std::string_view name);

// nullopt: it is none of these fields, or its value is not what section 4 has.
[[nodiscard]] std::optional<Extension> to_extension(const imf::HeaderField& field);

// The fields of an extension, two where it tells of recipients by other means in To and in Cc;
// none: it is another extension, or its value is not what STANAG 4406 has, or no field can hold it.
[[nodiscard]] std::vector<imf::HeaderField> to_fields(const Extension& extension);

// When a message was released, from its Date; nullopt: that is no date of the years 1950 to 2049.
[[nodiscard]] std::optional<Extension> to_authorisation(std::string_view date);

// Adds an extension. Those who get a message by other means are one list, whichever of two fields
// they stand in.
void add(std::vector<Extension>& to, Extension extension);

}  // namespace mailassay::mixer
