#pragma once

#include <cstddef>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mailassay::base {

// What was wrong with input from outside. An Error is a value to be decided on, counted and shown;
// nothing parses its text.
struct Error {
    // Stable name, `module.thing.fault`, for example "smtp.reply.code-invalid". Always a literal,
    // so the view outlives the error.
    std::string_view id;
    // Where, in octets from the start of the input that the failing function was given.
    std::size_t offset = 0;
    // The requirement broken, as the catalogue names it, or a section such as "rfc5321/4.2.1";
    // empty when the fault is against a limit of our own. Always a literal.
    std::string_view requirement = {};
    // Whatever else helps a person; may quote hostile octets, so escape it before showing it.
    std::string detail = {};

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;

// One line for a person: id, offset, requirement and the detail with unprintable octets escaped.
[[nodiscard]] std::string to_string(const Error& error);

// Thrown when a caller breaks the contract of an interface (an event answered twice, a command in
// the wrong state). Never caused by input from outside, whatever a peer sends.
class Misuse : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

}  // namespace mailassay::base

namespace mailassay {
using base::Error;
using base::Misuse;
using base::Result;
}  // namespace mailassay
