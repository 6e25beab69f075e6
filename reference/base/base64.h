#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailassay::base {

// RFC 4648 section 4, with padding, without line breaks.
[[nodiscard]] std::string encode_base64(std::string_view octets);

// Strict: the exact alphabet, full padding, no white space, zero pad bits. Else nullopt.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace mailassay::base
