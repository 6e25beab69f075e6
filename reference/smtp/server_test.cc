#include "smtp/server.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "smtp/test_support.h"

namespace mailassay::smtp {
namespace {

using test::SamplePolicy;
using test::ServerDriver;

ServerConfig config() {
    ServerConfig config;
    config.hostname = "mx.example.org";
    config.starttls = StartTlsOffer::Offered;
    return config;
}

ServerConfig tls_config() {
    ServerConfig inside = config();
    inside.channel = Channel::Tls;
    return inside;
}

// The code and enhanced status of each reply, one by one, continuation lines left out.
std::vector<std::string> codes(std::string_view output) {
    std::vector<std::string> found;
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find("\r\n"));
        if (line.size() < 4 || line[3] == ' ') {
            const auto status =
                dsn::parse_leading_status(line.substr(std::min<std::size_t>(4, line.size())));
            found.push_back(std::string(line.substr(0, 3)) +
                            (status ? " " + dsn::to_string(status->status) : ""));
        }
        output.remove_prefix(line.size() + 2);
    }
    return found;
}

using Codes = std::vector<std::string>;

// A session; the greeting is not among the replies.
class Session {
  public:
    explicit Session(ServerConfig settings = config())
        : driver_(Server(std::move(settings), policy_)) {
        greeting_ = driver_.take_output();
    }
    std::string say(std::string_view octets) {
        driver_.feed(octets);
        return driver_.take_output();
    }
    Codes codes_of(std::string_view octets) { return codes(say(octets)); }
    std::vector<MessageReceived> messages() const {
        std::vector<MessageReceived> found;
        for (const ServerEvent& event : driver_.run().events) {
            if (const auto* message = std::get_if<MessageReceived>(&event))
                found.push_back(*message);
        }
        return found;
    }
    bool closed() const {
        const auto& events = driver_.run().events;
        return !events.empty() && std::holds_alternative<Close>(events.back());
    }
    const std::string& greeting() const { return greeting_; }
    ServerDriver& driver() { return driver_; }

  private:
    SamplePolicy policy_;
    ServerDriver driver_;
    std::string greeting_;
};

constexpr std::string_view kTransaction = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nHi\r\n.\r\n";

TEST(Server, GreetsAndOffers) {
    Session session;
    EXPECT_EQ(session.greeting(), "220 mx.example.org ESMTP\r\n");
    EXPECT_EQ(session.say("EHLO client.example\r\n"),
              "250-mx.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n"
              "250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250-SIZE 67108864\r\n250 STARTTLS\r\n");
}

TEST(Server, OffersByChannel) {
    Session session(tls_config());
    const std::string reply = session.say("EHLO a\r\n");
    EXPECT_EQ(reply.find("STARTTLS"), std::string::npos);
    EXPECT_NE(reply.find("250 XSAMPLE\r\n"), std::string::npos);
    EXPECT_EQ(session.say("HELO a\r\n"), "250 mx.example.org\r\n");
}

TEST(Server, ReceivesAMessage) {
    Session session;
    EXPECT_EQ(session.codes_of("EHLO client.example\r\n"), (Codes{"250"}));
    EXPECT_EQ(session.codes_of("MAIL FROM:<a@b> SIZE=10 BODY=8BITMIME RET=HDRS ENVID=x\r\n"
                               "RCPT TO:<c@d> NOTIFY=FAILURE ORCPT=rfc822;c@d\r\n"
                               "RCPT TO:<nobody@d>\r\nDATA\r\n"),
              (Codes{"250 2.1.0", "250 2.1.5", "550 5.1.1", "354"}));
    EXPECT_EQ(session.codes_of("A: b\r\n\r\n..\r\n.\r\n"), (Codes{"250 2.0.0"}));
    const auto messages = session.messages();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].data, "A: b\r\n\r\n.\r\n");
    const Envelope& envelope = messages[0].envelope;
    EXPECT_EQ(envelope.reverse_path, (Path{"a", "b"}));
    EXPECT_EQ(envelope.mail_parameters.size(), 4U);
    ASSERT_EQ(envelope.recipients.size(), 1U);
    EXPECT_EQ(envelope.recipients[0].forward_path, (Path{"c", "d"}));
    EXPECT_EQ(envelope.recipients[0].parameters.size(), 2U);
    EXPECT_EQ(envelope.channel, Channel::Plaintext);
    EXPECT_EQ(envelope.helo, "client.example");
    EXPECT_EQ(session.codes_of(kTransaction),
              (Codes{"250 2.1.0", "250 2.1.5", "354", "250 2.0.0"}));
}

