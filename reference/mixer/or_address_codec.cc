#include "mixer/or_address_codec.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "der/string_types.h"
#include "mixer/further_attributes.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

using der::context;
using der::make_constructed;
using der::make_primitive;
using der::Value;

constexpr der::Tag tag_country{der::Class::Application, 1};
constexpr der::Tag tag_admd{der::Class::Application, 2};

// The extension attributes of X.411 that have a text form here.
enum : std::int64_t {
    common_name = 1,
    teletex_common_name = 2,
    teletex_organization = 3,
    teletex_personal_name = 4,
    teletex_units = 5,
    teletex_domain_defined = 6,
};

// -- writing -----------------------------------------------------------------------------------

// [rfc2156/4.1.1]: digits and only digits are a NumericString where there is a choice.
Value numeric_or_printable(const std::string& text) {
    const bool digits = !text.empty() && std::ranges::all_of(text, base::is_digit);
    return make_primitive(digits ? der::tag_numeric_string : der::tag_printable_string, text);
}

void add_choice(std::vector<Value>& to, der::Tag tag, const std::optional<std::string>& text) {
    if (text) to.push_back(make_constructed(tag, {numeric_or_printable(*text)}));
}

void add_string(std::vector<Value>& to, der::Tag tag, const std::optional<std::string>& text) {
    if (text) to.push_back(make_primitive(tag, *text));
}

// The four components, of one encoding.
std::vector<Value> name_components(const PersonalName& name,
                                   std::optional<std::string> DualString::* encoding) {
    std::vector<Value> components;
    add_string(components, context(0), name.surname.*encoding);
    add_string(components, context(1), name.given_name.*encoding);
    add_string(components, context(2), name.initials.*encoding);
    add_string(components, context(3), name.generation.*encoding);
    return components;
}

std::vector<Value> printable_units(const OrAddress& address) {
    std::vector<Value> units;
    for (const DualString& unit : address.units) {
        add_string(units, der::tag_printable_string, unit.printable);
    }
    // Both sequences are read side by side: a short one would be put beside other units.
    const bool needs_teletex = std::ranges::any_of(
        address.units, [](const DualString& unit) { return unit.teletex.has_value(); });
    if (needs_teletex && units.size() != address.units.size()) units.clear();
    return units;
}

std::vector<Value> printable_domain_defined(const OrAddress& address) {
    std::vector<Value> all;
    for (const DomainDefined& each : address.domain_defined) {
        if (!each.type.printable || !each.value.printable) continue;
        all.push_back(
            der::make_sequence({make_primitive(der::tag_printable_string, *each.type.printable),
                                make_primitive(der::tag_printable_string, *each.value.printable)}));
    }
    return all;
}

Value standard_attributes(const OrAddress& address) {
    std::vector<Value> all;
    add_choice(all, tag_country, address.country);
    add_choice(all, tag_admd, address.admd);
    add_string(all, context(0), address.x121);
    add_string(all, context(1), address.terminal);
    add_choice(all, context(2), address.prmd);
    add_string(all, context(3), address.organization.printable);
    add_string(all, context(4), address.user_id);
    if (auto name = name_components(address.personal_name, &DualString::printable); !name.empty()) {
        all.push_back(make_constructed(context(5), std::move(name)));
    }
    if (auto units = printable_units(address); !units.empty()) {
        all.push_back(make_constructed(context(6), std::move(units)));
    }
    return der::make_sequence(std::move(all));
}

Value extension(std::int64_t type, Value value) {
    return der::make_sequence(
        {der::make_integer(type, context(0)), make_constructed(context(1), {std::move(value)})});
}

Value teletex(const std::string& octets) {
    return make_primitive(der::tag_teletex_string, octets);
}

std::vector<Value> teletex_lists(const OrAddress& address) {
    std::vector<Value> all;
    if (std::ranges::any_of(address.units, [](const auto& unit) { return !!unit.teletex; })) {
        std::vector<Value> units;
        for (const DualString& unit : address.units) {
            units.push_back(teletex(unit.teletex ? *unit.teletex : unit.printable.value_or("")));
        }
        all.push_back(extension(teletex_units, der::make_sequence(std::move(units))));
    }
    std::vector<Value> defined;
    for (const DomainDefined& each : address.domain_defined) {
        if (!each.type.teletex || !each.value.teletex) continue;
        defined.push_back(
            der::make_sequence({teletex(*each.type.teletex), teletex(*each.value.teletex)}));
    }
    if (!defined.empty()) {
        all.push_back(extension(teletex_domain_defined, der::make_sequence(std::move(defined))));
    }
    return all;
}

std::vector<Value> extension_attributes(const OrAddress& address) {
    std::vector<Value> all;
    if (address.common_name.printable) {
        all.push_back(extension(common_name, make_primitive(der::tag_printable_string,
                                                            *address.common_name.printable)));
    }
    if (address.common_name.teletex) {
        all.push_back(extension(teletex_common_name, teletex(*address.common_name.teletex)));
    }
    if (address.organization.teletex) {
        all.push_back(extension(teletex_organization, teletex(*address.organization.teletex)));
    }
    if (auto name = name_components(address.personal_name, &DualString::teletex); !name.empty()) {
        all.push_back(extension(teletex_personal_name, der::make_set(std::move(name))));
    }
    std::ranges::move(teletex_lists(address), std::back_inserter(all));
    for (auto& [type, value] : encode_further(address)) {
        all.push_back(extension(type, std::move(value)));
    }
    all.insert(all.end(), address.others.begin(), address.others.end());
    return all;
}

