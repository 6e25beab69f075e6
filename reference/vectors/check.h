#pragma once

#include <string>
#include <vector>

#include "vectors/material.h"
#include "vectors/vector.h"

namespace mailassay::vectors {

// What the reference makes of the vectors otherwise than they say, a line each; and names that
// stand twice.
[[nodiscard]] std::vector<std::string> disagreements(const VectorSet& set,
                                                     const Material& material);

}  // namespace mailassay::vectors
