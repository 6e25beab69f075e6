#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Characters as the mail specifications mean them: US-ASCII, whatever the locale. Octets above 127
// are in no class and compare as themselves.
namespace mailassay::base {

[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alnum(char c) {
    return is_alpha(c) || is_digit(c);
}
// WSP of RFC 5234: space and horizontal tab, not the line ends.
[[nodiscard]] constexpr bool is_wsp(char c) {
    return c == ' ' || c == '\t';
}
// Octets 0 to 31 and 127.
[[nodiscard]] constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
// VCHAR of RFC 5234: octets 33 to 126.
[[nodiscard]] constexpr bool is_visible(char c) {
    return c > 0x20 && c < 0x7f;
}
// An octet of a UTF-8 sequence longer than one.
[[nodiscard]] constexpr bool is_eight_bit(char c) {
    return (static_cast<unsigned char>(c) & 0x80) != 0;
}
[[nodiscard]] constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);

[[nodiscard]] bool equals_ignore_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
[[nodiscard]] bool ends_with_ignore_case(std::string_view text, std::string_view suffix);

// Ordering for associative containers keyed by names that ignore case.
struct LessIgnoreCase {
    using is_transparent = void;
    [[nodiscard]] bool operator()(std::string_view a, std::string_view b) const;
};

// Without leading and trailing WSP (line ends stay).
[[nodiscard]] std::string_view trim(std::string_view text);

// The pieces between separators; n separators give n + 1 pieces, empty ones included.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// An unsigned decimal number: digits only, at least one, at most `max_digits`, and not more than
// 2^64 - 1; anything else is nullopt.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text,
                                                         std::size_t max_digits = 20);

// True when no octet is above 127.
[[nodiscard]] bool is_ascii(std::string_view text);

// True when the octets are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text);

// Printable ASCII: other octets and backslash become \xNN (and \r, \n, \t, \\), and what is longer
// than `max_octets` of input is cut and ends in "...". For logs and error text.
[[nodiscard]] std::string escape(std::string_view octets, std::size_t max_octets = 256);

// For a person at a terminal: as escape(), but characters of well-formed UTF-8 stay, unless they
// are controls or are not seen themselves (direction marks, joiners, other format characters), with
// which text could pretend to be other text.
[[nodiscard]] std::string printable(std::string_view octets, std::size_t max_octets = 256);

}  // namespace mailassay::base
