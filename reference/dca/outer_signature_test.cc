#include "dca/outer_signature.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"
#include "dca/message.h"
#include "secureheaders/sign.h"

namespace mailassay::dca {
namespace {

using crypto::Encapsulation;
using secureheaders::Outcome;
using secureheaders::Status;

constexpr std::string_view plain =
    "From: Alice <alice@example.org>\r\n"
    "Subject: quarterly figures\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain\r\n"
    "X-Behind: kept\r\n"
    "\r\n"
    "Hello.\r\n";

class OuterSignatures : public testing::Test {
  protected:
    crypto::Identity root = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice = person("alice@example.org", "Alice");
    crypto::Identity bob = person("bob@example.net", "Bob");
    crypto::Identity domain =
        person("domain-signing-authority@example.org", "domain-signing-authority");
    crypto::Identity stranger =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}, .common_name = "Alice"});
    StandardRules rules;
    base::SeededRandom random{2634};
    Encryption encryption{.recipients = {crypto::Certificate(bob.certificate)}};
    Decryption decryption{.key = crypto::PrivateKey(bob.key),
                          .certificate = crypto::Certificate(bob.certificate),
                          .trust = trust()};

    crypto::Identity person(const std::string& address, const std::string& name) {
        return crypto::make_identity({.mail_addresses = {address}, .common_name = name}, &root);
    }
    [[nodiscard]] crypto::Trust trust() const {
        return {.anchors = {crypto::Certificate(root.certificate)},
                .at = std::chrono::system_clock::now()};
    }
    static crypto::Signer signer(const crypto::Identity& who) {
        return {.key = crypto::PrivateKey(who.key),
                .certificate = crypto::Certificate(who.certificate)};
    }
    OuterSigning by(const crypto::Identity& who, std::optional<Agent> as = Agent::DomainSigning) {
        return {.signer = signer(who), .as = as, .trust = trust()};
    }
    std::string signed_message(const crypto::Identity& who) {
        const secureheaders::Signing signing{
            .policy = {.secured = {{"From", Status::Duplicated}, {"Subject", Status::Deleted}},
                       .algorithm = imf::Canonicalization::Simple},
            .signers = {signer(who)}};
        return secureheaders::sign_message(plain, signing, secureheaders::StandardRules(), random)
            .value();
    }
    std::string wrapped(const std::string& message, OuterSigning outer) {
        encryption.outer = std::move(outer);
        auto made = encrypt_message(message, encryption, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        EXPECT_EQ(made->outer, Wrapped::Signed);
        return made->message;
    }
    std::string refusal(const std::string& message, OuterSigning outer) {
        encryption.outer = std::move(outer);
        const auto made = encrypt_message(message, encryption, rules);
        return made ? "" : std::string(made.error().id);
    }
    Decrypted opened(const std::string& message) {
        auto made = decrypt_message(message, decryption, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or(Decrypted{});
    }
};

TEST_F(OuterSignatures, GoOnAndComeOff) {
    const std::string message = signed_message(alice);
    for (const Encapsulation form : {Encapsulation::Detached, Encapsulation::Opaque}) {
        OuterSigning outer = by(domain);
        outer.encapsulation = form;
        const std::string carried = wrapped(message, outer);
        EXPECT_EQ(carried.contains("multipart/signed"), form == Encapsulation::Detached);
        EXPECT_FALSE(carried.contains("quarterly"));
        const Decrypted back = opened(carried);
        EXPECT_EQ(back.message, message);
        ASSERT_EQ(back.outer.size(), 1U);
        EXPECT_EQ(back.outer[0].standing, Standing::Holds);
        EXPECT_EQ(back.outer[0].agents, std::vector{Agent::DomainSigning});
        EXPECT_TRUE(back.outer[0].name_faults.empty());
    }
}

TEST_F(OuterSignatures, OfAUserAreNotMarkedAndAskNothing) {
    const Decrypted back = opened(wrapped(std::string(plain), by(alice, std::nullopt)));
    EXPECT_EQ(back.message, plain);
    ASSERT_EQ(back.outer.size(), 1U);
    EXPECT_TRUE(back.outer[0].agents.empty());
    EXPECT_EQ(opened(wrapped(signed_message(stranger), by(alice, std::nullopt))).outer[0].standing,
              Standing::Holds);
}

TEST_F(OuterSignatures, OfAnAgentWrapAnother) {
    encryption.outer = by(domain);
    const auto made = encrypt_message(plain, encryption, rules);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->outer, Wrapped::NothingWithin);
    EXPECT_TRUE(opened(made->message).outer.empty());
}

