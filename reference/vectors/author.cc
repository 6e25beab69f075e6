#include "vectors/author.h"

#include <utility>

namespace mailassay::vectors {

namespace {

std::vector<std::string_view> refusals(std::string_view first, bool any) {
    std::vector<std::string_view> words{first};
    for (const std::string_view each : {outcome::invalid, outcome::signature_invalid,
                                        outcome::unreadable, outcome::no_secure_headers}) {
        const bool fits = any || each == outcome::invalid || each == outcome::signature_invalid;
        if (fits && each != first) words.push_back(each);
    }
    return words;
}

}  // namespace

void Author::add(VerifyVector vector) const {
    vector.common.edition = edition();
    out_.verify.push_back(std::move(vector));
}

void Author::add(SignVector vector) const {
    vector.common.edition = edition();
    out_.sign.push_back(std::move(vector));
}

secureheaders::Policies shared(Policy policy) {
    policy.sharing = secureheaders::Sharing::Shared;
    return {.inner = policy, .outer = policy};
}

secureheaders::Policies not_shared(Policy policy) {
    policy.sharing = secureheaders::Sharing::NotShared;
    return {.inner = policy, .outer = policy};
}

Expected is_valid() {
    return {.outcomes = {outcome::valid}, .unaware = outcome::no_secure_headers};
}

Expected is_invalid(std::vector<std::pair<Warning, std::string>> warnings) {
    return {.outcomes = refusals(outcome::invalid, false),
            .warnings = std::move(warnings),
            .unaware = outcome::no_secure_headers};
}

Expected is_signature_invalid() {
    return {.outcomes = {outcome::signature_invalid, outcome::invalid, outcome::unreadable},
            .unaware = outcome::signature_invalid};
}

Expected is_not_secured(std::string_view reference_says) {
    return {.outcomes = refusals(reference_says, true)};
}

}  // namespace mailassay::vectors
