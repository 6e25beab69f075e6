// The TOML of a security policy.

#include <cstddef>
#include <cstdint>

#include "imf/header.h"
#include "require.h"
#include "secureheaders/policy.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay;
    using fuzz::require;
    const auto policies = secureheaders::parse_policies(fuzz::octets_of(data, size));
    if (!policies) return 0;
    for (const secureheaders::Policy* policy : {&policies->inner, &policies->outer}) {
        require(!policy->secured.empty(), "a policy secures something");
        for (const auto& [name, status] : policy->secured) {
            require(imf::is_field_name(name), "a field has a field's name");
        }
        for (const std::string& name : policy->mandatory) {
            require(policy->is_mandatory(name), "a mandatory field is mandatory");
        }
    }
    return 0;
}
