#include "mixer/loss.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mailassay::mixer {

namespace {

using Reason = std::pair<std::string_view, std::string_view>;

constexpr std::array<Reason, 10> reasons{{
    {"mixer.loss.field", "X.400 says this in the envelope or the body, which are not mapped here"},
    {"mixer.loss.extension", "Internet mail has no field that says this"},
    {"mixer.loss.cut", "X.400 has a bound, and this is beyond it"},
    {"mixer.loss.characters", "the other side can't write these characters"},
    {"mixer.loss.no-address", "only addresses may stand here, and this user has none"},
    {"mixer.loss.group", "the authorizing users of X.400 are a list without groups"},
    {"mixer.loss.merged", "X.400 has one list for those who wrote and those who authorized"},
    {"mixer.loss.role", "X.400 has one originator and one list of users, for three fields"},
    {"mixer.loss.changed", "X.400 has another form for this, of which the field is made anew"},
    {"mixer.loss.added", "a message of X.400 can't be without it, or a loss is told in it"},
}};

}  // namespace

std::string_view reason(std::string_view id) {
    const auto* found = std::ranges::find(reasons, id, &Reason::first);
    return found == reasons.end() ? std::string_view() : found->second;
}

}  // namespace mailassay::mixer
