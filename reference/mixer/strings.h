#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

// How characters cross the border (RFC 2156 section 3.3 and 3.4).
namespace mailassay::mixer {

// The characters of PrintableString.
[[nodiscard]] bool is_printable_string(std::string_view text);

// ASCII as PrintableString, by the escapes of section 3.4: "a_b@c" is "a(u)b(a)c".
// Error: mixer.string.not-ascii.
[[nodiscard]] Result<std::string> to_printable_string(std::string_view ascii);

// The reverse. What is no escape stays as it is: "(" is "(", as the section's last examples have
// it. Error: mixer.string.not-ascii, for an escape of a number above 127.
[[nodiscard]] Result<std::string> from_printable_string(std::string_view printable);

// Octets of a TeletexString within an O/R address in text: those that PrintableString lacks as
// three digits each, "a{165}b" (section 3.3.4).
[[nodiscard]] std::string to_teletex_text(std::string_view octets);
// Error: mixer.string.teletex-syntax.
[[nodiscard]] Result<std::string> from_teletex_text(std::string_view text);

// Text for a person as a TeletexString and back (section 3.3.4). ASCII and encoded words are taken
// as they stand. What is neither becomes an encoded word: of UTF-8 on the way to X.400, of
// ISO 8859-1 on the way back. Control characters become '?'; the result says whether there were
// any. A value that is no UTF-8 is read as ISO 8859-1.
struct HumanText {
    std::string text;
    bool replaced = false;
};
[[nodiscard]] HumanText to_teletex(std::string_view utf8);
[[nodiscard]] HumanText from_teletex(std::string_view octets);

}  // namespace mailassay::mixer
