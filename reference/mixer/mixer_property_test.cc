#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "der/read.h"
#include "mixer/mapping.h"
#include "mixer/strings.h"

namespace mailassay::mixer {
namespace {

using Names = std::vector<std::string>;

const std::string printable =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";

std::string text_of(const std::string& characters, std::size_t most) {
    std::string text =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(characters)));
    return text.substr(0, most);
}

// -- people of the Internet ----------------------------------------------------------------------

// Dot-atoms, what needs quotes, what needs escapes, what goes on in a second attribute, what looks
// like an O/R address and is none.
imf::Mailbox a_mailbox() {
    std::string local;
    switch (*rc::gen::inRange(0, 6)) {
        case 0:
            local = text_of("abcXYZ019_+-%!", 30);
            break;
        case 1:
            local = text_of("ab.c\"\\(),:;<>@[] _%!#$&'*+-/=?^`{|}~", 20);
            break;
        case 2:
            local = std::string(static_cast<std::size_t>(*rc::gen::inRange(100, 200)), 'x');
            break;
        case 3:
            local = "/" + text_of("SCO=abc/;.$", 12);
            break;
        default:
            local = text_of("abcdef", 8) + "." + text_of("abc", 8);
    }
    const std::string domain = *rc::gen::element<std::string>("example.mil", "a.b-c.example", "x");
    imf::Mailbox mailbox{.display_name = {}, .local_part = std::move(local), .domain = domain};
    // Of one that is an O/R address the domain does not cross the border.
    const auto address = to_or_address(mailbox, Gateway::example());
    if (address && !held_mailbox(*address)) mailbox.local_part.insert(0, "_");
    return mailbox;
}

std::string named(imf::Mailbox mailbox) {
    mailbox.display_name = *rc::gen::element<std::string>("", "Duty Officer", "Ann (on call), RN",
                                                          "q@example.org", "=?utf-8?Q?=C3=A9?=");
    return to_string(mailbox);
}

Names some_people(int least, int most) {
    Names all;
    const int count = *rc::gen::inRange(least, most + 1);
    for (int i = 0; i < count; ++i) all.push_back(named(a_mailbox()));
    return all;
}

