#include "crypto/enveloped_data.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "crypto/encapsulation.h"
#include "crypto/signed_data.h"
#include "crypto/test_certificates.h"

namespace mailassay::crypto {
namespace {

constexpr std::string_view content = "Content-Type: text/plain\r\n\r\nHello.\r\n";
constexpr std::array every_cipher{ContentCipher::Aes128Cbc, ContentCipher::Aes256Cbc,
                                  ContentCipher::Aes128Gcm, ContentCipher::Aes256Gcm};

class EnvelopedData : public testing::Test {
  protected:
    Identity authority = make_identity({.common_name = "Test CA"});
    Identity rsa =
        make_identity({.mail_addresses = {"r@example.org"}, .rsa_bits = 2048}, &authority);
    Identity curve = make_identity({.mail_addresses = {"c@example.org"}}, &authority);
    Identity stranger = make_identity({.mail_addresses = {"s@example.net"}}, &authority);

    std::string sealed(ContentCipher cipher, std::string_view what = content) {
        const std::array both{Certificate(rsa.certificate), Certificate(curve.certificate)};
        auto made = encrypt(what, both, cipher);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or("");
    }
    static Result<Opened> opened_by(const Identity& identity, std::string_view cms) {
        return decrypt(cms, PrivateKey(identity.key), Certificate(identity.certificate));
    }
};

TEST_F(EnvelopedData, EachRecipientOpensIt) {
    for (const ContentCipher cipher : every_cipher) {
        const std::string cms = sealed(cipher);
        EXPECT_FALSE(cms.contains("Hello"));
        for (const Identity& identity : {rsa, curve}) {
            const auto opened = opened_by(identity, cms);
            ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
            EXPECT_EQ(opened->content.view(), content);
            EXPECT_EQ(opened->envelope.type, type_made_with(cipher));
        }
    }
    EXPECT_EQ(type_made_with(ContentCipher::Aes128Cbc), EnvelopeType::EnvelopedData);
    EXPECT_EQ(type_made_with(ContentCipher::Aes256Gcm), EnvelopeType::AuthEnvelopedData);
}

TEST_F(EnvelopedData, PiecesMakeOneContent) {
    const std::array pieces{content.substr(0, 10), std::string_view(), content.substr(10)};
    const Certificate recipient(curve.certificate);
    for (const ContentCipher cipher : every_cipher) {
        const auto made = encrypt_pieces(pieces, {&recipient, 1}, cipher, base::memory());
        ASSERT_TRUE(made.has_value()) << to_string(made.error());
        const auto opened =
            opened_by(curve, made->before + std::string(made->encrypted.view()) + made->behind);
        ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
        EXPECT_EQ(opened->content.view(), content);
    }
}

// A scratch without room.
class Full final : public base::Scratch {
  public:
    Result<base::Octets> keep(const std::function<Result<void>(base::Sink& sink)>& fill) override {
        struct : base::Sink {
            Result<void> append(std::string_view) override {
                return std::unexpected(Error{.id = "test.full"});
            }
        } sink;
        if (auto done = fill(sink); !done) return std::unexpected(done.error());
        return base::Octets();
    }
};

TEST_F(EnvelopedData, WhatTheScratchSaysIsTheError) {
    Full full;
    const Certificate recipient(rsa.certificate);
    for (const ContentCipher cipher : every_cipher) {
        EXPECT_EQ(encrypt_pieces({&content, 1}, {&recipient, 1}, cipher, full).error().id,
                  "test.full");
        EXPECT_EQ(decrypt(sealed(cipher), PrivateKey(rsa.key), recipient, full).error().id,
                  "test.full");
    }
}

TEST_F(EnvelopedData, WithoutContentItIsNotOpened) {
    const auto apart = take_out(sealed(ContentCipher::Aes256Cbc), ContentForm::Encrypted);
    ASSERT_TRUE(apart.has_value());
    EXPECT_EQ(opened_by(rsa, apart->rest).error().id, "crypto.decrypt.failed");
}

TEST_F(EnvelopedData, NothingIsAContentToo) {
    const auto opened = opened_by(rsa, sealed(ContentCipher::Aes256Cbc, ""));
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->content.view(), "");
}

TEST_F(EnvelopedData, TheRecipientsAreReported) {
    const auto report = inspect(sealed(ContentCipher::Aes256Gcm));
    ASSERT_TRUE(report.has_value());
    ASSERT_EQ(report->recipients.size(), 2U);
    // CMS sorts recipientInfos, as a SET OF is.
    for (const RecipientReport& recipient : report->recipients) {
        EXPECT_EQ(recipient.issuer, "CN=Test CA");
        const bool transport = recipient.management == KeyManagement::Transport;
        const Certificate expected(transport ? rsa.certificate : curve.certificate);
        EXPECT_EQ(recipient.serial, expected.serial());
        EXPECT_EQ(recipient.algorithm,
                  transport ? "rsaEncryption" : "dhSinglePass-stdDH-sha256kdf-scheme");
    }
    EXPECT_NE(report->recipients[0].management, report->recipients[1].management);
    EXPECT_TRUE(report->originators.empty());
}

TEST_F(EnvelopedData, AStrangerIsTold) {
    EXPECT_EQ(opened_by(stranger, sealed(ContentCipher::Aes256Cbc)).error().id,
              "crypto.decrypt.not-a-recipient");
    EXPECT_EQ(decrypt(sealed(ContentCipher::Aes256Cbc), PrivateKey(stranger.key),
                      Certificate(rsa.certificate))
                  .error()
                  .id,
              "crypto.decrypt.key-mismatch");
}

TEST_F(EnvelopedData, ADamagedAuthenticatedEnvelopeIsNeverOpened) {
    const std::string cms = sealed(ContentCipher::Aes128Gcm);
    for (const std::size_t from_end : {1U, 20U}) {
        std::string damaged = cms;
        char& octet = damaged[damaged.size() - from_end];
        octet = static_cast<char>(octet ^ 1);
        EXPECT_EQ(opened_by(rsa, damaged).error().id, "crypto.decrypt.failed") << from_end;
    }
}

TEST_F(EnvelopedData, WhatIsNoEnvelopeIsAnError) {
    EXPECT_EQ(inspect("").error().id, "crypto.cms.malformed");
    EXPECT_EQ(inspect(sealed(ContentCipher::Aes128Cbc).substr(0, 50)).error().id,
              "crypto.cms.malformed");
    const Signer signer{.key = PrivateKey(curve.key),
                        .certificate = Certificate(curve.certificate)};
    const auto other = sign(content, {&signer, 1}, {}, Encapsulation::Opaque);
    EXPECT_EQ(opened_by(rsa, other.value()).error().id, "crypto.cms.not-enveloped-data");
    EXPECT_EQ(encrypt(content, {}, ContentCipher::Aes128Cbc).error().id,
              "crypto.encrypt.no-recipient");
}

TEST(CertificateName, IsHadInParts) {
    const Identity identity = make_identity({.common_name = "domain-confidentiality-authority"});
    const auto parts = Certificate(identity.certificate).subject_attributes();
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0],
              (NameAttribute{.type = "2.5.4.3", .value = "domain-confidentiality-authority"}));
}

}  // namespace
}  // namespace mailassay::crypto
