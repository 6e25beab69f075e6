#include <gtest/gtest.h>

#include <string>

#include "crypto/test_certificates.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::secureheaders {
namespace {

using crypto::Encapsulation;

constexpr std::string_view message =
    "From: Alice <alice@example.org>\r\n"
    "To: bob@example.net\r\n"
    "Subject: quarterly\r\n figures\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Hello.\r\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class Message : public testing::Test {
  protected:
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@EXAMPLE.org"}}, &authority);
    crypto::Identity carol =
        crypto::make_identity({.mail_addresses = {"carol@example.org"}}, &authority);
    StandardRules rules;
    base::SeededRandom random{7508};
    Signing signing{
        .policy = {.secured = {{"From", Status::Duplicated}, {"Subject", Status::Deleted}}},
        .signers = {signer(alice)}};
    Verification verification{.policies = {.inner = signing.policy, .outer = signing.policy},
                              .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                                        .at = std::chrono::system_clock::now()}};

    static crypto::Signer signer(const crypto::Identity& identity) {
        return {.key = crypto::PrivateKey(identity.key),
                .certificate = crypto::Certificate(identity.certificate)};
    }
    std::string signed_message(std::string_view octets = message) {
        auto made = sign_message(octets, signing, rules, random);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or("");
    }
    MessageResult verified(std::string_view octets) {
        auto result = verify_message(octets, verification, rules);
        EXPECT_TRUE(result.has_value()) << to_string(result.error());
        return result.value_or(MessageResult{});
    }
    Outcome outcome(std::string_view octets) { return verified(octets).outcome(); }
};

TEST_F(Message, SignedAndVerifiedInBothEditionsAndForms) {
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        for (const auto form : {Encapsulation::Detached, Encapsulation::Opaque}) {
            signing.edition = verification.edition = edition;
            signing.encapsulation = form;
            const MessageResult result = verified(signed_message());
            EXPECT_EQ(result.outcome(), Outcome::Valid);
            ASSERT_EQ(result.layers.size(), 1U);
            ASSERT_EQ(result.layers[0].comparison->fields.size(), 2U);
            EXPECT_EQ(result.layers[0].signers[0].address, AddressMatch::Matches);
        }
    }
}

TEST_F(Message, TheContentIsKeptOctetByOctet) {
    const std::string octets = signed_message();
    EXPECT_NE(octets.find("\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello.\r\n\r\n--"),
              std::string::npos);
    EXPECT_NE(octets.find("Subject: quarterly\r\n figures\r\n"), std::string::npos);
}

TEST_F(Message, EveryChangeHasItsOutcome) {
    const std::string octets = signed_message();
    EXPECT_EQ(outcome(replaced(octets, "quarterly", "QUARTERLY")), Outcome::Invalid);
    EXPECT_EQ(outcome(replaced(octets, "quarterly\r\n figures", "quarterly figures")),
              Outcome::Valid);
    EXPECT_EQ(outcome(replaced(octets, "bob@", "eve@")), Outcome::Valid) << "not secured";
    EXPECT_EQ(outcome(replaced(octets, "Hello.", "Hullo.")), Outcome::SignatureInvalid);
    EXPECT_EQ(outcome("Received: x\r\n" + octets), Outcome::Valid);
    EXPECT_EQ(outcome(message), Outcome::NotSigned);
}

TEST_F(Message, TheOtherEditionsAttributeIsUnknown) {
    const std::string octets = signed_message();
    verification.edition = Edition::Draft;
    EXPECT_EQ(outcome(octets), Outcome::NoSecureHeaders);
}

TEST_F(Message, AnUntrustedSignerEndsTheProcess) {
    const std::string octets = signed_message();
    verification.trust.anchors.clear();
    const MessageResult result = verified(octets);
    EXPECT_EQ(result.outcome(), Outcome::SignatureInvalid);
    EXPECT_FALSE(result.layers[0].comparison.has_value());
}

TEST_F(Message, SignersHoldTheSame) {
    signing.signers.push_back(signer(carol));
    const MessageResult result = verified(signed_message());
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    ASSERT_EQ(result.layers[0].signers.size(), 2U);
    EXPECT_EQ(result.layers[0].signers[0].structure, result.layers[0].signers[1].structure);
}

TEST_F(Message, TheCertificateMustFitTheSender) {
    signing.signers = {signer(carol)};
    EXPECT_EQ(verified(signed_message()).layers[0].signers[0].address, AddressMatch::Differs);
    const std::string sent_by_carol = "Sender: carol@example.org\r\n" + std::string(message);
    EXPECT_EQ(verified(signed_message(sent_by_carol)).layers[0].signers[0].address,
              AddressMatch::Matches);
    signing.signers = {signer(crypto::make_identity({.names = {"host.example"}}, &authority))};
    EXPECT_EQ(verified(signed_message()).layers[0].signers[0].address,
              AddressMatch::NoneInCertificate);
}

TEST_F(Message, SignedTwiceHasTwoLayers) {
    signing.policy.secured.erase("Subject");
    const std::string once = signed_message();
    const std::string twice = signed_message(once);
    const MessageResult result = verified(twice);
    ASSERT_EQ(result.layers.size(), 2U);
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    EXPECT_EQ(verified(replaced(twice, "alice@", "mallory@")).layers[1].outcome, Outcome::Invalid);
}

TEST_F(Message, WhatCannotBeSignedIsSaid) {
    const auto fault = [&](std::string_view octets) {
        return sign_message(octets, signing, rules, random).error().id;
    };
    EXPECT_EQ(fault("To: x\r\n\r\n"), "secureheaders.sign.nothing-to-secure");
    EXPECT_EQ(fault("From: x\n\n"), "secureheaders.sign.line-ends");
    signing.edition = Edition::Draft;
    EXPECT_EQ(fault("From: \xc3\xa9\r\n\r\n"), "secureheaders.field.value-characters");
    signing.policy.secured["content-type"] = Status::Duplicated;
    EXPECT_EQ(fault(message), "secureheaders.sign.mime-field");
}

TEST_F(Message, AFaultyAttributeIsInvalidAndExplained) {
    crypto::Signer odd = signer(alice);
    const std::string value("\x31\x05\x0a\x01\x01\x30\x00", 7);
    odd.attributes = {{.oid = std::string(attribute_oid(Edition::Rfc)), .value = value}};
    const auto cms = crypto::sign("x", {&odd, 1}, {}, Encapsulation::Opaque);
    std::string octets =
        "From: alice@example.org\r\nContent-Type: application/pkcs7-mime\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n" +
        *cms;
    const MessageResult result = verified(octets);
    EXPECT_EQ(result.outcome(), Outcome::Invalid);
    EXPECT_EQ(result.layers[0].signers[0].fault->id, "secureheaders.structure.no-fields");
}

TEST_F(Message, UnreadableMessagesAreErrors) {
    const auto fault = [&](std::string_view octets) {
        return verify_message(octets, verification, rules).error().id;
    };
    EXPECT_EQ(fault("Content-Type: multipart/signed\r\n\r\n"), "imf.multipart.no-boundary");
    EXPECT_EQ(fault("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"),
              "secureheaders.message.parts");
    EXPECT_EQ(fault("Content-Type: application/pkcs7-mime\r\n\r\nxx"), "crypto.cms.malformed");
}

}  // namespace
}  // namespace mailassay::secureheaders
