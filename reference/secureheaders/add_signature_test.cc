#include "secureheaders/add_signature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/test_certificates.h"
#include "der/read.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/signed_message.h"
#include "secureheaders/verify.h"

namespace mailassay::secureheaders {
namespace {

constexpr std::string_view message =
    "From: Alice <alice@example.org>\r\n"
    "Subject: quarterly\r\n figures\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "Hello.\r\n";

crypto::Signer signer_of(const crypto::Identity& identity,
                         crypto::Digest digest = crypto::Digest::Sha256) {
    return {.key = crypto::PrivateKey(identity.key),
            .certificate = crypto::Certificate(identity.certificate),
            .digest = digest};
}

// The whole signerInfos of a message's signature.
std::vector<std::string> signer_infos(std::string_view octets) {
    const auto parsed = imf::view_message(octets);
    const auto parts = find_signature(parsed->header, parsed->body);
    const auto value = der::read_der((*parts)->cms.view()).value();
    std::vector<std::string> infos;
    for (const der::Value& info : value.members[1].members[0].members.back().members) {
        infos.push_back(der::write(info));
    }
    return infos;
}

class AddSignature : public testing::Test {
  protected:
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    crypto::Identity gateway =
        crypto::make_identity({.mail_addresses = {"gateway@example.org"}}, &authority);
    StandardRules rules;
    base::SeededRandom random{7508};
    Signing first{
        .policy = {.secured = {{"From", Status::Duplicated}, {"Subject", Status::Deleted}}},
        .signers = {signer_of(alice)}};
    // A policy of its own, which makes no difference where there is a structure.
    Signing second{.policy = {.secured = {{"From", Status::Modified}}},
                   .signers = {signer_of(gateway)}};
    Verification verification{.policies = {.inner = first.policy, .outer = first.policy},
                              .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                                        .at = std::chrono::system_clock::now()}};

    std::string signed_message() { return sign_message(message, first, rules, random).value(); }
    std::string added(std::string_view octets) {
        auto made = add_signature(octets, second, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made.value_or("");
    }
    std::string_view fault(std::string_view octets) {
        const auto made = add_signature(octets, second, rules);
        return made ? "" : made.error().id;
    }
    MessageResult verified(std::string_view octets) {
        return verify_message(octets, verification, rules).value();
    }
};

TEST_F(AddSignature, GivesTheSameStructureAndChangesNothingElse) {
    for (const auto form : {crypto::Encapsulation::Detached, crypto::Encapsulation::Opaque}) {
        first.encapsulation = form;
        const std::string before = signed_message();
        const std::string after = added(before);
        const MessageResult result = verified(after);
        EXPECT_EQ(result.outcome(), Outcome::Valid);
        ASSERT_EQ(result.layers.size(), 1U);
        ASSERT_EQ(result.layers[0].signers.size(), 2U);
        EXPECT_EQ(result.layers[0].signers[0].structure, result.layers[0].signers[1].structure);
        EXPECT_TRUE(result.layers[0].comparison->warnings.empty());
        const auto infos = signer_infos(after);
        EXPECT_NE(std::ranges::find(infos, signer_infos(before).front()), infos.end());
    }
}

TEST_F(AddSignature, TakesTheDigestThatIsThere) {
    first.signers = {signer_of(alice, crypto::Digest::Sha384)};
    const MessageResult result = verified(added(signed_message()));
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    for (const SignerResult& each : result.layers[0].signers) {
        EXPECT_EQ(each.cms.digest_algorithm, "SHA384");
    }
}

TEST_F(AddSignature, SendsItsChainAlong) {
    const crypto::Identity below = crypto::make_identity({.common_name = "Below"}, &authority);
    const crypto::Identity deep =
        crypto::make_identity({.mail_addresses = {"gateway@example.org"}}, &below);
    second.signers = {signer_of(deep)};
    EXPECT_EQ(verified(added(signed_message())).outcome(), Outcome::SignatureInvalid);
    second.chain = {crypto::Certificate(below.certificate)};
    EXPECT_EQ(verified(added(signed_message())).outcome(), Outcome::Valid);
}

TEST_F(AddSignature, MakesAStructureWhereThereIsNone) {
    crypto::Signer plain = signer_of(alice);
    const auto cms = crypto::sign("Content-Type: text/plain\r\n\r\nx\r\n", {&plain, 1}, {},
                                  crypto::Encapsulation::Opaque);
    const std::string octets =
        "From: alice@example.org\r\nContent-Type: application/pkcs7-mime; "
        "smime-type=signed-data\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        imf::encode_base64_lines(*cms);
    const MessageResult result = verified(added(octets));
    EXPECT_EQ(result.outcome(), Outcome::Valid);
    ASSERT_EQ(result.layers[0].comparison->fields.size(), 1U);
    EXPECT_EQ(result.layers[0].comparison->fields[0].secured.status, Status::Modified);
}

TEST_F(AddSignature, NothingIsPutToWhatDoesNotHold) {
    std::string octets = signed_message();
    const auto with = [&octets](std::string_view from, std::string_view to) {
        std::string changed = octets;
        return changed.replace(changed.find(from), from.size(), to);
    };
    EXPECT_EQ(fault(with("Hello.", "Hullo.")), "secureheaders.add.broken");
    EXPECT_EQ(fault(with("quarterly", "Quarterly")), "secureheaders.add.header-changed");
    EXPECT_EQ(add_signature(with("quarterly", "Quarterly"), second, rules).error().detail,
              "subject (mismatch)");
    EXPECT_EQ(fault(message), "secureheaders.add.not-signed");
    second.policy.sharing = Sharing::Shared;
    EXPECT_EQ(fault("From: eve@example.org\r\n" + octets), "secureheaders.add.header-changed");
}

TEST_F(AddSignature, SignersWhoDisagreeGetNoThird) {
    const auto structure = structure_for(imf::parse_message(message)->header, first.policy, rules);
    SecureHeaderFields fewer = *structure;
    fewer.fields.pop_back();
    std::vector<crypto::Signer> signers{signer_of(alice), signer_of(gateway)};
    for (std::size_t i = 0; i < 2; ++i) {
        signers[i].attributes = *rules.attributes(i == 0 ? *structure : fewer, Edition::Rfc, i);
    }
    const auto cms = crypto::sign("Content-Type: text/plain\r\n\r\nx\r\n", signers, {},
                                  crypto::Encapsulation::Opaque);
    EXPECT_EQ(fault("From: Alice <alice@example.org>\r\nSubject: quarterly figures\r\n"
                    "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n" +
                    imf::encode_base64_lines(*cms)),
              "secureheaders.add.signers-disagree");
}

}  // namespace
}  // namespace mailassay::secureheaders
