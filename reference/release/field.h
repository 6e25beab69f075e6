#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/address.h"
#include "imf/header.h"

// The header field of section 4, MMHS-Authorizing-Users: read, compared and written.
namespace mailassay::release {

inline constexpr std::string_view field_name = "MMHS-Authorizing-Users";

// The field as it stands in a message. The draft's may hold groups, the RFC's may not.
struct Field {
    std::vector<imf::Address> addresses;

    // The users in their order; of a group its members, since its name is nobody's.
    [[nodiscard]] std::vector<imf::Mailbox> users() const;

    friend bool operator==(const Field&, const Field&) = default;
};

// The body of one field. Costs are bounded by imf::AddressLimits: 1 MiB, 10,000 addresses.
// Errors: those of imf::parse_mailbox_list() or, of the draft, imf::parse_address_list(), and
// release.field.nobody (groups without members alone).
[[nodiscard]] Result<Field> parse_field(std::string_view body, base::Edition edition);

// Local part and domain are the same, the domain in any case; names, comments, folding and quotes
// without need are no part of an address, which the parser has removed.
[[nodiscard]] bool is_same_user(const imf::Mailbox& one, const imf::Mailbox& other);

// The header with this field in place of the first of that name, or at its end where there is none;
// without it where nobody is left. All other octets stay.
[[nodiscard]] imf::HeaderSection with_field(const imf::HeaderSection& header, const Field& field);

}  // namespace mailassay::release
