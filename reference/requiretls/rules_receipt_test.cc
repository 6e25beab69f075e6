#include <gtest/gtest.h>

#include "requiretls/rules.h"

namespace mailassay::requiretls {
namespace {

using Parameters = std::vector<smtp::Parameter>;

const Parameters plain = {{"SIZE", "2000"}, {"BODY", "8BITMIME"}};
const Parameters tagged = {{"SIZE", "2000"}, {"RequireTls", std::nullopt}};

imf::HeaderSection header(std::string_view octets) {
    return imf::parse_message(std::string(octets) + "\r\n").value().header;
}

class Receipt : public testing::TestWithParam<Edition> {
  protected:
    [[nodiscard]] imf::HeaderSection no_field(int times = 1) const {
        std::string octets = "Subject: x\r\n";
        for (int i = 0; i < times; ++i) octets += field;
        return header(octets);
    }

    StandardRules rules{GetParam()};
    std::string field = GetParam() == Edition::Rfc ? "TLS-Required: No\r\n" : "RequireTLS: NO\r\n";
};
INSTANTIATE_TEST_SUITE_P(Rules, Receipt, testing::Values(Edition::Draft, Edition::Rfc),
                         [](const auto& instance) {
                             return instance.param == Edition::Rfc ? "Rfc" : "Draft";
                         });

TEST_P(Receipt, TheExtensionExistsInTlsOnly) {
    EXPECT_FALSE(rules.extension(smtp::Channel::Plaintext));
    const auto extension = rules.extension(smtp::Channel::Tls);
    ASSERT_TRUE(extension);
    EXPECT_EQ(extension->keyword, "REQUIRETLS");
    EXPECT_EQ(extension->argument, "");
    EXPECT_EQ(extension->announce, smtp::Announce::Yes);
    EXPECT_EQ(extension->mail_parameters, std::vector<std::string>{"REQUIRETLS"});
    EXPECT_TRUE(extension->rcpt_parameters.empty());
}

TEST_P(Receipt, TheParameterHasNoValueAndStandsOnce) {
    const auto judge = [&](const Parameters& parameters) {
        return rules.judge_parameters(parameters, smtp::Channel::Tls);
    };
    EXPECT_FALSE(judge({}));
    EXPECT_FALSE(judge(plain));
    EXPECT_FALSE(judge(tagged));
    for (const Parameters& bad :
         {Parameters{{"requiretls", "yes"}},
          Parameters{{"REQUIRETLS", std::nullopt}, {"requiretls", std::nullopt}},
          Parameters{{"REQUIRETLS", std::nullopt}, {"REQUIRETLS", "x"}}}) {
        const auto refusal = judge(bad);
        ASSERT_TRUE(refusal);
        EXPECT_EQ(refusal->code, 501);
        EXPECT_EQ(refusal->status, (dsn::EnhancedStatus{5, 5, 4}));
    }
}

TEST_P(Receipt, Tags) {
    EXPECT_EQ(rules.tag(plain, header("Subject: x\r\n")), Tag::None);
    EXPECT_EQ(rules.tag(tagged, header("Subject: x\r\n")), Tag::Required);
    EXPECT_EQ(rules.tag(plain, no_field()), Tag::Optional);
}

TEST_P(Receipt, TheParameterBeatsTheField) {
    EXPECT_EQ(rules.tag(tagged, no_field()), Tag::Required);
    EXPECT_EQ(rules.tag(tagged, header("TLS-Required: x\r\nRequireTLS: x\r\n")), Tag::Required);
}

TEST_P(Receipt, AgreeingFieldsCountAndContradictingOnesDoNot) {
    EXPECT_EQ(rules.tag(plain, no_field(2)), Tag::Optional);
    imf::HeaderSection both = no_field();
    both.append(
        imf::make_field(GetParam() == Edition::Rfc ? "TLS-Required" : "RequireTLS", "Yes").value());
    EXPECT_EQ(rules.tag(plain, both), Tag::None);
}

TEST_P(Receipt, TheOtherEditionsFieldIsAFieldLikeAnyOther) {
    const auto other =
        header(GetParam() == Edition::Rfc ? "RequireTLS: NO\r\n" : "TLS-Required: No\r\n");
    EXPECT_EQ(rules.tag(plain, other), Tag::None);
}

TEST_P(Receipt, AllInstancesAreTaggedAlikeAndTheHeaderSectionGoesOn) {
    for (const Tag tag : {Tag::None, Tag::Required, Tag::Optional}) {
        for (std::size_t instance = 0; instance < 3; ++instance) {
            EXPECT_EQ(rules.tag_of_instance(tag, instance), tag);
        }
        EXPECT_EQ(rules.onward(no_field(), tag), no_field());
    }
}

TEST_P(Receipt, ABounceOfATaggedMessageHoldsHeadersOnlyWhateverWasAsked) {
    const BouncePlan plan{dsn::Return::HeadersOnly, {}, Tag::Required};
    EXPECT_EQ(rules.plan_bounce(Tag::Required, std::nullopt), plan);
    EXPECT_EQ(rules.plan_bounce(Tag::Required, dsn::Return::HeadersOnly), plan);
    EXPECT_EQ(rules.plan_bounce(Tag::Required, dsn::Return::Full), plan);
    EXPECT_TRUE(plan.reverse_path.is_null());
}

TEST_P(Receipt, OtherBouncesHoldWhatWasAsked) {
    for (const Tag tag : {Tag::None, Tag::Optional}) {
        EXPECT_EQ(rules.plan_bounce(tag, dsn::Return::HeadersOnly).content,
                  dsn::Return::HeadersOnly);
        EXPECT_EQ(rules.plan_bounce(tag, std::nullopt).content, dsn::Return::Full);
        EXPECT_TRUE(rules.plan_bounce(tag, dsn::Return::Full).reverse_path.is_null());
        EXPECT_EQ(rules.plan_bounce(tag, dsn::Return::Full).tag, tag);
    }
}

}  // namespace
}  // namespace mailassay::requiretls
