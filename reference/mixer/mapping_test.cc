#include "mixer/mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailassay::mixer {
namespace {

using base::Edition;
using Names = std::vector<std::string>;

imf::HeaderSection header(const std::string& octets) {
    auto message = imf::parse_message(octets + "\r\n");
    EXPECT_TRUE(message);
    return message ? message->header : imf::HeaderSection{};
}

std::string name_of(const OrDescriptor& descriptor) {
    if (!descriptor.address) return descriptor.free_form.value_or("") + ":;";
    const auto mailbox = held_mailbox(*descriptor.address);
    return mailbox ? mailbox->address() : to_text(*descriptor.address);
}

Names names_of(const std::optional<std::vector<OrDescriptor>>& users) {
    Names names;
    if (users) {
        for (const OrDescriptor& each : *users) names.push_back(name_of(each));
    }
    return names;
}

const StandardRules rules;

Result<HeadingMade> mapped(const std::string& octets, Edition edition = Edition::Rfc) {
    return to_x400(header(octets), {.edition = edition}, rules);
}

struct RoleCase {
    std::string fields;
    std::string originator;
    Names users;
};

class Roles : public testing::TestWithParam<Edition> {};
INSTANTIATE_TEST_SUITE_P(Editions, Roles, testing::Values(Edition::Draft, Edition::Rfc));

TEST_P(Roles, ToX400) {
    const std::vector<RoleCase> cases{
        {"From: a@x\r\n", "a@x", {}},
        {"From: a@x\r\nSender: s@x\r\n", "s@x", {"a@x"}},
        {"From: a@x, b@x\r\n", "a@x", {"b@x"}},
        {"From: a@x\r\nMMHS-Authorizing-Users: r@x, q@x\r\n", "a@x", {"r@x", "q@x"}},
        {"From: a@x, b@x\r\nMMHS-Authorizing-Users: r@x\r\n", "a@x", {"b@x", "r@x"}},
        {"From: a@x\r\nSender: s@x\r\nMMHS-Authorizing-Users: r@x\r\n", "s@x", {"a@x", "r@x"}},
        {"From: a@x\r\nSender: a@x\r\nMMHS-Authorizing-Users: a@x\r\n", "a@x", {"a@x", "a@x"}},
    };
    for (const RoleCase& each : cases) {
        const auto made = mapped(each.fields, GetParam());
        ASSERT_TRUE(made) << each.fields << to_string(made.error());
        EXPECT_EQ(name_of(*made->heading.originator), each.originator) << each.fields;
        EXPECT_EQ(names_of(made->heading.authorizing_users), each.users) << each.fields;
    }
}

TEST(ToX400, WhatCantBeReadIsRefused) {
    for (const auto& [fields, id] :
         {std::pair{"From: a@x\r\nMMHS-Authorizing-Users: \r\n", "imf.address.empty"},
          {"From: a@x\r\nMMHS-Authorizing-Users: r@x\r\n"
           "MMHS-Authorizing-Users: q@x\r\n",
           "mixer.field.repeated"},
          {"From: a@x\r\nSender: s@x\r\nSender: t@x\r\n", "mixer.field.repeated"},
          {"Subject: none\r\n", "mixer.heading.missing"},
          {"From: a@x\r\nTo: \xC3\xA9@x\r\n", "mixer.string.not-ascii"}}) {
        const auto made = mapped(fields);
        ASSERT_FALSE(made) << fields;
        EXPECT_EQ(made.error().id, id) << fields;
    }
}

TEST(ToX400, GroupsInTheFieldAreTheDraftsAlone) {
    const std::string fields = "From: a@x\r\nMMHS-Authorizing-Users: Releasers: r@x, q@x;\r\n";
    EXPECT_FALSE(mapped(fields));
    const auto made = mapped(fields, Edition::Draft);
    ASSERT_TRUE(made);
    EXPECT_EQ(names_of(made->heading.authorizing_users), (Names{"r@x", "q@x"}));
}

TEST(ToX400, TheRestOfTheHeader) {
    const auto made = mapped(
        "From: \"A Name\" <a@x>\r\nTo: Team: m@x, n@x;, o@x\r\nCc: c@x\r\nBcc: \r\n"
        "Subject: Ren\xC3\xA9\r\nMessage-ID: <1@x>\r\nMMHS-Primary-Precedence: 3 (immediate)\r\n"
        "X-Other: y\r\n");
    ASSERT_TRUE(made) << to_string(made.error());
    const Heading& heading = made->heading;
    EXPECT_EQ(heading.originator->free_form, "A Name");
    ASSERT_EQ(heading.primary->size(), 4u);
    EXPECT_EQ(name_of((*heading.primary)[2].descriptor), "Team:;");
    EXPECT_EQ(heading.copy->size(), 1u);
    EXPECT_TRUE(heading.blind_copy->empty());
    EXPECT_EQ(heading.subject, "=?utf-8?B?UmVuw6k=?=");
    EXPECT_EQ(heading.this_ipm.local, "1(a)x          ");
    EXPECT_EQ(heading.this_ipm.user, Gateway::example().route);
    ASSERT_EQ(heading.extensions.size(), 2u);
    EXPECT_TRUE(is_mmhs(heading.extensions[0]));
    EXPECT_EQ(heading.extensions[1].oid, oid_rfc_822_fields);
    EXPECT_EQ(heading.extensions[1].value->members.at(0).content, "X-Other: y");
    EXPECT_TRUE(made->losses.empty());
}

TEST(ToX400, NoEncodedWordIsCutThrough) {
    const auto made =
        mapped("From: a@x\r\nSubject: " + std::string(120, 'a') + " =?utf-8?Q?caf=C3=A9?=\r\n");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->heading.subject, std::string(120, 'a'));
    EXPECT_EQ(made->losses[0].id, "mixer.loss.cut");
}

