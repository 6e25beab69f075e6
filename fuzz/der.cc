// DER and BER.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "der/read.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay;
    using fuzz::require;
    const std::string_view octets = fuzz::octets_of(data, size);
    const auto strict = der::read_der(octets);
    const auto tolerant = der::read_ber(octets);
    if (strict) {
        require(der::write(*strict) == octets, "what is DER has one encoding");
        require(tolerant && tolerant->tolerated.empty(), "what is DER is BER");
    } else if (tolerant) {
        require(!tolerant->tolerated.empty(), "what is not DER is explained");
        require(tolerant->tolerated.front() == strict.error(), "by what the strict reader says");
    }
    return 0;
}
