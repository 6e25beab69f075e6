#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "der/value.h"

// Octets to values. Two readers: one takes DER and nothing else; the other takes BER and says what
// in it is not DER.
namespace mailassay::der {

// Bounds on what hostile octets may cost.
struct Limits {
    std::size_t octets = std::size_t{64} * 1024 * 1024;
    std::size_t depth = 64;
    std::size_t values = 1'000'000;
};

// Exactly one value in DER, without octets behind it.
//
// Errors of any encoding: der.input.too-large, der.input.too-deep, der.input.too-many-values,
// der.tag.truncated, der.tag.number-too-large, der.tag.unexpected-end-of-contents,
// der.tag.form-wrong, der.length.truncated, der.length.reserved, der.content.truncated,
// der.boolean.length, der.integer.empty, der.null.not-empty, der.oid.empty, der.oid.truncated,
// der.bit-string.unused-bits.
// Errors of what only DER forbids (X.690 sections 10 and 11): der.tag.not-minimal,
// der.length.not-minimal, der.length.indefinite, der.string.constructed, der.boolean.not-ff,
// der.integer.not-minimal, der.oid.not-minimal, der.bit-string.unused-bits-not-zero,
// der.string.characters, der.set.unsorted, der.input.trailing-octets.
[[nodiscard]] Result<Value> read_der(std::string_view octets, const Limits& limits = {});

// A value in BER, brought to DER: write(value) is what a careful writer would have sent.
struct Reading {
    Value value;
    // What read_der() would have refused, in the order found; offsets are into the octets read.
    std::vector<Error> tolerated;
};

// Errors: those of any encoding.
[[nodiscard]] Result<Reading> read_ber(std::string_view octets, const Limits& limits = {});

}  // namespace mailassay::der
