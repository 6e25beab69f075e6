#include "roles/release.h"

#include <gtest/gtest.h>

#include <map>

#include "base/clock.h"
#include "base/random.h"
#include "crypto/test_certificates.h"
#include "milter/conversation.h"
#include "releasing/courier.h"
#include "releasing/review.h"

namespace mailassay::roles {
namespace {

using release::Place;

// Files in memory, which outlive who uses them.
struct Disk {
    std::map<std::string, std::string> files;
    bool is_full = false;
};

class MemoryFiles final : public mta::Files {
  public:
    explicit MemoryFiles(Disk& disk) : disk_(disk) {}

    Result<void> write_new(const std::string& path, std::string_view octets) override {
        if (disk_.is_full) return std::unexpected(Error{.id = "mta.files.write"});
        disk_.files[path] = octets;
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        disk_.files[to] = disk_.files.at(from);
        disk_.files.erase(from);
        return {};
    }
    Result<void> remove(const std::string& path) override {
        disk_.files.erase(path);
        return {};
    }
    Result<void> sync_directory(const std::string&) override { return {}; }
    Result<void> make_directory(const std::string&) override { return {}; }
    Result<std::string> read(const std::string& path) override { return disk_.files.at(path); }
    Result<std::vector<std::string>> list(const std::string&) override {
        std::vector<std::string> names;
        for (const auto& [name, _] : disk_.files) names.push_back(name);
        return names;
    }

  private:
    Disk& disk_;
};

imf::Mailbox user(const std::string& text) {
    return imf::parse_mailbox(text).value();
}

class ReleaseRole : public testing::Test {
  protected:
    [[nodiscard]] crypto::Signer signer(const std::string& address) const {
        const auto made = crypto::make_identity({.mail_addresses = {address}}, &root_);
        return {.key = crypto::PrivateKey(made.key),
                .certificate = crypto::Certificate(made.certificate)};
    }
    std::string signed_by(const std::string& address, const std::string& message) {
        return releasing::review(message, signer(address), random_).value();
    }
    std::unique_ptr<EnvelopeFolder> folder(EnvelopeFolder::Limits limits = {}) {
        return EnvelopeFolder::open(std::make_unique<MemoryFiles>(disk_), clock_, random_, limits)
            .value();
    }
    Release role(Place place) {
        ReleaseSettings settings{
            .place = place, .verification = verification_, .mailbox = mailbox_};
        return Release(settings, rules_, clock_, place == Place::Submission ? folder() : nullptr);
    }
    // What the role answers to a whole message in an envelope.
    milter::Answer judged(const Release& role, const std::string& octets,
                          const std::vector<std::string>& recipients = {"<bob@example.net>"},
                          const std::string& reverse_path = "<ann@mil.example>") {
        session_ = {};
        session_.envelope.reverse_path.address = reverse_path;
        for (const auto& each : recipients) session_.envelope.recipients.push_back({each, {}});
        const auto parsed = imf::view_message(octets).value();
        return role.judge(
            {.session = session_, .octets = octets, .header = parsed.header, .body = parsed.body});
    }
    static milter::Changes changes(const milter::Answer& answer) {
        return std::get<milter::Deliver>(answer.verdict).changes;
    }
    static milter::Reply reply(const milter::Answer& answer) {
        return std::get<milter::Refuse>(answer.verdict).reply;
    }
    static std::string whole(const milter::Answer& answer, const std::string& came) {
        const auto parsed = imf::parse_message(came).value();
        return changes(answer).header.value().to_octets() + parsed.separator + parsed.body;
    }
    // The officer's agent: off with the reference, on with field and signature, and back.
    std::string authorized(const std::string& draft, const std::string& officer) {
        const auto resumed = releasing::resume(draft).value();
        const auto made =
            releasing::authorize(resumed.message, verification_now(),
                                 {.user = user(officer), .decision = release::Decision::Release},
                                 signer(officer), rules_, random_)
                .value();
        const auto parsed = imf::parse_message(made.message.value()).value();
        return releasing::with_reference(parsed.header, resumed.reference.value()).to_octets() +
               parsed.separator + parsed.body;
    }
    releasing::Verification verification_now() {
        auto made = verification_;
        made.trust.at = clock_.now();
        return made;
    }

    using Addresses = std::vector<std::string>;

