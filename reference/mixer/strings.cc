#include "mixer/strings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "der/string_types.h"
#include "der/value.h"

namespace mailassay::mixer {

namespace {

// [rfc2156/3.4]: the characters with an escape of their own.
constexpr std::array<std::pair<char, char>, 7> named_escapes{
    {{'@', 'a'}, {'%', 'p'}, {'!', 'b'}, {'"', 'q'}, {'_', 'u'}, {'(', 'l'}, {')', 'r'}}};

bool is_plain(char c) {
    return c != '(' && c != ')' && is_printable_string(std::string_view(&c, 1));
}

// The character that the escape at the start of `text` stands for, and the escape's length.
std::optional<std::pair<unsigned, std::size_t>> escape_at(std::string_view text) {
    if (text.size() >= 3 && text[2] == ')') {
        for (const auto& [character, letter] : named_escapes) {
            if (base::to_lower(text[1]) == letter) {
                return std::pair{static_cast<unsigned>(character), std::size_t{3}};
            }
        }
    }
    if (text.size() >= 5 && text[4] == ')') {
        if (const auto number = base::parse_decimal(text.substr(1, 3), 3)) {
            return std::pair{static_cast<unsigned>(*number), std::size_t{5}};
        }
    }
    return std::nullopt;
}

bool is_control_but_tab(char c) {
    return base::is_control(c) && c != '\t';
}

HumanText without_controls(std::string_view text) {
    HumanText human{.text = std::string(text)};
    for (char& c : human.text) {
        if (!is_control_but_tab(c)) continue;
        c = '?';
        human.replaced = true;
    }
    return human;
}

}  // namespace

bool is_printable_string(std::string_view text) {
    return !der::first_wrong_character(der::tag_printable_string, text);
}

Result<std::string> to_printable_string(std::string_view ascii) {
    std::string printable;
    for (std::size_t at = 0; at < ascii.size(); ++at) {
        const char c = ascii[at];
        if (base::is_eight_bit(c)) {
            return std::unexpected(Error{"mixer.string.not-ascii", at, "rfc2156/3.4"});
        }
        const auto* named = std::ranges::find(named_escapes, c, &std::pair<char, char>::first);
        if (is_plain(c)) {
            printable += c;
        } else if (named != named_escapes.end()) {
            printable += fmt::format("({})", named->second);
        } else {
            printable += fmt::format("({:03})", static_cast<unsigned>(c));
        }
    }
    return printable;
}

Result<std::string> from_printable_string(std::string_view printable) {
    std::string ascii;
    for (std::size_t at = 0; at < printable.size();) {
        const auto escape = printable[at] == '(' ? escape_at(printable.substr(at)) : std::nullopt;
        if (!escape) {
            ascii += printable[at++];
            continue;
        }
        if (escape->first > 127) {
            return std::unexpected(Error{"mixer.string.not-ascii", at, "rfc2156/3.4"});
        }
        ascii += static_cast<char>(escape->first);
        at += escape->second;
    }
    return ascii;
}

std::string to_teletex_text(std::string_view octets) {
    std::string text;
    bool open = false;
    for (const char c : octets) {
        const bool plain = is_printable_string(std::string_view(&c, 1));
        if (plain == open) {
            text += open ? '}' : '{';
            open = !open;
        }
        text += plain ? std::string(1, c) : fmt::format("{:03}", static_cast<unsigned char>(c));
    }
    return open ? text + '}' : text;
}

Result<std::string> from_teletex_text(std::string_view text) {
    const auto wrong = [](std::size_t at) {
        return std::unexpected(Error{"mixer.string.teletex-syntax", at, "rfc2156/3.3.4"});
    };
    std::string octets;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '{') {
            if (!is_printable_string(text.substr(at, 1))) return wrong(at);
            octets += text[at++];
            continue;
        }
        const std::size_t end = text.find('}', at);
        if (end == std::string_view::npos || end == at + 1 || (end - at - 1) % 3 != 0) {
            return wrong(at);
        }
        for (std::size_t digits = at + 1; digits < end; digits += 3) {
            const auto number = base::parse_decimal(text.substr(digits, 3), 3);
            if (!number || *number > 255) return wrong(digits);
            octets += static_cast<char>(*number);
        }
        at = end + 1;
    }
    return octets;
}

HumanText to_teletex(std::string_view utf8) {
    HumanText human = without_controls(utf8);
    if (base::is_ascii(human.text)) return human;
    const std::string_view charset = base::is_utf8(human.text) ? "utf-8" : "iso-8859-1";
    human.text = fmt::format("=?{}?B?{}?=", charset, base::encode_base64(human.text));
    return human;
}

HumanText from_teletex(std::string_view octets) {
    HumanText human = without_controls(octets);
    if (base::is_ascii(human.text)) return human;
    std::string word = "=?iso-8859-1?Q?";
    for (const char c : human.text) {
        if (base::is_alnum(c)) {
            word += c;
        } else if (c == ' ') {
            word += '_';
        } else {
            word += fmt::format("={:02X}", static_cast<unsigned char>(c));
        }
    }
    human.text = word + "?=";
    return human;
}

}  // namespace mailassay::mixer
