// A message with DKIM signatures, and the texts of keys: nothing that nobody signed holds, and what
// is read stays within its bounds.

#include <cstddef>
#include <cstdint>
#include <string>

#include "dkim/canonical.h"
#include "dkim/tags.h"
#include "dkim/verify.h"
#include "imf/header.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
using namespace mailassay;

// A key that nobody has the other half of: of Ed25519, of which any 32 octets are one.
const dkim::Keys keys{{"s._domainkey.a.example",
                       "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}};

void check_message(std::string_view octets) {
    const auto parsed = imf::view_message(octets);
    if (!parsed) return;
    const auto reports = dkim::verify(parsed->header, parsed->body, keys, {});
    require(reports.size() <= dkim::max_signatures, "signatures are bounded");
    for (const dkim::Report& each : reports) {
        require(!each.is_good(), "what nobody signed does not hold");
        require(each.signature.has_value() == (each.state != dkim::State::Malformed),
                "a signature is there unless it is malformed");
    }
    for (const auto algorithm : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
        const std::string once = dkim::canonical_content(parsed->body, algorithm);
        require(dkim::canonical_content(once, algorithm) == once, "a canonical body is canonical");
    }
}

void check_signature(std::string_view octets) {
    const auto read = dkim::parse_signature(octets);
    if (!read) return;
    require(!read->fields.empty() && !read->agent.domain.empty(), "a signature is whole");
    const std::string bare = dkim::without_value(octets);
    require(bare.size() <= octets.size(), "without its value it is no longer");
    const auto tags = dkim::parse_tags(bare);
    require(tags && dkim::value_of(*tags, "b").empty(), "and the value is gone");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65'536) return 0;
    const std::string_view octets = fuzz::octets_of(data, size);
    check_message(octets);
    check_signature(octets);
    (void)dkim::parse_key(octets);
    (void)dkim::parse_keys(octets);
    return 0;
}
