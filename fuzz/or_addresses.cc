// The text form of an O/R address, and its ASN.1. What is read is written and read the same; what
// comes out of it is one Internet address or none.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "imf/address.h"
#include "mixer/address_mapping.h"
#include "mixer/heading.h"
#include "mixer/strings.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
namespace imf = mailassay::imf;
namespace mixer = mailassay::mixer;

const mixer::Gateway gateway = mixer::Gateway::example();

void check_mailbox(const mixer::OrAddress& address) {
    const auto mailbox = to_mailbox(address, gateway);
    if (!mailbox) return;
    const auto again = imf::parse_mailbox_list(to_string(*mailbox));
    require(again && again->size() == 1 && again->front() == *mailbox, "it is one mailbox");
    if (const auto held = held_mailbox(address)) {
        require(*held == *mailbox, "what is held goes before the text form");
    } else {
        require(mailbox->domain == gateway.domain, "any other is at the gateway");
    }
}

void check_asn1(const mixer::OrAddress& address) {
    mixer::Heading heading{.this_ipm = {.local = "1"}};
    heading.originator = mixer::OrDescriptor{.address = address};
    const auto octets = encode_ipm(heading);
    require(octets.has_value(), "an address can be written");
    const auto reading = mixer::decode_ipm(*octets);
    require(reading && reading->heading.originator, "it can be read");
}

void check_text(std::string_view input) {
    const auto address = mixer::parse_text(input);
    if (!address) {
        require(address.error().offset <= input.size(), "an error is within the text");
        return;
    }
    const auto again = mixer::parse_text(to_text(*address));
    require(again && to_text(*again) == to_text(*address), "it is written as it was read");
    check_mailbox(*address);
    check_asn1(*address);
}

void check_local_part(std::string_view input) {
    // Attributes in a local part name whom they name, whatever the domain; and no parser gives
    // control characters.
    if (mixer::parse_text(input) || std::ranges::any_of(input, mailassay::base::is_control)) return;
    const imf::Mailbox mailbox{
        .display_name = {}, .local_part = std::string(input), .domain = "x.example"};
    const auto address = to_or_address(mailbox, gateway);
    if (!address || !held_mailbox(*address)) return;
    require(held_mailbox(*address)->address() == mailbox.address(), "an address comes back");
}

void check_escapes(std::string_view input) {
    const auto printable = mixer::to_printable_string(input);
    if (printable) {
        require(mixer::is_printable_string(*printable), "it is printable");
        require(mixer::from_printable_string(*printable) == std::string(input), "it comes back");
    }
    require(mixer::from_teletex_text(mixer::to_teletex_text(input)) == std::string(input),
            "teletex comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = mailassay::fuzz::octets_of(data, size);
    if (size > 16'384) return 0;
    check_text(input);
    check_local_part(input);
    check_escapes(input);
    return 0;
}
