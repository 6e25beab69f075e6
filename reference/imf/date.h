#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace mailassay::imf {

// date-time of RFC 5322 section 3.3 in UTC: "Tue, 03 Dec 2019 10:11:12 +0000".
[[nodiscard]] std::string format_date(base::TimePoint time);

// Reads date-time with or without the day's name, seconds optional, a numeric zone or an obsolete
// one, and a comment at the end. The day's name is not checked against the date.
// Error: imf.date.syntax, imf.date.range.
[[nodiscard]] Result<base::TimePoint> parse_date(std::string_view text);

}  // namespace mailassay::imf
