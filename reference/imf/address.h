#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

// Addresses in header fields (RFC 5322 section 3.4, groups wherever RFC 6854 allows them). Octets
// above 127 pass through as RFC 6532 lets UTF-8 stand in atoms, quoted strings and comments.
namespace mailassay::imf {

struct Mailbox {
    // Unquoted, comments removed, words joined by one space; encoded words (RFC 2047) stay encoded.
    std::string display_name;
    // The local part's meaning: quotes and quoted pairs resolved.
    std::string local_part;
    // A domain as written, or an address literal with its brackets. White space and comments of
    // the obsolete syntax are removed.
    std::string domain;

    // local-part@domain, with the local part quoted where it must be.
    [[nodiscard]] std::string address() const;

    friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

struct Group {
    std::string display_name;
    std::vector<Mailbox> members;

    friend bool operator==(const Group&, const Group&) = default;
};

using Address = std::variant<Mailbox, Group>;

struct AddressLimits {
    std::size_t octets = 1'048'576;
    std::size_t addresses = 10'000;
    // How deep comments may nest.
    std::size_t comment_depth = 16;
};

// The input is a field body, folded or not. The obsolete syntax is read where it is unambiguous:
// empty list members, white space around dots, routes (which are dropped), phrases with dots.
//
// Errors, all with the offset: imf.address.empty, imf.address.syntax, imf.address.too-large,
// imf.address.too-many, imf.address.comment-too-deep, imf.address.comment-unterminated,
// imf.address.quoted-string-unterminated, imf.address.domain-literal-unterminated,
// imf.address.control-character, imf.address.trailing.
[[nodiscard]] Result<Mailbox> parse_mailbox(std::string_view body,
                                            const AddressLimits& limits = {});
[[nodiscard]] Result<std::vector<Mailbox>> parse_mailbox_list(std::string_view body,
                                                              const AddressLimits& limits = {});
[[nodiscard]] Result<std::vector<Address>> parse_address_list(std::string_view body,
                                                              const AddressLimits& limits = {});

// As a header field would hold it; parsing it again gives the same value.
[[nodiscard]] std::string to_string(const Mailbox& mailbox);
[[nodiscard]] std::string to_string(const Group& group);
[[nodiscard]] std::string to_string(const Address& address);
[[nodiscard]] std::string to_string(const std::vector<Address>& addresses);

// `text` as a dot-atom where it is one, else as a quoted string. Control characters, which no
// quoted string may hold, are replaced by '?'.
[[nodiscard]] std::string quote_local_part(std::string_view text);

}  // namespace mailassay::imf
