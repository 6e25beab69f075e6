#include "mta/deliverer.h"

#include <gtest/gtest.h>

#include "mta/test_peers.h"

namespace mailassay::mta {
namespace {

using requiretls::Authentication;
using requiretls::Tag;

class DelivererTest : public testing::Test {
  protected:
    DelivererTest() {
        config_.server.hostname = "relay.example";
        config_.client.helo = "relay.example";
        next_hops_.add("b.example", {make_host("mx1.b.example", "one", 10),
                                     make_host("mx2.b.example", "two", 20)});
        peers_.at("one");
        peers_.at("two");
    }

    static Message message(Tag tag) {
        Message message;
        message.id = "test";
        message.tag = tag;
        message.envelope.reverse_path = {"a", "a.example"};
        message.envelope.recipients = {{{"x", "b.example"}, {}}, {{"y", "b.example"}, {}}};
        message.data = "Subject: hello\r\n\r\nbody\r\n";
        return message;
    }
    GroupResults deliver(const Message& message, std::string domain = "b.example") {
        requiretls::StandardRules rules(requiretls::Edition::Rfc);
        Deliverer deliverer(config_, rules, next_hops_, peers_, log_);
        std::vector<std::size_t> everybody;
        for (std::size_t i = 0; i < message.envelope.recipients.size(); ++i) everybody.push_back(i);
        return deliverer.deliver(message, {.domain = std::move(domain), .recipients = everybody});
    }
    static void expect_all(const GroupResults& results, Outcome outcome,
                           dsn::EnhancedStatus status) {
        ASSERT_EQ(results.size(), 2U);
        for (const RecipientResult& result : results) {
            EXPECT_EQ(result.outcome, outcome) << result.explanation;
            EXPECT_EQ(result.status, status) << result.explanation;
        }
    }
    [[nodiscard]] const Conversation& talk(const std::string& address,
                                           std::size_t index = 0) const {
        return *peers_.conversations(address).at(index);
    }

    Config config_;
    base::SystemClock clock_;
    logging::Log log_{clock_, [](std::string_view) {}};
    MadeUpNextHops next_hops_;
    Peers peers_;
};

TEST_F(DelivererTest, RequiredGoesWithTheParameterOverVerifiedTls) {
    const auto results = deliver(message(Tag::Required));
    expect_all(results, Outcome::Relayed, {2, 0, 0});
    const auto taken = peers_.taken("one");
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].envelope.channel, smtp::Channel::Tls);
    EXPECT_NE(smtp::find_parameter(taken[0].envelope.mail_parameters, "REQUIRETLS"), nullptr);
    EXPECT_EQ(taken[0].envelope.recipients.size(), 2U);
    EXPECT_EQ(taken[0].data, "Subject: hello\r\n\r\nbody\r\n");
    EXPECT_TRUE(talk("one").was_quit);
    EXPECT_TRUE(peers_.conversations("two").empty());
}

TEST_F(DelivererTest, AStoreIsReachedByLmtpAndJudgedAsAnyOtherHost) {
    config_.stores = {{.domain = "b.example",
                       .host = "Store.example",
                       .address = {.address = "store", .port = 24}}};
    peers_.at("store").protocol = smtp::Protocol::Lmtp;
    expect_all(deliver(message(Tag::Required)), Outcome::Relayed, {2, 0, 0});
    const auto taken = peers_.taken("store");
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].envelope.channel, smtp::Channel::Tls);
    EXPECT_NE(smtp::find_parameter(taken[0].envelope.mail_parameters, "REQUIRETLS"), nullptr);
    EXPECT_TRUE(talk("store").said.starts_with("LHLO relay.example\r\nSTARTTLS\r\nLHLO "));
    EXPECT_EQ(peers_.ports(), std::vector<std::uint16_t>{24});

    peers_.at("store").requiretls = Support::Missing;
    expect_all(deliver(message(Tag::Required)), Outcome::Failed, {5, 7, 30});
    peers_.at("store").starttls = StartTls::NotOffered;
    expect_all(deliver(message(Tag::Required)), Outcome::Failed, {5, 7, 10});
    EXPECT_EQ(peers_.taken("store").size(), 1U);
    expect_all(deliver(message(Tag::Optional)), Outcome::Relayed, {2, 0, 0});
    EXPECT_TRUE(peers_.conversations("one").empty());
}

