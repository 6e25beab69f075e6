#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imf/canonicalization.h"
#include "imf/header.h"

// What a signature is over (RFC 6376 sections 3.4 and 3.7).
namespace mailassay::dkim {

[[nodiscard]] std::string canonical_content(std::string_view body, imf::Canonicalization algorithm);

// Of each name the lowest field that no name before took; a name too many is nothing. Then the
// signature's own field without a line end, which has no value of b= [section 3.7].
[[nodiscard]] std::string canonical_header(const imf::HeaderSection& header,
                                           const std::vector<std::string>& names,
                                           const imf::HeaderField& own,
                                           imf::Canonicalization algorithm);

// The body of a DKIM-Signature field with an empty b=; all other octets stay.
[[nodiscard]] std::string without_value(std::string_view body);

}  // namespace mailassay::dkim