// -- reading -----------------------------------------------------------------------------------

std::unexpected<Error> wrong(std::string_view id, const Value& at, std::string detail = {}) {
    return std::unexpected(Error{id, at.offset, "x411", std::move(detail)});
}

class AddressReader {
  public:
    explicit AddressReader(Tolerated& tolerated) : tolerated_(tolerated) {}

    Result<void> standard(const Value& attributes);
    Result<void> domain_defined(const Value& list);
    Result<void> extensions(const Value& set);
    OrAddress take() { return std::move(address_); }

  private:
    Result<void> into(std::optional<std::string>& field, const Value* value);
    Result<void> choice_into(std::optional<std::string>& field, const Value* value);
    Result<void> into(DualString& field, const Value& value);
    Result<void> name_into(const Value& set, bool teletex);
    Result<void> units_into(const Value& list, bool teletex);
    Result<void> defined_into(const Value& list, bool teletex);
    Result<void> extension_into(const Value& member);
    Result<DomainDefined> pair_of(const Value& member, bool teletex);

    OrAddress address_;
    Tolerated& tolerated_;
    std::vector<std::int64_t> seen_;
};

// Of a string without a teletex variant: nothing can hold what PrintableString can't.
Result<void> AddressReader::into(std::optional<std::string>& field, const Value* value) {
    if (value == nullptr) return {};
    auto text = string_of(*value);
    if (!text) return std::unexpected(text.error());
    if (!is_printable_string(*text)) return wrong("mixer.address.characters", *value);
    field = std::move(*text);
    return {};
}

Result<void> AddressReader::choice_into(std::optional<std::string>& field, const Value* value) {
    if (value == nullptr) return {};
    der::Members choice(*value);
    const Value* only = choice.next();
    if (only == nullptr) return wrong("der.value.missing", *value);
    if (auto end = choice.end(); !end) return end;
    return into(field, only);
}

// A PrintableString with other characters is read as the TeletexString that it should have been.
Result<void> AddressReader::into(DualString& field, const Value& value) {
    auto text = string_of(value);
    if (!text) return std::unexpected(text.error());
    if (is_printable_string(*text)) {
        field.printable = std::move(*text);
        return {};
    }
    tolerated_.push_back({"mixer.heading.characters", value.offset, "x680/41"});
    field.teletex = std::move(*text);
    return {};
}

Result<void> AddressReader::name_into(const Value& set, bool teletex) {
    PersonalName& name = address_.personal_name;
    const std::array<DualString*, 4> fields{&name.surname, &name.given_name, &name.initials,
                                            &name.generation};
    std::array<bool, 4> seen{};
    for (const Value& member : set.members) {
        if (member.tag.cls != der::Class::ContextSpecific || member.tag.number > 3) {
            return wrong("der.value.unexpected-member", member);
        }
        if (std::exchange(seen[member.tag.number], true)) {
            return wrong("mixer.address.repeated", member, "personal-name");
        }
        DualString& field = *fields[member.tag.number];
        if (!teletex) {
            if (auto read = into(field, member); !read) return read;
            continue;
        }
        auto text = string_of(member);
        if (!text) return std::unexpected(text.error());
        field.teletex = std::move(*text);
    }
    return {};
}

Result<void> AddressReader::units_into(const Value& list, bool teletex) {
    std::size_t at = 0;
    for (const Value& member : list.members) {
        if (at == address_.units.size()) address_.units.emplace_back();
        DualString& unit = address_.units[at++];
        if (!teletex) {
            if (auto read = into(unit, member); !read) return read;
            continue;
        }
        auto text = string_of(member);
        if (!text) return std::unexpected(text.error());
        unit.teletex = std::move(*text);
    }
    return {};
}

Result<DomainDefined> AddressReader::pair_of(const Value& member, bool teletex) {
    if (member.members.size() != 2) return wrong("der.value.missing", member);
    DomainDefined pair;
    for (auto [field, value] :
         {std::pair{&pair.type, &member.members[0]}, std::pair{&pair.value, &member.members[1]}}) {
        if (!teletex) {
            if (auto read = into(*field, *value); !read) return std::unexpected(read.error());
            continue;
        }
        auto text = string_of(*value);
        if (!text) return std::unexpected(text.error());
        field->teletex = std::move(*text);
    }
    // Type and value have one encoding, also where it is not the one that it was sent in.
    if (pair.value.teletex && !pair.type.teletex) pair.type.teletex = pair.type.printable;
    if (pair.type.teletex && !pair.value.teletex) pair.value.teletex = pair.value.printable;
    if (!pair.value.printable || !pair.type.printable) {
        pair.type.printable.reset();
        pair.value.printable.reset();
    }
    return pair;
}

