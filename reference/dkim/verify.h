#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "dkim/key.h"
#include "dkim/signature.h"
#include "imf/header.h"

// Signatures of DKIM on a message, verified (RFC 6376 section 6).
namespace mailassay::dkim {

// Of one message; those below are not looked at.
inline constexpr std::size_t max_signatures = 16;

enum class State : std::uint8_t {
    Good,
    Malformed,  // the field can't be read
    NoKey,      // there is no record of that name
    UnfitKey,   // it can't be read, is revoked, weak or for something else
    NotInTime,  // it has expired, or is of the future
    WrongBody,
    WrongSignature,
    PartOfBody,  // it holds, and leaves out octets at the end of the body (l=)
};

struct Report {
    State state = State::Malformed;
    std::optional<Signature> signature = std::nullopt;  // nullopt: Malformed
    std::optional<Error> fault = std::nullopt;          // with Malformed and UnfitKey

    [[nodiscard]] bool is_good() const { return state == State::Good; }
    // Whether every field of that name is under the signature, and there is one.
    [[nodiscard]] bool covers(std::string_view name, const imf::HeaderSection& header) const;
};

// All on the message, the topmost first. Never fails: what is wrong with one is in its report.
[[nodiscard]] std::vector<Report> verify(const imf::HeaderSection& header, std::string_view body,
                                         const Keys& keys, base::TimePoint at);

}  // namespace mailassay::dkim
