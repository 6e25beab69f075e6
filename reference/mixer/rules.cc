#include "mixer/rules.h"

#include <algorithm>
#include <utility>

namespace mailassay::mixer {

namespace {

bool has_address(const OrDescriptor& descriptor) {
    return descriptor.address.has_value();
}

}  // namespace

HeadingRoles StandardRules::to_heading(const InternetRoles& roles) const {
    HeadingRoles heading;
    std::vector<OrDescriptor> users = roles.from;
    if (roles.sender) {
        // [rfc7912/5.1/2] [draft-melnikov/5.1/2] [rfc2156/5.1.3/6]
        heading.originator = roles.sender;
    } else if (const auto first = std::ranges::find_if(users, has_address); first != users.end()) {
        // [rfc7912/5.1/3] [rfc7912/5.1/5] [draft-melnikov/5.1/3]. RFC 2156 does not say what
        // becomes of the other authors without Sender ([rfc2156/5.1.3/7]): here the same as with
        // the field.
        heading.originator = *first;
        users.erase(first);
    }
    // [rfc7912/5.1/4] [draft-melnikov/5.1/4]: as often as they stand there ([rfc7912/5.1/6]).
    if (roles.authorizing) {
        users.insert(users.end(), roles.authorizing->begin(), roles.authorizing->end());
    }
    // A sequence of X.420 may be empty, but one says nothing that its absence does not.
    if (!users.empty()) heading.authorizing_users = std::move(users);
    return heading;
}

bool StandardRules::is_military(const Heading& heading, Military configured) const {
    // [rfc7912/5.2/1] [rfc7912/5.2/2] [draft-melnikov/5.2/2]
    return configured == Military::Always || std::ranges::any_of(heading.extensions, is_mmhs);
}

InternetRoles StandardRules::of_military(const HeadingRoles& roles) const {
    InternetRoles fields;
    // [rfc7912/5.2/4] [rfc7912/5.2/6] [draft-melnikov/5.2/4]
    if (roles.originator) fields.from = {*roles.originator};
    // [rfc7912/5.2/5] [rfc7912/5.2/7] [draft-melnikov/5.2/5]
    if (roles.authorizing_users && !roles.authorizing_users->empty()) {
        fields.authorizing = roles.authorizing_users;
    }
    return fields;
}

InternetRoles StandardRules::of_other(const HeadingRoles& roles) const {
    // [rfc7912/5.2/3] [rfc2156/5.3.4/2] [rfc2156/5.3.4/3]. An empty list makes no From
    // ([rfc2156/5.3.4/7]), and then there is nobody else to be From.
    if (!roles.authorizing_users || roles.authorizing_users->empty()) {
        InternetRoles fields;
        if (roles.originator) fields.from = {*roles.originator};
        return fields;
    }
    return {.from = *roles.authorizing_users, .sender = roles.originator};
}

Result<std::vector<imf::Mailbox>> StandardRules::read_authorizing(
    const std::vector<std::string>& bodies, base::Edition edition) const {
    // [rfc7912/4/1] [draft-melnikov/4/1]: returned, not mended, since whoever mends it chooses the
    // users.
    if (bodies.size() > 1) return std::unexpected(Error{.id = "mixer.field.repeated"});
    if (edition == base::Edition::Rfc) return imf::parse_mailbox_list(bodies.at(0));
    // [draft-melnikov/4/4]: a group's members are users, and its name is nobody's.
    auto addresses = imf::parse_address_list(bodies.at(0));
    if (!addresses) return std::unexpected(std::move(addresses.error()));
    std::vector<imf::Mailbox> users;
    for (imf::Address& each : *addresses) {
        if (auto* group = std::get_if<imf::Group>(&each)) {
            std::ranges::move(group->members, std::back_inserter(users));
        } else {
            users.push_back(std::move(std::get<imf::Mailbox>(each)));
        }
    }
    return users;
}

bool StandardRules::names_unaddressed(base::Edition edition) const {
    // [rfc7912/5.2/8] [draft-melnikov/5.2/8]: a mailbox-list has no place for a group.
    return edition == base::Edition::Draft;
}

Result<OrAddress> StandardRules::to_or_address(const imf::Mailbox& mailbox,
                                               const Gateway& gateway) const {
    return mixer::to_or_address(mailbox, gateway);
}

std::optional<imf::Mailbox> StandardRules::to_mailbox(const OrAddress& address,
                                                      const Gateway& gateway) const {
    return mixer::to_mailbox(address, gateway);
}

}  // namespace mailassay::mixer
