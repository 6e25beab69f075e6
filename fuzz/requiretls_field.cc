// The header section of a hostile message: what its TLS-Required or RequireTLS fields come to.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "imf/header.h"
#include "requiretls/header_field.h"
#include "requiretls/rules.h"

namespace {

using namespace mailassay;
using requiretls::Edition;
using requiretls::FieldVerdict;
using requiretls::Tag;

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_header(const imf::HeaderSection& header, Edition edition) {
    const requiretls::StandardRules rules(edition);
    const auto fields = header.find_all(requiretls::field_name(edition));
    const FieldVerdict verdict = requiretls::read_field(header, edition);
    expect((verdict == FieldVerdict::Absent) == fields.empty());
    for (const imf::HeaderField* field : fields) {
        if (verdict == FieldVerdict::NotRequired) expect(requiretls::says_no(field->body));
    }
    // Only a well-formed field makes a message optional, and none beats the parameter.
    const Tag tag = rules.tag({}, header);
    expect((tag == Tag::Optional) == (verdict == FieldVerdict::NotRequired));
    expect(tag != Tag::Required);
    expect(rules.tag({{"REQUIRETLS", {}}}, header) == Tag::Required);
    expect(rules.onward(header, tag).to_octets() == header.to_octets());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (requiretls::says_no(octets)) {
        expect(octets.find_first_of("nN") != std::string_view::npos);
    }
    const auto message = imf::parse_message(octets);
    if (!message) return 0;
    check_header(message->header, Edition::Rfc);
    check_header(message->header, Edition::Draft);
    return 0;
}
