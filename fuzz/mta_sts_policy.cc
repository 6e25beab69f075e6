// An MTA-STS policy file and a `_mta-sts` TXT record from a hostile domain.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "requiretls/mta_sts.h"

namespace {

using namespace mailassay;

void expect(bool holds) {
    if (!holds) std::abort();
}

// What was read holds only what the specification allows.
void check_policy(const requiretls::StsPolicy& policy) {
    expect(policy.max_age.count() >= 0 && policy.max_age <= requiretls::max_policy_age);
    expect(policy.mx.size() <= requiretls::max_policy_patterns);
    expect(!policy.mx.empty() || policy.mode == requiretls::StsMode::None);
    for (const std::string& pattern : policy.mx) {
        const bool wildcard = pattern.starts_with("*.");
        const std::string parent = wildcard ? pattern.substr(2) : pattern;
        expect(!parent.empty() && parent.find('*') == std::string::npos);
        expect(std::ranges::none_of(parent, [](char c) { return c >= 'A' && c <= 'Z'; }));
        if (wildcard) {
            expect(requiretls::lists_host(policy, "mx1." + parent));
            // Some other pattern may list these, so they only must not crash.
            (void)requiretls::lists_host(policy, parent);
            (void)requiretls::lists_host(policy, "a.b." + parent);
        } else {
            expect(requiretls::lists_host(policy, parent));
            expect(requiretls::lists_host(policy, parent + "."));
        }
    }
    expect(!requiretls::lists_host(policy, ""));
    expect(!requiretls::lists_host(policy, "."));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto policy = requiretls::parse_sts_policy(text);
    if (policy) {
        check_policy(*policy);
    } else {
        expect(policy.error().offset <= size && !policy.error().id.empty());
    }
    const auto record = requiretls::parse_sts_record(text);
    if (record) {
        expect(!record->empty() && record->size() <= 32);
        expect(text.find("id=" + *record) != std::string_view::npos);
    } else {
        expect(record.error().offset <= size && !record.error().id.empty());
    }
    return 0;
}
