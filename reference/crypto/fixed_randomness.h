#pragma once

#include <cstdint>

namespace mailassay::crypto {

// From now on OpenSSL's generators of this process give a sequence that the seed alone decides, so
// that signatures with a nonce or a salt come out the same. Called again, it starts the sequence
// anew. Only for making vectors: every key and nonce that is made afterwards is known to all.
// Not thread-safe. Throws std::runtime_error when OpenSSL has no such generator.
void fix_randomness(std::uint64_t seed);

}  // namespace mailassay::crypto