TEST_F(OuterSignatures, AreNotMadeForWhoIsNotKnown) {
    EXPECT_EQ(refusal(signed_message(stranger), by(domain)), "dca.sign.not-authentic");
    std::string changed = signed_message(alice);
    changed.replace(changed.find("Hello"), 5, "Hullo");
    EXPECT_EQ(refusal(changed, by(domain)), "dca.sign.not-authentic");
    OuterSigning trusting_nobody = by(domain);
    trusting_nobody.trust.anchors.clear();
    EXPECT_EQ(refusal(signed_message(alice), trusting_nobody), "dca.sign.not-authentic");
}

TEST_F(OuterSignatures, AreNotMadeUnderAnotherName) {
    EXPECT_EQ(refusal(signed_message(alice), by(alice)), "dca.sign.name");
    EXPECT_EQ(refusal(signed_message(alice), by(domain, Agent::Review)), "dca.sign.name");
    const auto elsewhere =
        person("domain-signing-authority@example.com", "domain-signing-authority");
    EXPECT_EQ(refusal(signed_message(alice), by(elsewhere)), "dca.sign.name");
}

TEST_F(OuterSignatures, ThatAreBrokenOpenNothing) {
    std::string carried = wrapped(signed_message(alice), by(domain));
    carried.replace(carried.find("name=\"smime.p7m\""), 16, "name=\"other.p7m\"");
    EXPECT_EQ(decrypt_message(carried, decryption, rules).error().id,
              "dca.decrypt.outer-signature");
    // Of a message for others nothing is said but that.
    decryption.key = crypto::PrivateKey(alice.key);
    decryption.certificate = crypto::Certificate(alice.certificate);
    EXPECT_EQ(decrypt_message(carried, decryption, rules).error().id,
              "crypto.decrypt.not-a-recipient");
}

TEST_F(OuterSignatures, ThatAreNotTrustedAreTold) {
    const std::string carried = wrapped(signed_message(alice), by(stranger, std::nullopt));
    EXPECT_EQ(opened(carried).outer[0].standing, Standing::NotTrusted);
    decryption.trust = {};
    EXPECT_EQ(opened(carried).outer[0].standing, Standing::NotTrusted);
}

TEST_F(OuterSignatures, AreFoundOneAroundTheOther) {
    const std::string message = signed_message(alice);
    const std::string once = wrapped(message, by(domain));
    const secureheaders::Signing signing{.policy = {.secured = {{"From", Status::Duplicated}}},
                                         .encapsulation = Encapsulation::Opaque,
                                         .signers = {signer(alice)}};
    std::string carried =
        secureheaders::sign_message(once, signing, secureheaders::StandardRules(), random).value();
    const Decrypted back = opened(carried);
    EXPECT_EQ(back.outer.size(), 2U);
    EXPECT_EQ(imf::parse_message(back.message)->body, imf::parse_message(message)->body);
    for (int i = 0; i < 7; ++i) {
        carried =
            secureheaders::sign_message(carried, signing, secureheaders::StandardRules(), random)
                .value();
    }
    EXPECT_EQ(decrypt_message(carried, decryption, rules).error().id, "dca.decrypt.not-enveloped");
}

TEST_F(OuterSignatures, AroundNoEnvelopeAreNoneOfOurs) {
    EXPECT_EQ(decrypt_message(signed_message(alice), decryption, rules).error().id,
              "dca.decrypt.not-enveloped");
    EXPECT_EQ(decrypt_message("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n",
                              decryption, rules)
                  .error()
                  .id,
              "dca.decrypt.not-enveloped");
}

}  // namespace
}  // namespace mailassay::dca
