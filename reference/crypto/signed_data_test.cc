#include "crypto/signed_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/test_certificates.h"

namespace mailassay::crypto {
namespace {

using std::chrono::days;

constexpr std::string_view content = "Content-Type: text/plain\r\n\r\nHello.\r\n";
// id-aa-secureHeaderFieldsIdentifier; to CMS any attribute is like another.
constexpr std::string_view oid = "1.2.840.113549.1.9.16.2.55";

Signer signer_from(const Identity& identity) {
    return {.key = PrivateKey(identity.key), .certificate = Certificate(identity.certificate)};
}

class SignedData : public testing::Test {
  protected:
    Identity authority = make_identity({.common_name = "Test CA"});
    Identity alice = make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    Trust trust{.anchors = {Certificate(authority.certificate)},
                .at = std::chrono::system_clock::now()};

    std::string signed_by(const std::vector<Signer>& signers,
                          Encapsulation encapsulation = Encapsulation::Detached) {
        auto made = sign(content, signers, {}, encapsulation);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or("");
    }
    SignerReport only_signer(std::string_view cms, std::string_view text = content) {
        auto report = verify(cms, text, trust);
        EXPECT_TRUE(report.has_value());
        return report ? report->signers.at(0) : SignerReport{};
    }
};

TEST_F(SignedData, DetachedVerifies) {
    const SignerReport report = only_signer(signed_by({signer_from(alice)}));
    EXPECT_TRUE(report.is_good());
    EXPECT_EQ(report.digest_algorithm, "SHA256");
    EXPECT_EQ(report.certificate->mail_addresses(), std::vector<std::string>{"alice@example.org"});
    EXPECT_EQ(report.find_all("1.2.840.113549.1.9.4").size(), 1U) << "message digest";
}

TEST_F(SignedData, OpaqueCarriesItsContent) {
    const std::string cms = signed_by({signer_from(alice)}, Encapsulation::Opaque);
    const auto report = verify(cms, std::nullopt, trust);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->content->view(), content);
    EXPECT_TRUE(report->signers.at(0).is_good());
    EXPECT_EQ(verify(cms, content, trust).error().id, "crypto.cms.two-contents");
    EXPECT_EQ(verify(signed_by({signer_from(alice)}), std::nullopt, trust).error().id,
              "crypto.cms.no-content");
}

TEST_F(SignedData, AnyChangeIsNoticedAndTold) {
    const std::string cms = signed_by({signer_from(alice)});
    EXPECT_EQ(only_signer(cms, "other").signature, SignatureState::WrongDigest);
    std::string broken = cms;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    EXPECT_EQ(only_signer(broken).signature, SignatureState::WrongSignature);
    EXPECT_EQ(verify(cms.substr(0, 40), content, trust).error().id, "crypto.cms.malformed");
    EXPECT_EQ(verify("", content, trust).error().id, "crypto.cms.malformed");
}

TEST_F(SignedData, AttributesKeepTheirOctets) {
    Signer signer = signer_from(alice);
    // Not in DER on purpose: an unsorted SET with an explicit default must survive to be judged.
    const std::string value("\x31\x06\x02\x01\x02\x02\x01\x01", 8);
    signer.attributes = {{.oid = std::string(oid), .value = value}};
    const SignerReport report = only_signer(signed_by({signer}));
    EXPECT_TRUE(report.is_good());
    const auto found = report.find_all(oid);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0]->values, std::vector<std::string>{value});
}

