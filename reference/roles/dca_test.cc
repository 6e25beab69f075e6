#include "roles/dca.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"
#include "milter/conversation.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::roles {
namespace {

using secureheaders::Outcome;
using secureheaders::Status;

constexpr std::string_view plain =
    "From: Alice <alice@a.example>\r\n"
    "Subject: quarterly figures\r\n"
    "To: bob@b.example\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "Hello.\r\n";

// What an MTA would have after a role's answer.
struct Outcomes {
    std::string octets;  // empty: it was refused
    std::string reply;
    std::string why;
    std::string outer = {};
};

class Dca : public testing::Test {
  protected:
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@a.example"}}, &authority);
    crypto::Identity dca_b =
        crypto::make_identity({.mail_addresses = {"domain-confidentiality-authority@b.example"},
                               .common_name = "domain-confidentiality-authority"},
                              &authority);
    dca::StandardRules rules;
    base::SystemClock clock;
    DcaOutSettings out{.domains = {{"b.example", {crypto::Certificate(dca_b.certificate)}}}};
    DcaInSettings in{.key = crypto::PrivateKey(dca_b.key),
                     .certificate = crypto::Certificate(dca_b.certificate)};

    std::string signed_message() {
        base::SeededRandom random(7508);
        const secureheaders::Signing signing{
            .policy = {.secured = {{"From", Status::Duplicated}, {"Subject", Status::Deleted}},
                       .algorithm = imf::Canonicalization::Simple},
            .signers = {{.key = crypto::PrivateKey(alice.key),
                         .certificate = crypto::Certificate(alice.certificate)}}};
        return secureheaders::sign_message(plain, signing, secureheaders::StandardRules(), random)
            .value();
    }
    static std::string note(const milter::Notes& notes, std::string_view name) {
        for (const auto& [key, value] : notes) {
            if (key == name) return value;
        }
        return "";
    }
    static Outcomes send(const milter::Role& role, const std::string& octets,
                         const std::vector<std::string>& recipients = {"<bob@b.example>"}) {
        milter::Conversation conversation(role);
        conversation.connected("client.example", "192.0.2.1");
        EXPECT_FALSE(conversation.sender({"<alice@a.example>", {}}));
        for (const std::string& each : recipients) {
            EXPECT_FALSE(conversation.recipient({each, {}})) << each;
        }
        const auto message = imf::view_message(octets);
        for (const auto& field : message->header.fields()) {
            conversation.field(field.name, field.body);
        }
        conversation.end_of_header();
        conversation.body(message->body);
        const auto applied = conversation.end_of_message();
        if (const auto* refused = std::get_if<milter::Refuse>(&applied.verdict)) {
            const milter::Reply& reply = refused->reply;
            return {.octets = "",
                    .reply = reply.code + " " + reply.status + " " + reply.text,
                    .why = note(applied.notes, "why")};
        }
        const auto& changes = std::get<milter::Deliver>(applied.verdict).changes;
        const std::string header = changes.header.value_or(message->header).to_octets();
        const std::string body(changes.body ? changes.body->view() : message->body);
        return {.octets = header + "\r\n" + body,
                .reply = "",
                .why = note(applied.notes, "why") + note(applied.notes, "header"),
                .outer = note(applied.notes, "outer")};
    }
    Outcome verdict_on(const std::string& octets) {
        const secureheaders::Verification verification{
            .policies = {},
            .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                      .at = std::chrono::system_clock::now()}};
        return secureheaders::verify_message(octets, verification, secureheaders::StandardRules())
            ->outcome();
    }
};

TEST_F(Dca, WhatOneHidesTheOtherRestores) {
    const std::string message = signed_message();
    const Outcomes sent = send(DcaOut(out, rules, clock), message);
    EXPECT_EQ(sent.why, "hidden");
    EXPECT_FALSE(sent.octets.contains("figures"));
    const Outcomes came = send(DcaIn(in, rules, clock), sent.octets);
    EXPECT_EQ(came.why, "restored");
    EXPECT_EQ(came.octets, message);
    EXPECT_EQ(verdict_on(came.octets), Outcome::Valid);
}

TEST_F(Dca, WhatIsNotSignedIsEncryptedUnderItsHeader) {
    const Outcomes sent = send(DcaOut(out, rules, clock), std::string(plain));
    EXPECT_EQ(sent.why, "not-signed");
    EXPECT_TRUE(sent.octets.contains("figures"));
    EXPECT_FALSE(sent.octets.contains("Hello"));
    EXPECT_EQ(send(DcaIn(in, rules, clock), sent.octets).octets, plain);
}

TEST_F(Dca, OtherDomainsGetTheMessageAsItIs) {
    const std::string message = signed_message();
    const Outcomes sent = send(DcaOut(out, rules, clock), message, {"<carol@sub.b.example>"});
    EXPECT_EQ(sent.why, "no-domain");
    EXPECT_EQ(sent.octets, message);
    EXPECT_EQ(send(DcaOut(out, rules, clock), signed_message(), {"<bob@B.EXAMPLE>"}).why, "hidden");
}

