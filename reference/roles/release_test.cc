#include "roles/release_testing.h"

namespace mailassay::roles {
namespace {

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

TEST_F(ReleaseRole, WhatWasReleasedIsSentToOthersByItsUsersAlone) {
    const Release submission = role(Place::Submission);
    const std::string back =
        authorized(whole(judged(submission, draft_), draft_), "one@mil.example");
    const std::string left = whole(judged(submission, back, {"<whoever@mil.example>"}), back);
    const auto to_eve = [&](const Release& role, const std::string& from) {
        return judged(role, left, {"<eve@example.net>"}, from);
    };
    for (const std::string from : {"<ann@mil.example>", "<eve@example.net>", "<>", "<one@mil>"}) {
        EXPECT_EQ(reply(to_eve(submission, from)).text,
                  "Not released: roles.release.not-by-its-users");
    }
    EXPECT_TRUE(changes(to_eve(submission, "<one@MIL.example>")).added_recipients.empty());
    handed_in_by_ = HandedInBy::Anybody;
    EXPECT_TRUE(
        changes(to_eve(role(Place::Submission), "<ann@mil.example>")).added_recipients.empty());
    // The border has no drafts to refer to.
    EXPECT_FALSE(changes(to_eve(role(Place::Border), "<ann@mil.example>")).header.has_value());
}

TEST_F(ReleaseRole, AReleaseOfADraftThatNobodyKnowsIsRefused) {
    const std::string back =
        authorized(whole(judged(role(Place::Submission), draft_), draft_), "one@mil.example");
    disk_.files.clear();
    EXPECT_EQ(
        reply(judged(role(Place::Submission), back, {"<whoever@mil.example>"}, "<one@mil.example>"))
            .text,
        "Not released: roles.release.unknown-draft");
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
