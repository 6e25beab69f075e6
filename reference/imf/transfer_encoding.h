#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "imf/header.h"

// Content-Transfer-Encoding (RFC 2045 section 6).
namespace mailassay::imf {

// Base64 in lines of 76 characters, each with CRLF (section 6.8).
[[nodiscard]] std::string encode_base64_lines(std::string_view octets);

// The octets of a body part. 7bit, 8bit, binary and no field at all: as they are. In base64 all
// characters outside of the alphabet are passed over, as section 6.8 asks.
// Errors: imf.transfer-encoding.unknown, imf.transfer-encoding.base64 (not whole octets, or
// something behind the padding).
[[nodiscard]] Result<std::string> decode_body(const HeaderSection& header, std::string_view body);

}  // namespace mailassay::imf