TEST(Server, KeepsTheSequence) {
    Session session;
    EXPECT_EQ(session.codes_of("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"),
              (Codes{"503 5.5.1", "503 5.5.1", "503 5.5.1"}));
    EXPECT_EQ(session.codes_of("EHLO a\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\nDATA\r\n"),
              (Codes{"250", "250 2.1.0", "503 5.5.1", "554 5.5.1"}));
    EXPECT_EQ(session.codes_of("RSET\r\nRCPT TO:<c@d>\r\n"), (Codes{"250 2.0.0", "503 5.5.1"}));
    EXPECT_EQ(session.codes_of("MAIL FROM:<a@b>\r\nEHLO a\r\nRCPT TO:<c@d>\r\nMAIL FROM:<a@b>\r\n"),
              (Codes{"250 2.1.0", "250", "503 5.5.1", "250 2.1.0"}))
        << "EHLO ends a transaction";
}

TEST(Server, AnswersTheOtherCommands) {
    Session session;
    EXPECT_EQ(session.codes_of("NOOP\r\nVRFY a\r\nEXPN a\r\nHELP\r\nRSET\r\nTURN\r\n\r\n"),
              (Codes{"250 2.0.0", "252 2.0.0", "502 5.5.1", "214 2.0.0", "250 2.0.0", "500 5.5.1",
                     "500 5.5.1"}));
    EXPECT_EQ(session.codes_of("QUIT x\r\nQUIT\r\nNOOP\r\n"), (Codes{"501 5.5.4", "221 2.0.0"}));
    EXPECT_TRUE(session.closed());
}

TEST(Server, JudgesParameters) {
    const std::pair<std::string_view, std::string_view> examples[] = {
        {"MAIL FROM:<a@b> REQUIRETLS", "555 5.5.4"},
        {"MAIL FROM:<a@b> XSAMPLE", "250 2.1.0"},
        {"MAIL FROM:<a@b> xsample=any XSAMPLE", "250 2.1.0"},
        {"MAIL FROM:<a@b> XSAMPLE=", "501 5.5.4"},
        {"MAIL FROM:<a@b> SIZE", "501 5.5.4"},
        {"MAIL FROM:<a@b> SIZE=x", "501 5.5.4"},
        {"MAIL FROM:<a@b> SIZE=1 size=1", "501 5.5.4"},
        {"MAIL FROM:<a@b> SIZE=67108864", "250 2.1.0"},
        {"MAIL FROM:<a@b> SIZE=67108865", "552 5.3.4"},
        {"MAIL FROM:<a@b> SIZE=99999999999999999999", "552 5.3.4"},
        {"MAIL FROM:<a@b> SIZE=999999999999999999999", "501 5.5.4"},
        {"MAIL FROM:<a@b> BODY=BINARYMIME", "501 5.5.4"},
        {"MAIL FROM:<a@b> body=7bit", "250 2.1.0"},
        {"MAIL FROM:<a@b> RET=ALL", "501 5.5.4"},
        {"MAIL FROM:<a@b> RET=FULL RET=HDRS", "501 5.5.4"},
        {"MAIL FROM:<a@b> ENVID=+1", "501 5.5.4"},
        {"MAIL FROM:<a@b> SMTPUTF8=1", "501 5.5.4"},
        {"MAIL FROM:<a@b> NOTIFY=NEVER", "555 5.5.4"},
        {"MAIL FROM:<\xc3\xbc@b>", "553 5.6.7"},
        {"MAIL FROM:<\xc3\xbc@b> SMTPUTF8", "250 2.1.0"},
        {"MAIL FROM:<nobody@b>", "550 5.1.1"},
        {"MAIL FROM:a@b", "501 5.1.7"},
        {"MAIL <a@b>", "501 5.5.4"},
    };
    for (const auto& [line, code] : examples) {
        Session session(tls_config());
        session.say("EHLO a\r\n");
        EXPECT_EQ(session.codes_of(std::string(line) + "\r\n"), (Codes{std::string(code)})) << line;
    }
    const std::pair<std::string_view, std::string_view> recipients[] = {
        {"RCPT TO:<c@d> NOTIFY=NEVER,DELAY", "501 5.5.4"},
        {"RCPT TO:<c@d> NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4"},
        {"RCPT TO:<c@d> ORCPT=c@d", "501 5.5.4"},
        {"RCPT TO:<c@d> SIZE=1", "555 5.5.4"},
        {"RCPT TO:<c@d> XSAMPLE=1", "250 2.1.5"},
        {"RCPT TO:<c@d> ORCPT=utf-8;\xc3\xbc@d", "501 5.5.4"},
        {"RCPT TO:<\xc3\xbc@d>", "553 5.6.7"},
        {"RCPT TO:c@d", "501 5.1.3"},
        {"RCPT TO:<>", "501 5.1.3"},
    };
    for (const auto& [line, code] : recipients) {
        Session session(tls_config());
        session.say("EHLO a\r\nMAIL FROM:<>\r\n");
        EXPECT_EQ(session.codes_of(std::string(line) + "\r\n"), (Codes{std::string(code)})) << line;
    }
}

