#include "mta/intake.h"

#include <gtest/gtest.h>

#include "mta/spool.h"
#include "mta/test_directory.h"
#include "mta/trace.h"

namespace mailassay::mta {
namespace {

using requiretls::Edition;
using requiretls::Tag;
using smtp::Channel;

class IntakeTest : public testing::Test {
  protected:
    IntakeTest() {
        config_.server.hostname = "mx.example";
        config_.server.relay_from = {Network::parse("127.0.0.0/8").value()};
        config_.aliases = {{.name = {"team", "mx.example"},
                            .targets = {{"one", "b.example"}, {"two", "c.example"}}}};
        files_.emplace(DiskFiles::open(directory_.path()).value());
        Recovered recovered;
        spool_ = Spool::open(*files_, random_, recovered).value();
        submission_.envelope.reverse_path = {"a", "a.example"};
        submission_.envelope.recipients = {{{"x", "d.example"}, {}}};
        submission_.data = "Subject: hello\r\n\r\nbody\r\n";
        submission_.peer_address = "127.0.0.1";
    }
    std::vector<Message> make(Edition edition = Edition::Rfc) {
        const requiretls::StandardRules rules(edition);
        return make_messages(submission_, config_, rules, [this] { return spool_->new_id(); });
    }
    static smtp::Recipient to(const std::string& local_part, const std::string& domain) {
        return {.forward_path = {local_part, domain}, .parameters = {}};
    }