    release::StandardRules rules_;
    base::ManualClock clock_{std::chrono::system_clock::now()};
    base::SeededRandom random_{1};
    crypto::Identity root_ = crypto::make_identity({.common_name = "Test CA"});
    releasing::Verification verification_{
        .policy = {.officers = {user("one@mil.example"), user("two@mil.example")}},
        .trust = {.anchors = {crypto::Certificate(root_.certificate)}, .at = {}}};
    std::string mailbox_;
    Disk disk_;
    milter::Session session_;
    std::string draft_ = signed_by(
        "ann@mil.example",
        "From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\nSubject: s\r\n\r\nBody\r\n");
};

TEST_F(ReleaseRole, ADraftGoesToTheOfficersAndComesBackToItsRecipients) {
    const Release submission = role(Place::Submission);
    const auto held = judged(submission, draft_, {"<bob@example.net>", "<blind@example.net>"});
    EXPECT_EQ(changes(held).removed_recipients,
              (Addresses{"<bob@example.net>", "<blind@example.net>"}));
    EXPECT_EQ(changes(held).added_recipients,
              (Addresses{"<one@mil.example>", "<two@mil.example>"}));
    const std::string at_officers = whole(held, draft_);
    EXPECT_FALSE(at_officers.contains("blind"));

    const std::string back = authorized(at_officers, "one@mil.example");
    // The server was started again in between.
    const auto released =
        judged(role(Place::Submission), back, {"<whoever@mil.example>"}, "<one@mil.example>");
    EXPECT_EQ(changes(released).added_recipients,
              (Addresses{"<bob@example.net>", "<blind@example.net>"}));
    EXPECT_EQ(changes(released).removed_recipients, (Addresses{"<whoever@mil.example>"}));
    EXPECT_EQ(changes(released).reverse_path, "<ann@mil.example>");
    const std::string left = whole(released, back);
    EXPECT_FALSE(left.contains("Draft-Reference"));
    EXPECT_TRUE(left.contains(imf::parse_message(draft_).value().body));
    // And the border lets it pass as it is.
    EXPECT_FALSE(changes(judged(role(Place::Border), left)).header.has_value());
}

TEST_F(ReleaseRole, TheEnvelopeIsTheFirstOneWhenTwoHaveToAuthorize) {
    verification_.policy.needed = 2;
    verification_.policy.order = release::Order::AsListed;
    const Release submission = role(Place::Submission);
    const auto held = judged(submission, draft_);
    EXPECT_EQ(changes(held).added_recipients, (Addresses{"<one@mil.example>"}));
    const std::string first = authorized(whole(held, draft_), "one@mil.example");
    const auto passed_on = judged(submission, first, {"<x@mil.example>"}, "<one@mil.example>");
    EXPECT_EQ(changes(passed_on).added_recipients, (Addresses{"<two@mil.example>"}));
    const std::string second = authorized(whole(passed_on, first), "two@mil.example");
    const auto released = judged(submission, second, {"<x@mil.example>"}, "<two@mil.example>");
    EXPECT_EQ(changes(released).added_recipients, (Addresses{"<bob@example.net>"}));
    EXPECT_EQ(disk_.files.size(), 1U);
}

TEST_F(ReleaseRole, AReferenceOfAnotherDraftIsNotFollowed) {
    const Release submission = role(Place::Submission);
    const std::string at_officers = whole(judged(submission, draft_), draft_);
    const auto reference =
        releasing::reference_in(imf::parse_message(at_officers).value().header).value();
    const std::string other =
        signed_by("ann@mil.example", "From: ann@mil.example\r\nSubject: s\r\n\r\nAnother body\r\n");
    const std::string crossed = "Draft-Reference: " + reference + "\r\n" + other;
    EXPECT_EQ(reply(judged(submission, authorized(crossed, "one@mil.example"))).text,
              "Not released: roles.release.other-draft");
    // As a draft it gets an envelope of its own.
    const auto held = judged(submission, crossed, {"<eve@example.net>"});
    EXPECT_NE(releasing::reference_in(changes(held).header.value()), reference);
    EXPECT_EQ(disk_.files.size(), 2U);
}

TEST_F(ReleaseRole, TheFirstReleaseOfADraftGoesOutAndNoOther) {
    const std::string at_officers =
        whole(judged(role(Place::Submission), draft_, {"<bob@example.net>"}), draft_);
    const std::string first = authorized(at_officers, "one@mil.example");
    const std::string second = authorized(at_officers, "two@mil.example");
    const Addresses bob{"<bob@example.net>"};
    const auto hand_in = [&](const std::string& message) {
        return judged(role(Place::Submission), message, {"<whoever@mil.example>"});
    };
    EXPECT_EQ(changes(hand_in(first)).added_recipients, bob);
    EXPECT_EQ(reply(hand_in(second)).text, "Not released: roles.release.went-out");
    // The same again may be a client's that did not hear the reply, and may come another way.
    EXPECT_EQ(changes(hand_in(first)).added_recipients, bob);
    EXPECT_EQ(changes(hand_in("Received: from a by b; now\r\n" + first)).added_recipients, bob);
    EXPECT_EQ(disk_.files.size(), 1U);
}

TEST_F(ReleaseRole, WithoutRoomToNoteItAReleaseIsPutOff) {
    const Release submission = role(Place::Submission);
    const std::string back =
        authorized(whole(judged(submission, draft_), draft_), "one@mil.example");
    disk_.is_full = true;
    EXPECT_EQ(reply(judged(submission, back)).code, "451");
    disk_.is_full = false;
    EXPECT_EQ(changes(judged(submission, back, {"<whoever@mil.example>"})).added_recipients,
              (Addresses{"<bob@example.net>"}));
}

TEST_F(ReleaseRole, WhatIsForgedIsRefusedEverywhere) {
    const std::string forged = "MMHS-Authorizing-Users: one@mil.example\r\n" + draft_;
    for (const Place place : {Place::Submission, Place::Border, Place::Delivery}) {
        const milter::Reply no = reply(judged(role(place), forged));
        EXPECT_EQ(no.code, "550");
        EXPECT_EQ(no.text, "Not released: release.check.not-proven");
    }
    EXPECT_EQ(reply(judged(role(Place::Border), draft_)).text,
              "Not released: release.field.absent");
}

TEST_F(ReleaseRole, DeliveryTakesDraftsToOfficersAlone) {
    const Release delivery = role(Place::Delivery);
    EXPECT_FALSE(changes(judged(delivery, draft_, {"<one@mil.example>"})).header.has_value());
    EXPECT_EQ(reply(judged(delivery, draft_, {"<carol@mil.example>"})).code, "550");
    session_ = {};
    session_.envelope.recipients = {{"<one@mil.example>", {}}};
    EXPECT_EQ(delivery.refuses_recipient(session_, {"<carol@mil.example>", {}})->code, "452");
    EXPECT_FALSE(delivery.refuses_recipient(session_, {"<two@mil.example>", {}}));
}

TEST_F(ReleaseRole, AMailboxOfTheOfficersGetsTheDraftsUnlessOneIsToBeAsked) {
    mailbox_ = "officers@mil.example";
    EXPECT_EQ(changes(judged(role(Place::Submission), draft_)).added_recipients,
              (Addresses{"<officers@mil.example>"}));
}

TEST_F(ReleaseRole, WithoutRoomForTheEnvelopeADraftIsPutOff) {
    disk_.is_full = true;
    EXPECT_EQ(reply(judged(role(Place::Submission), draft_)).code, "451");
    EXPECT_TRUE(disk_.files.empty());
}

TEST_F(ReleaseRole, EnvelopesAreKeptForAWhileAndBounded) {
    EnvelopeFolder::Limits limits{.envelopes = 2, .keep = std::chrono::hours(1)};
    const KeptEnvelope kept{
        .envelope = {.reverse_path = {"<a@x.example>", {"RET=HDRS"}},
                     .recipients = {{"<b@y.example>", {"NOTIFY=NEVER"}}, {"<c@y.example>", {}}}},
        .fingerprint = "f",
        .octets = "o"};
    const auto first = folder(limits);
    const std::string reference = first->keep(kept).value();
    const auto found = first->find(reference).value().value();
    EXPECT_EQ(found.envelope.reverse_path.parameters, (Addresses{"RET=HDRS"}));
    EXPECT_EQ(found.envelope.recipients.at(0).parameters, (Addresses{"NOTIFY=NEVER"}));
    EXPECT_EQ(found.envelope.recipients.at(1).address, "<c@y.example>");
    EXPECT_EQ(first->find("unknown").value().has_value(), false);
    // The same draft once more.
    EXPECT_EQ(first->keep(kept).value(), reference);
    KeptEnvelope other = kept;
    other.envelope.recipients.pop_back();
    EXPECT_NE(first->keep(other).value(), reference);
    other.octets = "p";
    EXPECT_EQ(first->keep(other).error().id, "roles.envelopes.full");

    disk_.files["half.new"] = "{";
    disk_.files["damaged"] = "{";
    clock_.advance(std::chrono::minutes(59));
    EXPECT_TRUE(folder(limits)->find(reference).value().has_value());
    EXPECT_FALSE(disk_.files.contains("half.new"));
    clock_.advance(std::chrono::minutes(2));
    const auto later = folder(limits);
    EXPECT_FALSE(later->find(reference).value().has_value());
    EXPECT_EQ(later->find("damaged").error().id, "roles.envelopes.damaged");
}

}  // namespace
}  // namespace mailassay::roles
