#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

// What a sender may ask about reports, by parameters of MAIL and RCPT (RFC 3461 section 4).
namespace mailassay::dsn {

// RET: how much of the message a report of failure is to return.
enum class Return : std::uint8_t { Full, HeadersOnly };

// NOTIFY: when the sender wants a report. `never` excludes the others.
struct Notify {
    bool never = false;
    bool success = false;
    bool failure = false;
    bool delay = false;

    friend bool operator==(const Notify&, const Notify&) = default;
};

// ORCPT: the recipient as the sender wrote it, decoded.
struct OriginalRecipient {
    std::string type;  // address type, for example "rfc822"
    // Decoded from xtext; may hold any octet from 0 to 127, so check it. With the type "utf-8"
    // (RFC 6533) as it was written.
    std::string address;

    friend bool operator==(const OriginalRecipient&, const OriginalRecipient&) = default;
};

// The values as they stand behind the '=' of the parameter.
[[nodiscard]] Result<Return> parse_return(std::string_view value);  // dsn.ret.value
[[nodiscard]] Result<Notify> parse_notify(std::string_view value);  // dsn.notify.value
[[nodiscard]] Result<OriginalRecipient> parse_original_recipient(   // dsn.orcpt.syntax,
    std::string_view value);                                        // dsn.xtext.*
// ENVID: at most 100 characters, xtext. Gives the decoded identifier.
[[nodiscard]] Result<std::string> parse_envelope_id(std::string_view value);  // dsn.envid.*

[[nodiscard]] std::string to_string(Return what);               // "FULL", "HDRS"
[[nodiscard]] std::string to_string(const Notify& notify);      // "SUCCESS,DELAY", "NEVER"
[[nodiscard]] std::string to_string(const OriginalRecipient&);  // "rfc822;user+2Bx@example.org"

}  // namespace mailassay::dsn
