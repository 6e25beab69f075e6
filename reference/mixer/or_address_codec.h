#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "der/value.h"
#include "mixer/or_address.h"

// ORAddress and ORName of X.411 as ASN.1 values. For the codec of headings.
namespace mailassay::mixer {

// The members of an ORAddress; an ORName has them too.
[[nodiscard]] std::vector<der::Value> encode_address(const OrAddress& address);

// What reading came upon and put up with.
using Tolerated = std::vector<Error>;

// Takes them in turn; what follows them is left.
// Errors: those of decode_ipm() that concern addresses.
[[nodiscard]] Result<OrAddress> decode_address(der::Members& members, Tolerated& tolerated);

// The octets of a string under whatever tag, joined if it is written in segments.
// Error: mixer.string.not-a-string.
[[nodiscard]] Result<std::string> string_of(const der::Value& value);

}  // namespace mailassay::mixer
