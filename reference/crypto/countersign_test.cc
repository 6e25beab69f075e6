#include <gtest/gtest.h>

#include <string>

#include "crypto/signed_data.h"
#include "crypto/test_certificates.h"
#include "der/read.h"

namespace mailassay::crypto {
namespace {

constexpr std::string_view content = "Content-Type: text/plain\r\n\r\nHello.\r\n";

Signer signer_from(const Identity& identity) {
    return {.key = PrivateKey(identity.key), .certificate = Certificate(identity.certificate)};
}

class Countersignature : public ::testing::Test {
  protected:
    [[nodiscard]] Identity person(const std::string& address, unsigned rsa_bits = 0) const {
        return make_identity({.mail_addresses = {address}, .rsa_bits = rsa_bits}, &authority_);
    }
    [[nodiscard]] static std::string signed_by(const Signer& signer,
                                               std::string_view what = content) {
        return sign(what, {&signer, 1}, {}, Encapsulation::Detached).value();
    }
    [[nodiscard]] SignerReport first_of(const std::string& cms,
                                        std::string_view what = content) const {
        return verify(cms, what, trust_).value().signers.front();
    }

    Identity authority_ = make_identity({.common_name = "Test CA"});
    Trust trust_ = {.anchors = {Certificate(authority_.certificate)},
                    .at = std::chrono::system_clock::now()};
    Identity ann_ = person("ann@example.org");
    Identity one_ = person("one@example.org");
    Identity two_ = person("two@example.org", 2048);
};

// The signerInfo as it stands, up to its unsigned attributes.
std::vector<std::string> signed_members(const std::string& cms) {
    const auto info = der::read_der(cms).value();
    const der::Value& signed_data = info.members[1].members[0];
    std::vector<std::string> members;
    for (const der::Value& member : signed_data.members.back().members[0].members) {
        if (member.tag != der::context(1)) members.push_back(der::write(member));
    }
    return members;
}

TEST_F(Countersignature, HoldsAndChangesNothingThatWasSigned) {
    const std::string before = signed_by(signer_from(ann_));
    const auto after = countersign(before, 0, signer_from(one_));
    ASSERT_TRUE(after.has_value()) << to_string(after.error());
    EXPECT_EQ(signed_members(before), signed_members(*after));
    const SignerReport ann = first_of(*after);
    EXPECT_TRUE(ann.is_good());
    ASSERT_EQ(ann.countersignatures.size(), 1U);
    EXPECT_TRUE(ann.countersignatures[0].is_good());
    EXPECT_EQ(ann.countersignatures[0].certificate->mail_addresses().front(), "one@example.org");
    EXPECT_TRUE(ann.countersignatures[0].find_all("1.2.840.113549.1.9.3").empty());
}

TEST_F(Countersignature, OfSeveralAlgorithmsStandsBesideTheOthers) {
    Signer pss = signer_from(two_);
    pss.padding = RsaPadding::Pss;
    pss.digest = Digest::Sha512;
    std::string cms = signed_by(signer_from(ann_));
    cms = countersign(cms, 0, signer_from(one_)).value();
    cms = countersign(cms, 0, signer_from(two_)).value();
    cms = countersign(cms, 0, pss).value();
    const SignerReport ann = first_of(cms);
    ASSERT_EQ(ann.countersignatures.size(), 3U);
    for (const SignerReport& each : ann.countersignatures) {
        EXPECT_TRUE(each.is_good()) << each.signature_algorithm;
    }
}

TEST_F(Countersignature, MayStandOnAnother) {
    const std::string once =
        countersign(signed_by(signer_from(ann_)), 0, signer_from(one_)).value();
    const std::string cms = countersign_countersignature(once, 0, signer_from(two_)).value();
    EXPECT_EQ(signed_members(once), signed_members(cms));
    const SignerReport on = first_of(cms).countersignatures.at(0);
    EXPECT_TRUE(on.is_good());
    ASSERT_EQ(on.countersignatures.size(), 1U);
    EXPECT_TRUE(on.countersignatures[0].is_good());
    EXPECT_EQ(
        countersign_countersignature(signed_by(signer_from(ann_)), 0, signer_from(two_)).error().id,
        "crypto.cms.malformed");
}

TEST_F(Countersignature, OfAStrangerIsNotTrustedAndALaterTimeIsTooLate) {
    const Identity stranger = make_identity({.mail_addresses = {"one@example.org"}});
    const std::string cms =
        countersign(signed_by(signer_from(ann_)), 0, signer_from(stranger)).value();
    EXPECT_EQ(first_of(cms).countersignatures.at(0).signature, SignatureState::Good);
    EXPECT_EQ(first_of(cms).countersignatures.at(0).chain.state, ChainState::NotTrusted);
    const std::string good =
        countersign(signed_by(signer_from(ann_)), 0, signer_from(one_)).value();
    trust_.at += std::chrono::days(30);
    EXPECT_EQ(first_of(good).countersignatures.at(0).chain.state, ChainState::Expired);
}

// Its attribute, moved to the signature on something else.
TEST_F(Countersignature, MovedToAnotherSignatureDoesNotHold) {
    const std::string mine =
        countersign(signed_by(signer_from(ann_)), 0, signer_from(one_)).value();
    der::Value from = der::read_der(mine).value();
    const der::Value attribute =
        from.members[1].members[0].members.back().members[0].members.back();
    const std::string other_content = "Content-Type: text/plain\r\n\r\nAttack.\r\n";
    der::Value other = der::read_der(signed_by(signer_from(ann_), other_content)).value();
    der::Value& other_data = other.members[1].members[0];
    other_data.members.back().members[0].members.push_back(attribute);
    for (der::Value& member : other_data.members) {
        if (member.tag == der::context(0)) member = from.members[1].members[0].members[3];
    }
    const SignerReport ann = first_of(der::write(other), other_content);
    EXPECT_TRUE(ann.is_good());
    ASSERT_EQ(ann.countersignatures.size(), 1U);
    EXPECT_EQ(ann.countersignatures[0].signature, SignatureState::WrongDigest);
}

TEST_F(Countersignature, IsTakenOffAloneAndWithItsSigner) {
    std::string cms = signed_by(signer_from(ann_));
    const std::string before = cms;
    cms = countersign(cms, 0, signer_from(one_)).value();
    cms = countersign(cms, 0, signer_from(two_)).value();
    const auto first = first_of(cms).countersignatures.at(0).certificate->mail_addresses().front();
    const std::vector<std::size_t> doomed = {0};
    const std::string less = without_countersignatures(cms, 0, doomed).value();
    ASSERT_EQ(first_of(less).countersignatures.size(), 1U);
    EXPECT_NE(first_of(less).countersignatures[0].certificate->mail_addresses().front(), first);
    EXPECT_TRUE(first_of(less).countersignatures[0].is_good());
    EXPECT_EQ(signed_members(without_countersignatures(less, 0, doomed).value()),
              signed_members(before));
    EXPECT_EQ(verify(without_signer(less, 0).value(), content, trust_).error().id,
              "crypto.cms.no-signer");
    EXPECT_EQ(without_signer(less, 1).error().id, "crypto.cms.malformed");
    EXPECT_EQ(countersign("no", 0, signer_from(one_)).error().id, "crypto.cms.malformed");
}

// A SET OF out of order, as BER has it: to write it anew would break the signature.
TEST_F(Countersignature, AndAFurtherSignerLeaveBerAsItIs) {
    std::string cms = signed_by(signer_from(ann_));
    der::Value value = der::read_der(cms).value();
    der::Value& certificates = value.members[1].members[0].members[3];
    certificates.members.push_back(certificates.members.front());
    cms = "\x30\x80" + der::write(value.members[0]) + "\xa0\x80" +
          der::write(value.members[1].members[0]) + std::string(4, '\0');
    const std::string members = der::write(value.members[1].members[0].members[3]);
    for (const auto& made :
         {countersign(cms, 0, signer_from(one_)), add_signer(cms, signer_from(one_))}) {
        ASSERT_TRUE(made.has_value()) << to_string(made.error());
        EXPECT_TRUE(verify(*made, content, trust_).value().signers.front().is_good());
    }
}

}  // namespace
}  // namespace mailassay::crypto
