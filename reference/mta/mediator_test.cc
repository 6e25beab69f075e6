#include "mta/mediator.h"

#include <gtest/gtest.h>

#include "dsn/report.h"
#include "imf/header.h"
#include "imf/mime.h"
#include "mta/intake.h"

namespace mailassay::mta {
namespace {

using requiretls::Edition;
using requiretls::Tag;

const smtp::Path sender{"sender", "a.example"};
const smtp::Path owner{"owner", "b.example"};

class MediatorTest : public testing::Test {
  protected:
    MediatorTest() {
        config_.server.hostname = "mx.example";
        config_.server.relay_from = {Network::parse("127.0.0.0/8").value()};
        config_.lists = {
            {.name = {"staff", "l.example"},
             .owner = owner,
             .members = {{"one", "c.example"}, {"two", "d.example"}}},
            {.name = {"board", "l.example"},
             .owner = owner,
             .members = {{"one", "c.example"}},
             .posting = Posting::Moderated},
        };
        config_.forwards = {{.name = {"roger", "u.example"}, .target = {"roger", "e.example"}}};
        config_.vacations = {
            {.name = {"ann", "u.example"}, .deputy = {"bob", "f.example"}, .text = "Back in May."}};
        submission_.envelope.reverse_path = sender;
        submission_.envelope.helo = "client.example";
        submission_.data = "Subject: hello\r\nMessage-ID: <1@a.example>\r\n\r\nbody\r\n";
        submission_.peer_address = "127.0.0.1";
    }

    std::vector<Message> mail_to(const std::string& local_part, const std::string& domain,
                                 Tag tag = Tag::None, Edition edition = Edition::Rfc) {
        const requiretls::StandardRules rules(edition);
        submission_.envelope.recipients = {
            {.forward_path = {local_part, domain}, .parameters = {{"NOTIFY", "NEVER"}}}};
        submission_.envelope.mail_parameters = {{"BODY", "8BITMIME"}, {"RET", "FULL"}};
        if (tag == Tag::Required) {
            submission_.envelope.mail_parameters.push_back({"REQUIRETLS", std::nullopt});
        }
        Submission given = submission_;
        if (tag == Tag::Optional) given.data = "TLS-Required: No\r\n" + given.data;
        return make_messages(given, config_, rules,
                             [this] { return "id" + std::to_string(count_++); });
    }

    static std::string field_of(const Message& message, std::string_view name) {
        const auto parsed = imf::parse_message(message.data).value();
        const imf::HeaderField* field = parsed.header.find_first(name);
        return field == nullptr ? "none" : field->value();
    }

    static const smtp::Path& recipient_of(const Message& message) {
        return message.envelope.recipients.at(0).forward_path;
    }

