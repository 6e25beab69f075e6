#include "dsn/options.h"

#include <algorithm>

#include "base/ascii.h"
#include "dsn/xtext.h"

namespace mailassay::dsn {
namespace {

constexpr std::size_t kLongestEnvelopeId = 100;  // RFC 3461 section 4.4, as xtext
// RFC 3461 section 4.2 allows 500 for the parameter, of which "ORCPT=" takes six.
constexpr std::size_t kLongestOriginalRecipient = 494;

std::unexpected<Error> fail(std::string_view id, std::size_t offset, std::string_view requirement,
                            std::string_view value) {
    return std::unexpected(Error{id, offset, requirement, std::string(value)});
}

// The address type of RFC 6533 section 3 has an encoding of its own, not xtext: it is carried along
// as it is.
bool is_utf8_type(std::string_view type) {
    return base::equals_ignore_case(type, "utf-8");
}

bool is_utf8_address(std::string_view address) {
    return base::is_utf8(address) && std::all_of(address.begin(), address.end(), [](char c) {
               return base::is_eight_bit(c) || (base::is_visible(c) && c != '+' && c != '=');
           });
}

}  // namespace

Result<Return> parse_return(std::string_view value) {
    if (base::equals_ignore_case(value, "FULL")) return Return::Full;
    if (base::equals_ignore_case(value, "HDRS")) return Return::HeadersOnly;
    return fail("dsn.ret.value", 0, "rfc3461/4.3", value);
}

Result<Notify> parse_notify(std::string_view value) {
    Notify notify;
    if (base::equals_ignore_case(value, "NEVER")) {
        notify.never = true;
        return notify;
    }
    for (const std::string_view word : base::split(value, ',')) {
        bool* wanted = base::equals_ignore_case(word, "SUCCESS")   ? &notify.success
                       : base::equals_ignore_case(word, "FAILURE") ? &notify.failure
                       : base::equals_ignore_case(word, "DELAY")   ? &notify.delay
                                                                   : nullptr;
        if (wanted == nullptr) return fail("dsn.notify.value", 0, "rfc3461/4.1", value);
        *wanted = true;
    }
    return notify;
}

Result<OriginalRecipient> parse_original_recipient(std::string_view value) {
    const std::size_t semicolon = value.find(';');
    const std::string_view type = value.substr(0, semicolon);
    const bool typed = !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
        return base::is_alnum(c) || c == '-';
    });
    if (semicolon == std::string_view::npos || !typed || value.size() > kLongestOriginalRecipient) {
        return fail("dsn.orcpt.syntax", 0, "rfc3461/4.2", value);
    }
    if (is_utf8_type(type)) {
        const std::string_view address = value.substr(semicolon + 1);
        if (!is_utf8_address(address)) return fail("dsn.orcpt.syntax", 0, "rfc3461/4.2", value);
        return OriginalRecipient{std::string(type), std::string(address)};
    }
    auto address = decode_xtext(value.substr(semicolon + 1));
    if (!address) return std::unexpected(address.error());
    return OriginalRecipient{std::string(type), std::move(*address)};
}

Result<std::string> parse_envelope_id(std::string_view value) {
    if (value.empty() || value.size() > kLongestEnvelopeId) {
        return fail("dsn.envid.length", 0, "rfc3461/4.4", value);
    }
    auto text = decode_xtext(value);
    if (!text) return text;
    // Encoded or not, an identifier is printable and may hold white space.
    for (const char c : *text) {
        if (!base::is_visible(c) && !base::is_wsp(c)) {
            return fail("dsn.envid.character", 0, "rfc3461/4.4", value);
        }
    }
    return text;
}

std::string to_string(Return what) {
    return what == Return::Full ? "FULL" : "HDRS";
}

std::string to_string(const Notify& notify) {
    if (notify.never) return "NEVER";
    std::string text;
    const auto add = [&text](bool wanted, std::string_view word) {
        if (!wanted) return;
        if (!text.empty()) text += ',';
        text += word;
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return text;
}

std::string to_string(const OriginalRecipient& recipient) {
    if (is_utf8_type(recipient.type)) return recipient.type + ";" + recipient.address;
    return recipient.type + ";" + encode_xtext(recipient.address);
}

}  // namespace mailassay::dsn
