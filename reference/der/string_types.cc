#include "der/string_types.h"

#include <algorithm>

#include "base/ascii.h"

namespace mailassay::der {

namespace {

bool is_numeric(char c) {
    return base::is_digit(c) || c == ' ';
}

bool is_printable(char c) {
    return base::is_alnum(c) || std::string_view(" '()+,-./:=?").contains(c);
}

bool is_seven_bit(char c) {
    return !base::is_eight_bit(c);
}

bool is_visible_or_space(char c) {
    return base::is_visible(c) || c == ' ';
}

using Allowed = bool (*)(char);

Allowed allowed_in(const Tag& tag) {
    if (tag == tag_numeric_string) return is_numeric;
    if (tag == tag_printable_string) return is_printable;
    if (tag == tag_ia5_string) return is_seven_bit;
    const bool visible =
        tag == tag_visible_string || tag == tag_utc_time || tag == tag_generalized_time;
    return visible ? is_visible_or_space : nullptr;
}

}  // namespace

bool is_string(const Tag& tag) {
    if (tag.cls != Class::Universal) return false;
    return tag.number == 3 || tag.number == 4 || tag.number == 12 ||
           (tag.number >= 18 && tag.number <= 30);
}

std::optional<std::size_t> first_wrong_character(const Tag& tag, std::string_view content) {
    if (tag == tag_utf8_string) {
        return base::is_utf8(content) ? std::nullopt : std::optional<std::size_t>(0);
    }
    const Allowed allowed = allowed_in(tag);
    if (allowed == nullptr) return std::nullopt;
    const auto wrong = std::ranges::find_if_not(content, allowed);
    if (wrong == content.end()) return std::nullopt;
    return static_cast<std::size_t>(wrong - content.begin());
}

}  // namespace mailassay::der