TEST_F(SignedData, EveryAlgorithmThatOpensslSignsWith) {
    const Identity rsa =
        make_identity({.mail_addresses = {"r@example.org"}, .rsa_bits = 2048}, &authority);
    const Identity p384 =
        make_identity({.mail_addresses = {"p@example.org"}, .curve = "P-384"}, &authority);
    Signer pss = signer_from(rsa);
    pss.padding = RsaPadding::Pss;
    Signer wide = signer_from(p384);
    wide.digest = Digest::Sha384;
    const std::string cms = signed_by({signer_from(rsa), pss, wide, signer_from(alice)});
    const auto report = verify(cms, content, trust);
    ASSERT_TRUE(report.has_value());
    ASSERT_EQ(report->signers.size(), 4U);
    std::vector<std::string> algorithms;
    for (const SignerReport& signer : report->signers) {
        EXPECT_TRUE(signer.is_good()) << signer.signature_algorithm;
        algorithms.push_back(signer.signature_algorithm);
    }
    std::ranges::sort(algorithms);
    EXPECT_EQ(algorithms, (std::vector<std::string>{"RSASSA-PSS", "ecdsa-with-SHA256",
                                                    "ecdsa-with-SHA384", "rsaEncryption"}));
}

TEST_F(SignedData, ChainsAreJudgedAtATime) {
    const std::string cms = signed_by({signer_from(alice)});
    trust.at += days(30);
    EXPECT_EQ(only_signer(cms).chain.state, ChainState::Expired);
    EXPECT_EQ(only_signer(cms).signature, SignatureState::Good);
    trust.at -= days(60);
    EXPECT_EQ(only_signer(cms).chain.state, ChainState::NotYetValid);
    trust = {.anchors = {}, .at = std::chrono::system_clock::now()};
    EXPECT_EQ(only_signer(cms).chain.state, ChainState::NotTrusted);
    EXPECT_NE(only_signer(cms).chain.reason, "");
}

TEST_F(SignedData, AGatewayAddsItsSignature) {
    const Identity gateway = make_identity({.mail_addresses = {"gw@example.org"}}, &authority);
    const std::string cms = signed_by({signer_from(alice)});
    const auto more = add_signer(cms, signer_from(gateway));
    ASSERT_TRUE(more.has_value()) << to_string(more.error());
    const auto report = verify(*more, content, trust);
    ASSERT_EQ(report->signers.size(), 2U);
    EXPECT_TRUE(report->signers[0].is_good());
    EXPECT_TRUE(report->signers[1].is_good());
    EXPECT_EQ(add_signer("no", signer_from(gateway)).error().id, "crypto.cms.malformed");
}

TEST_F(SignedData, WrongUseIsAnError) {
    Signer mixed = signer_from(alice);
    mixed.certificate = Certificate(authority.certificate);
    EXPECT_EQ(sign(content, {&mixed, 1}, {}, Encapsulation::Detached).error().id,
              "crypto.sign.key-mismatch");
    EXPECT_EQ(sign(content, {}, {}, Encapsulation::Detached).error().id, "crypto.sign.no-signer");
    Signer odd = signer_from(alice);
    odd.attributes = {{.oid = "not an oid", .value = ""}};
    EXPECT_EQ(sign(content, {&odd, 1}, {}, Encapsulation::Detached).error().id,
              "crypto.sign.attribute");
}

TEST_F(SignedData, TheSameTimeIsSignedIn) {
    Signer signer = signer_from(alice);
    signer.signing_time = base::TimePoint(std::chrono::seconds(1'795'440'896));
    const auto report = only_signer(signed_by({signer}));
    const auto times = report.find_all("1.2.840.113549.1.9.5");
    ASSERT_EQ(times.size(), 1U);
    EXPECT_EQ(times[0]->values.at(0),
              "\x17\x0d"
              "261123133456Z");
}

TEST(Certificate, IsReadFromPem) {
    const Identity identity = make_identity({.mail_addresses = {"a@b.example"}});
    const Certificate certificate(identity.certificate);
    const auto read =
        Certificate::all_from_pem("noise\n" + certificate.to_pem() + certificate.to_pem());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->size(), 2U);
    EXPECT_EQ(read->at(0).subject(), "CN=test");
    EXPECT_EQ(Certificate::all_from_pem("").error().id, "crypto.certificate.none");
    EXPECT_EQ(Certificate::all_from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                        "-----END CERTIFICATE-----\n")
                  .error()
                  .id,
              "crypto.certificate.malformed");
    EXPECT_EQ(PrivateKey::from_pem("nothing").error().id, "crypto.key.none");
}

}  // namespace
}  // namespace mailassay::crypto