std::string joined(const Names& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

struct Written {
    Names from;
    Names sender = {};
    Names users = {};
    Names to = {};
    Names cc = {};
};

imf::HeaderSection header_of(const Written& written) {
    imf::HeaderSection header;
    header.append(*imf::make_field("Message-ID", "<1.x@example.mil>"));
    for (const auto& [name, people] : {std::pair{"From", &written.from},
                                       {"Sender", &written.sender},
                                       {"MMHS-Authorizing-Users", &written.users},
                                       {"To", &written.to},
                                       {"Cc", &written.cc}}) {
        if (!people->empty()) header.append(*imf::make_field(name, joined(*people)));
    }
    return header;
}

// Whom a field names, by address.
Names addresses(const imf::HeaderSection& header, std::string_view name) {
    Names all;
    const auto* field = header.find_first(name);
    if (field == nullptr) return all;
    const auto mailboxes = imf::parse_mailbox_list(field->body);
    RC_ASSERT(mailboxes.has_value());
    for (const auto& each : *mailboxes) all.push_back(each.address());
    return all;
}

const StandardRules rules;

Mapping a_mapping() {
    return {.edition = *rc::gen::element(base::Edition::Draft, base::Edition::Rfc),
            .military = *rc::gen::element(Military::ByExtension, Military::Always)};
}

// Through the octets, not only through the values.
imf::HeaderSection there_and_back(const imf::HeaderSection& header, const Mapping& mapping) {
    const auto heading = to_x400(header, mapping, rules);
    RC_ASSERT(heading.has_value());
    const auto octets = encode_ipm(heading->heading);
    RC_ASSERT(octets.has_value());
    RC_ASSERT(der::read_der(*octets).has_value());
    const auto reading = decode_ipm(*octets);
    RC_ASSERT(reading.has_value());
    RC_ASSERT(reading->heading == heading->heading);
    const auto back = from_x400(reading->heading, mapping, rules);
    RC_ASSERT(back.has_value());
    return back->header;
}

constexpr const char* users_field = "MMHS-Authorizing-Users";

void expect_the_same(const imf::HeaderSection& one, const imf::HeaderSection& other) {
    for (const char* name : {"From", "Sender", users_field, "To", "Cc"}) {
        RC_ASSERT(addresses(one, name) == addresses(other, name));
    }
}

RC_GTEST_PROP(Mixer, OneAuthorAndUsersComeBackInOrder, ()) {
    const auto given = header_of({.from = some_people(1, 1),
                                  .users = some_people(0, 12),
                                  .to = some_people(1, 8),
                                  .cc = some_people(0, 8)});
    Mapping mapping = a_mapping();
    mapping.military = Military::Always;
    expect_the_same(given, there_and_back(given, mapping));
}

RC_GTEST_PROP(Mixer, SenderAndAuthorsComeBackWithoutTheField, ()) {
    const auto given = header_of(
        {.from = some_people(1, 8), .sender = some_people(1, 1), .to = some_people(1, 8)});
    Mapping mapping = a_mapping();
    mapping.military = Military::ByExtension;
    expect_the_same(given, there_and_back(given, mapping));
}

RC_GTEST_PROP(Mixer, NobodyIsInventedAndNobodyLost, ()) {
    const auto before = header_of({.from = some_people(1, 5),
                                   .sender = some_people(0, 1),
                                   .users = some_people(0, 5),
                                   .to = some_people(1, 5)});
    const auto after = there_and_back(before, a_mapping());
    const auto everybody = [](const imf::HeaderSection& header) {
        Names all;
        for (const char* name : {"From", "Sender", users_field}) {
            std::ranges::copy(addresses(header, name), std::back_inserter(all));
        }
        std::ranges::sort(all);
        return all;
    };
    RC_ASSERT(everybody(before) == everybody(after));
    RC_ASSERT(addresses(before, "To") == addresses(after, "To"));
}

// Whatever the report does not name has come back.
RC_GTEST_PROP(Mixer, WhatIsNotReportedLostHasComeBack, ()) {
    auto given = header_of({.from = some_people(1, 3),
                            .sender = some_people(0, 1),
                            .users = some_people(0, 3),
                            .to = some_people(1, 3)});
    given.append(*imf::make_field("Subject", *rc::gen::element<std::string>(
                                                 "figures", std::string(200, 's'), "caf\xC3\xA9")));
    given.append(*imf::make_field("X-Other", *rc::gen::element<std::string>("y", "\xC3\xA9")));
    given.append(*imf::make_field("MMHS-Primary-Precedence",
                                  *rc::gen::element<std::string>("4 (flash)", "none such")));
    const Mapping mapping = a_mapping();
    const auto losses = round_trip_losses(given, mapping, rules);
    RC_ASSERT(losses.has_value());
    const auto back = there_and_back(given, mapping);
    for (const imf::HeaderField& field : given.fields()) {
        const bool told = std::ranges::any_of(*losses, [&](const Loss& loss) {
            RC_ASSERT(!reason(loss.id).empty());
            return loss.where == field.name;
        });
        const imf::HeaderField* now = back.find_first(field.name);
        if (told) continue;
        RC_ASSERT(now != nullptr);
        if (now->value() == field.value()) continue;
        RC_ASSERT(!addresses(given, field.name).empty());
        RC_ASSERT(addresses(given, field.name) == addresses(back, field.name));
    }
}

// -- O/R addresses -------------------------------------------------------------------------------

DualString a_value(std::size_t most) {
    DualString value;
    const int kind = *rc::gen::inRange(0, 3);
    if (kind != 1) value.printable = text_of(printable, most);
    if (kind != 0) value.teletex = text_of(printable + "\xE9\xA5_@{}*", most);
    // The text form has one spelling for both.
    if (value.printable == value.teletex) value.teletex.reset();
    const bool plain = value.teletex && is_printable_string(*value.teletex);
    if (!value.printable && plain) std::swap(value.printable, value.teletex);
    return value;
}

OrAddress an_address() {
    OrAddress address{.country = text_of("ABC", 2), .admd = text_of(printable, 16)};
    if (*rc::gen::arbitrary<bool>()) address.prmd = text_of(printable, 16);
    if (*rc::gen::arbitrary<bool>()) address.organization = a_value(64);
    if (*rc::gen::arbitrary<bool>()) address.personal_name.surname = a_value(40);
    if (*rc::gen::arbitrary<bool>()) address.personal_name.initials = a_value(5);
    if (*rc::gen::arbitrary<bool>()) address.common_name = a_value(64);
    if (*rc::gen::arbitrary<bool>()) address.user_id = text_of("0123456789 ", 32);
    if (*rc::gen::arbitrary<bool>()) address.further["PD-STREET"] = a_value(30);
    if (*rc::gen::arbitrary<bool>()) {
        address.further["PD-ADDRESS"].printable = text_of(printable, 30) + "|x";
        address.further["NET-NUM"].printable = text_of("0123456789 ", 15);
    }
    const int units = *rc::gen::inRange(0, 5);
    for (int i = 0; i < units; ++i) address.units.push_back({.printable = text_of(printable, 32)});
    const int defined = *rc::gen::inRange(0, 5);
    for (int i = 0; i < defined; ++i) {
        address.domain_defined.push_back(
            {{.printable = text_of("ABCabc19-", 8)}, {.printable = text_of(printable, 128)}});
    }
    return address;
}

RC_GTEST_PROP(OrAddresses, TheTextFormIsReadAsItWasWritten, ()) {
    const OrAddress address = an_address();
    const auto again = parse_text(to_text(address));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == address);
}

