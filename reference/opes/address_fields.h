#pragma once

#include "imf/header.h"
#include "opes/system.h"

// Addresses in the fields of a header, rewritten alike wherever they stand (RFC 4902 section 5.6).
namespace mailassay::opes {

// Each address of the mapping is replaced by its other one in every field that holds addresses:
// those of the originator and of the destination, resent ones too, and those that ask for answers
// and receipts. Comments, display names, quoted strings and all else of a field stay octet for
// octet, and so do fields in which nothing is to be replaced.
[[nodiscard]] imf::HeaderSection with_addresses(const imf::HeaderSection& header,
                                                const Readdressing& mapping);

}  // namespace mailassay::opes
