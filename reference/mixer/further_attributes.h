#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "der/value.h"
#include "mixer/or_address.h"

// The extension attributes of X.411 of which postal, terminal and network addresses are made, and
// their keys in the text form (RFC 2156 section 4.1.1).
namespace mailassay::mixer {

enum class FurtherForm : std::uint8_t {
    Printable,  // a PrintableString
    Choice,     // a NumericString of digits alone, or a PrintableString
    Dual,       // a printable string, a teletex string, or both
    Lines,      // the same, the printable one in lines
    Numeric,    // digits: a number of the telephone network, or what is dialled behind it
    Terminal,   // the kind of a terminal, a number with a label
};

struct FurtherKind {
    std::string_view key;
    std::int64_t type;  // of the extension attribute; two keys share that of a network address
    FurtherForm form;
    std::size_t bound;  // in characters
};

// In the order in which they stand in the text form.
[[nodiscard]] std::span<const FurtherKind> further_kinds();
// nullptr: there is none of that key, which is in upper case.
[[nodiscard]] const FurtherKind* further_kind(std::string_view key);

// A value out of the text form; nullopt: it is none of that kind.
[[nodiscard]] std::optional<DualString> further_of_text(const FurtherKind& kind,
                                                        std::string_view text);
// The reverse, for all but Dual and Lines, whose text is that of any DualString.
[[nodiscard]] std::string further_text(const FurtherKind& kind, const DualString& value);

// The extension attributes, each with its type.
[[nodiscard]] std::vector<std::pair<std::int64_t, der::Value>> encode_further(
    const OrAddress& address);
// False: it is none of these, or not as X.411 has it, and the address is as it was.
[[nodiscard]] bool decode_further(OrAddress& address, std::int64_t type, const der::Value& value);

}  // namespace mailassay::mixer
