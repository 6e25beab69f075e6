// A header in which addresses are rewritten: fields that hold none stay, no field becomes two, and
// what was rewritten once is not rewritten again.

#include <cstddef>
#include <cstdint>

#include "imf/header.h"
#include "opes/address_fields.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using mailassay::fuzz::require;
    if (size > 16'384) return 0;
    const auto sent = mailassay::imf::parse_message(mailassay::fuzz::octets_of(data, size));
    if (!sent) return 0;
    const mailassay::opes::Readdressing mapping{{"ann@inside.example", "ann@example.org"},
                                                {"\"a b\"@x", "ab@example.org"},
                                                {"a@x", "\"a\"@example.org"}};
    const auto made = mailassay::opes::with_addresses(sent->header, mapping);
    require(mailassay::opes::with_addresses(made, mapping) == made, "once is enough");
    require(made.fields().size() == sent->header.fields().size(), "no field comes or goes");
    for (std::size_t i = 0; i < made.fields().size(); ++i) {
        const auto& before = sent->header.fields()[i];
        const auto& after = made.fields()[i];
        require(after.name == before.name, "a field keeps its name");
        const bool is_about_addresses = before.name != "Subject" && before.name != "Received";
        require(is_about_addresses || after.raw == before.raw, "texts stay");
        require(after.raw.ends_with(after.body + "\r\n") || after.raw.ends_with(after.body) ||
                    before.is_opaque(),
                "a field is its body");
    }
    return 0;
}
