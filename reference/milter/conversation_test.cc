#include "milter/conversation.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

namespace mailassay::milter {
namespace {

// Does what the test says, and keeps what it saw.
class ScriptedRole : public Role {
  public:
    std::function<Answer(const Message&)> script = [](const Message&) { return Answer{}; };
    mutable std::string octets;
    mutable std::vector<std::string> fields;
    mutable std::string body;
    mutable Envelope envelope;

    [[nodiscard]] std::string_view name() const override { return "scripted"; }
    [[nodiscard]] std::vector<Action> actions() const override { return {Action::ChangeHeader}; }
    [[nodiscard]] std::optional<Reply> refuses_recipient(const Session&,
                                                         const Path& path) const override {
        if (path.bare() != "nobody@example.org") return std::nullopt;
        return Reply{.code = "550", .status = "5.1.1", .text = "No"};
    }
    [[nodiscard]] Answer judge(const Message& message) const override {
        octets = message.octets;
        body = message.body;
        fields.clear();
        for (const auto& field : message.header.fields()) fields.push_back(field.raw);
        envelope = message.session.envelope;
        return script(message);
    }
};

class AConversation : public testing::Test {
  protected:
    ScriptedRole role;
    Conversation conversation{role, {.message_octets = 5000, .header_octets = 500, .fields = 5}};

