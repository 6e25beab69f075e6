#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "der/read.h"
#include "mixer/heading.h"
#include "mixer/or_address_codec.h"

namespace mailassay::mixer {

namespace {

using der::context;
using der::make_constructed;
using der::Value;

constexpr der::Tag tag_or_name{der::Class::Application, 0};
constexpr der::Tag tag_ipm_identifier{der::Class::Application, 11};
constexpr std::size_t max_users = 10'000;

// The elements of Heading that have a meaning here; their tags are context-specific.
enum Element : std::uint32_t {
    originator = 0,
    authorizing_users = 1,
    primary = 2,
    copy = 3,
    blind_copy = 4,
    replied_to = 5,
    related = 7,
    subject = 8,
    reply_recipients = 11,
    extensions = 15,
};

// -- writing -----------------------------------------------------------------------------------

Value or_name(const OrAddress& address, const std::optional<Value>& directory_name) {
    std::vector<Value> members = encode_address(address);
    if (directory_name) members.push_back(make_constructed(context(0), {*directory_name}));
    return make_constructed(tag_or_name, std::move(members));
}

std::vector<Value> descriptor(const OrDescriptor& from) {
    std::vector<Value> members;
    if (from.address) members.push_back(or_name(*from.address, from.directory_name));
    if (from.free_form) members.push_back(der::make_primitive(context(0), *from.free_form));
    if (from.telephone) members.push_back(der::make_primitive(context(1), *from.telephone));
    return members;
}

Value recipient(const Recipient& from) {
    std::vector<Value> members{make_constructed(context(0), descriptor(from.descriptor))};
    members.insert(members.end(), from.requests.begin(), from.requests.end());
    return der::make_set(std::move(members));
}

template <class Item, class Write>
void add_list(std::vector<Value>& heading, Element element,
              const std::optional<std::vector<Item>>& items, Write write) {
    if (!items) return;
    std::vector<Value> members;
    std::ranges::transform(*items, std::back_inserter(members), write);
    heading.push_back(make_constructed(context(element), std::move(members)));
}

Value identifier(const IpmIdentifier& from, der::Tag tag = tag_ipm_identifier) {
    std::vector<Value> members;
    if (from.user) members.push_back(or_name(*from.user, std::nullopt));
    members.push_back(der::make_primitive(der::tag_printable_string, from.local));
    Value set = der::make_set(std::move(members));
    set.tag = tag;
    return set;
}

Value user_set(const OrDescriptor& user) {
    return der::make_set(descriptor(user));
}

Result<Value> extension_set(std::span<const Extension> from) {
    std::vector<Value> members;
    for (const Extension& each : from) {
        auto oid = der::make_oid(each.oid);
        if (!oid) return oid;
        std::vector<Value> parts{std::move(*oid)};
        if (each.value) parts.push_back(*each.value);
        members.push_back(der::make_sequence(std::move(parts)));
    }
    return der::make_set_of(std::move(members), context(extensions));
}

// -- reading -----------------------------------------------------------------------------------

std::unexpected<Error> wrong(std::string_view id, const Value& at, std::string detail = {}) {
    return std::unexpected(Error{id, at.offset, "x420", std::move(detail)});
}

class HeadingReader {
  public:
    explicit HeadingReader(Tolerated& tolerated) : tolerated_(tolerated) {}

    Result<Heading> read(const Value& set);
    Result<std::vector<OrDescriptor>> people_of(const Value& list);

  private:
    Result<void> element(const Value& value);
    Result<void> address_element(const Value& value);
    Result<IpmIdentifier> identifier_of(const Value& set);
    Result<void> identifier_into(IpmIdentifier& identifier, const Value& set);
    Result<void> related_into(const Value& list);
    Result<void> name_into(OrDescriptor& descriptor, const Value& name);
    Result<OrDescriptor> descriptor_of(const Value& set);
    Result<Recipient> recipient_of(const Value& set);
    Result<void> recipients_into(std::optional<std::vector<Recipient>>& field, const Value& list);
    Result<void> people_into(std::optional<std::vector<OrDescriptor>>& field, const Value& list);
    Result<void> subject_into(const Value& wrapped);
    Result<void> extensions_into(const Value& set);
    Result<void> check_list(const Value& list);

