#pragma once

#include <map>
#include <string>

#include "vectors/dca_vector.h"

namespace mailassay::vectors {

// The files of vectors/dca but for the keys, by their path in that folder: encrypt.json,
// decrypt.json (vectors/schema/dca.schema.json), the messages, and what comes out of them.
[[nodiscard]] std::map<std::string, std::string> to_files(const DcaVectorSet& set);

}  // namespace mailassay::vectors
