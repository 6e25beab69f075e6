#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// xtext (RFC 3461 section 4): how ENVID and ORCPT carry any ASCII in a parameter value.
namespace mailassay::dsn {

// Octets outside 33 to 126, '+' and '=' become +NN with upper-case hexadecimal digits.
[[nodiscard]] std::string encode_xtext(std::string_view text);

// Errors: dsn.xtext.character, dsn.xtext.hexadecimal.
[[nodiscard]] Result<std::string> decode_xtext(std::string_view xtext);

}  // namespace mailassay::dsn
