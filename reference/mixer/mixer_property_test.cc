#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "der/read.h"
#include "mixer/mapping.h"

namespace mailassay::mixer {
namespace {

using Names = std::vector<std::string>;

std::string a_word() {
    return *rc::gen::nonEmpty(
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019_+-%!"))));
}

Names some_addresses(int least, int most) {
    Names all;
    const int count = *rc::gen::inRange(least, most + 1);
    for (int i = 0; i < count; ++i) all.push_back(a_word().substr(0, 30) + "@example.mil");
    return all;
}

std::string joined(const Names& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

imf::HeaderSection with(const Names& from, const Names& sender, const Names& users) {
    imf::HeaderSection header;
    header.append(*imf::make_field("From", joined(from)));
    if (!sender.empty()) header.append(*imf::make_field("Sender", sender[0]));
    if (!users.empty()) header.append(*imf::make_field("MMHS-Authorizing-Users", joined(users)));
    return header;
}

Names people(const imf::HeaderSection& header, std::string_view name) {
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

RC_GTEST_PROP(Mixer, OneAuthorAndUsersComeBackInOrder, ()) {
    const Names from = some_addresses(1, 1);
    const Names users = some_addresses(0, 12);
    Mapping mapping = a_mapping();
    mapping.military = Military::Always;
    const auto header = there_and_back(with(from, {}, users), mapping);
    RC_ASSERT(people(header, "From") == from);
    RC_ASSERT(people(header, "MMHS-Authorizing-Users") == users);
    RC_ASSERT(header.find_first("Sender") == nullptr);
}

RC_GTEST_PROP(Mixer, SenderAndAuthorsComeBackWithoutTheField, ()) {
    const Names from = some_addresses(1, 8);
    const Names sender = some_addresses(1, 1);
    Mapping mapping = a_mapping();
    mapping.military = Military::ByExtension;
    const auto header = there_and_back(with(from, sender, {}), mapping);
    RC_ASSERT(people(header, "From") == from);
    RC_ASSERT(people(header, "Sender") == sender);
}

RC_GTEST_PROP(Mixer, NobodyIsInventedAndNobodyLost, ()) {
    const Names from = some_addresses(1, 5);
    const Names sender = some_addresses(0, 1);
    const Names users = some_addresses(0, 5);
    const auto before = with(from, sender, users);
    const auto after = there_and_back(before, a_mapping());
    const auto everybody = [](const imf::HeaderSection& header) {
        Names all;
        for (const char* name : {"From", "Sender", "MMHS-Authorizing-Users"}) {
            std::ranges::copy(people(header, name), std::back_inserter(all));
        }
        std::ranges::sort(all);
        return all;
    };
    RC_ASSERT(everybody(before) == everybody(after));
}

RC_GTEST_PROP(Mixer, AddressesComeBack, ()) {
    const std::string local =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', 0x7f)));
    const imf::Mailbox mailbox{.display_name = {}, .local_part = local, .domain = "a.example"};
    const auto address = to_or_address(mailbox, Gateway::example());
    if (!address) return;
    const auto back = to_mailbox(*address, Gateway::example());
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->address() == mailbox.address() || !held_mailbox(*address));
}

RC_GTEST_PROP(Mixer, WhateverIsReadIsWrittenAndReadTheSame, ()) {
    const auto header = with(some_addresses(1, 3), {}, some_addresses(0, 3));
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
    static_cast<void>(from_x400(reading->heading, {}, rules));
}

}  // namespace
}  // namespace mailassay::mixer
