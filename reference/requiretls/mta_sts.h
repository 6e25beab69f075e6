#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// MTA-STS policies (RFC 8461 section 3) as values.
namespace mailassay::requiretls {

enum class StsMode : std::uint8_t { None, Testing, Enforce };

struct StsPolicy {
    StsMode mode = StsMode::None;
    std::vector<std::string> mx;  // patterns, lower case; not empty unless the mode is None
    std::chrono::seconds max_age{0};

    friend bool operator==(const StsPolicy&, const StsPolicy&) = default;
};

// A policy file is read up to this many octets (RFC 8461 section 3.3 leaves the limit open).
inline constexpr std::size_t max_policy_octets = 65'536;
inline constexpr std::size_t max_policy_patterns = 1000;
// A year (RFC 8461 section 3.2).
inline constexpr std::chrono::seconds max_policy_age{31'557'600};

// The id of a `_mta-sts` TXT record, 1 to 32 letters and digits.
// Errors: requiretls.sts.record-version (not an MTA-STS record), requiretls.sts.record-syntax.
[[nodiscard]] Result<std::string> parse_sts_record(std::string_view text);

// A policy file. Lines end in LF or CRLF; unknown keys are passed over; of a key that may stand
// once, the first counts (RFC 8461 section 3.2).
// Errors: requiretls.sts.too-large, requiretls.sts.version, requiretls.sts.line,
// requiretls.sts.mode, requiretls.sts.max-age, requiretls.sts.mx.
[[nodiscard]] Result<StsPolicy> parse_sts_policy(std::string_view text);

// Whether one of the policy's patterns matches the host: an exact name in any letter case, or
// `*.` and a parent of exactly one label less (RFC 8461 section 4.1).
[[nodiscard]] bool lists_host(const StsPolicy& policy, std::string_view host);

}  // namespace mailassay::requiretls
