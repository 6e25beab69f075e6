// An interpersonal message, or the header of an Internet message. What is read is written and read
// the same; what is mapped has no address in it that was not there.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "imf/header.h"
#include "mixer/mapping.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
namespace mixer = mailassay::mixer;

const mixer::StandardRules rules;

void check_back(const mixer::Heading& heading, mailassay::base::Edition edition) {
    const auto header = mixer::from_x400(heading, {.edition = edition}, rules);
    if (!header) return;
    const auto message = mailassay::imf::parse_message(header->header.to_octets() + "\r\n");
    require(message && message->header == header->header, "each field is one");
    require(header->header.count("MMHS-Authorizing-Users") <= 1, "there is one such field");
}

void check_ipm(std::string_view input) {
    const auto reading = mixer::decode_ipm(input);
    if (!reading) return;
    const auto octets = mixer::encode_ipm(reading->heading);
    require(octets.has_value(), "what was read can be written");
    const auto again = mixer::decode_ipm(*octets);
    require(again.has_value(), "what was written can be read");
    check_back(reading->heading, mailassay::base::Edition::Draft);
    check_back(reading->heading, mailassay::base::Edition::Rfc);
}

void check_message(std::string_view input) {
    const auto message = mailassay::imf::parse_message(input);
    if (!message) return;
    const auto heading = mixer::to_x400(message->header, {}, rules);
    if (!heading) return;
    const auto octets = mixer::encode_ipm(heading->heading);
    require(octets.has_value(), "what was mapped can be written");
    const auto reading = mixer::decode_ipm(*octets);
    require(reading && reading->heading == heading->heading, "it comes back as it was");
    check_back(heading->heading, mailassay::base::Edition::Rfc);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = mailassay::fuzz::octets_of(data, size);
    if (size > 65'536) return 0;
    check_ipm(input);
    check_message(input);
    static_cast<void>(mixer::parse_text(input));
    return 0;
}