TEST_F(DelivererTest, RequiredLeavesAnUnfitHostWithQuitAndTriesTheNext) {
    peers_.at("one").starttls = StartTls::NotOffered;
    expect_all(deliver(message(Tag::Required)), Outcome::Relayed, {2, 0, 0});
    EXPECT_EQ(talk("one").said.find("MAIL"), std::string::npos);
    EXPECT_TRUE(talk("one").was_quit);
    EXPECT_EQ(peers_.taken("two").size(), 1U);
}

TEST_F(DelivererTest, RequiredBouncesWhenNoHostIsFit) {
    peers_.at("one").authentication = Authentication::None;
    peers_.at("two").starttls = StartTls::HandshakeFails;
    expect_all(deliver(message(Tag::Required)), Outcome::Failed, {5, 7, 10});
    EXPECT_TRUE(talk("one").was_quit);
    EXPECT_EQ(peers_.conversations("two").size(), 1U) << "no second try in plaintext";
    for (const char* address : {"one", "two"}) {
        EXPECT_EQ(talk(address).said.find("MAIL"), std::string::npos);
    }
}

TEST_F(DelivererTest, RequiredSaysWhenOnlyTheExtensionLacked) {
    peers_.at("one").requiretls = Support::Missing;
    peers_.at("two").requiretls = Support::Missing;
    const auto results = deliver(message(Tag::Required));
    expect_all(results, Outcome::Failed, {5, 7, 30});
    EXPECT_EQ(results[0].explanation,
              "No host could be used. mx1.b.example: it does not offer REQUIRETLS. "
              "mx2.b.example: it does not offer REQUIRETLS.");
}

TEST_F(DelivererTest, RequiredConnectsToNoHostWithoutAValidatedName) {
    auto host = make_host("mx1.b.example", "one");
    host.mx_security = requiretls::DnsSecurity::Insecure;
    next_hops_.add("b.example", {host});
    expect_all(deliver(message(Tag::Required)), Outcome::Failed, {5, 7, 10});
    EXPECT_TRUE(peers_.conversations("one").empty());
}

TEST_F(DelivererTest, OptionalGoesOnInPlaintextWhenTlsFails) {
    for (const StartTls fault : {StartTls::HandshakeFails, StartTls::Garbled, StartTls::Closed}) {
        peers_.at("one").starttls = fault;
        const std::size_t before = peers_.conversations("one").size();
        expect_all(deliver(message(Tag::Optional)), Outcome::Relayed, {2, 0, 0});
        ASSERT_EQ(peers_.conversations("one").size(), before + 2);
        EXPECT_EQ(talk("one", before + 1).said.find("STARTTLS"), std::string::npos);
        EXPECT_EQ(talk("one", before + 1).taken.at(0).envelope.channel, smtp::Channel::Plaintext);
    }
}

TEST_F(DelivererTest, OptionalGoesOnInTheSameSessionWhenStartTlsIsRefused) {
    peers_.at("one").starttls = StartTls::Refused;
    expect_all(deliver(message(Tag::Optional)), Outcome::Relayed, {2, 0, 0});
    EXPECT_EQ(peers_.conversations("one").size(), 1U);
}

TEST_F(DelivererTest, OptionalUsesTlsWhereItIsOffered) {
    peers_.at("one").authentication = Authentication::None;
    expect_all(deliver(message(Tag::Optional)), Outcome::Relayed, {2, 0, 0});
    EXPECT_EQ(peers_.taken("one").at(0).envelope.channel, smtp::Channel::Tls);
}

TEST_F(DelivererTest, ServerThatInsistsOnTlsIsReportedForAnOptionalMessage) {
    peers_.at("one").starttls = StartTls::HandshakeFails;
    peers_.at("one").mail = smtp::make_reply(530, {5, 7, 0}, "STARTTLS first");
    expect_all(deliver(message(Tag::Optional)), Outcome::Failed, {5, 7, 0});
}

