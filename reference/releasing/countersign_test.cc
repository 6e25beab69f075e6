#include "releasing/countersign.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "releasing/agent.h"
#include "releasing/review.h"

namespace mailassay::releasing {
namespace {

using release::Fate;
using release::Proof;

imf::Mailbox user(const std::string& text) {
    return imf::parse_mailbox(text).value();
}

class Countersign : public testing::TestWithParam<Reading> {
  protected:
    [[nodiscard]] crypto::Signer signer(const std::string& address) const {
        const auto made = crypto::make_identity({.mail_addresses = {address}}, &root_);
        return {.key = crypto::PrivateKey(made.key),
                .certificate = crypto::Certificate(made.certificate)};
    }
    std::string draft(const std::string& text) {
        return review("From: Ann <ann@mil.example>\r\nSubject: s\r\n\r\n" + text + "\r\n",
                      signer("ann@mil.example"), random_)
            .value();
    }
    std::string released(const std::string& message, const std::string& officer) {
        Verification own = verification_;
        own.reading = GetParam();
        const auto made =
            authorize(message, own, {.user = user(officer), .decision = release::Decision::Release},
                      signer(officer), rules_, random_);
        EXPECT_TRUE(made.has_value());
        return made->message.value_or("");
    }
    Fate fate(const std::string& message, Proof proof = Proof::OfMessage) {
        verification_.policy.proof = proof;
        const std::vector recipients{user("bob@example.net")};
        return check(message, recipients, release::Place::Border, verification_, base::Edition::Rfc,
                     rules_)
            .recipients.front()
            .fate;
    }

    release::StandardRules rules_;
    base::SeededRandom random_{1};
    crypto::Identity root_ = crypto::make_identity({.common_name = "Test CA"});
    Verification verification_{.policy = {.officers = {user("one@mil.example")}},
                               .trust = {.anchors = {crypto::Certificate(root_.certificate)},
                                         .at = std::chrono::system_clock::now()}};
};

TEST_P(Countersign, ReleasesAMessage) {
    const std::string message = draft("Orders");
    EXPECT_EQ(fate(message), Fate::Refused);
    const std::string after = released(message, "one@mil.example");
    EXPECT_EQ(fate(after), Fate::Passes);
    // The entity that the drafter signed.
    const std::string_view body = std::string_view(message).substr(message.find("\r\n\r\n"));
    EXPECT_TRUE(after.contains(body.substr(0, body.find("smime.p7s"))));
    // Only what covers the field proves it.
    const bool binds = GetParam() == Reading::Review;
    EXPECT_EQ(fate(after, Proof::OfField), binds ? Fate::Passes : Fate::Refused);
}

TEST_P(Countersign, IsOfItsUserAlone) {
    const std::string field = "MMHS-Authorizing-Users: one@mil.example\r\n";
    const auto by_eve =
        countersign(field + draft("Orders"), GetParam(), signer("eve@mil.example"), random_);
    ASSERT_TRUE(by_eve.has_value());
    EXPECT_EQ(fate(*by_eve), Fate::Refused);
}

TEST_P(Countersign, DoesNotHoldOverAnotherMessage) {
    const std::string after = released(draft("Orders"), "one@mil.example");
    std::string other = after;
    other.replace(other.find("Orders"), 6, "Retire");
    EXPECT_EQ(fate(other), Fate::Refused);
}

INSTANTIATE_TEST_SUITE_P(Readings, Countersign,
                         testing::Values(Reading::Review, Reading::Countersignature,
                                         Reading::SignerInfo));

TEST(CountersignErrors, NeedASignatureInBase64) {
    const auto made = crypto::make_identity({.mail_addresses = {"one@mil.example"}});
    const crypto::Signer one{.key = crypto::PrivateKey(made.key),
                             .certificate = crypto::Certificate(made.certificate)};
    base::SeededRandom random(1);
    EXPECT_EQ(countersign("From: a@b\r\n\r\nText\r\n", Reading::SignerInfo, one, random).error().id,
              "releasing.countersign.not-signed");
}

}  // namespace
}  // namespace mailassay::releasing
