// The body of MMHS-Authorizing-Users in both editions: what is read names somebody, is written
// once, and comes back; and nobody is somebody else.

#include <cstddef>
#include <cstdint>
#include <string>

#include "imf/header.h"
#include "release/field.h"
#include "release/rules.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
using namespace mailassay;

void check_field(std::string_view body, base::Edition edition) {
    const auto field = release::parse_field(body, edition);
    if (!field) return;
    const std::vector<imf::Mailbox> users = field->users();
    require(!users.empty(), "a field names somebody");
    for (const imf::Mailbox& each : users) {
        // The local part may be an empty quoted string.
        require(!each.domain.empty(), "a user has an address");
        require(release::is_same_user(each, each), "a user is himself");
    }
    const auto header = release::with_field({}, *field);
    require(header.count(release::field_name) == 1, "a field is written once");
    const auto again = release::parse_field(header.fields().front().body, edition);
    require(again && again->users() == users, "a field comes back as it was written");
    const release::StandardRules rules;
    require(rules.entered(*field, users.back()) == *field, "nobody is entered twice");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65'536) return 0;
    for (const auto edition : {base::Edition::Rfc, base::Edition::Draft}) {
        check_field(fuzz::octets_of(data, size), edition);
    }
    return 0;
}
