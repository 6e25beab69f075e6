#include "releasing/strip.h"

#include <gtest/gtest.h>

#include "imf/transfer_encoding.h"
#include "releasing/signature_text.h"
#include "releasing/testing.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {
namespace {

using release::Decision;
using release::End;

const std::string plain = "From: Ann <ann@mil.example>\r\nSubject: s\r\n\r\nBody\r\n";
const std::string field = "MMHS-Authorizing-Users: one@mil.example\r\n";

class Strip : public testing::Office {
  protected:
    // The outermost ContentInfo, changed.
    template <class Change>
    static std::string changed(const std::string& message, const Change& change) {
        const auto parsed = imf::view_message(message).value();
        const auto parts = secureheaders::find_signature(parsed.header, parsed.body).value();
        const std::string made = change(std::string(parts->cms.view()));
        return with_signature(message, made).value();
    }
    // Signed by its drafter, and by another one of his keys that nobody trusts.
    std::string signed_twice() {
        return changed(signed_by("ann@mil.example", plain), [](const std::string& cms) {
            return crypto::add_signer(cms, signer("ann@mil.example", nullptr)).value();
        });
    }
    [[nodiscard]] SignatureLayer outermost(const std::string& message) const {
        return open_layers(message, verification_.trust).signatures.at(0);
    }
    Authorized decided(const std::string& message, Decision decision) {
        return authorize(message, verification_,
                         {.user = mailbox("one@mil.example"), .decision = decision},
                         signer("one@mil.example"), rules_, random_)
            .value();
    }
    std::string left(const std::string& message) {
        return stripped(message, verification_.trust, rules_).value();
    }
};

TEST_F(Strip, LeavesWhatHoldsAsItIs) {
    EXPECT_EQ(left(plain), plain);
    const std::string once = signed_by("ann@mil.example", plain);
    EXPECT_EQ(left(once), once);
}

TEST_F(Strip, TakesASignerOffWhoDoesNotHold) {
    const std::string twice = signed_twice();
    ASSERT_EQ(outermost(twice).signers.size(), 2U);
    ASSERT_EQ(outermost(left(twice)).signers.size(), 1U);
    EXPECT_EQ(outermost(left(twice)).signers[0].standing, release::Standing::Holds);
}

TEST_F(Strip, TakesACountersignatureOffThatDoesNotHold) {
    const std::string good = signed_by("ann@mil.example", plain);
    const std::string bad = changed(good, [](const std::string& cms) {
        return crypto::countersign(cms, 0, signer("one@mil.example", nullptr)).value();
    });
    ASSERT_EQ(outermost(bad).countersigners.size(), 1U);
    EXPECT_TRUE(outermost(left(bad)).countersigners.empty());
    EXPECT_EQ(outermost(left(bad)).signers.size(), 1U);
}

TEST_F(Strip, TakesALayerOffOfWhichNobodyIsLeft) {
    const std::string inner = signed_by("ann@mil.example", plain);
    const std::string outer =
        review(field + inner, signer("one@mil.example", nullptr), random_).value();
    EXPECT_EQ(left(outer).substr(0, field.size()), field);
    EXPECT_TRUE(left(outer).ends_with(inner.substr(inner.find("MIME-Version"))));
    const std::string all_bad = review(plain, signer("ann@mil.example", nullptr), random_).value();
    EXPECT_EQ(left(all_bad), plain);
}

TEST_F(Strip, OfASignatureThatCanNotBeReadLeavesTheContent) {
    const std::string nonsense = changed(signed_by("ann@mil.example", plain),
                                         [](const std::string&) { return std::string("\x30"); });
    EXPECT_EQ(left(nonsense), plain);
    const std::string opaque =
        "From: a@b\r\nMIME-Version: 1.0\r\n"
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nMAA=\r\n";
    EXPECT_EQ(stripped(opaque, verification_.trust, rules_).error().id,
              "releasing.strip.unreadable");
}

TEST_F(Strip, IsPartOfARelease) {
    const Authorized made = decided(signed_twice(), Decision::Release);
    EXPECT_EQ(made.outcome.end, End::Released);
    const Layers layers = open_layers(*made.message, verification_.trust);
    ASSERT_EQ(layers.signatures.size(), 2U);
    EXPECT_EQ(layers.signatures[0].signers[0].addresses[0].address(), "one@mil.example");
    EXPECT_EQ(layers.signatures[1].signers.size(), 1U);
}

TEST_F(Strip, WhatHoldsIsCountersignedEach) {
    verification_.reading = Reading::Countersignature;
    const std::string twice =
        changed(signed_by("ann@mil.example", plain), [this](const std::string& cms) {
            return crypto::add_signer(cms, signer("ann@mil.example")).value();
        });
    const Authorized made = decided(twice, Decision::Release);
    const SignatureLayer layer = outermost(*made.message);
    EXPECT_EQ(layer.signers.size(), 2U);
    ASSERT_EQ(layer.countersigners.size(), 2U);
    for (const Signature& each : layer.countersigners) {
        EXPECT_EQ(each.standing, release::Standing::Holds);
    }
}

TEST_F(Strip, WhoBecomesTheDrafterSignsAMessageOfHisOwn) {
    const std::string by_two =
        signed_by("two@mil.example", "MMHS-Authorizing-Users: two@mil.example\r\n" +
                                         signed_by("ann@mil.example", plain));
    const Authorized made = decided(by_two, Decision::Redraft);
    EXPECT_EQ(made.outcome.end, End::Redrafted);
    const Layers layers = open_layers(*made.message, verification_.trust);
    EXPECT_EQ(layers.header.count(release::field_name), 0U);
    EXPECT_EQ(layers.header.find_first("Sender")->value(), "one@mil.example");
    // Of those before nothing is left that could be taken for an authorization.
    ASSERT_EQ(layers.signatures.size(), 1U);
    EXPECT_EQ(layers.signatures[0].signers[0].addresses[0].address(), "one@mil.example");
    EXPECT_TRUE(made.message->contains("Body"));
    EXPECT_EQ(sent_by("From: one@mil.example\r\n\r\n", mailbox("one@mil.example")).value(),
              "From: one@mil.example\r\n\r\n");
}

}  // namespace
}  // namespace mailassay::releasing
