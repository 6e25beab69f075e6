#include "mixer/rules.h"

#include <algorithm>
#include <utility>

#include "mixer/identifier.h"
#include "mixer/mmhs.h"

namespace mailassay::mixer {

namespace {

constexpr der::Tag tag_reply_requested = der::context(2);

bool asks_for_reply(const Recipient& recipient) {
    return std::ranges::any_of(recipient.requests, [](const der::Value& request) {
        return request.tag == tag_reply_requested && request.content.size() == 1 &&
               request.content[0] != 0;
    });
}

bool has_address(const OrDescriptor& descriptor) {
    return descriptor.address.has_value();
}

}  // namespace

Result<HeadingReading> StandardRules::read(std::string_view octets) const {
    // What has two originators, or none that can be read, has no author to map ([rfc7912/5.2/4]).
    return decode_ipm(octets);
}

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

// [rfc2156/5.1.3/9] [rfc2156/5.1.3/10] [rfc2156/5.1.3/11]
HeadingRecipients StandardRules::to_heading(InternetRecipients named) const {
    return {.primary = std::move(named.to),
            .copy = std::move(named.cc),
            .blind_copy = std::move(named.bcc)};
}

// [rfc2156/5.3.4/4] [rfc2156/5.3.4/5] [rfc2156/5.3.4/6]
InternetRecipients StandardRules::to_fields(HeadingRecipients named) const {
    return {.to = std::move(named.primary),
            .cc = std::move(named.copy),
            .bcc = std::move(named.blind_copy)};
}

std::string StandardRules::free_form_name(std::string_view phrase,
                                          std::string_view comments) const {
    // [rfc2156/4.7.1/2]
    std::string name(phrase);
    if (!name.empty() && !comments.empty()) name += ' ';
    return name.append(comments);
}

bool StandardRules::names_groups() const {
    // [rfc2156/4.7.1/5]
    return true;
}

std::vector<std::string> StandardRules::comments_on(const Recipient& recipient,
                                                    std::string_view directory_name) const {
    std::vector<std::string> comments;
    const auto& telephone = recipient.descriptor.telephone;
    // [rfc2156/4.7.2/2] [rfc2156/4.7.2/3] [rfc2156/4.7.2/4]
    if (telephone) comments.push_back("Tel " + *telephone);
    if (!directory_name.empty()) comments.emplace_back(directory_name);
    if (asks_for_reply(recipient)) comments.emplace_back("Reply requested");
    return comments;
}

// [rfc2156/5.1.3/1] [rfc2156/5.1.3/2]: no encoded-word is cut through, and no comment left open.
std::string StandardRules::bounded(std::string text, std::size_t bound) const {
    if (text.size() <= bound) return text;
    text.resize(bound);
    if (const std::size_t begin = text.rfind("=?"); begin != std::string::npos) {
        const std::size_t charset = text.find('?', begin + 2);
        const std::size_t coding =
            charset == std::string::npos ? charset : text.find('?', charset + 1);
        const std::size_t end = coding == std::string::npos ? coding : text.find("?=", coding + 1);
        if (end == std::string::npos) text.resize(begin);
    }
    if (const std::size_t open = text.rfind('(');
        open != std::string::npos && text.find(')', open) == std::string::npos) {
        text.resize(open);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

// [rfc2156/5.3.4/9]: a line end is white space and never ends the field.
std::string StandardRules::on_one_line(std::string_view subject) const {
    std::string line;
    for (const char c : subject) {
        if (c == '\n' && line.ends_with(' ')) continue;
        line += c == '\r' || c == '\n' ? ' ' : c;
    }
    return line;
}

std::optional<IpmIdentifier> StandardRules::to_identifier(std::string_view message_id,
                                                          const Gateway& gateway,
                                                          bool military) const {
    auto identifier = mixer::to_identifier(message_id);
    // [rfc6477/6/17]
    return identifier && military ? completed(std::move(*identifier), gateway.route) : identifier;
}

std::string StandardRules::to_message_id(const IpmIdentifier& identifier,
                                         const Gateway& gateway) const {
    return mixer::to_message_id(identifier, gateway.route);
}

bool StandardRules::may_be_repeated(std::string_view) const {
    // [rfc6477/3/1] for the fields of RFC 6477, and RFC 5322 for those others that stand alone.
    return false;
}

std::optional<Extension> StandardRules::to_extension(const imf::HeaderField& field) const {
    return mixer::to_extension(field);
}

std::vector<imf::HeaderField> StandardRules::to_fields(const Extension& extension) const {
    return mixer::to_fields(extension);
}

std::optional<Extension> StandardRules::release_time(std::string_view date) const {
    // [rfc6477/6/13] [rfc6477/6/14]
    return to_authorisation(date);
}

Carried StandardRules::carried(const Extension& extension) const {
    return mixer::carried(extension);
}

std::optional<std::string> StandardRules::nobody() const {
    // [rfc2156/5.3.2/2]
    return "list:;";
}

}  // namespace mailassay::mixer
