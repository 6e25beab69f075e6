#pragma once

#include <string>
#include <vector>

#include "der/value.h"

// Values in forms of BER that DER does not have (X.690 section 8): what a careful reader takes all
// the same. The value is one that is DER.
namespace mailassay::vectors {

// Every constructed value with the indefinite length.
[[nodiscard]] std::string write_indefinite(const der::Value& value);

// Every length in the long form with four octets, most of them zero.
[[nodiscard]] std::string write_long_lengths(const der::Value& value);

// Every string of several octets in two segments, implicitly tagged ones too: all primitive values
// with a context-specific tag are taken for strings.
[[nodiscard]] der::Value in_segments(der::Value value);

// The members of every SET in the reverse of DER's order.
[[nodiscard]] der::Value in_reverse(der::Value value, const std::vector<der::Tag>& sets);

}  // namespace mailassay::vectors
