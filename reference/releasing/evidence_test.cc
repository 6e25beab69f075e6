#include "releasing/evidence.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "crypto/trust.h"
#include "dkim/sign.h"
#include "releasing/layers.h"
#include "releasing/review.h"

namespace mailassay::releasing {
namespace {

using release::Cover;
using release::Origin;
using release::Sealing;
using release::Standing;

struct Person {
    crypto::Identity identity;

    [[nodiscard]] crypto::Certificate certificate() const {
        return crypto::Certificate(identity.certificate);
    }
    [[nodiscard]] crypto::Signer signer() const {
        return {.key = crypto::PrivateKey(identity.key), .certificate = certificate()};
    }
};

class Evidence : public ::testing::Test {
  protected:
    [[nodiscard]] Person person(const std::string& address) const {
        return {crypto::make_identity({.mail_addresses = {address}}, &root_)};
    }
    [[nodiscard]] std::string signed_by(const Person& who, const std::string& message) {
        return review(message, who.signer(), random_).value();
    }
    [[nodiscard]] release::Evidence of(const std::string& message) const {
        return evidence_of(open_layers(message, trust_), of_domains(message), base::Edition::Rfc,
                           release::StandardRules());
    }

    // Of the domain's key.
    [[nodiscard]] std::vector<dkim::Report> of_domains(const std::string& message) const {
        const auto parsed = imf::view_message(message).value();
        return dkim::verify(parsed.header, parsed.body, keys_, {});
    }
    [[nodiscard]] std::string by_domain(const std::string& message, const std::string& agent,
                                        std::vector<std::string> fields,
                                        const std::string& domain = "mil.example") const {
        const auto parsed = imf::view_message(message).value();
        return dkim::sign(parsed.header, parsed.body,
                          {.key = domain_key_,
                           .domain = domain,
                           .selector = "s",
                           .agent = agent,
                           .fields = std::move(fields)})
                   .value()
                   .raw +
               message;
    }

