#include "dkim/verify.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"
#include "dkim/sign.h"

namespace mailassay::dkim {
namespace {

crypto::PrivateKey rsa_key() {
    return crypto::PrivateKey(
        crypto::make_identity({.mail_addresses = {"a@b.example"}, .rsa_bits = 2048}).key);
}
crypto::PrivateKey ed25519_key() {
    return crypto::PrivateKey(
        std::shared_ptr<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free));
}

const std::string plain =
    "From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\nSubject: s\r\n\r\nBody  text\r\n\r\n";
constexpr base::TimePoint now = base::TimePoint(std::chrono::seconds(1'700'000'000));

class DkimVerify : public testing::Test {
  protected:
    static std::string signed_by(const Signing& signing) {
        const auto parsed = imf::view_message(plain).value();
        return sign(parsed.header, parsed.body, signing).value().raw + plain;
    }
    [[nodiscard]] Signing usual() const {
        return {.key = key_,
                .domain = "mil.example",
                .selector = "s",
                .agent = "ann@mil.example",
                .fields = {"From", "To", "Subject"},
                .at = now};
    }
    std::string signed_message() { return signed_by(usual()); }
    [[nodiscard]] std::vector<Report> reports(const std::string& message,
                                              base::TimePoint at = now) const {
        const auto parsed = imf::view_message(message).value();
        return verify(parsed.header, parsed.body, keys_, at);
    }
    [[nodiscard]] State state(const std::string& message, base::TimePoint at = now) const {
        return reports(message, at).at(0).state;
    }
    static std::string replaced(std::string text, std::string_view from, std::string_view to) {
        return text.replace(text.find(from), from.size(), to);
    }

    crypto::PrivateKey key_ = rsa_key();
    Keys keys_{{"s._domainkey.mil.example", record_of(crypto::PublicKey::of(key_))}};
};

TEST_F(DkimVerify, WhatWasSignedHolds) {
    EXPECT_EQ(state(signed_message()), State::Good);
    for (const auto of_header : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
        for (const auto of_body : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
            Signing signing = usual();
            signing.of_header = of_header;
            signing.of_body = of_body;
            EXPECT_EQ(state(signed_by(signing)), State::Good);
        }
    }
}

TEST_F(DkimVerify, WithEd25519Too) {
    const crypto::PrivateKey key = ed25519_key();
    const Signing signing{.key = key, .domain = "mil.example", .selector = "e", .fields = {"From"}};
    const std::string message = signed_by(signing);
    EXPECT_EQ(state(message), State::NoKey);
    keys_["e._domainkey.mil.example"] = record_of(crypto::PublicKey::of(key));
    EXPECT_EQ(state(message), State::Good);
    // A key of the other kind.
    keys_["e._domainkey.mil.example"] = record_of(crypto::PublicKey::of(key_));
    EXPECT_EQ(state(message), State::UnfitKey);
}

TEST_F(DkimVerify, WhatWasChangedDoesNot) {
    EXPECT_EQ(state(replaced(signed_message(), "Body", "Bomb")), State::WrongBody);
    EXPECT_EQ(state(replaced(signed_message(), "To: bob", "To: eve")), State::WrongSignature);
    EXPECT_EQ(state(replaced(signed_message(), "i=ann", "i=eve")), State::WrongSignature);
    // White space that relaxed canonicalization does not see.
    EXPECT_EQ(state(replaced(signed_message(), "Body  text\r\n", "Body text\r\n")), State::Good);
}

TEST_F(DkimVerify, CoversEveryFieldOfAName) {
    const std::string message = signed_message();
    const auto covers = [&](const std::string& text, std::string_view name) {
        return reports(text).at(0).covers(name, imf::view_message(text).value().header);
    };
    EXPECT_TRUE(covers(message, "from"));
    EXPECT_FALSE(covers(message, "Date"));
    // One that was put above the one that was signed.
    const std::string second = "From: eve@mil.example\r\n" + message;
    EXPECT_EQ(state(second), State::Good);
    EXPECT_FALSE(covers(second, "From"));
}

TEST_F(DkimVerify, WhatIsAppendedNobodySigned) {
    Signing signing = usual();
    signing.length = 11;  // "Body text" and its line end
    const std::string message = signed_by(signing);
    EXPECT_EQ(state(message), State::Good);
    EXPECT_EQ(state(message + "More\r\n"), State::PartOfBody);
    EXPECT_EQ(state(replaced(message, "l=11", "l=12") + "x"), State::WrongBody);
    EXPECT_EQ(state(replaced(message, "l=11", "l=99")), State::WrongBody);
}

TEST_F(DkimVerify, TimeIsBounded) {
    EXPECT_EQ(state(signed_message(), now - std::chrono::hours(1)), State::NotInTime);
    EXPECT_EQ(state(signed_message(), now - std::chrono::minutes(1)), State::Good);
    Signing signing = usual();
    signing.until = now + std::chrono::seconds(1);
    EXPECT_EQ(state(signed_by(signing)), State::Good);
    EXPECT_EQ(state(signed_by(signing), now + std::chrono::hours(1)), State::NotInTime);
}

TEST_F(DkimVerify, OfManySignaturesSomeAreLookedAt) {
    std::string message = plain;
    for (int i = 0; i < 100; ++i) message = "DKIM-Signature: v=1\r\n" + message;
    EXPECT_EQ(reports(message).size(), max_signatures);
    EXPECT_EQ(reports(message).front().state, State::Malformed);
    EXPECT_TRUE(reports(plain).empty());
}

TEST_F(DkimVerify, AKeyMayBeForItsDomainAlone) {
    Signing signing = usual();
    signing.agent = "ann@sub.mil.example";
    const std::string message = signed_by(signing);
    EXPECT_EQ(state(message), State::Good);
    keys_.begin()->second += "; t=s";
    EXPECT_EQ(state(message), State::UnfitKey);
}

}  // namespace
}  // namespace mailassay::dkim
