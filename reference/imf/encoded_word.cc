#include "imf/encoded_word.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "imf/quoted_printable.h"

namespace mailassay::imf {

namespace {

constexpr std::string_view opening = "=?";
constexpr std::string_view closing = "?=";
// 75 by RFC 2047 section 2, which not everybody keeps to.
constexpr std::size_t longest_word = 1'000;

// RFC 2047 section 4.2
std::optional<std::string> decode_q(std::string_view text) {
    std::string octets;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            octets += text[i] == '_' ? ' ' : text[i];
            continue;
        }
        const auto octet = escaped_octet(text.substr(i + 1));
        if (!octet) return std::nullopt;
        octets += *octet;
        i += 2;
    }
    return octets;
}

std::string from_latin1(std::string_view octets) {
    std::string text;
    for (const char c : octets) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | (code >> 6));
            text += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return text;
}

struct Word {
    std::string text;
    std::size_t size;  // as it is written
};

// The encoded word that the text begins with.
std::optional<Word> word_at(std::string_view text) {
    if (!text.starts_with(opening)) return std::nullopt;
    text = text.substr(0, longest_word);
    const std::size_t charset_end = text.find('?', opening.size());
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() ||
        text[charset_end + 2] != '?') {
        return std::nullopt;
    }
    const std::size_t begin = charset_end + 3;
    const std::size_t end = text.find(closing, begin);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view encoded = text.substr(begin, end - begin);
    if (encoded.find_first_of(" \t?") != std::string_view::npos) return std::nullopt;
    const char encoding = base::to_lower(text[charset_end + 1]);
    const auto octets = encoding == 'b'   ? base::decode_base64(encoded)
                        : encoding == 'q' ? decode_q(encoded)
                                          : std::nullopt;
    if (!octets) return std::nullopt;
    std::string_view charset = text.substr(opening.size(), charset_end - opening.size());
    charset = charset.substr(0, charset.find('*'));  // a language (RFC 2231 section 5)
    const std::size_t size = end + closing.size();
    if (base::equals_ignore_case(charset, "utf-8") ||
        base::equals_ignore_case(charset, "us-ascii")) {
        return Word{.text = *octets, .size = size};
    }
    if (base::equals_ignore_case(charset, "iso-8859-1")) {
        return Word{.text = from_latin1(*octets), .size = size};
    }
    return std::nullopt;
}

}  // namespace

std::string decode_words(std::string_view value) {
    std::string text;
    // White space since the last word, which goes if another one follows.
    std::string_view gap;
    bool is_behind_word = false;
    while (!value.empty()) {
        if (const auto word = word_at(value)) {
            if (!is_behind_word) text += gap;
            text += word->text;
            value.remove_prefix(word->size);
            is_behind_word = true;
            gap = {};
            continue;
        }
        const std::size_t blanks = std::min(value.find_first_not_of(" \t"), value.size());
        if (blanks > 0) {
            gap = value.substr(0, blanks);
            value.remove_prefix(blanks);
            continue;
        }
        text += gap;
        gap = {};
        is_behind_word = false;
        const std::size_t next = std::min(value.find_first_of(" \t=", 1), value.size());
        text += value.substr(0, next);
        value.remove_prefix(next);
    }
    return text += gap;
}

}  // namespace mailassay::imf