    crypto::PrivateKey domain_key_{
        crypto::make_identity({.mail_addresses = {"a@b.example"}, .rsa_bits = 2048}).key};
    dkim::Keys keys_{
        {"s._domainkey.mil.example", dkim::record_of(crypto::PublicKey::of(domain_key_))},
        {"s._domainkey.example", dkim::record_of(crypto::PublicKey::of(domain_key_))}};
    base::SeededRandom random_{1};
    crypto::Identity root_ = crypto::make_identity({.common_name = "Test CA"});
    crypto::Trust trust_ = {.anchors = {crypto::Certificate(root_.certificate)},
                            .at = std::chrono::system_clock::now()};
    Person ann_ = person("ann@mil.example");
    Person one_ = person("one@mil.example");
    Person two_ = person("two@mil.example");
    std::string plain_ =
        "From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\nSubject: s\r\n\r\nBody\r\n";
    std::string field_one_ = "MMHS-Authorizing-Users: one@mil.example\r\n";
};

TEST_F(Evidence, OfAnUnsignedMessageIsNone) {
    const release::Evidence found = of(plain_);
    EXPECT_EQ(found.origin, Origin::Unproven);
    EXPECT_TRUE(found.endorsements.empty());
}

TEST_F(Evidence, OfTheSendersSignatureIsItsOrigin) {
    const release::Evidence found = of(signed_by(ann_, plain_));
    EXPECT_EQ(found.origin, Origin::Proven);
    EXPECT_TRUE(found.endorsements.empty());
}

TEST_F(Evidence, OfAnotherFromOutsideIsAContradiction) {
    std::string message = signed_by(ann_, plain_);
    message.replace(message.find("ann@mil"), 7, "eve@mil");
    EXPECT_EQ(of(message).origin, Origin::Unproven);
    std::string with_sender = signed_by(ann_, plain_);
    with_sender.replace(0, 28, "From: Eve <eve@mil.example>\r\nSender: ann@mil.example\r\n");
    EXPECT_EQ(of(with_sender).origin, Origin::Contradicted);
}

TEST_F(Evidence, OfAChangedBodyIsAContradiction) {
    std::string message = signed_by(ann_, plain_);
    message.replace(message.find("Body"), 4, "Bomb");
    EXPECT_EQ(of(message).origin, Origin::Contradicted);
}

TEST_F(Evidence, OfReviewsStandsInTheirOrder) {
    const std::string first = signed_by(one_, field_one_ + signed_by(ann_, plain_));
    std::string second = first;
    second.insert(second.find("\r\n"), ", two@mil.example");
    const release::Evidence found = of(signed_by(two_, second));
    EXPECT_EQ(found.origin, Origin::Proven);
    ASSERT_EQ(found.endorsements.size(), 2U);
    EXPECT_EQ(found.endorsements[0].signer.front().address(), "one@mil.example");
    EXPECT_EQ(found.endorsements[0].cover, Cover::Field);
    EXPECT_EQ(found.endorsements[0].users.size(), 1U);
    EXPECT_EQ(found.endorsements[1].users.size(), 2U);
    EXPECT_EQ(found.endorsements[1].standing, Standing::Holds);
}

TEST_F(Evidence, OfADraftersSignatureIsNoRelease) {
    // He is an authorizing user too, and somebody writes his address into the field.
    const std::string forged =
        "MMHS-Authorizing-Users: ann@mil.example\r\n" + signed_by(ann_, plain_);
    EXPECT_TRUE(of(forged).endorsements.empty());
    const std::string meant =
        signed_by(ann_, "MMHS-Authorizing-Users: ann@mil.example\r\n" + plain_);
    EXPECT_EQ(of(meant).endorsements.size(), 1U);
}

TEST_F(Evidence, OfAStrangersCertificateIsNotTrusted) {
    const Person stranger{crypto::make_identity({.mail_addresses = {"one@mil.example"}})};
    const release::Evidence found = of(signed_by(stranger, field_one_ + signed_by(ann_, plain_)));
    ASSERT_EQ(found.endorsements.size(), 1U);
    EXPECT_EQ(found.endorsements[0].standing, Standing::Untrusted);
}

TEST_F(Evidence, OfADomainIsTheOriginWhereItCoversIt) {
    const auto origin = [&](const std::string& message) { return of(message).origin; };
    EXPECT_EQ(origin(by_domain(plain_, "", {"From"})), Origin::Proven);
    EXPECT_EQ(origin(by_domain(plain_, "ann@mil.example", {"From"})), Origin::Proven);
    EXPECT_EQ(origin(by_domain(plain_, "eve@mil.example", {"From"})), Origin::Unproven);
    EXPECT_EQ(origin(by_domain(plain_, "ann@mil.example", {"From"}, "example")), Origin::Unproven);
    const std::string sent = "Sender: ann@mil.example\r\n" + plain_;
    EXPECT_EQ(origin(by_domain(sent, "", {"From"})), Origin::Unproven);
    EXPECT_EQ(origin(by_domain(sent, "", {"From", "Sender"})), Origin::Proven);
    std::string changed = by_domain(plain_, "", {"From"});
    changed.replace(changed.find("Body"), 4, "Bomb");
    EXPECT_EQ(origin(changed), Origin::Unproven);
}

TEST_F(Evidence, OfADomainIsAnEndorsementWhereItCoversTheField) {
    const std::vector<std::string> all{"From", "MMHS-Authorizing-Users"};
    const release::Evidence found = of(by_domain(field_one_ + plain_, "one@mil.example", all));
    ASSERT_EQ(found.endorsements.size(), 1U);
    EXPECT_EQ(found.endorsements[0].signer.front().address(), "one@mil.example");
    EXPECT_EQ(found.endorsements[0].cover, Cover::Field);
    EXPECT_EQ(found.endorsements[0].users.size(), 1U);
    const auto count = [&](const std::string& message) { return of(message).endorsements.size(); };
    EXPECT_EQ(count(by_domain(field_one_ + plain_, "", all)), 0U);
    EXPECT_EQ(count(by_domain(field_one_ + plain_, "one@mil.example", {"From"})), 0U);
    EXPECT_EQ(count(by_domain(field_one_ + plain_, "one@mil.example", all, "example")), 0U);
    std::string grown = by_domain(field_one_ + plain_, "one@mil.example", all);
    grown.insert(grown.find("one@mil.example\r\nFrom") + 15, ", two@mil.example");
    EXPECT_EQ(count(grown), 0U);
}

TEST_F(Evidence, OfNonsenseIsAContradiction) {
    const std::string broken =
        "From: ann@mil.example\r\nContent-Type: multipart/signed; boundary=b; "
        "protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
        "Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "AAAA\r\n--b--\r\n";
    EXPECT_EQ(of(broken).origin, Origin::Contradicted);
}

TEST_F(Evidence, OfManyLayersIsBounded) {
    std::string message = signed_by(ann_, plain_);
    for (std::size_t i = 0; i < max_layers; ++i) message = signed_by(one_, message);
    const Layers layers = open_layers(message, trust_);
    EXPECT_EQ(layers.signatures.size(), max_layers);
    EXPECT_EQ(layers.fault->id, "releasing.layers.too-many");
}

TEST_F(Evidence, OfAnEnvelopeIsThatItIsSealed) {
    const release::Evidence found =
        of("From: ann@mil.example\r\nContent-Type: application/pkcs7-mime; "
           "smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAGCSqG\r\n");
    EXPECT_EQ(found.sealing, Sealing::Sealed);
    EXPECT_EQ(found.origin, Origin::Unproven);
}

}  // namespace
}  // namespace mailassay::releasing