Heading military() {
    auto made = mapped(
        "From: a@x\r\nMMHS-Authorizing-Users: r@x, q@x\r\nTo: t@x\r\n"
        "MMHS-Primary-Precedence: flash\r\n");
    EXPECT_TRUE(made);
    return made ? made->heading : Heading{};
}

TEST(FromX400, Military) {
    const auto made = from_x400(military(), {}, rules);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->kind, Kind::Military);
    EXPECT_EQ(made->header.to_octets(),
              "From: a@x\r\nMMHS-Authorizing-Users: r@x, q@x\r\nTo: t@x\r\n"
              "Message-ID: <\"no message identifier*\"@MHS>\r\n"
              "MMHS-Primary-Precedence: 4 (flash)\r\n");
}

TEST(FromX400, OtherMessagesUnlessConfigured) {
    Heading heading = military();
    heading.extensions = {{.oid = "2.6.1.10.1"}};
    const auto made = from_x400(heading, {}, rules);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->kind, Kind::Other);
    EXPECT_EQ(made->header.find_first("From")->value(), "r@x, q@x");
    EXPECT_EQ(made->header.find_first("Sender")->value(), "a@x");
    EXPECT_EQ(made->header.find_first("MMHS-Authorizing-Users"), nullptr);
    EXPECT_EQ(made->header.find_first("Discarded-X400-IPMS-Extensions")->value(), "2.6.1.10.1");
    const auto configured = from_x400(heading, {.military = Military::Always}, rules);
    ASSERT_TRUE(configured);
    EXPECT_EQ(configured->header.find_first("MMHS-Authorizing-Users")->value(), "r@x, q@x");
    EXPECT_EQ(configured->header.find_first("Sender"), nullptr);
}

TEST(FromX400, UsersWithoutAddress) {
    Heading heading = military();
    heading.authorizing_users->push_back({.free_form = "The Duty Officer"});
    const auto rfc = from_x400(heading, {}, rules);
    ASSERT_TRUE(rfc);
    EXPECT_EQ(rfc->header.find_first("MMHS-Authorizing-Users")->value(), "r@x, q@x");
    EXPECT_EQ(rfc->losses, (std::vector<Loss>{{"mixer.loss.no-address", "MMHS-Authorizing-Users",
                                               "The Duty Officer"}}));
    const auto draft = from_x400(heading, {.edition = Edition::Draft}, rules);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->header.find_first("MMHS-Authorizing-Users")->value(),
              "r@x, q@x, The Duty Officer:;");
}

TEST(FromX400, EmptyListsMakeNoField) {
    Heading heading = military();
    heading.authorizing_users.emplace();
    heading.copy.emplace();
    const auto made = from_x400(heading, {}, rules);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->header.find_first("MMHS-Authorizing-Users"), nullptr);
    EXPECT_EQ(made->header.find_first("Cc"), nullptr);
    heading.extensions.clear();
    const auto other = from_x400(heading, {}, rules);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->header.find_first("From")->value(), "a@x");
}