TEST(Server, AfterHeloNothingIsOffered) {
    Session session(tls_config());
    EXPECT_EQ(session.codes_of("HELO a\r\nMAIL FROM:<a@b> SIZE=1\r\nMAIL FROM:<a@b> XSAMPLE\r\n"
                               "MAIL FROM:<a@b>\r\n"),
              (Codes{"250", "555 5.5.4", "555 5.5.4", "250 2.1.0"}));
}

// An extension that is understood in plaintext without being announced there.
class SilentPolicy final : public ServerPolicy {
  public:
    std::vector<Extension> extensions(Channel) const override {
        return {Extension{"XTLSONLY", "", {"XTLSONLY"}, {}, Announce::No}};
    }
    std::optional<Reply> on_mail(const Path&, const std::vector<Parameter>& parameters,
                                 Channel channel) override {
        if (!find_parameter(parameters, "XTLSONLY") || channel == Channel::Tls) return std::nullopt;
        return make_reply(530, {5, 7, 10}, "Only within TLS");
    }
    std::optional<Reply> on_rcpt(const Recipient&, const Envelope&) override {
        return std::nullopt;
    }
};

TEST(Server, AnUnannouncedExtensionIsJudgedByThePolicy) {
    SilentPolicy policy;
    ServerDriver driver{Server(config(), policy)};
    driver.feed("EHLO a\r\n");
    EXPECT_EQ(driver.take_output().find("XTLSONLY"), std::string::npos);
    driver.feed("MAIL FROM:<a@b> XTLSONLY\r\n");
    EXPECT_EQ(codes(driver.take_output()), (Codes{"530 5.7.10"}));
}

TEST(Server, ForgetsAllAtStartTls) {
    Session session;
    EXPECT_EQ(session.codes_of("STARTTLS\r\n"), (Codes{"503 5.5.1"})) << "EHLO offers it first";
    EXPECT_EQ(session.codes_of("EHLO a\r\nMAIL FROM:<a@b>\r\nSTARTTLS\r\nRSET\r\n"),
              (Codes{"250", "250 2.1.0", "503 5.5.1", "250 2.0.0"}));
    // What stands behind the command came in plaintext, whoever sent it.
    EXPECT_EQ(session.codes_of("STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b>\r\n"),
              (Codes{"220 2.0.0"}));
    EXPECT_EQ(session.driver().server().channel(), Channel::Tls);
    EXPECT_EQ(session.driver().server().discarded_octets(), 31U);
    EXPECT_EQ(session.codes_of("MAIL FROM:<a@b>\r\nSTARTTLS\r\nEHLO a\r\nSTARTTLS\r\n"),
              (Codes{"503 5.5.1", "503 5.5.1", "250", "503 5.5.1"}));
    session.say(kTransaction);
    ASSERT_EQ(session.messages().size(), 1U);
    EXPECT_EQ(session.messages()[0].envelope.channel, Channel::Tls);
}

TEST(Server, DropsWhatComesBeforeTheHandshakeIsDone) {
    SamplePolicy policy;
    Server server(config(), policy);
    server.receive("EHLO a\r\nSTARTTLS\r\nRS");
    EXPECT_EQ(server.next_event(), ServerEvent(StartTls{}));
    EXPECT_EQ(server.next_event(), ServerEvent(StartTls{}));
    server.receive("ET\r\n");
    server.tls_established();
    EXPECT_EQ(server.discarded_octets(), 6U);
    (void)server.take_output();
    EXPECT_EQ(server.next_event(), ServerEvent(NeedData{}));
    EXPECT_EQ(server.take_output(), "") << "no greeting after the handshake";
}

