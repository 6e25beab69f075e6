#include "dsn/xtext.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "base/ascii.h"

namespace mailassay::dsn {
namespace {

// Lower-case digits are not in the grammar of RFC 3461 section 4.
std::optional<int> hexadecimal(char c) {
    if (base::is_digit(c)) return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

}  // namespace

std::string encode_xtext(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        if (base::is_visible(c) && c != '+' && c != '=') {
            encoded += c;
        } else {
            encoded += fmt::format("+{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

Result<std::string> decode_xtext(std::string_view xtext) {
    std::string text;
    for (std::size_t at = 0; at < xtext.size(); ++at) {
        const char c = xtext[at];
        if (!base::is_visible(c) || c == '=') {
            return std::unexpected(Error{"dsn.xtext.character", at, "rfc3461/4"});
        }
        if (c != '+') {
            text += c;
            continue;
        }
        const auto high = at + 1 < xtext.size() ? hexadecimal(xtext[at + 1]) : std::nullopt;
        const auto low = at + 2 < xtext.size() ? hexadecimal(xtext[at + 2]) : std::nullopt;
        if (!high || !low) return std::unexpected(Error{"dsn.xtext.hexadecimal", at, "rfc3461/4"});
        text += static_cast<char>(*high * 16 + *low);
        at += 2;
    }
    return text;
}

}  // namespace mailassay::dsn
