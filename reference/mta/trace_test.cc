#include "mta/trace.h"

#include <gtest/gtest.h>

namespace mailassay::mta {
namespace {

Message example() {
    Message message;
    message.id = "abc234";
    message.envelope.helo = "client.example";
    message.envelope.channel = smtp::Channel::Tls;
    message.envelope.recipients = {{.forward_path = {"user", "b.example"}, .parameters = {}}};
    message.peer_address = "192.0.2.7";
    message.arrival = base::TimePoint(std::chrono::seconds(1'575'367'872));
    return message;
}

TEST(Trace, NamesBothSidesTheProtocolAndTheOnlyRecipient) {
    EXPECT_EQ(received_field(example(), "mx.example", smtp::Protocol::Smtp),
              "Received: from client.example ([192.0.2.7])\r\n"
              " by mx.example with ESMTPS id abc234\r\n"
              " for <user@b.example>;\r\n"
              " Tue, 03 Dec 2019 10:11:12 +0000\r\n");
}

TEST(Trace, ProtocolKeyword) {
    Message message = example();
    message.envelope.channel = smtp::Channel::Plaintext;
    const auto has = [&message](std::string_view keyword, smtp::Protocol protocol) {
        return received_field(message, "mx.example", protocol)
                   .find(" with " + std::string(keyword) + " id ") != std::string::npos;
    };
    EXPECT_TRUE(has("ESMTP", smtp::Protocol::Smtp));
    EXPECT_TRUE(has("LMTP", smtp::Protocol::Lmtp));
    message.envelope.mail_parameters = {{"smtputf8", std::nullopt}};
    EXPECT_TRUE(has("UTF8SMTP", smtp::Protocol::Smtp));
    EXPECT_TRUE(has("UTF8LMTP", smtp::Protocol::Lmtp));
}

TEST(Trace, KeepsSeveralRecipientsFromEachOther) {
    Message message = example();
    message.envelope.recipients.push_back({.forward_path = {"two", "b.example"}, .parameters = {}});
    EXPECT_EQ(received_field(message, "mx.example", smtp::Protocol::Smtp).find("for <"),
              std::string::npos);
}

TEST(Trace, DoesNotRepeatAHostileName) {
    for (const char* helo : {"", "a b", "x;(", "a\r\nEvil: 1", "\xff"}) {
        Message message = example();
        message.envelope.helo = helo;
        EXPECT_TRUE(received_field(message, "mx.example", smtp::Protocol::Smtp)
                        .starts_with("Received: from unknown ("));
    }
}

TEST(Trace, IPv6PeerIsALiteral) {
    Message message = example();
    message.peer_address = "2001:db8::1";
    EXPECT_NE(
        received_field(message, "mx.example", smtp::Protocol::Smtp).find("([IPv6:2001:db8::1])"),
        std::string::npos);
}

TEST(Trace, CountsReceivedFieldsOfTheHeaderSectionOnly) {
    EXPECT_EQ(count_received_fields(""), 0U);
    EXPECT_EQ(count_received_fields("Received: a\r\n b\r\nRECEIVED: c\r\nX: received: d\r\n\r\n"
                                    "Received: body\r\n"),
              2U);
    EXPECT_EQ(count_received_fields("Received: only, without an end"), 1U);
}

}  // namespace
}  // namespace mailassay::mta
