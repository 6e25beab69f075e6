#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "shim/release_request.h"

// What the reference answers about Draft and Release; `now` where the request names no time.
namespace mailassay::shim {

[[nodiscard]] nlohmann::ordered_json result_of(const Authorize& request,
                                               const release::Rules& rules, base::TimePoint now,
                                               base::Random& random);
[[nodiscard]] nlohmann::ordered_json result_of(const Carry& request, const Carrier& carrier,
                                               base::TimePoint now);
[[nodiscard]] nlohmann::ordered_json result_of(const CheckRelease& request,
                                               const release::Rules& rules, base::TimePoint now);

}  // namespace mailassay::shim