TEST(FromX400, NothingEndsAField) {
    Heading heading = military();
    heading.subject = "one\r\nBcc: evil@x";
    heading.originator->free_form = "x\r\nBcc: evil@x";
    heading.originator->telephone = "1)\r\nBcc: evil@x";
    const auto made = from_x400(heading, {}, rules);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->header.find_first("Bcc"), nullptr);
    const auto again = imf::parse_message(made->header.to_octets() + "\r\n");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->header, made->header);
}

TEST(Identifiers, ComeBack) {
    for (const std::string id : {"<1.2_3@host.example>", "<4*/S=A/ADMD=B/C=GB/@MHS>"}) {
        const auto made = mapped("From: a@x\r\nMessage-ID: " + id + "\r\n");
        ASSERT_TRUE(made);
        const auto back = from_x400(made->heading, {}, rules);
        ASSERT_TRUE(back);
        EXPECT_EQ(back->header.find_first("Message-ID")->value(), id);
    }
}

std::vector<Loss> lost(const std::string& fields, const Mapping& mapping) {
    const auto losses =
        round_trip_losses(header("Message-ID: <1@x>\r\nTo: t@x\r\n" + fields), mapping, rules);
    EXPECT_TRUE(losses) << fields;
    return losses.value_or(std::vector<Loss>{});
}

const Mapping all_military{.military = Military::Always};

TEST(RoundTrip, SaysWhoStandsElsewhere) {
    EXPECT_EQ(lost("From: a@x, b@x\r\nMMHS-Authorizing-Users: r@x\r\n", all_military),
              (std::vector<Loss>{
                  {"mixer.loss.merged", "authorizing-users",
                   "who wrote and who authorized is not told apart"},
                  {"mixer.loss.role", "From", "b@x"},
                  {"mixer.loss.changed", "MMHS-Authorizing-Users", "b@x, r@x"},
              }));
    EXPECT_EQ(lost("From: a@x\r\nSender: s@x\r\n", all_military),
              (std::vector<Loss>{{"mixer.loss.role", "From", "a@x"},
                                 {"mixer.loss.role", "Sender", "s@x"},
                                 {"mixer.loss.added", "MMHS-Authorizing-Users", "a@x"}}));
    // As often as he stood there.
    EXPECT_EQ(lost("From: a@x, a@x\r\n", all_military).front(),
              (Loss{"mixer.loss.role", "From", "a@x"}));
}

TEST(RoundTrip, SaysWhichFieldsAreOthers) {
    EXPECT_EQ(lost("From: a@x\r\nCc: Team: m@x;\r\nSubject: caf\xC3\xA9\r\n"
                   "Reply-To: r@x (Ann)\r\nX-Other: \xC3\xA9\r\n",
                   {}),
              (std::vector<Loss>{
                  {"mixer.loss.characters", "X-Other"},
                  {"mixer.loss.changed", "Cc", "m@x, Team:;"},
                  {"mixer.loss.changed", "Subject", "=?utf-8?B?Y2Fmw6k=?="},
                  {"mixer.loss.changed", "Reply-To", "\"(Ann)\" <r@x>"},
              }));
    EXPECT_EQ(lost("From: a@x\r\nMMHS-Authorizing-Users: Team: m@x;\r\n",
                   {.edition = Edition::Draft, .military = Military::Always})
                  .front(),
              (Loss{"mixer.loss.group", "MMHS-Authorizing-Users", "Team"}));
}

TEST(RoundTrip, SaysNothingOfWhatComesBack) {
    EXPECT_EQ(lost("From: \"A, B\" <a@x>\r\nMMHS-Authorizing-Users: r@x,\r\n q@x\r\n"
                   "Subject:  figures\r\nMMHS-Primary-Precedence: Flash\r\nX-Other: one\r\n two\r\n"
                   "References: <1@x>\r\n <2@x>\r\n",
                   all_military),
              std::vector<Loss>{});
    EXPECT_EQ(lost("From: a@x, b@x\r\nSender: s@x\r\n", {}), std::vector<Loss>{});
}

TEST(Losses, EachHasAReason) {
    for (const std::string_view id : {"field", "extension", "cut", "characters", "no-address",
                                      "group", "merged", "role", "changed", "added"}) {
        EXPECT_FALSE(reason("mixer.loss." + std::string(id)).empty()) << id;
    }
    EXPECT_EQ(reason("mixer.loss.other"), "");
}

}  // namespace
}  // namespace mailassay::mixer