Result<void> AddressReader::defined_into(const Value& list, bool teletex) {
    for (const Value& member : list.members) {
        auto pair = pair_of(member, teletex);
        if (!pair) return std::unexpected(pair.error());
        const auto same = std::ranges::find_if(address_.domain_defined, [&](const auto& each) {
            return teletex && !each.type.teletex && each.type.printable == pair->type.teletex;
        });
        if (same == address_.domain_defined.end()) {
            address_.domain_defined.push_back(std::move(*pair));
        } else {
            same->type.teletex = std::move(pair->type.teletex);
            same->value.teletex = std::move(pair->value.teletex);
        }
    }
    return {};
}

Result<void> AddressReader::standard(const Value& attributes) {
    der::Members members(attributes);
    if (auto read = choice_into(address_.country, members.take(tag_country)); !read) return read;
    if (auto read = choice_into(address_.admd, members.take(tag_admd)); !read) return read;
    if (auto read = into(address_.x121, members.take(context(0))); !read) return read;
    if (auto read = into(address_.terminal, members.take(context(1))); !read) return read;
    if (auto read = choice_into(address_.prmd, members.take(context(2))); !read) return read;
    if (const Value* value = members.take(context(3))) {
        if (auto read = into(address_.organization, *value); !read) return read;
    }
    if (auto read = into(address_.user_id, members.take(context(4))); !read) return read;
    if (const Value* name = members.take(context(5))) {
        if (auto read = name_into(*name, false); !read) return read;
    }
    if (const Value* units = members.take(context(6))) {
        if (auto read = units_into(*units, false); !read) return read;
    }
    return members.end();
}

Result<void> AddressReader::domain_defined(const Value& list) {
    return defined_into(list, false);
}

Result<void> AddressReader::extension_into(const Value& member) {
    der::Members parts(member);
    const auto type = parts.need(context(0));
    if (!type) return std::unexpected(type.error());
    const auto number = der::to_integer(**type, context(0));
    if (!number) return std::unexpected(number.error());
    const auto wrapped = parts.need(context(1));
    if (!wrapped) return std::unexpected(wrapped.error());
    if ((*wrapped)->members.size() != 1) return wrong("der.value.missing", **wrapped);
    const Value& value = (*wrapped)->members[0];
    if (std::ranges::find(seen_, *number) != seen_.end()) {
        return wrong("mixer.address.repeated", member, "extension-attributes");
    }
    seen_.push_back(*number);
    if (*number == common_name) return into(address_.common_name, value);
    if (*number == teletex_personal_name) return name_into(value, true);
    if (*number == teletex_units) return units_into(value, true);
    if (*number == teletex_domain_defined) return defined_into(value, true);
    if (*number != teletex_common_name && *number != teletex_organization) {
        if (!decode_further(address_, *number, value)) address_.others.push_back(member);
        return {};
    }
    auto text = string_of(value);
    if (!text) return std::unexpected(text.error());
    DualString& field =
        *number == teletex_organization ? address_.organization : address_.common_name;
    field.teletex = std::move(*text);
    return {};
}

Result<void> AddressReader::extensions(const Value& set) {
    for (const Value& member : set.members) {
        if (auto read = extension_into(member); !read) return read;
    }
    return {};
}

}  // namespace

Result<std::string> string_of(const Value& value) {
    if (value.form == der::Form::Primitive) {
        if (value.tag.cls == der::Class::Universal && !der::is_string(value.tag)) {
            return wrong("mixer.string.not-a-string", value);
        }
        return value.content;
    }
    // Segments of an implicitly tagged string: a reader without a schema leaves them as they are.
    std::string joined;
    for (const Value& segment : value.members) {
        if (segment.form != der::Form::Primitive || !der::is_string(segment.tag)) {
            return wrong("mixer.string.not-a-string", segment);
        }
        joined += segment.content;
    }
    return joined;
}

std::vector<Value> encode_address(const OrAddress& address) {
    std::vector<Value> members{standard_attributes(address)};
    if (auto defined = printable_domain_defined(address); !defined.empty()) {
        members.push_back(der::make_sequence(std::move(defined)));
    }
    if (auto extensions = extension_attributes(address); !extensions.empty()) {
        members.push_back(der::make_set_of(std::move(extensions)));
    }
    return members;
}

Result<OrAddress> decode_address(der::Members& members, Tolerated& tolerated) {
    AddressReader reader(tolerated);
    const auto standard = members.need(der::tag_sequence);
    if (!standard) return std::unexpected(standard.error());
    if (auto read = reader.standard(**standard); !read) return std::unexpected(read.error());
    if (const Value* defined = members.take(der::tag_sequence)) {
        if (auto read = reader.domain_defined(*defined); !read) {
            return std::unexpected(read.error());
        }
    }
    if (const Value* extensions = members.take(der::tag_set)) {
        if (auto read = reader.extensions(*extensions); !read) {
            return std::unexpected(read.error());
        }
    }
    return reader.take();
}

}  // namespace mailassay::mixer