TEST_F(Dca, ARecipientOfTheOtherKindNeedsAMessageOfItsOwn) {
    const DcaOut role(out, rules, clock);
    for (const auto& [first, second] : {std::pair{"<bob@b.example>", "<carol@c.example>"},
                                        std::pair{"<carol@c.example>", "<bob@b.example>"}}) {
        milter::Conversation conversation(role);
        conversation.connected("client.example", "192.0.2.1");
        EXPECT_FALSE(conversation.sender({"<alice@a.example>", {}}));
        EXPECT_FALSE(conversation.recipient({first, {}}));
        const auto refused = conversation.recipient({second, {}});
        ASSERT_TRUE(refused.has_value());
        EXPECT_EQ(refused->code + " " + refused->status, "452 4.5.3");
        EXPECT_FALSE(conversation.recipient({first, {}}));
    }
}

TEST_F(Dca, WhatCanNotBeHiddenIsNotSent) {
    std::string changed = signed_message();
    changed.replace(changed.find("quarterly"), 9, "Quarterly");
    EXPECT_EQ(send(DcaOut(out, rules, clock), changed).reply,
              "451 4.7.0 Can't be encrypted: dca.hide.header-differs");
    out.on_fault = OnFault::RefuseForGood;
    EXPECT_EQ(send(DcaOut(out, rules, clock), changed).reply,
              "554 5.7.0 Can't be encrypted: dca.hide.header-differs");
}

TEST_F(Dca, ADamagedEnvelopeIsRefusedAndAForeignOneDeliveredAsConfigured) {
    std::string damaged = send(DcaOut(out, rules, clock), signed_message()).octets;
    damaged.resize(damaged.size() / 2);
    EXPECT_EQ(send(DcaIn(in, rules, clock), damaged).reply.substr(0, 9), "451 4.7.5");
    in.on_fault = OnFault::RefuseForGood;
    EXPECT_EQ(send(DcaIn(in, rules, clock), damaged).reply.substr(0, 9), "554 5.7.5");

    out.domains[0].certificates = {crypto::Certificate(alice.certificate)};
    const std::string foreign = send(DcaOut(out, rules, clock), signed_message()).octets;
    EXPECT_EQ(send(DcaIn(in, rules, clock), foreign).octets, foreign);
    in.on_foreign = OnForeign::RefuseForNow;
    EXPECT_EQ(send(DcaIn(in, rules, clock), foreign).reply,
              "451 4.7.5 Can't be decrypted: crypto.decrypt.not-a-recipient");
    in.on_foreign = OnForeign::RefuseForGood;
    EXPECT_EQ(send(DcaIn(in, rules, clock), foreign).reply.substr(0, 9), "554 5.7.5");
}

TEST_F(Dca, ASignatureAroundTheEnvelopeComesOffAndIsTold) {
    const crypto::Identity domain =
        crypto::make_identity({.mail_addresses = {"domain-signing-authority@a.example"},
                               .common_name = "domain-signing-authority"},
                              &authority);
    const std::vector<crypto::Certificate> trusted{crypto::Certificate(authority.certificate)};
    out.outer =
        dca::OuterSigning{.signer = {.key = crypto::PrivateKey(domain.key),
                                     .certificate = crypto::Certificate(domain.certificate)},
                          .trust = {.anchors = trusted, .at = {}}};
    in.trust = trusted;
    const std::string message = signed_message();
    const Outcomes sent = send(DcaOut(out, rules, clock), message);
    EXPECT_TRUE(sent.octets.contains("multipart/signed"));
    const Outcomes came = send(DcaIn(in, rules, clock), sent.octets);
    EXPECT_EQ(came.octets, message);
    EXPECT_EQ(came.outer, "CN=domain-signing-authority: holds as domain-signing-authority");

    // Broken, and of no matter for the envelope: refused as configured.
    std::string broken = sent.octets;
    broken.replace(broken.find("name=\"smime.p7m\""), 16, "name=\"other.p7m\"");
    EXPECT_EQ(send(DcaIn(in, rules, clock), broken).reply,
              "451 4.7.5 Can't be decrypted: dca.decrypt.outer-signature");
    in.on_fault = OnFault::RefuseForGood;
    EXPECT_EQ(send(DcaIn(in, rules, clock), broken).reply.substr(0, 9), "554 5.7.5");

    // The originator's own does not hold: the domain signs nothing.
    std::string changed = message;
    changed.replace(changed.find("Hello"), 5, "Hullo");
    EXPECT_EQ(send(DcaOut(out, rules, clock), changed).reply,
              "451 4.7.0 Can't be encrypted: dca.sign.not-authentic");
}

TEST_F(Dca, WhatIsNoEnvelopePassesWhateverItsTypeSays) {
    for (const char* type :
         {"text/plain", "broken", "application/pkcs7-mime; smime-type=signed-data",
          "application/pkcs7-mime; smime-type=\"unclosed"}) {
        const std::string message =
            std::string("From: a@a.example\r\nContent-Type: ") + type + "\r\n\r\nHello.\r\n";
        const Outcomes came = send(DcaIn(in, rules, clock), message);
        EXPECT_EQ(came.why, "not-encrypted") << type;
        EXPECT_EQ(came.octets, message);
    }
}

}  // namespace
}  // namespace mailassay::roles
