#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "smtp/types.h"

// For the parsers of this module.
namespace mailassay::smtp {

enum class PathKind : std::uint8_t { Reverse, Forward };

// A path at the start of `text`, and how many octets it takes. A '>' within a quoted local part
// does not end it. Errors as parse_reverse_path and parse_forward_path.
struct TakenPath {
    Path path;
    std::size_t octets = 0;
};
[[nodiscard]] Result<TakenPath> take_path(std::string_view text, PathKind kind);

}  // namespace mailassay::smtp
