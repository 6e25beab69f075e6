// A message that comes to an authorizing user's agent, and then to the border: whatever it is,
// nothing that was not proven goes on as if it were.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ascii.h"
#include "imf/header.h"
#include "releasing/agent.h"
#include "releasing/show.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
using namespace mailassay;

imf::Mailbox user(const char* local_part) {
    return {.display_name = {}, .local_part = local_part, .domain = "mil.example"};
}

// Nobody is trusted, so no signature holds.
const releasing::Verification verification{
    .policy = {.officers = {user("one"), user("two")}, .needed = 1}, .trust = {}};

void check_edition(std::string_view message, base::Edition edition) {
    const release::StandardRules rules;
    base::SeededRandom random(1);
    const auto made = releasing::authorize(
        message, verification,
        {.edition = edition, .user = user("one"), .decision = release::Decision::Release},
        std::nullopt, rules, random);
    require(made && made->outcome.end != release::End::Released,
            "what nobody trusted has signed is not released");
    const imf::Mailbox recipient = user("bob");
    for (const auto place :
         {release::Place::Submission, release::Place::Border, release::Place::Delivery}) {
        const auto judged =
            releasing::check(message, {&recipient, 1}, place, verification, edition, rules);
        require(judged.recipients.size() == 1 &&
                    judged.recipients.front().fate != release::Fate::Passes,
                "what nobody trusted has signed does not pass");
    }
    require(releasing::chain_of(message, verification, edition, rules).proven.empty(),
            "nobody is proven");
}

// What a terminal gets of it can do no harm.
void check_shown(std::string_view message) {
    const std::string text = releasing::shown(message, verification, user("one"),
                                              base::Edition::Rfc, release::StandardRules());
    for (const char c : text) {
        require(c == '\n' || !base::is_control(c), "what is shown has no control characters");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65'536) return 0;
    const std::string_view message = fuzz::octets_of(data, size);
    for (const auto edition : {base::Edition::Rfc, base::Edition::Draft}) {
        check_edition(message, edition);
    }
    check_shown(message);
    return 0;
}
