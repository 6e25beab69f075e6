#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/random.h"
#include "opes/rules.h"
#include "shim/opes_request.h"

// The results of requests about OPES: what stands in an answer's "result".
namespace mailassay::shim {

[[nodiscard]] nlohmann::ordered_json result_of(const Trace& request, const opes::Rules& rules);
[[nodiscard]] nlohmann::ordered_json result_of(const Bypass& request, const opes::Rules& rules);
[[nodiscard]] nlohmann::ordered_json result_of(const Report& request, const opes::Rules& rules,
                                               base::Random& random);
[[nodiscard]] nlohmann::ordered_json result_of(const State& request, const opes::Rules& rules);

}  // namespace mailassay::shim
