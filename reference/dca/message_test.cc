#include "dca/message.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/test_certificates.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::dca {
namespace {

using crypto::ContentCipher;
using crypto::Encapsulation;
using secureheaders::Outcome;
using secureheaders::Status;

constexpr std::string_view plain =
    "Received: from a.example\r\n"
    "From: Alice <alice@example.org>\r\n"
    "To: bob@example.net\r\n"
    "Subject: quarterly\r\n figures\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Hello.\r\n";

constexpr const char* own_name = "domain-confidentiality-authority";

class Message : public testing::Test {
  protected:
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    crypto::Identity dca = crypto::make_identity(
        {.mail_addresses = {std::string(own_name) + "@example.net"}, .common_name = own_name},
        &authority);
    crypto::Identity bob = crypto::make_identity(
        {.mail_addresses = {"bob@example.net"}, .rsa_bits = 2048}, &authority);
    StandardRules rules;
    base::SeededRandom random{3183};
    secureheaders::Signing signing{
        .policy = {.secured = {{"From", Status::Duplicated},
                               {"To", Status::Modified},
                               {"Subject", Status::Deleted}},
                   .algorithm = imf::Canonicalization::Simple},
        .signers = {{.key = crypto::PrivateKey(alice.key),
                     .certificate = crypto::Certificate(alice.certificate)}}};
    secureheaders::Verification verification{
        .policies = {.inner = signing.policy, .outer = signing.policy},
        .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                  .at = std::chrono::system_clock::now()}};
    Encryption encryption{
        .recipients = {crypto::Certificate(dca.certificate), crypto::Certificate(bob.certificate)},
        .addresses = {"bob@example.net"},
        .replacements = {{"To", "undisclosed:;"}}};
    Decryption decryption{.key = crypto::PrivateKey(dca.key),
                          .certificate = crypto::Certificate(dca.certificate),
                          .addresses = {"bob@example.net"}};

