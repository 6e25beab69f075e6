#include "smtp/client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "smtp/test_support.h"

namespace mailassay::smtp {
namespace {

using test::ClientDriver;
using test::Tls;

ClientConfig config() {
    ClientConfig config;
    config.helo = "relay.example";
    return config;
}

Recipient to(std::string local_part) {
    return Recipient{{std::move(local_part), "d"}, {}};
}

Transaction transaction(std::vector<Recipient> recipients = {to("c")}) {
    return Transaction{{"a", "b"}, {}, std::move(recipients), "Hi\r\n"};
}

constexpr std::string_view kPlain = "220 mx\r\n250-mx\r\n250 8BITMIME\r\n";
constexpr std::string_view kPipelining = "220 mx\r\n250-mx\r\n250 PIPELINING\r\n";

// Feeds the whole script of a server, and gives the last event of that kind.
template <class Event>
Event last_of(const ClientDriver& driver) {
    Event last{};
    bool found = false;
    for (const ClientEvent& event : driver.run().events) {
        if (const auto* one = std::get_if<Event>(&event)) {
            last = *one;
            found = true;
        }
    }
    EXPECT_TRUE(found);
    return last;
}

ClientDriver converse(std::string_view script,
                      std::vector<Transaction> transactions = {transaction()},
                      ClientConfig settings = config()) {
    ClientDriver driver(Client(std::move(settings)), Tls::NotWanted, std::move(transactions));
    driver.feed(script);
    return driver;
}

TransactionOutcome outcome_of(std::string_view script, Transaction one,
                              ClientConfig settings = config()) {
    return last_of<TransactionDone>(converse(script, {std::move(one)}, std::move(settings)))
        .outcome;
}

TEST(Client, SendsAMessage) {
    const ClientDriver driver = converse(
        std::string(kPlain) + "250 2.1.0 a\r\n250 2.1.5 b\r\n354 c\r\n250 2.0.0 d\r\n221 bye\r\n");
    EXPECT_EQ(
        driver.run().output,
        "EHLO relay.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nHi\r\n.\r\nQUIT\r\n");
    EXPECT_TRUE(last_of<Ready>(driver).capabilities.has("8BITMIME"));
    const auto outcome = last_of<TransactionDone>(driver).outcome;
    ASSERT_EQ(outcome.recipients.size(), 1U);
    EXPECT_TRUE(outcome.recipients[0].accepted());
    EXPECT_EQ(outcome.mail.code, 250);
    EXPECT_EQ(outcome.data->code, 354);
    EXPECT_EQ(outcome.final_replies, (std::vector{make_reply(250, {2, 0, 0}, "d")}));
    EXPECT_EQ(last_of<Closed>(driver).farewell, make_reply(221, "bye"));
}

TEST(Client, SaysNothingBeforeTheGreeting) {
    Client client(config());
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output(), "");
    client.receive("220-mx\r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output(), "");
}

TEST(Client, SendsParametersAsTheyAre) {
    Transaction one = transaction();
    one.mail_parameters = {{"SIZE", "4"}, {"REQUIRETLS", std::nullopt}};
    one.recipients[0].parameters = {{"NOTIFY", "FAILURE,DELAY"}};
    const ClientDriver driver = converse(std::string(kPlain) + "250 a\r\n", {one});
    EXPECT_TRUE(driver.run().output.ends_with(
        "MAIL FROM:<a@b> SIZE=4 REQUIRETLS\r\nRCPT TO:<c@d> NOTIFY=FAILURE,DELAY\r\n"));
}

TEST(Client, PipelinesWhereOffered) {
    Client client(config());
    client.receive(kPipelining);
    ASSERT_TRUE(std::holds_alternative<Ready>(client.next_event()));
    (void)client.take_output();
    client.send(transaction({to("c"), to("e")}));
    EXPECT_EQ(client.take_output(),
              "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n");
    client.receive("250 a\r\n250 b\r\n550 c\r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output(), "") << "the message waits for 354";
    client.receive("354 d\r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output(), "Hi\r\n.\r\n");
    client.receive("250 e\r\n");
    const auto done = std::get<TransactionDone>(client.next_event());
    EXPECT_TRUE(done.outcome.recipients[0].accepted());
    EXPECT_EQ(done.outcome.recipients[1], (RecipientOutcome{Stage::Rcpt, make_reply(550, "c")}));
}

TEST(Client, NeverPipelinesWhenToldSo) {
    ClientConfig settings = config();
    settings.pipelining = Pipelining::Never;
    const ClientDriver driver = converse(kPipelining, {transaction()}, settings);
    EXPECT_TRUE(driver.run().output.ends_with("MAIL FROM:<a@b>\r\n"));
}

TEST(Client, KeepsTheNumberOfOutstandingCommandsBounded) {
    std::vector<Recipient> recipients(1000, to("c"));
    Client client(config());
    client.receive(kPipelining);
    (void)client.next_event();
    client.send(transaction(recipients));
    const std::string output = client.take_output();
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 101) << "EHLO and a hundred more";
    std::string script;
    for (int i = 0; i < 1001; ++i) script += "250 ok\r\n";
    client.receive(script + "354 go\r\n250 done\r\n");
    const auto done = std::get<TransactionDone>(client.next_event());
    EXPECT_TRUE(done.outcome.recipients.back().accepted());
}

TEST(Client, AMailRefusedIsEverybodysFate) {
    for (const auto greeting : {kPlain, kPipelining}) {
        const std::string rest = greeting == kPlain ? "550 no\r\n" : "550 no\r\n503 b\r\n503 c\r\n";
        const ClientDriver driver = converse(std::string(greeting) + rest);
        const auto outcome = last_of<TransactionDone>(driver).outcome;
        EXPECT_EQ(outcome.recipients,
                  (std::vector{RecipientOutcome{Stage::Mail, make_reply(550, "no")}}));
        EXPECT_TRUE(outcome.final_replies.empty());
        EXPECT_TRUE(driver.run().output.ends_with("QUIT\r\n"));
        EXPECT_EQ(driver.run().output.find("RSET"), std::string::npos);
        EXPECT_EQ(driver.run().output.find("Hi"), std::string::npos);
    }
}

TEST(Client, EndsAnOpenTransactionBeforeTheNext) {
    // All recipients refused without and with pipelining; DATA refused.
    const std::pair<std::string_view, Stage> scripts[] = {
        {"220 mx\r\n250 mx\r\n250 a\r\n550 b\r\n250 reset\r\n", Stage::Rcpt},
        {"220 mx\r\n250-mx\r\n250 PIPELINING\r\n250 a\r\n550 b\r\n554 c\r\n250 reset\r\n",
         Stage::Rcpt},
        {"220 mx\r\n250 mx\r\n250 a\r\n250 b\r\n451 c\r\n250 reset\r\n", Stage::Data},
    };
    for (const auto& [script, stage] : scripts) {
        const ClientDriver driver = converse(script);
        const auto outcome = last_of<TransactionDone>(driver).outcome;
        EXPECT_EQ(outcome.recipients[0].stage, stage);
        EXPECT_TRUE(driver.run().output.ends_with("RSET\r\nQUIT\r\n"));
        EXPECT_EQ(driver.run().output.find("Hi"), std::string::npos);
    }
}

TEST(Client, EndsAMessageForNobody) {
    const ClientDriver driver =
        converse(std::string(kPipelining) + "250 a\r\n550 b\r\n354 c\r\n554 d\r\n");
    EXPECT_TRUE(driver.run().output.ends_with("DATA\r\n.\r\nQUIT\r\n"));
    EXPECT_EQ(last_of<TransactionDone>(driver).outcome.recipients[0].stage, Stage::Rcpt);
    // Even when the server took the recipient and only MAIL was refused.
    const ClientDriver other =
        converse(std::string(kPipelining) + "550 a\r\n250 b\r\n354 c\r\n250 d\r\n");
    EXPECT_TRUE(other.run().output.ends_with("DATA\r\n.\r\nQUIT\r\n"));
    EXPECT_EQ(last_of<TransactionDone>(other).outcome.recipients[0].stage, Stage::Mail);
}

TEST(Client, TheFinalReplyDecides) {
    const auto outcome = outcome_of(
        std::string(kPlain) + "250 a\r\n250 b\r\n354 c\r\n552 5.3.4 d\r\n", transaction());
    EXPECT_EQ(outcome.recipients[0],
              (RecipientOutcome{Stage::Final, make_reply(552, {5, 3, 4}, "d")}));
    EXPECT_FALSE(outcome.recipients[0].accepted());
}

TEST(Client, A421EndsTheSession) {
    const std::pair<std::string_view, Stage> scripts[] = {
        {"421 x\r\n", Stage::Mail},
        {"250 a\r\n421 x\r\n", Stage::Rcpt},
        {"250 a\r\n250 b\r\n421 x\r\n", Stage::Data},
        {"250 a\r\n250 b\r\n354 c\r\n421 x\r\n", Stage::Final},
    };
    for (const auto& [script, stage] : scripts) {
        const ClientDriver driver = converse(std::string(kPlain) + std::string(script));
        EXPECT_EQ(last_of<TransactionDone>(driver).outcome.recipients,
                  (std::vector{RecipientOutcome{stage, make_reply(421, "x")}}));
        EXPECT_EQ(last_of<Closed>(driver).farewell, make_reply(421, "x"));
        EXPECT_FALSE(driver.run().output.ends_with("QUIT\r\n"));
    }
    Client idle(config());
    idle.receive(kPlain);
    (void)idle.next_event();
    idle.receive("421 idle too long\r\n");
    EXPECT_EQ(idle.next_event(), ClientEvent(Closed{make_reply(421, "idle too long")}));
    idle.send(transaction());  // the caller could not know
    idle.quit();
    EXPECT_EQ(idle.take_output(), "EHLO relay.example\r\n");
}

TEST(Client, GoesThroughStartTls) {
    ClientDriver driver(Client(config()), Tls::Wanted, {});
    driver.feed("220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n250-evil\r\n250 REQUIRETLS\r\n");
    EXPECT_EQ(driver.run().output, "EHLO relay.example\r\nSTARTTLS\r\nEHLO relay.example\r\n");
    driver.feed("250-mx\r\n250 SIZE 5\r\n");
    const auto ready = last_of<Ready>(driver);
    EXPECT_EQ(ready.channel, Channel::Tls);
    EXPECT_FALSE(ready.capabilities.has("REQUIRETLS")) << "injected in plaintext";
    EXPECT_FALSE(ready.capabilities.has("STARTTLS")) << "known from before";
    EXPECT_EQ(ready.capabilities.size_limit(), 5U);
}

TEST(Client, DropsWhatComesBeforeTheHandshakeIsDone) {
    Client client(config());
    client.receive("220 mx\r\n250 mx\r\n");
    (void)client.next_event();
    client.start_tls();
    client.receive("220 go\r\n250");
    EXPECT_EQ(client.next_event(), ClientEvent(StartTlsGo{}));
    client.receive("-x\r\n");
    client.tls_established();
    EXPECT_EQ(client.discarded_octets(), 7U);
    EXPECT_EQ(client.channel(), Channel::Tls);
    client.receive("250 ok\r\n");
    EXPECT_TRUE(std::holds_alternative<Ready>(client.next_event()));
    EXPECT_THROW(client.start_tls(), Misuse);
}

TEST(Client, StartTlsMayBeRefused) {
    ClientDriver driver(Client(config()), Tls::Wanted, {transaction()});
    driver.feed("220 mx\r\n250 mx\r\n454 4.7.0 not now\r\n");
    EXPECT_EQ(last_of<StartTlsRefused>(driver).reply, make_reply(454, {4, 7, 0}, "not now"));
    EXPECT_TRUE(driver.run().output.ends_with("STARTTLS\r\nMAIL FROM:<a@b>\r\n"));
}

TEST(Client, FallsBackToHelo) {
    const ClientDriver driver = converse("220 mx\r\n502 what\r\n250 SIZE\r\n");
    EXPECT_TRUE(
        driver.run().output.starts_with("EHLO relay.example\r\nHELO relay.example\r\nMAIL"));
    EXPECT_TRUE(last_of<Ready>(driver).capabilities.entries().empty());
}

TEST(Client, HeloWithinTlsOffersNothing) {
    ClientDriver driver(Client(config()), Tls::Wanted, {});
    driver.feed("220 mx\r\n250-mx\r\n250 REQUIRETLS\r\n220 go\r\n");
    driver.feed("502 what\r\n250 mx\r\n");
    const auto ready = last_of<Ready>(driver);
    EXPECT_EQ(ready.channel, Channel::Tls);
    EXPECT_TRUE(ready.capabilities.entries().empty()) << "known from plaintext";
}

TEST(Client, MayBeRefusedAtOnce) {
    for (const std::string_view script :
         {"554 no\r\n", "220 mx\r\n554 no\r\n", "220 mx\r\n500 x\r\n554 no\r\n"}) {
        const ClientDriver driver = converse(script);
        EXPECT_EQ(last_of<Refused>(driver).reply, make_reply(554, "no"));
        EXPECT_TRUE(driver.run().output.ends_with("QUIT\r\n"));
    }
    const ClientDriver driver = converse("421 busy\r\n");
    EXPECT_EQ(last_of<Refused>(driver).reply, make_reply(421, "busy"));
    EXPECT_TRUE(driver.over());
}

TEST(Client, NoticesABrokenProtocol) {
    const std::pair<std::string_view, std::string_view> examples[] = {
        {"hello\r\n", "smtp.reply.code-invalid"},
        {"250 mx\r\n", "smtp.client.reply-unexpected"},
        {"354 mx\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n354 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n500 x\r\n354 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n250 mx\r\n354 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n250 mx\r\n250 x\r\n354 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n250 mx\r\n250 x\r\n250 x\r\n250 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n250 mx\r\n250 x\r\n250 x\r\n354 x\r\n354 x\r\n",
         "smtp.client.reply-unexpected"},
        {"220 mx\r\n250 mx\r\n250 x\r\n550 x\r\n354 x\r\n", "smtp.client.reply-unexpected"},
        {"220 mx\r\n250-mx\r\n251 x\r\n", "smtp.reply.code-changed"},
    };
    for (const auto& [script, id] : examples) {
        const ClientDriver driver = converse(script);
        EXPECT_EQ(last_of<Violation>(driver).error.id, id) << script;
    }
    Client client(config());
    client.receive("220 mx\r\n250 mx\r\n");
    (void)client.next_event();
    client.receive("250 nobody asked\r\n");
    const auto violation = std::get<Violation>(client.next_event());
    EXPECT_EQ(violation.error.id, "smtp.client.reply-unsolicited");
    EXPECT_EQ(client.next_event(), ClientEvent(violation)) << "for ever";
}

TEST(Client, TheEndOfInputEndsTheSession) {
    for (const std::string_view script : {"", "220 mx\r\n", "220 mx\r\n250 mx\r\n250 x\r\n25"}) {
        ClientDriver driver = converse(script);
        driver.end();
        EXPECT_TRUE(driver.over());
        EXPECT_EQ(last_of<Closed>(driver).farewell, std::nullopt);
    }
}

TEST(Client, Authenticates) {
    ClientConfig settings = config();
    settings.channel = Channel::Tls;
    Client client(settings);
    client.receive("220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n");
    (void)client.next_event();
    (void)client.take_output();
    client.authenticate({"user", "secret"});
    EXPECT_EQ(client.take_output(), "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n");
    client.receive("235 2.7.0 ok\r\n");
    EXPECT_EQ(client.next_event(),
              ClientEvent(AuthenticationDone{make_reply(235, {2, 7, 0}, "ok")}));

    client.authenticate({"user", std::string(600, 'x')});
    EXPECT_EQ(client.take_output(), "AUTH PLAIN\r\n") << "too long for the command line";
    client.receive("334 \r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output().size(), 810U);
    client.receive("334 more\r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(ClientNeedData{}));
    EXPECT_EQ(client.take_output(), "*\r\n");
    client.receive("501 cancelled\r\n");
    EXPECT_EQ(client.next_event(), ClientEvent(AuthenticationDone{make_reply(501, "cancelled")}));
}

TEST(Client, NeverSaysAPasswordInPlaintext) {
    Client client(config());
    client.receive("220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n");
    (void)client.next_event();
    EXPECT_THROW(client.authenticate({"user", "secret"}), Misuse);
}

TEST(Client, RefusesMisuse) {
    Client client(config());
    EXPECT_THROW(client.send(transaction()), Misuse);
    EXPECT_THROW(client.start_tls(), Misuse);
    EXPECT_THROW(client.tls_established(), Misuse);
    EXPECT_THROW(client.quit(), Misuse);
    client.receive(kPlain);
    (void)client.next_event();
    EXPECT_THROW(client.send(transaction({})), Misuse);
    EXPECT_THROW(client.send(transaction({Recipient{}})), Misuse);
    EXPECT_THROW(client.send(transaction({to("c\r\nDATA")})), Misuse);
    Transaction injected = transaction();
    injected.mail_parameters = {{"X", "1\r\nDATA"}};
    EXPECT_THROW(client.send(injected), Misuse);
    injected.mail_parameters = {{"X", ""}};
    EXPECT_THROW(client.send(injected), Misuse);
    (void)client.take_output();
    EXPECT_NO_THROW(client.quit());
    EXPECT_EQ(client.take_output(), "QUIT\r\n");
    EXPECT_THROW(Client(ClientConfig{}), Misuse);
}

TEST(LmtpClient, ReadsAReplyForEachRecipient) {
    ClientConfig settings = config();
    settings.protocol = Protocol::Lmtp;
    const ClientDriver driver =
        converse(std::string(kPipelining) +
                     "250 m\r\n250 1\r\n550 2\r\n250 3\r\n354 d\r\n250 one\r\n452 three\r\n",
                 {transaction({to("a"), to("b"), to("c")})}, settings);
    EXPECT_TRUE(driver.run().output.starts_with("LHLO relay.example\r\n"));
    const auto outcome = last_of<TransactionDone>(driver).outcome;
    EXPECT_EQ(outcome.recipients[0], (RecipientOutcome{Stage::Final, make_reply(250, "one")}));
    EXPECT_EQ(outcome.recipients[1], (RecipientOutcome{Stage::Rcpt, make_reply(550, "2")}));
    EXPECT_EQ(outcome.recipients[2], (RecipientOutcome{Stage::Final, make_reply(452, "three")}));
    EXPECT_EQ(outcome.final_replies.size(), 2U);
}

}  // namespace
}  // namespace mailassay::smtp
