#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "imf/header.h"

// Requests to leave services out: the field OPES-Bypass (RFC 4236 section 5) and the parameter
// XOPESBYPASS of MAIL and RCPT, which is this project's (README.md).
namespace mailassay::opes {

inline constexpr std::string_view bypass_field = "OPES-Bypass";
inline constexpr std::string_view bypass_keyword = "XOPESBYPASS";

// All services, or those of these agents; there is at least one.
struct BypassRequest {
    bool all = false;
    std::vector<std::string> agents = {};

    friend bool operator==(const BypassRequest&, const BypassRequest&) = default;
};

// The body of a field, folded or not.
// Errors: opes.bypass.empty, opes.bypass.agent, opes.bypass.too-many.
[[nodiscard]] Result<BypassRequest> parse_bypass(std::string_view body);
[[nodiscard]] std::string to_string(const BypassRequest& request);

// What stands behind "XOPESBYPASS=": xtext (RFC 3461 section 4), as a URI may hold "=".
// Errors: those of parse_bypass() and of dsn::decode_xtext().
[[nodiscard]] Result<BypassRequest> parse_bypass_parameter(std::string_view value);
[[nodiscard]] std::string to_parameter(const BypassRequest& request);  // "XOPESBYPASS=..."

// What all fields of the header ask together. A field that can't be read asks nothing, and is told
// in `faults`.
struct HeaderRequest {
    std::optional<BypassRequest> request = std::nullopt;
    std::vector<Error> faults = {};
};
[[nodiscard]] HeaderRequest requested_by(const imf::HeaderSection& header);

// Among the parameters of a path, each "NAME=VALUE"; nothing where there is none.
// Errors: opes.bypass.repeated, and those of parse_bypass_parameter().
[[nodiscard]] Result<std::optional<BypassRequest>> requested_by(
    const std::vector<std::string>& parameters);

// Both together; either may ask nothing.
[[nodiscard]] std::optional<BypassRequest> both(const std::optional<BypassRequest>& one,
                                                const std::optional<BypassRequest>& other);

}  // namespace mailassay::opes