    AConversation() {
        conversation.connected("client.example.org", "127.0.0.1");
        conversation.greeted("client.example.org");
    }
    void envelope() {
        EXPECT_FALSE(conversation.sender({"<a@example.org>", {"SIZE=100"}}).has_value());
        EXPECT_FALSE(conversation.recipient({"<b@example.org>", {}}).has_value());
    }
    Applied message(const std::string& body) {
        envelope();
        conversation.field("Subject", " x");
        conversation.end_of_header();
        conversation.body(body);
        return conversation.end_of_message();
    }
    static std::string reply(const Applied& applied) {
        const auto* refused = std::get_if<Refuse>(&applied.verdict);
        return refused == nullptr ? "" : refused->reply.code + " " + applied.notes.at(0).second;
    }
};

TEST_F(AConversation, AMessageIsHadOctetByOctet) {
    envelope();
    conversation.field("Received", " from x\n\tby y;\n Mon, 1 Jan 2024 00:00:00 +0000");
    conversation.field("X-None", "");
    conversation.field("X-Tight", "value \t");
    conversation.field("Subject ", "  two\r\n lines");
    conversation.end_of_header();
    conversation.body("first\r\nsec");
    conversation.body("ond \xff\r\n.\r\n\r\n");
    EXPECT_TRUE(std::holds_alternative<Deliver>(conversation.end_of_message().verdict));
    EXPECT_EQ(role.octets,
              "Received: from x\r\n\tby y;\r\n Mon, 1 Jan 2024 00:00:00 +0000\r\n"
              "X-None:\r\nX-Tight:value \t\r\nSubject :  two\r\n lines\r\n\r\n"
              "first\r\nsecond \xff\r\n.\r\n\r\n");
    EXPECT_EQ(role.body, "first\r\nsecond \xff\r\n.\r\n\r\n");
    EXPECT_EQ(role.fields.size(), 4U);
}

TEST_F(AConversation, OnlyRecipientsThatAreTakenAreInTheEnvelope) {
    envelope();
    const auto refused = conversation.recipient({"<nobody@example.org>", {}});
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, "550");
    conversation.end_of_header();
    (void)conversation.end_of_message();
    ASSERT_EQ(role.envelope.recipients.size(), 1U);
    EXPECT_EQ(role.envelope.recipients[0].bare(), "b@example.org");
    EXPECT_EQ(role.envelope.reverse_path.parameters, std::vector<std::string>{"SIZE=100"});
}

TEST_F(AConversation, OneMessageFollowsAnother) {
    (void)message("first\r\n");
    (void)message("second\r\n");
    EXPECT_EQ(role.octets, "Subject: x\r\n\r\nsecond\r\n");
    envelope();
    conversation.field("Subject", " lost");
    conversation.abort();
    (void)message("third\r\n");
    EXPECT_EQ(role.octets, "Subject: x\r\n\r\nthird\r\n");
    EXPECT_EQ(role.envelope.recipients.size(), 1U);
}

TEST_F(AConversation, WhatIsNotHeldAsAWholeIsRefused) {
    EXPECT_EQ(reply(message(std::string(4000, 'x'))), "");
    EXPECT_EQ(reply(message(std::string(6000, 'x'))), "552 milter.message.too-large");
    EXPECT_EQ(reply(message("small")), "");

    envelope();
    for (int i = 0; i < 6; ++i) conversation.field("X", " x");
    conversation.end_of_header();
    EXPECT_EQ(reply(conversation.end_of_message()), "552 milter.header.too-large");

    envelope();
    conversation.field("X", std::string(600, 'x'));
    conversation.end_of_header();
    EXPECT_EQ(reply(conversation.end_of_message()), "552 milter.header.too-large");
}

TEST_F(AConversation, AFieldThatWouldBeTwoIsRefused) {
    for (const char* value : {" x\nY: z", " x\n", " x\r\n", "\n\n"}) {
        envelope();
        conversation.field("Subject", value);
        conversation.end_of_header();
        EXPECT_EQ(reply(conversation.end_of_message()), "451 milter.field.syntax") << value;
    }
    for (const char* name : {"", "Sub ject", "X\r\nY", "X:"}) {
        envelope();
        conversation.field(name, " x");
        conversation.end_of_header();
        EXPECT_EQ(reply(conversation.end_of_message()), "451 milter.field.syntax") << name;
    }
}

TEST_F(AConversation, StepsOutOfOrderAreRefused) {
    EXPECT_EQ(reply(conversation.end_of_message()), "451 milter.sequence");
    envelope();
    conversation.body("x");
    conversation.end_of_header();
    EXPECT_EQ(reply(conversation.end_of_message()), "451 milter.sequence");
    envelope();
    conversation.end_of_header();
    conversation.field("Subject", " late");
    EXPECT_EQ(reply(conversation.end_of_message()), "451 milter.sequence");
}

TEST_F(AConversation, WhatTheRoleThrowsIsATemporaryFailureAndNotTold) {
    role.script = [](const Message&) -> Answer { throw std::runtime_error("the hidden value"); };
    EXPECT_EQ(reply(message("x")), "451 milter.exception");
}

TEST_F(AConversation, TheHeaderThatTheRoleWantsBecomesEdits) {
    role.script = [](const Message& seen) {
        imf::HeaderSection header = seen.header;
        header.append(*imf::make_field("X-Seen", "yes"));
        return Answer{.verdict = Deliver{{.header = header}}, .notes = {}};
    };
    EXPECT_EQ(message("x").header_edits,
              (std::vector<HeaderEdit>{{EditKind::Insert, 1, "X-Seen", " yes"}}));
}

TEST_F(AConversation, RecipientsAreBounded) {
    Conversation small(role, {.recipients = 1});
    small.connected("", "");
    EXPECT_FALSE(small.sender({"<>", {}}).has_value());
    EXPECT_FALSE(small.recipient({"<a@example.org>", {}}).has_value());
    EXPECT_EQ(small.recipient({"<b@example.org>", {}})->code, "452");
}

TEST_F(AConversation, KnowsTheQueuesNameOfItsMessage) {
    EXPECT_EQ(conversation.queue_name(), "");
    conversation.macro("i", "4ABC");
    (void)message("x");
    EXPECT_EQ(conversation.queue_name(), "4ABC");
    conversation.abort();
    EXPECT_EQ(conversation.queue_name(), "");
}

}  // namespace
}  // namespace mailassay::milter
