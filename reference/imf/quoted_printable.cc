#include "imf/quoted_printable.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace mailassay::imf {

namespace {

std::optional<unsigned> hexadecimal(char c) {
    if (base::is_digit(c)) return static_cast<unsigned>(c - '0');
    const char lower = base::to_lower(c);
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
    return std::nullopt;
}

}  // namespace

std::optional<char> escaped_octet(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto high = hexadecimal(text[0]);
    const auto low = hexadecimal(text[1]);
    if (!high || !low) return std::nullopt;
    return static_cast<char>(*high * 16 + *low);
}

Result<void> decode_quoted_printable(std::string_view body, base::Sink& out) {
    while (!body.empty()) {
        const std::size_t end = body.find('\n');
        std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(body.size(), line.size() + 1));
        line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
        const bool is_soft = line.ends_with('=');
        if (is_soft) line.remove_suffix(1);
        std::string octets;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const auto escaped = line[i] == '=' ? escaped_octet(line.substr(i + 1)) : std::nullopt;
            octets += escaped.value_or(line[i]);
            if (escaped) i += 2;
        }
        if (!is_soft && end != std::string_view::npos) octets += "\r\n";
        if (auto done = out.append(octets); !done) return done;
    }
    return {};
}

}  // namespace mailassay::imf