TEST_F(DelivererTest, EachRecipientHasItsOwnFateAndWhoIsDeferredGoesToTheNextHost) {
    peers_.at("one").rcpt = {{"x@b.example", smtp::make_reply(550, {5, 1, 1}, "nobody")},
                             {"y@b.example", smtp::make_reply(450, {4, 2, 0}, "busy")}};
    const auto results = deliver(message(Tag::None));
    EXPECT_EQ(results.at(0).outcome, Outcome::Failed);
    EXPECT_EQ(results.at(0).status, (dsn::EnhancedStatus{5, 1, 1}));
    EXPECT_EQ(results.at(0).remote_mta, "mx1.b.example");
    EXPECT_EQ(results.at(1).outcome, Outcome::Relayed);
    const auto taken = peers_.taken("two");
    ASSERT_EQ(taken.size(), 1U);
    ASSERT_EQ(taken[0].envelope.recipients.size(), 1U);
    EXPECT_EQ(taken[0].envelope.recipients[0].forward_path.local_part, "y");
}

TEST_F(DelivererTest, WhoIsDeferredByAFitHostStaysDeferredWhateverTheNextIsLike) {
    peers_.at("one").data = smtp::make_reply(451, {4, 3, 0}, "later");
    peers_.at("two").starttls = StartTls::NotOffered;
    expect_all(deliver(message(Tag::Required)), Outcome::Deferred, {4, 3, 0});
}

TEST_F(DelivererTest, HostsThatCannotBeReachedAreTriedLater) {
    next_hops_.add("b.example", {make_host("mx.b.example", "nowhere")});
    const auto results = deliver(message(Tag::Required));
    EXPECT_EQ(results.at(0).outcome, Outcome::Deferred);
    peers_.at("one").greeting = Greeting::Silent;
    next_hops_.add("b.example", {make_host("mx.b.example", "one")});
    EXPECT_EQ(deliver(message(Tag::None)).at(0).outcome, Outcome::Deferred);
}

TEST_F(DelivererTest, RefusalInEveryGreetingIsFinal) {
    peers_.at("one").greeting = Greeting::Refused;
    peers_.at("two").greeting = Greeting::Refused;
    const auto results = deliver(message(Tag::None));
    expect_all(results, Outcome::Failed, {5, 0, 0});
    EXPECT_EQ(results[0].reply->code, 554);
    EXPECT_TRUE(talk("one").was_quit);
}

TEST_F(DelivererTest, NothingIsSentToOurselvesOrToAHostNoBetter) {
    next_hops_.add("b.example",
                   {make_host("mx1.b.example", "one", 10), make_host("RELAY.example", "two", 20),
                    make_host("mx3.b.example", "two", 20)});
    peers_.at("one").greeting = Greeting::Closed;
    EXPECT_EQ(deliver(message(Tag::None)).at(0).outcome, Outcome::Deferred);
    EXPECT_TRUE(peers_.conversations("two").empty());
    next_hops_.add("b.example", {make_host("relay.example", "two", 20)});
    expect_all(deliver(message(Tag::None)), Outcome::Failed, {5, 4, 6});
}

TEST_F(DelivererTest, FailedLookups) {
    next_hops_.fail("b.example", requiretls::LookupFailure::Temporary);
    expect_all(deliver(message(Tag::None)), Outcome::Deferred, {4, 4, 3});
    next_hops_.fail("b.example", requiretls::LookupFailure::NullMx);
    expect_all(deliver(message(Tag::None)), Outcome::Failed, {5, 1, 10});
    expect_all(deliver(message(Tag::None), "c.example"), Outcome::Failed, {5, 1, 2});
}

TEST_F(DelivererTest, TheSecondAddressIsTriedWhenTheFirstDoesNotAnswer) {
    auto host = make_host("mx1.b.example", "nowhere");
    host.addresses.push_back("one");
    next_hops_.add("b.example", {host});
    expect_all(deliver(message(Tag::Required)), Outcome::Relayed, {2, 0, 0});
}

TEST_F(DelivererTest, ABounceIsSentEvenWhereRequireTlsIsNotOffered) {
    peers_.at("one").requiretls = Support::Missing;
    Message bounce = message(Tag::Required);
    bounce.envelope.reverse_path = {};
    expect_all(deliver(bounce), Outcome::Relayed, {2, 0, 0});
    EXPECT_TRUE(peers_.taken("one").at(0).envelope.mail_parameters.empty() ||
                smtp::find_parameter(peers_.taken("one").at(0).envelope.mail_parameters,
                                     "REQUIRETLS") == nullptr);
}

}  // namespace
}  // namespace mailassay::mta
