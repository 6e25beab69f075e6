#include "dsn/status.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace mailassay::dsn {
namespace {

// Takes one number of a status code: 0, or up to three digits that do not start with 0.
std::optional<int> take_number(std::string_view& text) {
    std::size_t digits = 0;
    while (digits < text.size() && base::is_digit(text[digits])) ++digits;
    if (digits == 0 || digits > 3 || (digits > 1 && text.front() == '0')) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
    text.remove_prefix(digits);
    return value;
}

bool take_dot(std::string_view& text) {
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<EnhancedStatus> take_status(std::string_view& text) {
    const auto cls = take_number(text);
    if (!cls || (*cls != 2 && *cls != 4 && *cls != 5) || !take_dot(text)) return std::nullopt;
    const auto subject = take_number(text);
    if (!subject || !take_dot(text)) return std::nullopt;
    const auto detail = take_number(text);
    if (!detail) return std::nullopt;
    return EnhancedStatus{*cls, *subject, *detail};
}

}  // namespace

Result<EnhancedStatus> parse_status(std::string_view text) {
    std::string_view rest = text;
    const auto status = take_status(rest);
    if (!status || !rest.empty()) {
        return std::unexpected(
            Error{"dsn.status.syntax", text.size() - rest.size(), "rfc3463/2", std::string(text)});
    }
    return *status;
}

std::optional<LeadingStatus> parse_leading_status(std::string_view text) {
    const auto status = take_status(text);
    if (!status) return std::nullopt;
    if (text.empty()) return LeadingStatus{*status, text};
    if (!base::is_wsp(text.front())) return std::nullopt;
    return LeadingStatus{*status, text.substr(1)};
}

std::string to_string(const EnhancedStatus& status) {
    return fmt::format("{}.{}.{}", status.cls, status.subject, status.detail);
}

}  // namespace mailassay::dsn