    Heading heading_;
    Tolerated& tolerated_;
};

// No two members of a SET have one tag: whoever takes the first reads another heading than whoever
// takes the last.
Result<void> no_tag_twice(const Value& set) {
    std::vector<std::pair<der::Tag, const Value*>> tags;
    for (const Value& member : set.members) tags.emplace_back(member.tag, &member);
    std::ranges::sort(tags);
    const auto same = std::ranges::adjacent_find(
        tags, [](const auto& a, const auto& b) { return a.first == b.first; });
    if (same == tags.end()) return {};
    return wrong("mixer.heading.repeated", *same->second, to_string(same->first));
}

Result<void> HeadingReader::name_into(OrDescriptor& descriptor, const Value& name) {
    der::Members members(name);
    auto address = decode_address(members, tolerated_);
    if (!address) return std::unexpected(address.error());
    if (const Value* wrapped = members.take(context(0))) {
        if (wrapped->members.size() != 1) return wrong("der.value.missing", *wrapped);
        descriptor.directory_name = wrapped->members[0];
    }
    if (auto end = members.end(); !end) return end;
    // A formal name by the directory alone has no attribute.
    if (*address == OrAddress{} && descriptor.directory_name) return {};
    descriptor.address = std::move(*address);
    return {};
}

Result<OrDescriptor> HeadingReader::descriptor_of(const Value& set) {
    if (auto unique = no_tag_twice(set); !unique) return std::unexpected(unique.error());
    OrDescriptor descriptor;
    for (const Value& member : set.members) {
        if (member.tag == tag_or_name) {
            if (auto read = name_into(descriptor, member); !read) {
                return std::unexpected(read.error());
            }
        } else if (member.tag == context(0) || member.tag == context(1)) {
            auto text = string_of(member);
            if (!text) return std::unexpected(text.error());
            (member.tag.number == 0 ? descriptor.free_form : descriptor.telephone) =
                std::move(*text);
        } else {
            return wrong("der.value.unexpected-member", member);
        }
    }
    return descriptor;
}

Result<Recipient> HeadingReader::recipient_of(const Value& set) {
    if (set.tag != der::tag_set) return wrong("der.value.unexpected-tag", set);
    if (auto unique = no_tag_twice(set); !unique) return std::unexpected(unique.error());
    Recipient recipient;
    bool found = false;
    for (const Value& member : set.members) {
        if (member.tag != context(0)) {
            recipient.requests.push_back(member);
            continue;
        }
        auto descriptor = descriptor_of(member);
        if (!descriptor) return std::unexpected(descriptor.error());
        recipient.descriptor = std::move(*descriptor);
        found = true;
    }
    if (!found) return wrong("mixer.heading.missing", set, "recipient");
    return recipient;
}

Result<void> HeadingReader::check_list(const Value& list) {
    if (list.form != der::Form::Constructed) return wrong("der.value.unexpected-tag", list);
    if (list.members.size() > max_users) return wrong("mixer.heading.too-many", list);
    if (list.members.empty()) {
        tolerated_.push_back({"mixer.heading.empty-list", list.offset, "x420"});
    }
    return {};
}

Result<void> HeadingReader::recipients_into(std::optional<std::vector<Recipient>>& field,
                                            const Value& list) {
    if (auto fits = check_list(list); !fits) return fits;
    field.emplace();
    for (const Value& member : list.members) {
        auto each = recipient_of(member);
        if (!each) return std::unexpected(each.error());
        field->push_back(std::move(*each));
    }
    return {};
}

Result<std::vector<OrDescriptor>> HeadingReader::people_of(const Value& list) {
    if (auto fits = check_list(list); !fits) return std::unexpected(fits.error());
    std::vector<OrDescriptor> people;
    for (const Value& member : list.members) {
        if (member.tag != der::tag_set) return wrong("der.value.unexpected-tag", member);
        auto each = descriptor_of(member);
        if (!each) return std::unexpected(each.error());
        people.push_back(std::move(*each));
    }
    return people;
}

Result<void> HeadingReader::people_into(std::optional<std::vector<OrDescriptor>>& field,
                                        const Value& list) {
    auto people = people_of(list);
    if (!people) return std::unexpected(people.error());
    field = std::move(*people);
    return {};
}

Result<IpmIdentifier> HeadingReader::identifier_of(const Value& set) {
    if (auto unique = no_tag_twice(set); !unique) return std::unexpected(unique.error());
    IpmIdentifier identifier;
    bool found = false;
    for (const Value& member : set.members) {
        if (member.tag == tag_or_name) {
            OrDescriptor user;
            if (auto read = name_into(user, member); !read) return std::unexpected(read.error());
            identifier.user = std::move(user.address);
        } else if (member.tag == der::tag_printable_string) {
            identifier.local = member.content;
            found = true;
        } else {
            return wrong("der.value.unexpected-member", member);
        }
    }
    if (!found) return wrong("mixer.heading.missing", set, "user-relative-identifier");
    return identifier;
}

Result<void> HeadingReader::identifier_into(IpmIdentifier& identifier, const Value& set) {
    auto read = identifier_of(set);
    if (!read) return std::unexpected(read.error());
    identifier = std::move(*read);
    return {};
}

Result<void> HeadingReader::related_into(const Value& list) {
    if (auto fits = check_list(list); !fits) return fits;
    for (const Value& member : list.members) {
        if (member.tag != tag_ipm_identifier) return wrong("der.value.unexpected-tag", member);
        auto each = identifier_of(member);
        if (!each) return std::unexpected(each.error());
        heading_.related.push_back(std::move(*each));
    }
    return {};
}

Result<void> HeadingReader::subject_into(const Value& wrapped) {
    if (wrapped.form != der::Form::Constructed || wrapped.members.size() != 1) {
        return wrong("der.value.missing", wrapped);
    }
    auto text = string_of(wrapped.members[0]);
    if (!text) return std::unexpected(text.error());
    heading_.subject = std::move(*text);
    return {};
}

Result<void> HeadingReader::extensions_into(const Value& set) {
    for (const Value& member : set.members) {
        der::Members parts(member);
        const auto type = parts.need(der::tag_oid);
        if (!type) return std::unexpected(type.error());
        auto oid = der::to_dotted(**type);
        if (!oid) return std::unexpected(oid.error());
        Extension extension{.oid = std::move(*oid)};
        if (const Value* value = parts.next()) extension.value = *value;
        if (auto end = parts.end(); !end) return end;
        heading_.extensions.push_back(std::move(extension));
    }
    return {};
}

Result<void> HeadingReader::address_element(const Value& value) {
    switch (value.tag.number) {
        case authorizing_users:
            return people_into(heading_.authorizing_users, value);
        case primary:
            return recipients_into(heading_.primary, value);
        case copy:
            return recipients_into(heading_.copy, value);
        case blind_copy:
            return recipients_into(heading_.blind_copy, value);
        case reply_recipients:
            return people_into(heading_.reply_recipients, value);
        default:
            break;
    }
    auto descriptor = descriptor_of(value);
    if (!descriptor) return std::unexpected(descriptor.error());
    heading_.originator = std::move(*descriptor);
    return {};
}

Result<void> HeadingReader::element(const Value& value) {
    if (value.tag == tag_ipm_identifier) return identifier_into(heading_.this_ipm, value);
    for (const Element each :
         {originator, authorizing_users, primary, copy, blind_copy, reply_recipients}) {
        if (value.tag == context(each)) return address_element(value);
    }
    if (value.tag == context(replied_to)) {
        return identifier_into(heading_.replied_to.emplace(), value);
    }
    if (value.tag == context(related)) return related_into(value);
    if (value.tag == context(subject)) return subject_into(value);
    if (value.tag == context(extensions)) return extensions_into(value);
    if (value.tag.cls != der::Class::ContextSpecific) {
        return wrong("der.value.unexpected-member", value);
    }
    heading_.others.push_back(value);
    return {};
}

Result<Heading> HeadingReader::read(const Value& set) {
    if (set.tag != der::tag_set) return wrong("der.value.unexpected-tag", set);
    if (auto unique = no_tag_twice(set); !unique) return std::unexpected(unique.error());
    if (std::ranges::find(set.members, tag_ipm_identifier, &Value::tag) == set.members.end()) {
        return wrong("mixer.heading.missing", set, "this-IPM");
    }
    for (const Value& member : set.members) {
        if (auto read = element(member); !read) return std::unexpected(read.error());
    }
    return std::move(heading_);
}

}  // namespace

bool is_mmhs(const Extension& extension) {
    return extension.oid.starts_with(mmhs_extensions);
}

der::Value encode_people(const std::vector<OrDescriptor>& people) {
    std::vector<Value> members;
    std::ranges::transform(people, std::back_inserter(members), user_set);
    return der::make_sequence(std::move(members));
}

Result<std::vector<OrDescriptor>> decode_people(const der::Value& list) {
    Tolerated tolerated;
    return HeadingReader(tolerated).people_of(list);
}

Result<std::string> encode_ipm(const Heading& heading) {
    std::vector<Value> elements{identifier(heading.this_ipm)};
    if (heading.originator) {
        elements.push_back(make_constructed(context(originator), descriptor(*heading.originator)));
    }
    add_list(elements, authorizing_users, heading.authorizing_users, user_set);
    add_list(elements, primary, heading.primary, recipient);
    add_list(elements, copy, heading.copy, recipient);
    add_list(elements, blind_copy, heading.blind_copy, recipient);
    if (heading.replied_to) {
        elements.push_back(identifier(*heading.replied_to, context(replied_to)));
    }
    if (!heading.related.empty()) {
        add_list(elements, related, std::optional(heading.related),
                 [](const IpmIdentifier& each) { return identifier(each); });
    }
    add_list(elements, reply_recipients, heading.reply_recipients, user_set);
    if (heading.subject) {
        elements.push_back(make_constructed(
            context(subject), {der::make_primitive(der::tag_teletex_string, *heading.subject)}));
    }
    if (!heading.extensions.empty()) {
        auto set = extension_set(heading.extensions);
        if (!set) return std::unexpected(set.error());
        elements.push_back(std::move(*set));
    }
    elements.insert(elements.end(), heading.others.begin(), heading.others.end());
    return der::write(
        make_constructed(context(0), {der::make_set(std::move(elements)), der::make_sequence({})}));
}

Result<HeadingReading> decode_ipm(std::string_view octets) {
    auto reading = der::read_ber(octets);
    if (!reading) return std::unexpected(reading.error());
    for (const Error& each : reading->tolerated) {
        if (each.id == "der.input.trailing-octets") {
            return std::unexpected(Error{"mixer.ipm.trailing-octets", each.offset, "x420"});
        }
    }
    const Value& object = reading->value;
    if (object.tag != context(0)) return wrong("mixer.ipm.not-an-ipm", object);
    // Heading and body; the parts of the body are RFC 2157's.
    if (object.members.size() != 2) return wrong("der.value.missing", object);
    Tolerated tolerated = std::move(reading->tolerated);
    auto heading = HeadingReader(tolerated).read(object.members[0]);
    if (!heading) return std::unexpected(heading.error());
    return HeadingReading{.heading = std::move(*heading), .tolerated = std::move(tolerated)};
}

}  // namespace mailassay::mixer
