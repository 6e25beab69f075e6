#include "release/field.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/ascii.h"

namespace mailassay::release {

std::vector<imf::Mailbox> Field::users() const {
    std::vector<imf::Mailbox> all;
    for (const imf::Address& each : addresses) {
        if (const auto* group = std::get_if<imf::Group>(&each)) {
            // [draft-melnikov/4/4]
            std::ranges::copy(group->members, std::back_inserter(all));
        } else {
            all.push_back(std::get<imf::Mailbox>(each));
        }
    }
    return all;
}

Result<Field> parse_field(std::string_view body, base::Edition edition) {
    Field field;
    if (edition == base::Edition::Rfc) {
        // [rfc7912/4/4] [rfc7912/4/5] [rfc7912/7.2/1]
        auto mailboxes = imf::parse_mailbox_list(body);
        if (!mailboxes) return std::unexpected(std::move(mailboxes.error()));
        std::ranges::move(*mailboxes, std::back_inserter(field.addresses));
        return field;
    }
    // [draft-melnikov/4/3]
    auto addresses = imf::parse_address_list(body);
    if (!addresses) return std::unexpected(std::move(addresses.error()));
    field.addresses = std::move(*addresses);
    // [draft-melnikov/4/5]
    if (field.users().empty()) return std::unexpected(Error{.id = "release.field.nobody"});
    return field;
}

bool is_same_user(const imf::Mailbox& one, const imf::Mailbox& other) {
    // [rfc7912/3.3/12] [draft-melnikov/3/14]
    return one.local_part == other.local_part && base::equals_ignore_case(one.domain, other.domain);
}

imf::HeaderSection with_field(const imf::HeaderSection& header, const Field& field) {
    std::vector<imf::HeaderField> fields = header.fields();
    const auto is_ours = [](const imf::HeaderField& each) {
        return base::equals_ignore_case(each.name, field_name);
    };
    const auto place = std::ranges::find_if(fields, is_ours);
    if (field.addresses.empty()) {
        std::erase_if(fields, is_ours);
        return imf::HeaderSection(std::move(fields));
    }
    auto made = imf::make_field(field_name, imf::to_string(field.addresses));
    // What was read as addresses holds no line end and no NUL.
    if (!made) throw Misuse("release: a field that can't be written");
    if (place == fields.end()) {
        fields.push_back(std::move(*made));
    } else {
        *place = std::move(*made);
    }
    return imf::HeaderSection(std::move(fields));
}

}  // namespace mailassay::release
