#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// A signature exchanged in a message that is held in memory.
namespace mailassay::releasing {

// The message with that ContentInfo in place of the one of its outermost signature; all other
// octets stay. Errors: those of secureheaders::replace_signature().
[[nodiscard]] Result<std::string> with_signature(std::string_view message,
                                                 std::string_view content_info);

}  // namespace mailassay::releasing