    std::string signed_message(std::string_view octets = plain) {
        auto made =
            secureheaders::sign_message(octets, signing, secureheaders::StandardRules(), random);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or("");
    }
    Encrypted encrypted(std::string_view octets) {
        auto made = encrypt_message(octets, encryption, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or(Encrypted{});
    }
    Decrypted decrypted(std::string_view octets) {
        auto made = decrypt_message(octets, decryption, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or(Decrypted{});
    }
    Outcome outcome(std::string_view octets) {
        const auto result =
            secureheaders::verify_message(octets, verification, secureheaders::StandardRules());
        EXPECT_TRUE(result.has_value());
        return result ? result->outcome() : Outcome::NotSigned;
    }
};

TEST_F(Message, ComesBackOctetByOctetAndVerifies) {
    for (const auto encapsulation : {Encapsulation::Detached, Encapsulation::Opaque}) {
        for (const auto cipher : {ContentCipher::Aes128Cbc, ContentCipher::Aes256Cbc,
                                  ContentCipher::Aes128Gcm, ContentCipher::Aes256Gcm}) {
            signing.encapsulation = encapsulation;
            encryption.cipher = cipher;
            const std::string message = signed_message();
            const Encrypted carried = encrypted(message);
            EXPECT_FALSE(carried.unchanged.has_value());
            EXPECT_TRUE(carried.flags.empty());
            for (const char* hidden : {"figures", "bob@", "Hello", "Subject"}) {
                EXPECT_FALSE(carried.message.contains(hidden)) << hidden;
            }
            const Decrypted back = decrypted(carried.message);
            EXPECT_EQ(back.message, message);
            EXPECT_FALSE(back.unchanged.has_value());
            EXPECT_TRUE(back.flags.empty());
            EXPECT_EQ(back.envelope.recipients.size(), 2U);
            EXPECT_EQ(outcome(back.message), Outcome::Valid);
        }
    }
}

TEST_F(Message, AnEndRecipientOpensItToo) {
    const std::string message = signed_message();
    decryption.key = crypto::PrivateKey(bob.key);
    decryption.certificate = crypto::Certificate(bob.certificate);
    EXPECT_EQ(decrypted(encrypted(message).message).message, message);
}

TEST_F(Message, WhatIsAddedOnTheWayStays) {
    const std::string message = signed_message();
    const std::string carried = "Received: from b.example\r\n" + encrypted(message).message;
    const Decrypted back = decrypted(carried);
    EXPECT_EQ(back.message, "Received: from b.example\r\n" + message);
    EXPECT_EQ(outcome(back.message), Outcome::Valid);
}

TEST_F(Message, WithoutTheStructureTheHeaderStays) {
    const Encrypted unsigned_one = encrypted(plain);
    EXPECT_EQ(unsigned_one.unchanged, Unchanged::NotSigned);
    EXPECT_TRUE(unsigned_one.message.contains("quarterly\r\n figures"));
    const Decrypted back = decrypted(unsigned_one.message);
    EXPECT_EQ(back.message, plain);
    EXPECT_EQ(back.unchanged, Unchanged::NotSigned);

    encryption.edition = decryption.edition = secureheaders::Edition::Draft;
    const std::string message = signed_message();  // in the other edition
    const Encrypted carried = encrypted(message);
    EXPECT_EQ(carried.unchanged, Unchanged::NoSecureHeaders);
    EXPECT_EQ(decrypted(carried.message).message, message);
}

TEST_F(Message, BothEditionsAndBothAlgorithmsVerifyAfterwards) {
    for (const auto edition : {secureheaders::Edition::Rfc, secureheaders::Edition::Draft}) {
        for (const auto algorithm :
             {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
            signing.edition = encryption.edition = decryption.edition = edition;
            verification.edition = edition;
            signing.policy.algorithm = algorithm;
            const Decrypted back = decrypted(encrypted(signed_message()).message);
            EXPECT_EQ(back.changes.size(), 2U);
            EXPECT_EQ(outcome(back.message), Outcome::Valid);
        }
    }
}

TEST_F(Message, ASignatureThatDoesNotHoldIsHiddenAndFailsAfterwardsToo) {
    std::string message = signed_message();
    message.replace(message.find("Hello"), 5, "HELLO");
    const Encrypted carried = encrypted(message);
    EXPECT_FALSE(carried.message.contains("figures"));
    const Decrypted back = decrypted(carried.message);
    EXPECT_EQ(back.message, message);
    EXPECT_EQ(outcome(back.message), Outcome::SignatureInvalid);
}

TEST_F(Message, TheStructureMayLieInASignatureWithin) {
    // A domain signature, which knows no secure headers, around that of the originator.
    const std::string message = signed_message();
    const auto inner = imf::parse_message(message);
    std::string entity;
    std::string header;
    for (const imf::HeaderField& field : inner->header.fields()) {
        (field.name.starts_with("Content-") ? entity : header) += field.raw;
    }
    const auto cms =
        crypto::sign(entity + "\r\n" + inner->body, signing.signers, {}, Encapsulation::Opaque);
    ASSERT_TRUE(cms.has_value());
    const std::string twice = header +
                              "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
                              "Content-Transfer-Encoding: base64\r\n\r\n" +
                              imf::encode_base64_lines(*cms);
    const Encrypted carried = encrypted(twice);
    EXPECT_FALSE(carried.message.contains("figures"));
    EXPECT_EQ(decrypted(carried.message).message, twice);
}

TEST_F(Message, NothingIsSentHalfHidden) {
    std::string message = signed_message();
    const std::string changed = message.replace(message.find("figures"), 7, "results");
    EXPECT_EQ(encrypt_message(changed, encryption, rules).error().id, "dca.hide.header-differs");
    encryption.replacements.clear();
    EXPECT_EQ(encrypt_message(signed_message(), encryption, rules).error().id,
              "dca.hide.no-replacement");
    encryption.recipients.clear();
    EXPECT_EQ(encrypt_message(plain, encryption, rules).error().id, "crypto.encrypt.no-recipient");
    EXPECT_EQ(encrypt_message("From: a@b.example", encryption, rules).error().id,
              "dca.encrypt.no-separator");
}

TEST_F(Message, AnAuthorityOfAnotherDomainIsNotEncryptedTo) {
    encryption.addresses = {"carol@example.com"};
    const auto made = encrypt_message(plain, encryption, rules);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().id, "dca.encrypt.wrong-domain");
    encryption.addresses.push_back("bob@sub.example.net");
    EXPECT_TRUE(encrypt_message(plain, encryption, rules).has_value());

    decryption.addresses = {"carol@example.com"};
    const Decrypted back = decrypted(encrypted(plain).message);
    ASSERT_EQ(back.flags.size(), 1U);
    EXPECT_EQ(back.flags[0].faults, std::vector<NameFault>{NameFault::DomainDiffers});
}

TEST_F(Message, AMisnamedAuthorityIsFlagged) {
    const crypto::Identity odd = crypto::make_identity(
        {.mail_addresses = {"gateway@example.net"}, .common_name = own_name}, &authority);
    encryption.recipients = {crypto::Certificate(odd.certificate)};
    const Encrypted made = encrypted(plain);
    ASSERT_EQ(made.flags.size(), 1U);
    EXPECT_EQ(made.flags[0].faults, std::vector<NameFault>{NameFault::MailNameDiffers});
}

TEST_F(Message, BadInputIsAnErrorAndLeavesTheMessageAlone) {
    EXPECT_EQ(decrypt_message(plain, decryption, rules).error().id, "dca.decrypt.not-enveloped");
    std::string carried = encrypted(signed_message()).message;
    decryption.key = crypto::PrivateKey(alice.key);
    decryption.certificate = crypto::Certificate(alice.certificate);
    EXPECT_EQ(decrypt_message(carried, decryption, rules).error().id,
              "crypto.decrypt.not-a-recipient");
    carried.resize(carried.find("\r\n\r\n") + 4 + 76);  // the first line
    EXPECT_EQ(decrypt_message(carried, decryption, rules).error().id, "crypto.cms.malformed");
}

}  // namespace
}  // namespace mailassay::dca
