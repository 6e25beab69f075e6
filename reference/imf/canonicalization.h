#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Header canonicalization of RFC 6376 section 3.4, name and body apart, as Secure Headers uses it
// (RFC 7508 section 4.3).
namespace mailassay::imf {

enum class Canonicalization : std::uint8_t { Simple, Relaxed };

// Simple: the name as written. Relaxed: in lower case.
[[nodiscard]] std::string canonical_name(std::string_view name, Canonicalization algorithm);

// `body`: the octets after the colon without the last CRLF, as HeaderField has them. Simple: as
// they are (section 3.4.1). Relaxed (section 3.4.2): unfolded, each run of white space one space,
// none at both ends.
[[nodiscard]] std::string canonical_body(std::string_view body, Canonicalization algorithm);

}  // namespace mailassay::imf
