#pragma once

#include "vectors/dca_vector.h"
#include "vectors/material.h"
#include "vectors/vector.h"

namespace mailassay::vectors {

// Every vector, in a fixed order: the same octets for the same material, every time. Makes the
// randomness of this whole process predictable; for a program that does nothing else.
[[nodiscard]] VectorSet make_vectors(const Material& material);
// The same for the Domain Confidentiality Authority; with the keys of both folders.
[[nodiscard]] DcaVectorSet make_dca_vectors(const Material& material);

}  // namespace mailassay::vectors
