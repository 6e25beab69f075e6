// The value of the secure headers attribute; the first octet chooses the edition.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "require.h"
#include "secureheaders/codec.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay::secureheaders;
    using mailassay::fuzz::require;
    if (size == 0) return 0;
    const std::string_view octets = mailassay::fuzz::octets_of(data + 1, size - 1);
    const Edition edition = data[0] % 2 == 0 ? Edition::Rfc : Edition::Draft;
    const auto strict = decode(octets, edition, Strictness::Strict);
    const auto tolerant = decode(octets, edition, Strictness::Tolerant);
    if (strict) {
        const auto again = encode(strict->structure, edition);
        require(again.has_value() && *again == octets, "what is strict has one encoding");
        require(tolerant && tolerant->tolerated.empty(), "nothing to tolerate in it");
    } else if (tolerant) {
        require(!tolerant->tolerated.empty(), "what was tolerated is told");
    }
    return 0;
}
