#pragma once

#include <nlohmann/json.hpp>

namespace mailassay::vectors {

// What the reference answers to a request of the shim protocol, the same every time; without the
// id. Of the time and randomness of the machine nothing is in it.
[[nodiscard]] nlohmann::ordered_json reference_answer(nlohmann::ordered_json request);

}  // namespace mailassay::vectors
