// Addresses in header fields and paths in commands: what is read, printed and read again is the
// same.

#include "imf/address.h"
#include "require.h"
#include "smtp/types.h"

using namespace mailassay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::octets_of(data, size);

    const auto list = imf::parse_address_list(octets);
    if (list) {
        const auto again = imf::parse_address_list(imf::to_string(*list));
        fuzz::require(again && *again == *list, "an address list is read as written");
    } else {
        fuzz::require(list.error().offset <= octets.size(), "the fault is within the list");
    }
    if (const auto mailbox = imf::parse_mailbox(octets)) {
        fuzz::require(imf::parse_mailbox(imf::to_string(*mailbox)) == mailbox,
                      "a mailbox is read as written");
    }
    (void)imf::parse_mailbox_list(octets, {.octets = 64, .addresses = 2, .comment_depth = 1});

    if (const auto path = smtp::parse_reverse_path(octets)) {
        fuzz::require(smtp::parse_reverse_path(smtp::to_string(*path)) == path,
                      "a reverse-path is read as written");
    }
    if (const auto path = smtp::parse_forward_path(octets)) {
        fuzz::require(!path->is_null(), "a forward-path is not null");
        fuzz::require(smtp::parse_forward_path(smtp::to_string(*path)) == path,
                      "a forward-path is read as written");
    }
    if (const auto path = smtp::parse_address(octets)) {
        fuzz::require(smtp::parse_address(path->address()) == path,
                      "an address is read as written");
    }
    return 0;
}
