#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mixer/rules.h"
#include "shim/mixer_request.h"

// The results of requests about the border to X.400: what stands in an answer's "result".
namespace mailassay::shim {

[[nodiscard]] nlohmann::ordered_json result_of(const ToX400& request, const mixer::Rules& rules);
[[nodiscard]] nlohmann::ordered_json result_of(const FromX400& request, const mixer::Rules& rules);

}  // namespace mailassay::shim
