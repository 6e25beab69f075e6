#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailassay::dsn {

// An enhanced mail system status code (RFC 3463 section 2): class.subject.detail.
struct EnhancedStatus {
    int cls = 0;      // 2 success, 4 persistent transient failure, 5 permanent failure
    int subject = 0;  // 0 to 999
    int detail = 0;   // 0 to 999

    [[nodiscard]] bool is_success() const { return cls == 2; }
    [[nodiscard]] bool is_transient() const { return cls == 4; }
    [[nodiscard]] bool is_permanent() const { return cls == 5; }

    friend bool operator==(const EnhancedStatus&, const EnhancedStatus&) = default;
};

// The whole text must be a code: class 2, 4 or 5, no leading zeros, at most three digits each.
// Error: dsn.status.syntax.
[[nodiscard]] Result<EnhancedStatus> parse_status(std::string_view text);

// A code at the start of a reply's text (RFC 2034 section 4), and what follows it without the
// separating space. nullopt when the text does not start with a code.
struct LeadingStatus {
    EnhancedStatus status;
    std::string_view rest;
};
[[nodiscard]] std::optional<LeadingStatus> parse_leading_status(std::string_view text);

[[nodiscard]] std::string to_string(const EnhancedStatus& status);

}  // namespace mailassay::dsn
