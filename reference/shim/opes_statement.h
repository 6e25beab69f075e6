#pragma once

#include <nlohmann/json_fwd.hpp>

#include "opes/statement.h"

namespace mailassay::shim {

// A system's statement for machines (vectors/schema/opes-statement.schema.json). Single addresses
// that have agreed are counted, not told: the statement is for everybody.
[[nodiscard]] nlohmann::ordered_json as_json(const opes::Statement& statement);

}  // namespace mailassay::shim
