#include "release/policy.h"

#include <utility>

#include "release/field.h"

namespace mailassay::release {

Result<Policy> checked(Policy policy) {
    const std::size_t count = policy.officers.size();
    if (count == 0) return std::unexpected(Error{.id = "release.policy.nobody"});
    if (policy.needed == 0 || policy.needed > count) {
        return std::unexpected(Error{.id = "release.policy.needed"});
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (is_same_user(policy.officers[i], policy.officers[j])) {
                return std::unexpected(Error{.id = "release.policy.twice", .offset = i});
            }
        }
    }
    return policy;
}

}  // namespace mailassay::release
