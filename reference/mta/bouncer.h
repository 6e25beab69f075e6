#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "mta/message.h"
#include "mta/plan.h"
#include "requiretls/rules.h"

namespace mailassay::mta {

// Who reports, and when.
struct Reporter {
    std::string_view hostname;
    base::TimePoint now;
    base::Random& random;
};

// Why no report is made.
enum class Silence : std::uint8_t {
    NullReversePath,  // the message was a bounce itself (RFC 5321 section 6.1)
    NotWanted,        // NOTIFY of every recipient concerned says so
    CannotBuild,      // the reverse-path can't stand in a header field
};

// The report of failure about these recipients: a message ready for the spool but for its id. How
// it looks and travels, the rules decide. [rfc8689/4.2.1/12] [rfc8689/5/1]
[[nodiscard]] std::expected<Message, Silence> make_bounce(const Message& message,
                                                          std::span<const Failure> failures,
                                                          const requiretls::Rules& rules,
                                                          const Reporter& reporter);

}  // namespace mailassay::mta