RC_GTEST_PROP(OrAddresses, AreReadFromAsn1AsTheyWereWritten, ()) {
    Heading heading{.this_ipm = {.local = "1"}};
    heading.originator = OrDescriptor{.address = an_address()};
    const auto octets = encode_ipm(heading);
    RC_ASSERT(octets.has_value());
    RC_ASSERT(der::read_der(*octets).has_value());
    const auto reading = decode_ipm(*octets);
    RC_ASSERT(reading.has_value());
    RC_ASSERT(reading->heading == heading);
}

RC_GTEST_PROP(OrAddresses, ComeBackThroughTheInternet, ()) {
    OrAddress address = an_address();
    const auto mailbox = to_mailbox(address, Gateway::example());
    RC_ASSERT(mailbox.has_value());
    if (held_mailbox(address)) return;
    const auto back = to_or_address(*mailbox, Gateway::example());
    // What X.400 has no room for, or what its text form can't say without doubt, is wrapped whole.
    if (back && !(*back == address)) RC_ASSERT(held_mailbox(*back) == mailbox);
}

RC_GTEST_PROP(OrAddresses, AnyLocalPartComesBack, ()) {
    const std::string local =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', 0x7f)));
    const imf::Mailbox mailbox{.display_name = {}, .local_part = local, .domain = "a.example"};
    const auto address = to_or_address(mailbox, Gateway::example());
    if (!address) return;
    const auto back = to_mailbox(*address, Gateway::example());
    RC_ASSERT(back.has_value());
    if (held_mailbox(*address)) RC_ASSERT(back->address() == mailbox.address());
}

RC_GTEST_PROP(Mixer, WhateverIsReadIsWrittenAndReadTheSame, ()) {
    const auto header = header_of({.from = some_people(1, 3), .users = some_people(0, 3)});
    const auto heading = to_x400(header, {}, rules);
    RC_ASSERT(heading.has_value());
    std::string octets = *encode_ipm(heading->heading);
    octets[*rc::gen::inRange<std::size_t>(0, octets.size())] = *rc::gen::arbitrary<char>();
    const auto reading = decode_ipm(octets);
    if (!reading) return;
    const auto again = encode_ipm(reading->heading);
    RC_ASSERT(again.has_value());
    const auto second = decode_ipm(*again);
    RC_ASSERT(second.has_value());
    // Characters that their type lacks make it another type's string, in another list.
    if (reading->tolerated.empty()) RC_ASSERT(second->heading == reading->heading);
    static_cast<void>(from_x400(reading->heading, {}, rules));
}

}  // namespace
}  // namespace mailassay::mixer
