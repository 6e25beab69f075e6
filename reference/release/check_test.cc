#include "release/check.h"

#include <gtest/gtest.h>

#include "release/testing.h"

namespace mailassay::release {
namespace {

using testing::header;
using testing::mailboxes;
using testing::policy;
using testing::signed_by;

Judgement run(const std::string& fields, const Evidence& evidence, Place place,
              const Policy& policy = testing::policy()) {
    const auto recipients = mailboxes({"bob@example.net"});
    return check(header(fields), recipients, place, base::Edition::Rfc, evidence, policy,
                 StandardRules());
}

Fate fate(const Judgement& judgement) {
    return judgement.recipients.front().fate;
}

constexpr const char* complete = "MMHS-Authorizing-Users: one@mil.example, two@mil.example\r\n";

TEST(Check, LetsPassWhatEnoughHaveAuthorized) {
    for (const Place place : {Place::Submission, Place::Border, Place::Delivery}) {
        const Judgement made =
            run(complete, signed_by({"one@mil.example", "two@mil.example"}), place);
        EXPECT_EQ(fate(made), Fate::Passes);
        EXPECT_FALSE(made.reason);
    }
}

TEST(Check, TakesADraftToTheOfficers) {
    EXPECT_EQ(fate(run("", {}, Place::Submission)), Fate::ToOfficers);
    EXPECT_EQ(run("", {}, Place::Border).reason->id, "release.field.absent");
    EXPECT_EQ(fate(run("", {}, Place::Delivery)), Fate::Refused);
}

TEST(Check, AsksTheOneWhoIsMissing) {
    const std::string one = "MMHS-Authorizing-Users: one@mil.example\r\n";
    const Judgement made = run(one, signed_by({"one@mil.example"}), Place::Submission);
    EXPECT_EQ(fate(made), Fate::ToOfficers);
    EXPECT_EQ(made.next->address(), "two@mil.example");
    EXPECT_EQ(run(one, signed_by({"one@mil.example"}), Place::Border).reason->id,
              "release.check.too-few");
}

TEST(Check, BelievesNoFieldAlone) {
    const Judgement made = run(complete, signed_by({"one@mil.example"}), Place::Border);
    EXPECT_EQ(fate(made), Fate::Refused);
    EXPECT_EQ(made.reason->id, "release.check.not-proven");
    EXPECT_EQ(made.reason->offset, 1U);
    Policy trusting = policy();
    trusting.proof = Proof::None;
    EXPECT_EQ(fate(run(complete, {}, Place::Border, trusting)), Fate::Passes);
}

TEST(Check, WantsTheFieldItselfCoveredWhereThePolicySaysSo) {
    Policy strict = policy();
    strict.proof = Proof::OfField;
    Evidence evidence = signed_by({"one@mil.example", "two@mil.example"});
    EXPECT_EQ(fate(run(complete, evidence, Place::Border, strict)), Fate::Refused);
    evidence.endorsements[0].cover = Cover::Field;
    evidence.endorsements[0].users = mailboxes({"one@mil.example"});
    evidence.endorsements[1].cover = Cover::Field;
    evidence.endorsements[1].users = mailboxes({"one@mil.example", "two@mil.example"});
    EXPECT_EQ(fate(run(complete, evidence, Place::Border, strict)), Fate::Passes);
    // A release by the first that was about another field.
    evidence.endorsements[0].users = mailboxes({"three@mil.example", "one@mil.example"});
    EXPECT_EQ(fate(run(complete, evidence, Place::Border, strict)), Fate::Refused);
}

TEST(Check, KnowsTheOfficersAndTheirOrder) {
    const auto reason = [](const std::string& users, const std::vector<std::string>& signers) {
        return run("MMHS-Authorizing-Users: " + users + "\r\n", signed_by(signers), Place::Border)
            .reason->id;
    };
    EXPECT_EQ(reason("one@mil.example, ann@mil.example", {"one@mil.example", "ann@mil.example"}),
              "release.check.not-an-officer");
    EXPECT_EQ(reason("two@mil.example, one@mil.example", {"one@mil.example", "two@mil.example"}),
              "release.check.order");
    EXPECT_EQ(reason("one@mil.example, one@MIL.example", {"one@mil.example"}),
              "release.check.twice");
    EXPECT_EQ(reason("three@mil.example", {"three@mil.example"}), "release.check.order");
    EXPECT_EQ(reason("\"two@mil.example\" <bob@example.net>", {"two@mil.example"}),
              "release.check.not-an-officer");
    EXPECT_EQ(reason("one@mil.example\r\nMMHS-Authorizing-Users: two@mil.example",
                     {"one@mil.example", "two@mil.example"}),
              "release.field.repeated");
}

TEST(Check, DeliversStraightToAnOfficer) {
    const auto recipients = mailboxes({"one@mil.example", "carol@mil.example"});
    const auto at = [&](Place place) {
        return check(header(), recipients, place, base::Edition::Rfc, {}, policy(),
                     StandardRules());
    };
    EXPECT_EQ(at(Place::Delivery).recipients[0].fate, Fate::Passes);
    EXPECT_EQ(at(Place::Delivery).recipients[1].fate, Fate::Refused);
    EXPECT_EQ(at(Place::Border).recipients[0].fate, Fate::Refused);
}

}  // namespace
}  // namespace mailassay::release