    TestDirectory directory_;
    base::SeededRandom random_{1};
    std::optional<DiskFiles> files_;
    std::unique_ptr<Spool> spool_;
    Config config_;
    Submission submission_;
};

TEST_F(IntakeTest, ExtensionOnlyWithinTls) {
    const requiretls::StandardRules rules(Edition::Rfc);
    const RelayPolicy policy(config_, rules, "127.0.0.1");
    EXPECT_TRUE(policy.extensions(Channel::Plaintext).empty());
    ASSERT_EQ(policy.extensions(Channel::Tls).size(), 1U);
    EXPECT_EQ(policy.extensions(Channel::Tls)[0].keyword, "REQUIRETLS");
}

TEST_F(IntakeTest, WhoMayRelayWhereTo) {
    const requiretls::StandardRules rules(Edition::Rfc);
    RelayPolicy known(config_, rules, "127.0.0.9");
    RelayPolicy stranger(config_, rules, "192.0.2.9");
    config_.stores = {{.domain = "users.example", .host = "store.example", .address = {}}};
    const smtp::Envelope envelope;
    EXPECT_FALSE(stranger.on_rcpt(to("x", "Users.example"), envelope).has_value());
    EXPECT_FALSE(known.on_rcpt(to("x", "b.example"), envelope).has_value());
    EXPECT_EQ(stranger.on_rcpt(to("x", "b.example"), envelope)->status,
              (dsn::EnhancedStatus{5, 7, 1}));
    EXPECT_FALSE(stranger.on_rcpt(to("TEAM", "MX.example"), envelope).has_value());
    EXPECT_EQ(known.on_rcpt(to("x", "mx.example"), envelope)->status,
              (dsn::EnhancedStatus{5, 1, 1}));
}

TEST_F(IntakeTest, SubmissionIsForUsersWhoLoggedInWithinTls) {
    config_.users = {{.name = "roger", .password = "secret"}};
    const requiretls::StandardRules rules(Edition::Rfc);
    RelayPolicy policy(config_, rules, "192.0.2.9", requiretls::Service::Submission);
    EXPECT_EQ(policy.auth_offer(Channel::Plaintext), smtp::AuthOffer::NeedsTls);
    EXPECT_TRUE(policy.extensions(Channel::Plaintext).empty());
    EXPECT_EQ(policy.auth_offer(Channel::Tls), smtp::AuthOffer::Now);
    ASSERT_EQ(policy.extensions(Channel::Tls).size(), 2U);
    EXPECT_EQ(policy.extensions(Channel::Tls)[1].keyword, "AUTH");

    const smtp::Path sender{"roger", "a.example"};
    EXPECT_EQ(policy.on_mail(sender, {}, Channel::Tls)->code, 530);
    EXPECT_EQ(policy.on_credentials({"", "roger", "guess"})->code, 535);
    EXPECT_EQ(policy.on_credentials({"", "nobody", "secret"})->code, 535);
    EXPECT_EQ(policy.on_credentials({"admin", "roger", "secret"})->code, 535);
    EXPECT_EQ(policy.on_mail(sender, {}, Channel::Tls)->code, 530);
    EXPECT_FALSE(policy.on_credentials({"roger", "roger", "secret"}).has_value());
    EXPECT_FALSE(policy.on_mail(sender, {}, Channel::Tls).has_value());
    EXPECT_FALSE(policy.on_rcpt(to("x", "b.example"), {}).has_value());
}

TEST_F(IntakeTest, NobodyLogsInElsewhere) {
    config_.users = {{.name = "roger", .password = "secret"}};
    const requiretls::StandardRules rules(Edition::Rfc);
    for (const auto service : {requiretls::Service::Relay, requiretls::Service::Lmtp}) {
        const RelayPolicy policy(config_, rules, "192.0.2.9", service);
        EXPECT_EQ(policy.auth_offer(Channel::Tls), smtp::AuthOffer::None);
        EXPECT_EQ(policy.extensions(Channel::Tls).size(), 1U);
    }
}

TEST_F(IntakeTest, TheTraceSaysHowItCame) {
    submission_.envelope.channel = Channel::Tls;
    submission_.service = requiretls::Service::Lmtp;
    EXPECT_NE(make().at(0).data.find("with LMTPS id"), std::string::npos) << make().at(0).data;
    submission_.service = requiretls::Service::Submission;
    submission_.envelope.login = smtp::Login::Done;
    EXPECT_NE(make().at(0).data.find("with ESMTPSA id"), std::string::npos) << make().at(0).data;
}

TEST_F(IntakeTest, TheTagComesFromTheParameterOrTheHeaderSection) {
    EXPECT_EQ(make().at(0).tag, Tag::None);
    submission_.data = "TLS-Required: No\r\n\r\nbody\r\n";
    EXPECT_EQ(make().at(0).tag, Tag::Optional);
    EXPECT_EQ(make(Edition::Draft).at(0).tag, Tag::None);
    submission_.envelope.mail_parameters = {{"REQUIRETLS", std::nullopt}};
    EXPECT_EQ(make().at(0).tag, Tag::Required);
}

TEST_F(IntakeTest, OneMessageForAllElsewhereAndOneForEachTargetOfAnAlias) {
    submission_.envelope.recipients = {to("x", "d.example"), to("team", "mx.example"),
                                       to("y", "e.example")};
    submission_.envelope.mail_parameters = {{"REQUIRETLS", std::nullopt}};
    const auto messages = make();
    ASSERT_EQ(messages.size(), 3U);
    EXPECT_EQ(messages[0].envelope.recipients[0].forward_path, (smtp::Path{"one", "b.example"}));
    EXPECT_EQ(messages[1].envelope.recipients[0].forward_path, (smtp::Path{"two", "c.example"}));
    EXPECT_EQ(messages[2].envelope.recipients.size(), 2U);
    for (const Message& message : messages) {
        EXPECT_EQ(message.tag, Tag::Required);
        EXPECT_EQ(message.envelope.reverse_path, submission_.envelope.reverse_path);
        EXPECT_TRUE(message.data.starts_with("Received: "));
        EXPECT_TRUE(message.data.ends_with(submission_.data));
    }
    EXPECT_NE(messages[0].id, messages[1].id);
}

TEST_F(IntakeTest, ALoopIsRefusedAtTheLimit) {
    std::string data = "\r\nbody\r\n";
    for (std::size_t i = 1; i < max_received_fields; ++i) data.insert(0, "Received: x\r\n");
    EXPECT_FALSE(judge_data(data).has_value());
    data.insert(0, "received: x\r\n");
    EXPECT_EQ(judge_data(data)->code, 554);
}

}  // namespace
}  // namespace mailassay::mta
