#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/octets.h"

namespace mailassay::imf {

// The octet that `=XX` stands for, of a text that begins behind the `=`. Digits of either case,
// since RFC 2045 section 6.7 lets readers take both; nullopt: there are no two.
[[nodiscard]] std::optional<char> escaped_octet(std::string_view text);

// Lines of Quoted-Printable as octets (RFC 2045 section 6.7), white space at their ends and soft
// line breaks left out. An `=` before anything else stays as it stands, as the section advises, so
// that nothing that can be read is lost. Errors: those of `out`.
[[nodiscard]] Result<void> decode_quoted_printable(std::string_view body, base::Sink& out);

}  // namespace mailassay::imf
