#pragma once

#include <map>
#include <string>

#include "vectors/vector.h"

namespace mailassay::vectors {

// The files of vectors/secure-headers but for the keys, by their path in that folder:
// verify.json, sign.json (vectors/schema/secure-headers.schema.json), and the messages.
[[nodiscard]] std::map<std::string, std::string> to_files(const VectorSet& set);

}  // namespace mailassay::vectors
