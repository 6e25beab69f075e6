#include "opes/address_fields.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace mailassay::opes {

namespace {

constexpr std::array<std::string_view, 21> fields_of_addresses = {"From",
                                                                  "Sender",
                                                                  "Reply-To",
                                                                  "To",
                                                                  "Cc",
                                                                  "Bcc",
                                                                  "Resent-From",
                                                                  "Resent-Sender",
                                                                  "Resent-To",
                                                                  "Resent-Cc",
                                                                  "Resent-Bcc",
                                                                  "Resent-Reply-To",
                                                                  "Return-Path",
                                                                  "Errors-To",
                                                                  "Mail-Followup-To",
                                                                  "Disposition-Notification-To",
                                                                  "Return-Receipt-To",
                                                                  "MMHS-Authorizing-Users",
                                                                  "Mail-Reply-To",
                                                                  "Apparently-To",
                                                                  "Author"};

bool holds_addresses(const imf::HeaderField& field) {
    return std::ranges::any_of(fields_of_addresses, [&](std::string_view name) {
        return base::equals_ignore_case(field.name, name);
    });
}

bool is_of_address(char c) {
    return base::is_alnum(c) || base::is_eight_bit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.@[]").contains(c);
}

// Past a comment or a quoted string that begins there, with its pairs; the end if it has none.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
    const bool comment = text[at] == '(';
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (comment && text[i] == '(') {
            ++depth;
        } else if (comment && text[i] == ')') {
            if (--depth == 0) return i + 1;
        } else if (!comment && i > at && text[i] == '"') {
            return i + 1;
        }
    }
    return text.size();
}

// An address whose local part is quoted without need, without the quotes; else as it is.
std::string unquoted(std::string_view address) {
    const std::size_t end = address.rfind('"');
    if (!address.starts_with('"') || end == 0) return std::string(address);
    const auto local = address.substr(1, end - 1);
    const bool is_plain = !local.empty() && std::ranges::all_of(local, [](char c) {
        return is_of_address(c) && c != '@' && c != '[' && c != ']';
    });
    return is_plain ? std::string(local) + std::string(address.substr(end + 1))
                    : std::string(address);
}

std::string rewritten(std::string_view body, const Readdressing& mapping) {
    std::string made;
    std::size_t at = 0;
    while (at < body.size()) {
        std::size_t end = at + 1;
        std::string_view piece;
        if (body[at] == '(' || body[at] == '"') {
            end = behind_quoted(body, at);
            // A quoted string right before an "@" is a local part.
            if (body[at] == '"' && end < body.size() && body[end] == '@') {
                while (end < body.size() && is_of_address(body[end])) ++end;
            }
            piece = body.substr(at, end - at);
            const auto other = mapping.find(unquoted(piece));
            if (body[at] == '"' && other != mapping.end()) piece = other->second;
        } else {
            while (is_of_address(body[at]) && end < body.size() && is_of_address(body[end])) ++end;
            piece = body.substr(at, end - at);
            const auto other = mapping.find(piece);
            if (other != mapping.end()) piece = other->second;
        }
        made += piece;
        at = end;
    }
    return made;
}

}  // namespace

imf::HeaderSection with_addresses(const imf::HeaderSection& header, const Readdressing& mapping) {
    std::vector<imf::HeaderField> fields = header.fields();
    for (imf::HeaderField& field : fields) {
        if (!holds_addresses(field)) continue;
        std::string body = rewritten(field.body, mapping);
        if (body == field.body) continue;
        const std::size_t start = field.raw.find(':') + 1;
        field.raw.replace(start, field.body.size(), body);
        field.body = std::move(body);
    }
    return imf::HeaderSection(std::move(fields));
}

}  // namespace mailassay::opes