TEST(Server, StartTlsIsRefusedWhereItIsNotOffered) {
    ServerConfig settings = config();
    settings.starttls = StartTlsOffer::NotOffered;
    Session session(settings);
    EXPECT_EQ(session.say("EHLO a\r\n").find("STARTTLS"), std::string::npos);
    EXPECT_EQ(session.codes_of("STARTTLS\r\n"), (Codes{"502 5.5.1"}));
}

TEST(Server, RefusesLongLinesAndBadOctets) {
    using namespace std::string_view_literals;
    ServerConfig settings = config();
    settings.command_line_limit = 20;
    Session session(settings);
    EXPECT_EQ(session.codes_of("NOOP 3456789012345\r\r\nNOOP\r\n"),
              (Codes{"500 5.5.2", "250 2.0.0"}));
    EXPECT_EQ(session.codes_of("NOOP 3456789012345678\r\nNOOP 3456789012345\r\n"),
              (Codes{"500 5.5.2", "250 2.0.0"}));
    EXPECT_EQ(session.codes_of("NOOP 34567890123456\r\n"), (Codes{"500 5.5.2"})) << "21 octets";
    EXPECT_EQ(session.say(std::string(100'000, 'x')), "");
    EXPECT_EQ(session.codes_of("\r\nNOOP\0\r\nNOOP\nNOOP\r\n"sv),
              (Codes{"500 5.5.2", "500 5.5.2", "500 5.5.2"}));
}

TEST(Server, OnlyADotOnItsOwnLineEndsData) {
    Session session;
    session.say("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    EXPECT_EQ(session.say("x\n.\nMAIL FROM:<evil@b>\r\n.\nRCPT TO:<c@d>\n.\r\nDATA\r.\r"), "");
    EXPECT_EQ(session.codes_of("\r\n.\r\n"), (Codes{"250 2.0.0"}));
    ASSERT_EQ(session.messages().size(), 1U);
    EXPECT_EQ(session.messages()[0].data,
              "x\n.\nMAIL FROM:<evil@b>\r\n\nRCPT TO:<c@d>\n.\r\nDATA\r.\r\r\n");
}

TEST(Server, EnforcesLimitsOnData) {
    ServerConfig settings = config();
    settings.size_limit = 10;
    settings.text_line_limit = 8;
    settings.recipient_limit = 1;
    Session session(settings);
    session.say("EHLO a\r\n");
    const std::string start = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";
    session.say(start);
    EXPECT_EQ(session.codes_of("1234567\r\n.\r\n"), (Codes{"554 5.6.0"}));
    session.say(start);
    EXPECT_EQ(session.codes_of("123456\r\n1\r\n.\r\n"), (Codes{"552 5.3.4"}));
    session.say(start);
    EXPECT_EQ(session.codes_of(std::string("1\0\r\n.\r\n", 7)), (Codes{"554 5.6.0"}));
    EXPECT_EQ(session.codes_of("RCPT TO:<c@d>\r\n"), (Codes{"503 5.5.1"})) << "no transaction left";
    EXPECT_EQ(session.codes_of("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n"),
              (Codes{"250 2.1.0", "250 2.1.5", "452 4.5.3", "354"}));
    EXPECT_EQ(session.codes_of("12345678\r\n"), (Codes{}));
    EXPECT_EQ(session.codes_of(std::string(std::size_t{1024} * 1024 + 20, 'x')),
              (Codes{"421 4.3.4"}));
    EXPECT_TRUE(session.closed());
    EXPECT_TRUE(session.messages().empty());
}

TEST(Server, EndsAfterTooManyErrors) {
    ServerConfig settings = config();
    settings.error_limit = 3;
    Session session(settings);
    EXPECT_EQ(session.codes_of("X\r\nX\r\nRCPT TO:<a@b>\r\nX\r\nX\r\n"),
              (Codes{"500 5.5.1", "500 5.5.1", "503 5.5.1", "421 4.7.0"}));
    EXPECT_TRUE(session.closed());
}

TEST(Server, TheEndOfInputEndsTheSession) {
    Session session;
    session.say("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nHi\r\n.\r");
    session.driver().end();
    EXPECT_TRUE(session.closed());
    EXPECT_TRUE(session.messages().empty());

    Session last;
    last.driver().end();
    EXPECT_TRUE(last.closed());
}

TEST(Server, IsEndedByItsOwner) {
    SamplePolicy policy;
    Server server(config(), policy);
    (void)server.take_output();
    server.receive("NOOP\r\n");
    server.close_with(make_reply(421, {4, 4, 2}, "Too slow"));
    EXPECT_EQ(server.take_output(), "421 4.4.2 Too slow\r\n");
    EXPECT_EQ(server.next_event(), ServerEvent(Close{}));
    EXPECT_EQ(server.next_event(), ServerEvent(Close{}));
    EXPECT_EQ(server.take_output(), "");
}

TEST(Server, SaysNothingAboutAMessageBeforeItsOwnerDoes) {
    SamplePolicy policy;
    Server server(config(), policy);
    server.receive("EHLO a\r\n" + std::string(kTransaction) + "NOOP\r\n");
    ASSERT_TRUE(std::holds_alternative<MessageReceived>(server.next_event()));
    EXPECT_TRUE(server.take_output().ends_with("its own\r\n"));
    EXPECT_THROW((void)server.next_event(), Misuse);
    EXPECT_THROW(server.message_answered(make_reply(354, "")), Misuse);
    EXPECT_THROW(server.message_answered(std::vector<Reply>()), Misuse);
    EXPECT_EQ(server.take_output(), "");
    server.message_answered(make_reply(451, {4, 3, 0}, "Not now"));
    EXPECT_EQ(server.take_output(), "451 4.3.0 Not now\r\n");
    EXPECT_EQ(server.next_event(), ServerEvent(NeedData{}));
    EXPECT_EQ(server.take_output(), "250 2.0.0 Done\r\n");
    EXPECT_THROW(server.message_answered(make_reply(250, "")), Misuse);
    EXPECT_THROW(server.tls_established(), Misuse);
}

TEST(Server, NeedsAHostName) {
    SamplePolicy policy;
    EXPECT_THROW(Server(ServerConfig{}, policy), Misuse);
    ServerConfig bad = config();
    bad.hostname = "mx\r\n250 x";
    EXPECT_THROW(Server(bad, policy), Misuse);
}

ServerConfig lmtp_config() {
    ServerConfig settings = config();
    settings.protocol = Protocol::Lmtp;
    return settings;
}

TEST(LmtpServer, HasItsOwnHello) {
    Session session(lmtp_config());
    EXPECT_EQ(session.greeting(), "220 mx.example.org LMTP\r\n");
    EXPECT_EQ(session.codes_of("EHLO a\r\nHELO a\r\nLHLO a\r\n"),
              (Codes{"500 5.5.1", "500 5.5.1", "250"}));
    Session smtp;
    EXPECT_EQ(smtp.codes_of("LHLO a\r\n"), (Codes{"500 5.5.1"}));
}

TEST(LmtpServer, AnswersForEachRecipient) {
    SamplePolicy policy;
    Server server(lmtp_config(), policy);
    server.receive(
        "LHLO a\r\nMAIL FROM:<a@b>\r\nDATA\r\nRCPT TO:<c@d>\r\nRCPT TO:<nobody@d>\r\n"
        "RCPT TO:<e@d>\r\nDATA\r\nHi\r\n.\r\n");
    ASSERT_TRUE(std::holds_alternative<MessageReceived>(server.next_event()));
    EXPECT_NE(server.take_output().find("503 5.5.1 No valid recipients"), std::string::npos);
    EXPECT_THROW(server.message_answered(std::vector<Reply>(1, make_reply(250, ""))), Misuse);
    server.message_answered(std::vector<Reply>{make_reply(250, "one"), make_reply(452, "two")});
    EXPECT_EQ(server.take_output(), "250 one\r\n452 two\r\n");
    server.receive("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n.\r\n");
    ASSERT_TRUE(std::holds_alternative<MessageReceived>(server.next_event()));
    (void)server.take_output();
    server.message_answered(make_reply(250, "all"));
    EXPECT_EQ(server.take_output(), "250 all\r\n250 all\r\n");
}

}  // namespace
}  // namespace mailassay::smtp
