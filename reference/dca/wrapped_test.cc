#include "dca/wrapped.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/test_certificates.h"
#include "secureheaders/sign.h"

namespace mailassay::dca {
namespace {

using secureheaders::Inside;
using secureheaders::Layer;
using secureheaders::MessageResult;
using secureheaders::Outcome;
using secureheaders::Status;

constexpr std::string_view plain =
    "From: Alice <alice@example.org>\r\n"
    "To: bob@example.net\r\n"
    "Subject: quarterly figures\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Hello.\r\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Signed, encrypted, signed.
class Wrapped : public testing::Test {
  protected:
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    crypto::Identity bob = crypto::make_identity(
        {.mail_addresses = {"bob@example.net"}, .rsa_bits = 2048}, &authority);
    secureheaders::StandardRules secure_headers;
    StandardRules rules;
    base::SeededRandom random{2634};
    secureheaders::Policies policies{
        .inner = {.secured = {{"From", Status::Duplicated}, {"Subject", Status::Modified}}},
        .outer = {.secured = {{"To", Status::Duplicated}}, .mandatory = {"Subject"}}};
    secureheaders::Verification verification{
        .policies = policies,
        .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                  .at = std::chrono::system_clock::now()}};
    Encryption encryption{.recipients = {crypto::Certificate(bob.certificate)},
                          .replacements = {{"Subject", "secured"}}};
    Decryption decryption{.key = crypto::PrivateKey(bob.key),
                          .certificate = crypto::Certificate(bob.certificate)};

    std::string signed_by(const secureheaders::Policy& policy, std::string_view octets) {
        const secureheaders::Signing signing{
            .policy = policy,
            .signers = {{.key = crypto::PrivateKey(alice.key),
                         .certificate = crypto::Certificate(alice.certificate)}}};
        return secureheaders::sign_message(octets, signing, secure_headers, random).value();
    }
    std::string wrapped(std::string_view octets = plain) {
        const auto sealed = encrypt_message(signed_by(policies.inner, octets), encryption, rules);
        return signed_by(policies.outer, sealed.value().message);
    }
    MessageResult verified(std::string_view octets) {
        auto result = verify_wrapped(octets, verification, decryption, secure_headers, rules);
        EXPECT_TRUE(result.has_value()) << to_string(result.error());
        return result.value_or(MessageResult{});
    }
};

TEST_F(Wrapped, EachSignatureIsHeldAgainstItsHeaderAndByItsPart) {
    const std::string octets = wrapped();
    EXPECT_NE(octets.find("Subject: secured\r\n"), std::string::npos);
    const MessageResult result = verified(octets);
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    EXPECT_EQ(result.inside, Inside::Plain);
    ASSERT_EQ(result.layers.size(), 2U);
    EXPECT_EQ(result.layers[0].layer, Layer::Outer);
    EXPECT_EQ(result.layers[0].comparison->fields.front().secured.name, "to");
    ASSERT_EQ(result.layers[0].comparison->warnings.size(), 1U);
    EXPECT_EQ(result.layers[0].comparison->warnings[0].warning,
              secureheaders::Warning::MandatoryUnsigned);
    EXPECT_EQ(result.layers[1].layer, Layer::Inner);
    EXPECT_EQ(result.layers[1].comparison->fields.back().found, "quarterly figures");
    EXPECT_TRUE(result.layers[1].comparison->warnings.empty());
}

TEST_F(Wrapped, WithoutAKeyTheOuterSignatureIsVerifiedAlone) {
    const auto result = secureheaders::verify_message(wrapped(), verification, secure_headers);
    EXPECT_EQ(result->outcome(), Outcome::Valid);
    EXPECT_EQ(result->inside, Inside::Encrypted);
    ASSERT_EQ(result->layers.size(), 1U);
    EXPECT_EQ(result->layers[0].layer, Layer::Outer);
}

TEST_F(Wrapped, AChangeIsSeenByTheSignatureThatSecuresIt) {
    const std::string octets = wrapped();
    const MessageResult to = verified(replaced(octets, "bob@", "eve@"));
    EXPECT_EQ(to.layers[0].outcome, Outcome::Invalid);
    EXPECT_EQ(to.layers[1].outcome, Outcome::Valid);
    const MessageResult from = verified(replaced(octets, "From: Alice", "From: Alicia"));
    EXPECT_EQ(from.layers[0].outcome, Outcome::Valid);
    EXPECT_EQ(from.layers[1].outcome, Outcome::Invalid);
    EXPECT_EQ(from.outcome(), Outcome::Invalid);
}

TEST_F(Wrapped, AnEnvelopeWithoutAnOuterSignatureIsOpenedToo) {
    const auto sealed = encrypt_message(signed_by(policies.inner, plain), encryption, rules);
    const MessageResult result = verified(sealed->message);
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    ASSERT_EQ(result.layers.size(), 1U);
    EXPECT_EQ(result.layers[0].layer, Layer::Inner);
}

TEST_F(Wrapped, WhatIsNotEncryptedIsVerifiedAsItIs) {
    EXPECT_EQ(verified(signed_by(policies.inner, plain)).outcome(), Outcome::Valid);
    EXPECT_EQ(verified(plain).outcome(), Outcome::NotSigned);
}

TEST_F(Wrapped, AnotherKeyOpensNothing) {
    decryption.key = crypto::PrivateKey(alice.key);
    decryption.certificate = crypto::Certificate(alice.certificate);
    const auto result = verify_wrapped(wrapped(), verification, decryption, secure_headers, rules);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().id, "crypto.decrypt.not-a-recipient");
}

TEST_F(Wrapped, DecryptingLeavesTheOuterSignatureBehind) {
    const auto opened = decrypt_message(wrapped(), decryption, rules);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->outer.size(), 1U);
    EXPECT_NE(opened->message.find("Subject: quarterly figures\r\n"), std::string::npos);
    const auto result =
        secureheaders::verify_message(opened->message, verification, secure_headers);
    EXPECT_EQ(result->outcome(), Outcome::Valid);
    EXPECT_EQ(result->layers.size(), 1U);
}

}  // namespace
}  // namespace mailassay::dca
