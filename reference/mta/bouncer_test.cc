#include "mta/bouncer.h"

#include <gtest/gtest.h>

#include "dsn/report.h"
#include "mta/outgoing.h"

namespace mailassay::mta {
namespace {

using requiretls::Edition;
using requiretls::Tag;

class BouncerTest : public testing::Test {
  protected:
    BouncerTest() {
        message_.id = "original";
        message_.arrival = base::TimePoint(std::chrono::seconds(1'575'367'872));
        message_.envelope.reverse_path = {"sender", "a.example"};
        message_.envelope.mail_parameters = {{"ENVID", "x+2By"}, {"RET", "FULL"}};
        message_.envelope.recipients = {{{"x", "b.example"}, {{"ORCPT", "rfc822;alias@b.example"}}},
                                        {{"y", "b.example"}, {{"NOTIFY", "NEVER"}}}};
        message_.data = "Subject: secret plans\r\n\r\nthe body\r\n";
    }
    std::expected<Message, Silence> bounce(const std::vector<Failure>& failures,
                                           Edition edition = Edition::Rfc) {
        const requiretls::StandardRules rules(edition);
        base::SeededRandom random(1);
        return make_bounce(message_, failures, rules,
                           {.hostname = "relay.example",
                            .now = message_.arrival + std::chrono::minutes(1),
                            .random = random});
    }
    static Failure failure(std::size_t recipient) {
        return {.recipient = recipient,
                .result = result_of(smtp::make_reply(550, {5, 1, 1}, "Unknown"), "mx.b.example")};
    }
    Message message_;
};

TEST_F(BouncerTest, ReportsToTheSenderFromTheNullPath) {
    const auto made = bounce({failure(0)});
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->origin, Origin::Bounce);
    EXPECT_TRUE(made->envelope.reverse_path.is_null());
    ASSERT_EQ(made->envelope.recipients.size(), 1U);
    EXPECT_EQ(made->envelope.recipients[0].forward_path, message_.envelope.reverse_path);

    const auto report = dsn::parse_report(made->data);
    ASSERT_TRUE(report.has_value()) << to_string(report.error());
    EXPECT_EQ(report->to, "sender@a.example");
    EXPECT_EQ(report->original_envelope_id, "x+y");
    EXPECT_EQ(report->reporting_mta, (dsn::TypedValue{"dns", "relay.example"}));
    ASSERT_EQ(report->recipients.size(), 1U);
    const dsn::RecipientReport& about = report->recipients[0];
    EXPECT_EQ(about.original_recipient, (dsn::TypedValue{"rfc822", "alias@b.example"}));
    EXPECT_EQ(about.final_recipient, (dsn::TypedValue{"rfc822", "x@b.example"}));
    EXPECT_EQ(about.action, dsn::Action::Failed);
    EXPECT_EQ(about.status, (dsn::EnhancedStatus{5, 1, 1}));
    EXPECT_EQ(about.remote_mta, (dsn::TypedValue{"dns", "mx.b.example"}));
    EXPECT_EQ(about.diagnostic_code, (dsn::TypedValue{"smtp", "550 5.1.1 Unknown"}));
    ASSERT_TRUE(report->returned.has_value());
    EXPECT_EQ(report->returned->what, dsn::Return::Full);
    EXPECT_NE(report->returned->octets.find("the body"), std::string::npos);
}

TEST_F(BouncerTest, ARequiredMessageIsReturnedWithoutItsBodyAndItsBounceIsTagged) {
    message_.tag = Tag::Required;
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const auto made = bounce({failure(0)}, edition);
        ASSERT_TRUE(made.has_value());
        EXPECT_EQ(made->tag, Tag::Required);
        EXPECT_EQ(made->data.find("the body"), std::string::npos);
        EXPECT_NE(made->data.find("Subject: secret plans"), std::string::npos);
        const auto report = dsn::parse_report(made->data);
        ASSERT_TRUE(report.has_value());
        EXPECT_EQ(report->returned->what, dsn::Return::HeadersOnly);
    }
}

TEST_F(BouncerTest, AnOptionalMessageHasAnOptionalBounceThatLaterHopsKnow) {
    message_.tag = Tag::Optional;
    const auto rfc = bounce({failure(0)}, Edition::Rfc);
    ASSERT_TRUE(rfc.has_value());
    EXPECT_NE(rfc->data.find("TLS-Required: No\r\n"), std::string::npos);
    const auto draft = bounce({failure(0)}, Edition::Draft);
    ASSERT_TRUE(draft.has_value());
    EXPECT_NE(draft->data.find("RequireTLS: No\r\n"), std::string::npos);
}

TEST_F(BouncerTest, NotifyNeverIsHonoured) {
    const auto silent = bounce({failure(1)});
    ASSERT_FALSE(silent.has_value());
    EXPECT_EQ(silent.error(), Silence::NotWanted);
    const auto partly = bounce({failure(0), failure(1)});
    ASSERT_TRUE(partly.has_value());
    EXPECT_EQ(dsn::parse_report(partly->data)->recipients.size(), 1U);
}

TEST_F(BouncerTest, ABounceIsNeverBounced) {
    message_.envelope.reverse_path = {};
    const auto none = bounce({failure(0)});
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error(), Silence::NullReversePath);
}

TEST_F(BouncerTest, AHostileReplyCannotForgeAReport) {
    Failure hostile = failure(0);
    hostile.result =
        result_of(smtp::make_reply(550, {5, 1, 1}, "x\r\n\r\nAction: delivered\r\nSubject: forged"),
                  "mx.b.example");
    const auto made = bounce({hostile});
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->data.find("\r\nAction: delivered"), std::string::npos);
    EXPECT_EQ(made->data.find("\r\nSubject: forged"), std::string::npos);
}

}  // namespace
}  // namespace mailassay::mta
