#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace mailassay::base {
namespace {

template <class Change>
std::string change_each(std::string_view text, Change change) {
    std::string changed(text);
    std::transform(changed.begin(), changed.end(), changed.begin(), change);
    return changed;
}

// What a UTF-8 sequence that starts with `lead` looks like: its length, and the range of its second
// octet, which is where overlong forms, surrogates and values above U+10FFFF are told apart
// (RFC 3629 section 4). Length 0: no sequence starts so.
struct Utf8Form {
    std::size_t length;
    unsigned char second_from;
    unsigned char second_to;
};

constexpr Utf8Form utf8_form(unsigned char lead) {
    if (lead < 0x80) return {1, 0, 0};
    if (lead < 0xc2) return {0, 0, 0};
    if (lead < 0xe0) return {2, 0x80, 0xbf};
    if (lead == 0xe0) return {3, 0xa0, 0xbf};
    if (lead == 0xed) return {3, 0x80, 0x9f};
    if (lead < 0xf0) return {3, 0x80, 0xbf};
    if (lead == 0xf0) return {4, 0x90, 0xbf};
    if (lead < 0xf4) return {4, 0x80, 0xbf};
    if (lead == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

constexpr bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string to_lower(std::string_view text) {
    return change_each(text, [](char c) { return to_lower(c); });
}

std::string to_upper(std::string_view text) {
    return change_each(
        text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

bool ends_with_ignore_case(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() &&
           equals_ignore_case(text.substr(text.size() - suffix.size()), suffix);
}

bool LessIgnoreCase::operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return static_cast<unsigned char>(to_lower(x)) < static_cast<unsigned char>(to_lower(y));
    });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_wsp(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_wsp(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const std::size_t end = text.find(separator);
        pieces.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return pieces;
        text.remove_prefix(end + 1);
    }
}

std::optional<std::uint64_t> parse_decimal(std::string_view text, std::size_t max_digits) {
    if (text.empty() || text.size() > max_digits) return std::nullopt;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (kMax - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return value;
}

bool is_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(), is_eight_bit);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Utf8Form form = utf8_form(static_cast<unsigned char>(text.front()));
        if (form.length == 0 || form.length > text.size()) return false;
        if (form.length > 1) {
            const auto second = static_cast<unsigned char>(text[1]);
            if (second < form.second_from || second > form.second_to) return false;
            const std::string_view rest = text.substr(2, form.length - 2);
            if (!std::all_of(rest.begin(), rest.end(), is_continuation)) return false;
        }
        text.remove_prefix(form.length);
    }
    return true;
}

namespace {

// The character that the octets begin with, and how many octets it has; 0 octets: it is no
// well-formed UTF-8.
struct Character {
    char32_t code = 0;
    std::size_t octets = 0;
};

Character first_character(std::string_view octets) {
    const auto lead = static_cast<unsigned char>(octets.front());
    const std::size_t size = utf8_form(lead).length;
    if (size == 0 || octets.size() < size || !is_utf8(octets.substr(0, size))) return {};
    char32_t code = size == 1 ? lead : lead & (0x7fU >> size);
    for (const char c : octets.substr(1, size - 1)) {
        code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return {.code = code, .octets = size};
}

// Controls and format characters of Unicode (categories Cc and Cf, and the line separators).
bool is_hidden(char32_t code) {
    struct Range {
        char32_t first;
        char32_t last;
    };
    constexpr Range hidden[] = {{0x80, 0x9f},       {0xad, 0xad},       {0x600, 0x605},
                                {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},
                                {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
                                {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
                                {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
    for (const Range& range : hidden) {
        if (code >= range.first && code <= range.last) return true;
    }
    return false;
}

}  // namespace

std::string escape(std::string_view octets, std::size_t max_octets) {
    std::string text;
    for (const char c : octets.substr(0, max_octets)) {
        switch (c) {
            case '\r':
                text += "\\r";
                break;
            case '\n':
                text += "\\n";
                break;
            case '\t':
                text += "\\t";
                break;
            case '\\':
                text += "\\\\";
                break;
            default:
                if (is_visible(c) || c == ' ') {
                    text += c;
                } else {
                    text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
                }
        }
    }
    if (octets.size() > max_octets) text += "...";
    return text;
}

std::string printable(std::string_view octets, std::size_t max_octets) {
    std::string text;
    std::size_t at = 0;
    while (at < octets.size() && at < max_octets) {
        const Character character = first_character(octets.substr(at));
        const std::size_t size = std::max<std::size_t>(character.octets, 1);
        const std::string_view own = octets.substr(at, size);
        const bool shown = character.octets > 1 && !is_hidden(character.code);
        text += shown ? std::string(own) : escape(own, size);
        at += size;
    }
    return at < octets.size() ? text + "..." : text;
}

}  // namespace mailassay::base
