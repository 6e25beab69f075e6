#include "releasing/notice.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "dsn/report.h"
#include "releasing/agent.h"
#include "releasing/testing.h"

namespace mailassay::releasing {
namespace {

using release::Decision;
using release::End;

constexpr std::string_view draft =
    "From: Ann <ann@mil.example>\r\nMessage-ID: <1@mil.example>\r\n\r\nBody\r\n";
// Nobody here can open it.
const std::string sealed_fields =
    "From: ann@mil.example\r\nMIME-Version: 1.0\r\n"
    "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nMAA=\r\n";

class Notices : public testing::Office {
  protected:
    Authorized decided(const std::string& message, Decision decision) {
        return authorize(message, verification_,
                         {.user = mailbox("one@mil.example"),
                          .decision = decision,
                          .explanation = "At dusk, please"},
                         std::nullopt, rules_, random_)
            .value();
    }
};

TEST(Rejection, GoesToTheDrafterWithTheDraftInIt) {
    base::SeededRandom random(1);
    const imf::Mailbox user = imf::parse_mailbox("one@mil.example").value();
    const Notice made =
        rejection_of({.draft = draft, .user = user, .at = {}}, "No.", random).value();
    EXPECT_EQ(made.to.address(), "ann@mil.example");
    const imf::HeaderSection header = imf::parse_message(made.message).value().header;
    EXPECT_EQ(header.find_first("To")->body, " ann@mil.example");
    EXPECT_EQ(header.find_first("In-Reply-To")->body, " <1@mil.example>");
    EXPECT_TRUE(made.message.contains("No."));
    EXPECT_TRUE(made.message.contains("\r\n\r\n" + std::string(draft) + "\r\n--"));
    const Refusal nobodys{.draft = "Subject: s\r\n\r\n", .user = user, .at = {}};
    EXPECT_EQ(rejection_of(nobodys, "No.", random).error().id, "releasing.notice.nobody");
}

TEST_F(Notices, TellTheDrafterWhatTheUserSays) {
    const Authorized made =
        decided(signed_by("ann@mil.example", std::string(draft)), Decision::Return);
    EXPECT_EQ(made.outcome.end, End::Returned);
    ASSERT_TRUE(made.notice);
    EXPECT_TRUE(made.notice->message.contains("At dusk, please"));
}

TEST_F(Notices, OfWhatCanNotBeReadAreReportsOfFailure) {
    const Authorized made = decided(signed_by("ann@mil.example", sealed_fields), Decision::Release);
    EXPECT_EQ(made.outcome.end, End::Returned);
    ASSERT_TRUE(made.notice);
    const dsn::Report report = dsn::parse_report(made.notice->message).value();
    EXPECT_EQ(report.to, "ann@mil.example");
    ASSERT_EQ(report.recipients.size(), 1U);
    EXPECT_EQ(report.recipients[0].action, dsn::Action::Failed);
    EXPECT_EQ(to_string(report.recipients[0].status), "5.7.5");
    EXPECT_EQ(report.recipients[0].final_recipient.value, "one@mil.example");
    EXPECT_TRUE(report.returned->octets.contains("MAA="));
}

TEST_F(Notices, GoToTheUserBefore) {
    const std::string by_two =
        signed_by("two@mil.example", "MMHS-Authorizing-Users: two@mil.example\r\n" +
                                         signed_by("ann@mil.example", sealed_fields));
    EXPECT_EQ(decided(by_two, Decision::Release).notice.value().to.address(), "two@mil.example");
}

TEST_F(Notices, FloodNobody) {
    // Whose mail it is, nothing proves.
    const Authorized forged = decided(sealed_fields, Decision::Release);
    EXPECT_EQ(forged.outcome.end, End::SetAside);
    EXPECT_FALSE(forged.notice);
    verification_.policy.unreadable = release::Unreadable::Hold;
    const Authorized own = decided(signed_by("ann@mil.example", sealed_fields), Decision::Release);
    EXPECT_EQ(own.outcome.end, End::SetAside);
    EXPECT_EQ(own.outcome.reason->id, "release.message.sealed");
    EXPECT_FALSE(own.notice);
}

TEST_F(Notices, ThatCanReachNobodyLeaveTheMessageWhereItIs) {
    verification_.policy.doubt = release::Doubt::Return;
    const Authorized made = decided("Subject: s\r\n\r\nBody\r\n", Decision::Release);
    EXPECT_EQ(made.outcome.end, End::SetAside);
    EXPECT_EQ(made.outcome.reason->id, "releasing.notice.nobody");
}

}  // namespace
}  // namespace mailassay::releasing
