// A whole message: its parts, its ContentInfo and its secured fields. Nobody is trusted, so that no
// chain is ever good; and whatever is read, nothing may be called valid.

#include <cstddef>
#include <cstdint>

#include "require.h"
#include "secureheaders/render.h"
#include "secureheaders/verify.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay::secureheaders;
    using mailassay::fuzz::require;
    const std::string_view octets = mailassay::fuzz::octets_of(data, size);
    const StandardRules rules;
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const Verification verification{
            .policies = {}, .trust = {}, .edition = edition, .strictness = Strictness::Tolerant};
        const auto result = verify_message(octets, verification, rules);
        const std::string line = to_json("input", edition, result);
        require(!line.contains('\n'), "a result is one line");
        if (!result) continue;
        require(!to_text(*result).empty(), "a result has a text");
        const Outcome outcome = result->outcome();
        require(outcome != Outcome::Valid && outcome != Outcome::NoSecureHeaders,
                "nothing is valid where nobody is trusted");
    }
    return 0;
}
