// A header field's body under both canonicalizations of RFC 6376.

#include "imf/canonicalization.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ascii.h"
#include "imf/header.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay::imf;
    using mailassay::fuzz::require;
    const std::string_view octets = mailassay::fuzz::octets_of(data, size);
    const std::string name = canonical_name(octets, Canonicalization::Relaxed);
    require(name == mailassay::base::to_lower(octets), "a relaxed name is in lower case");
    // The body of a field, and nothing that would end it.
    const auto message = parse_message("X:" + std::string(octets) + "\r\n\r\n");
    if (!message || message->header.fields().size() != 1 ||
        message->header.fields()[0].body != octets) {
        return 0;
    }
    const std::string simple = canonical_body(octets, Canonicalization::Simple);
    require(simple == octets, "simple changes nothing");
    const std::string relaxed = canonical_body(octets, Canonicalization::Relaxed);
    require(relaxed.size() <= octets.size(), "relaxed adds nothing");
    require(canonical_body(relaxed, Canonicalization::Relaxed) == relaxed,
            "relaxed twice is relaxed once");
    require(relaxed.empty() || (relaxed.front() != ' ' && relaxed.back() != ' '),
            "relaxed has no space at its ends");
    require(!relaxed.contains('\t') && !relaxed.contains("  "), "relaxed has single spaces only");
    return 0;
}
