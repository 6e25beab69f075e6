#include "dkim/tags.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace mailassay::dkim {

namespace {

constexpr std::size_t most_octets = 65'536;
constexpr std::string_view folding = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(folding);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(folding) - first + 1);
}

bool is_tag_name(std::string_view name) {
    return !name.empty() && base::is_alpha(name.front()) &&
           std::ranges::all_of(name, [](char c) { return base::is_alnum(c) || c == '_'; });
}

// VALCHAR and folding white space.
bool is_tag_value(std::string_view value) {
    return std::ranges::all_of(
        value, [](char c) { return (base::is_visible(c) && c != ';') || folding.contains(c); });
}

}  // namespace

Result<Tags> parse_tags(std::string_view text) {
    if (text.size() > most_octets) return std::unexpected(Error{.id = "dkim.tags.too-large"});
    Tags tags;
    std::size_t offset = 0;
    while (offset < text.size()) {
        const std::size_t end = std::min(text.find(';', offset), text.size());
        const std::string_view piece = text.substr(offset, end - offset);
        const std::size_t equals = piece.find('=');
        const std::string_view name = trimmed(piece.substr(0, std::min(equals, piece.size())));
        // A semicolon may end the list.
        if (end == text.size() && name.empty() && equals == std::string_view::npos) break;
        const std::string_view value = equals == std::string_view::npos
                                           ? std::string_view()
                                           : trimmed(piece.substr(equals + 1));
        if (equals == std::string_view::npos || !is_tag_name(name) || !is_tag_value(value)) {
            return std::unexpected(Error{.id = "dkim.tags.syntax", .offset = offset});
        }
        if (!tags.emplace(name, value).second) {
            return std::unexpected(Error{.id = "dkim.tags.twice", .offset = offset});
        }
        offset = end + 1;
    }
    return tags;
}

std::string_view value_of(const Tags& tags, std::string_view name) {
    const auto found = tags.find(name);
    return found == tags.end() ? std::string_view() : found->second;
}

std::string without_folding(std::string_view value) {
    std::string whole;
    for (const char c : value) {
        if (!folding.contains(c)) whole += c;
    }
    return whole;
}

}  // namespace mailassay::dkim