    Config config_;
    Submission submission_;
    int count_ = 0;
};

TEST_F(MediatorTest, APostGoesToEveryMemberAsTheOwnersMail) {
    const auto copies = mail_to("STAFF", "L.example", Tag::Required);
    ASSERT_EQ(copies.size(), 2U);
    EXPECT_EQ(recipient_of(copies[0]), (smtp::Path{"one", "c.example"}));
    EXPECT_EQ(recipient_of(copies[1]), (smtp::Path{"two", "d.example"}));
    for (const Message& copy : copies) {
        EXPECT_EQ(copy.tag, Tag::Required);
        EXPECT_EQ(copy.envelope.reverse_path, owner);
        EXPECT_EQ(copy.envelope.mail_parameters,
                  (std::vector<smtp::Parameter>{{"BODY", "8BITMIME"}}));
        EXPECT_TRUE(copy.envelope.recipients[0].parameters.empty());
        EXPECT_EQ(field_of(copy, "List-Id"), "<staff.l.example>");
        EXPECT_TRUE(copy.data.starts_with("Received: from client.example ([127.0.0.1])"));
        EXPECT_TRUE(copy.data.ends_with(submission_.data));
    }
}

TEST_F(MediatorTest, EveryTagIsKept) {
    for (const Tag tag : {Tag::None, Tag::Required, Tag::Optional}) {
        for (const auto& name : {"staff", "board", "staff-request"}) {
            for (const Message& made : mail_to(name, "l.example", tag)) {
                EXPECT_EQ(made.tag, tag) << name;
                EXPECT_EQ(field_of(made, "TLS-Required"), tag == Tag::Optional ? "No" : "none");
            }
        }
        for (const Message& made : mail_to("ann", "u.example", tag)) {
            EXPECT_EQ(made.tag, tag);
            EXPECT_EQ(field_of(made, "TLS-Required"), tag == Tag::Optional ? "No" : "none");
        }
    }
}

TEST_F(MediatorTest, AUserWhoForwardsAsksForRequireTlsUnlessTheFieldSaysOtherwise) {
    const auto tag_of = [this](Tag tag, Edition edition) {
        return mail_to("roger", "u.example", tag, edition).at(0).tag;
    };
    EXPECT_EQ(tag_of(Tag::None, Edition::Rfc), Tag::Required);
    EXPECT_EQ(tag_of(Tag::Required, Edition::Rfc), Tag::Required);
    EXPECT_EQ(tag_of(Tag::Optional, Edition::Rfc), Tag::Optional);
    EXPECT_EQ(tag_of(Tag::None, Edition::Draft), Tag::None);
    const auto forwarded = mail_to("roger", "u.example");
    ASSERT_EQ(forwarded.size(), 1U);
    EXPECT_EQ(forwarded[0].envelope.reverse_path, (smtp::Path{"roger", "u.example"}));
    EXPECT_EQ(recipient_of(forwarded[0]), (smtp::Path{"roger", "e.example"}));
    submission_.envelope.reverse_path = {};
    EXPECT_TRUE(mail_to("roger", "u.example").at(0).envelope.reverse_path.is_null());
}

TEST_F(MediatorTest, ARequestIsAnsweredAndAModeratedPostShownToTheOwner) {
    const auto answers = mail_to("staff-request", "l.example");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(recipient_of(answers[0]), sender);
    EXPECT_EQ(answers[0].envelope.reverse_path, owner);
    EXPECT_EQ(answers[0].peer_address, "");
    EXPECT_EQ(field_of(answers[0], "From"), "<staff-request@l.example>");
    EXPECT_EQ(field_of(answers[0], "Reply-To"), "<owner@b.example>");
    EXPECT_EQ(field_of(answers[0], "In-Reply-To"), "<1@a.example>");
    EXPECT_EQ(field_of(answers[0], "Auto-Submitted"), "auto-replied");
    EXPECT_EQ(field_of(answers[0], "Received"), "none");

    const auto requests = mail_to("board", "l.example");
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(recipient_of(requests[0]), owner);
    const auto parsed = imf::parse_message(requests[0].data).value();
    const auto type = imf::content_type_of(parsed.header).value();
    const auto parts =
        imf::split_multipart(parsed.body, type.parameter("boundary").value()).value();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_TRUE(parts[1].starts_with("Content-Type: message/rfc822\r\n\r\n" + submission_.data));
}

TEST_F(MediatorTest, AnAbsentUsersMailGoesToTheDeputyAndItsSenderIsTold) {
    const auto made = mail_to("ann", "u.example", Tag::Required);
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(recipient_of(made[0]), (smtp::Path{"bob", "f.example"}));
    EXPECT_EQ(made[0].envelope.reverse_path, sender);
    EXPECT_EQ(recipient_of(made[1]), sender);
    EXPECT_TRUE(made[1].envelope.reverse_path.is_null());
    EXPECT_EQ(field_of(made[1], "Subject"), "Away: hello");
    EXPECT_TRUE(made[1].data.ends_with("\r\n\r\nBack in May.\r\n"));
}

TEST_F(MediatorTest, NothingAutomaticIsAnsweredAndNothingVanishes) {
    const auto goes_to = [this](const std::string& name, const std::string& domain) {
        std::vector<smtp::Path> all;
        for (const Message& made : mail_to(name, domain)) all.push_back(recipient_of(made));
        return all;
    };
    const auto expect_no_answers = [&] {
        EXPECT_EQ(goes_to("staff", "l.example"), std::vector{owner});
        EXPECT_EQ(goes_to("board", "l.example"), std::vector{owner});
        EXPECT_EQ(goes_to("staff-request", "l.example"), std::vector{owner});
        EXPECT_EQ(goes_to("ann", "u.example"), (std::vector<smtp::Path>{{"bob", "f.example"}}));
    };
    const std::string by_a_person = submission_.data;
    submission_.data = "Auto-Submitted: auto-replied\r\n" + by_a_person;
    expect_no_answers();
    submission_.data = "List-Id: <x.example>\r\n" + by_a_person;
    expect_no_answers();
    submission_.data = by_a_person;
    submission_.envelope.reverse_path = {};
    expect_no_answers();
    submission_.envelope.reverse_path = sender;
    submission_.data = "Auto-Submitted: no\r\n" + by_a_person;
    EXPECT_EQ(goes_to("staff-request", "l.example"), std::vector{sender});
}

TEST_F(MediatorTest, WhatIsNotAsciiTravelsAsEightBit) {
    config_.vacations[0].text =
        "Zur\xc3\xbc"
        "ck im Mai.";
    const auto notice = mail_to("ann", "u.example").at(1);
    EXPECT_EQ(field_of(notice, "Content-Transfer-Encoding"), "8bit");
    EXPECT_EQ(notice.envelope.mail_parameters,
              (std::vector<smtp::Parameter>{{"BODY", "8BITMIME"}}));
}

TEST_F(MediatorTest, StrangersMayWriteToMediators) {
    const requiretls::StandardRules rules(Edition::Rfc);
    RelayPolicy stranger(config_, rules, "192.0.2.9");
    for (const smtp::Path& path : {smtp::Path{"staff", "l.example"},
                                   {"Staff-Request", "L.example"},
                                   {"roger", "u.example"},
                                   {"ann", "u.example"}}) {
        EXPECT_FALSE(stranger.on_rcpt({.forward_path = path, .parameters = {}}, {}).has_value());
    }
    EXPECT_TRUE(
        stranger.on_rcpt({.forward_path = {"x", "l.example"}, .parameters = {}}, {}).has_value());
}

}  // namespace
}  // namespace mailassay::mta
