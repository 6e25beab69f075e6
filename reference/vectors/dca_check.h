#pragma once

#include <string>
#include <vector>

#include "vectors/dca_vector.h"
#include "vectors/material.h"

namespace mailassay::vectors {

// What the reference makes of the vectors otherwise than they say, a line each; and names that
// stand twice. Makes the randomness of this whole process predictable.
[[nodiscard]] std::vector<std::string> disagreements(const DcaVectorSet& set,
                                                     const Material& material);

}  // namespace mailassay::vectors
