// A message that comes to an authorizing user's agent, and then to the border: whatever it is,
// nothing that was not proven goes on as if it were.

#include <cstddef>
#include <cstdint>
#include <string>

#include "imf/header.h"
#include "releasing/agent.h"
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

void check_field(std::string_view body, base::Edition edition) {
    const auto field = release::parse_field(body, edition);
    if (!field) return;
    require(!field->users().empty(), "a field names somebody");
    const auto header = release::with_field({}, *field);
    require(header.count(release::field_name) == 1, "a field is written once");
    const auto again = release::parse_field(header.fields().front().body, edition);
    require(again && again->users() == field->users(), "a field comes back as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65'536) return 0;
    const std::string_view message = fuzz::octets_of(data, size);
    for (const auto edition : {base::Edition::Rfc, base::Edition::Draft}) {
        check_edition(message, edition);
        check_field(message, edition);
    }
    return 0;
}
