#pragma once

#include <string>
#include <string_view>

namespace mailassay::crypto {

// SHA-256 (FIPS 180-4), 32 octets.
[[nodiscard]] std::string sha256(std::string_view octets);
// The same as 64 hexadecimal digits in lower case.
[[nodiscard]] std::string sha256_hex(std::string_view octets);

}  // namespace mailassay::crypto
