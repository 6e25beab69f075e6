#include "mta/outgoing.h"

#include <gtest/gtest.h>

namespace mailassay::mta {
namespace {

Message example() {
    Message message;
    message.envelope.reverse_path = {"a", "a.example"};
    message.envelope.mail_parameters = {
        {"RET", "HDRS"}, {"ENVID", "id"}, {"SIZE", "99999"}, {"BODY", "7BIT"}, {"REQUIRETLS", {}}};
    message.envelope.recipients = {{{"x", "b.example"}, {{"NOTIFY", "FAILURE"}}},
                                   {{"y", "b.example"}, {}}};
    return message;
}

smtp::Capabilities capabilities(std::vector<std::string> lines) {
    lines.insert(lines.begin(), "peer.example");
    return smtp::Capabilities::from_ehlo({.code = 250, .status = {}, .lines = std::move(lines)});
}

std::vector<std::string> words(const std::vector<smtp::Parameter>& parameters) {
    std::vector<std::string> texts;
    for (const smtp::Parameter& parameter : parameters) texts.push_back(to_string(parameter));
    return texts;
}

constexpr std::size_t both[] = {0, 1};
constexpr std::size_t second[] = {1};

TEST(Outgoing, ParametersGoOnWhereTheServerKnowsTheirExtension) {
    const auto transaction =
        prepare_transaction(example(), both, "hello\r\n", RequireTlsParameter::Present,
                            capabilities({"DSN", "SIZE 1000", "8BITMIME", "REQUIRETLS"}));
    ASSERT_TRUE(transaction.has_value());
    EXPECT_EQ(words(transaction->mail_parameters),
              (std::vector<std::string>{"RET=HDRS", "ENVID=id", "SIZE=7", "REQUIRETLS"}));
    EXPECT_EQ(words(transaction->recipients.at(0).parameters),
              (std::vector<std::string>{"NOTIFY=FAILURE"}));
    EXPECT_EQ(transaction->data, "hello\r\n");
}

TEST(Outgoing, NothingGoesToAServerThatKnowsNothing) {
    const auto transaction = prepare_transaction(example(), both, "hello\r\n",
                                                 RequireTlsParameter::Absent, capabilities({}));
    ASSERT_TRUE(transaction.has_value());
    EXPECT_TRUE(transaction->mail_parameters.empty());
    EXPECT_TRUE(transaction->recipients.at(0).parameters.empty());
}

TEST(Outgoing, TheParameterIsTheRulesToSendNotTheSenders) {
    const auto transaction = prepare_transaction(
        example(), both, "hello\r\n", RequireTlsParameter::Absent, capabilities({"REQUIRETLS"}));
    ASSERT_TRUE(transaction.has_value());
    EXPECT_TRUE(transaction->mail_parameters.empty());
}

TEST(Outgoing, OnlyTheRecipientsAskedFor) {
    const auto transaction = prepare_transaction(example(), second, "hello\r\n",
                                                 RequireTlsParameter::Absent, capabilities({}));
    ASSERT_TRUE(transaction.has_value());
    ASSERT_EQ(transaction->recipients.size(), 1U);
    EXPECT_EQ(transaction->recipients[0].forward_path.local_part, "y");
}

TEST(Outgoing, EightBitDataIsDeclaredOrFails) {
    const auto taken = prepare_transaction(example(), both, "\xc3\xa9\r\n",
                                           RequireTlsParameter::Absent, capabilities({"8BITMIME"}));
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(words(taken->mail_parameters), (std::vector<std::string>{"BODY=8BITMIME"}));
    const auto refused = prepare_transaction(example(), both, "\xc3\xa9\r\n",
                                             RequireTlsParameter::Absent, capabilities({}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().outcome, Outcome::Failed);
    EXPECT_EQ(refused.error().status, (dsn::EnhancedStatus{5, 6, 3}));
}

TEST(Outgoing, InternationalizedAddressesNeedTheExtension) {
    Message message = example();
    message.envelope.recipients[1].forward_path.local_part = "\xc3\xa9";
    const auto offered = capabilities({"SMTPUTF8", "8BITMIME"});
    const auto taken =
        prepare_transaction(message, both, "hello\r\n", RequireTlsParameter::Absent, offered);
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(words(taken->mail_parameters), (std::vector<std::string>{"SMTPUTF8"}));
    const auto refused = prepare_transaction(message, both, "hello\r\n",
                                             RequireTlsParameter::Absent, capabilities({}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().status, (dsn::EnhancedStatus{5, 6, 7}));
}

TEST(Outgoing, RepliesBecomeResults) {
    const auto outcome = [](smtp::Stage stage, smtp::Reply reply) {
        return result_of(smtp::RecipientOutcome{.stage = stage, .reply = std::move(reply)},
                         "mx.example");
    };
    const auto relayed = outcome(smtp::Stage::Final, smtp::make_reply(250, {2, 1, 5}, "ok"));
    EXPECT_EQ(relayed.outcome, Outcome::Relayed);
    EXPECT_EQ(relayed.remote_mta, "mx.example");
    const auto failed = outcome(smtp::Stage::Rcpt, smtp::make_reply(550, "no\x1b[31m"));
    EXPECT_EQ(failed.outcome, Outcome::Failed);
    EXPECT_EQ(failed.status, (dsn::EnhancedStatus{5, 0, 0}));
    EXPECT_EQ(failed.explanation, "The host mx.example answered: 550 no\\x1b[31m");
    const auto deferred = outcome(smtp::Stage::Data, smtp::make_reply(451, {4, 3, 1}, "full"));
    EXPECT_EQ(deferred.outcome, Outcome::Deferred);
    EXPECT_EQ(deferred.status, (dsn::EnhancedStatus{4, 3, 1}));
}

TEST(Outgoing, AFateGivesTheStatusItsClass) {
    const auto refused = result_of(smtp::make_reply(530, {5, 7, 0}, "TLS first"), "mx.example");
    EXPECT_EQ(with_fate(refused, requiretls::Fate::Defer).status, (dsn::EnhancedStatus{4, 7, 0}));
    EXPECT_EQ(with_fate(refused, requiretls::Fate::Bounce).outcome, Outcome::Failed);
    EXPECT_EQ(with_fate(refused, requiretls::Fate::Drop).outcome, Outcome::Dropped);
}

TEST(Outgoing, AMessageGoesOnUnchanged) {
    const requiretls::StandardRules rules(requiretls::Edition::Rfc);
    for (const char* data : {"A: b\r\n c\r\nTLS-Required: No\r\n\r\nbody\r\n", "", "no header",
                             "A: b\r\n", "\r\n\r\nbody", "broken line\r\nA: b\r\n\r\nx"}) {
        Message message;
        message.data = data;
        EXPECT_EQ(onward_data(message, rules), data);
    }
}

}  // namespace
}  // namespace mailassay::mta
