#include "release/authorize.h"

#include <gtest/gtest.h>

#include "release/testing.h"

namespace mailassay::release {
namespace {

using base::Edition;
using testing::header;
using testing::mailbox;
using testing::policy;
using testing::signed_by;
using testing::users_of;

Outcome run(const imf::HeaderSection& header, const Evidence& evidence, const char* user,
            Decision decision, Edition edition = Edition::Rfc,
            const Policy& policy = testing::policy()) {
    return authorize(header, evidence, policy,
                     {.edition = edition, .user = mailbox(user), .decision = decision},
                     StandardRules());
}

TEST(Authorize, AddsTheUserAndAsksTheNext) {
    const Outcome made = run(header(), signed_by({}), "One <one@mil.example>", Decision::Release);
    EXPECT_EQ(made.end, End::ToNext);
    EXPECT_EQ(made.next->address(), "two@mil.example");
    EXPECT_EQ(users_of(*made.header), "One <one@mil.example>");
    EXPECT_TRUE(made.has_entered());
    EXPECT_EQ(made.steps,
              (std::vector{Step::Origin, Step::OwnEntry, Step::Review, Step::Entry, Step::Onward}));
}

TEST(Authorize, ReleasesWithTheLast) {
    const Outcome made = run(header("MMHS-Authorizing-Users: one@mil.example\r\n"),
                             signed_by({"one@mil.example"}), "two@mil.example", Decision::Release);
    EXPECT_EQ(made.end, End::Released);
    EXPECT_EQ(users_of(*made.header), "one@mil.example, two@mil.example");
}

TEST(Authorize, CountsNobodyWhoIsNotProven) {
    const Outcome made = run(header("MMHS-Authorizing-Users: one@mil.example\r\n"), signed_by({}),
                             "two@mil.example", Decision::Release);
    EXPECT_EQ(made.end, End::ToNext);
    EXPECT_EQ(made.next->address(), "three@mil.example");
}

TEST(Authorize, PassesOnWhatTheUserHasAuthorized) {
    const imf::HeaderSection before = header("MMHS-Authorizing-Users: one@mil.example\r\n");
    const Outcome made =
        run(before, signed_by({"one@mil.example"}), "one@MIL.example", Decision::Discard);
    EXPECT_EQ(made.end, End::ToNext);
    EXPECT_EQ(*made.header, before);
    EXPECT_EQ(made.steps, (std::vector{Step::Origin, Step::OwnEntry, Step::Onward}));
}

TEST(Authorize, BelievesNoOwnEntryWithoutProof) {
    const imf::HeaderSection before = header("MMHS-Authorizing-Users: one@mil.example\r\n");
    const Outcome made =
        run(before, signed_by({"two@mil.example"}), "one@mil.example", Decision::Release);
    EXPECT_EQ(made.end, End::Returned);
    EXPECT_EQ(made.reason->id, "release.own-entry.forged");
    EXPECT_FALSE(made.header);

    Policy to_abuse = policy();
    to_abuse.forgery = Forgery::ToAbuse;
    EXPECT_EQ(
        run(before, signed_by({}), "one@mil.example", Decision::Release, Edition::Rfc, to_abuse)
            .end,
        End::ToAbuse);
    // The draft takes the field off and goes on.
    const Outcome draft =
        run(before, signed_by({}), "one@mil.example", Decision::Release, Edition::Draft);
    EXPECT_EQ(draft.end, End::ToNext);
    EXPECT_EQ(users_of(*draft.header), "one@mil.example");
    EXPECT_TRUE(draft.has_entered());
}

TEST(Authorize, LetsNothingOutThatWasNotApproved) {
    EXPECT_EQ(run(header(), signed_by({}), "one@mil.example", Decision::Return).end, End::Returned);
    EXPECT_EQ(run(header(), signed_by({}), "one@mil.example", Decision::Discard).end,
              End::Discarded);
    const Outcome stranger = run(header(), signed_by({}), "ann@mil.example", Decision::Release);
    EXPECT_EQ(stranger.end, End::SetAside);
    EXPECT_EQ(stranger.reason->id, "release.user.not-an-officer");
    const Outcome early = run(header(), signed_by({}), "three@mil.example", Decision::Release);
    EXPECT_EQ(early.end, End::SetAside);
    EXPECT_EQ(early.reason->id, "release.user.out-of-turn");
}

TEST(Authorize, TakesTheFieldOffWhenTheUserBecomesTheDrafter) {
    const Outcome made = run(header("MMHS-Authorizing-Users: one@mil.example\r\n"),
                             signed_by({"one@mil.example"}), "two@mil.example", Decision::Redraft);
    EXPECT_EQ(made.end, End::Redrafted);
    EXPECT_EQ(*made.header, header());
}

TEST(Authorize, AsksAnotherUserWhenTold) {
    Policy one_is_enough = policy();
    one_is_enough.needed = 1;
    const Authorization told{.user = mailbox("one@mil.example"),
                             .decision = Decision::Forward,
                             .forward_to = mailbox("three@mil.example")};
    const Outcome made = authorize(header(), signed_by({}), one_is_enough, told, StandardRules());
    EXPECT_EQ(made.end, End::ToNext);
    EXPECT_EQ(made.next->address(), "three@mil.example");
    Authorization outside = told;
    outside.forward_to = mailbox("bob@example.net");
    EXPECT_EQ(authorize(header(), signed_by({}), one_is_enough, outside, StandardRules()).end,
              End::SetAside);
}

TEST(Authorize, AsksWhereItComesFrom) {
    Evidence unsigned_mail;
    EXPECT_EQ(run(header(), unsigned_mail, "one@mil.example", Decision::Release).end,
              End::SetAside);
    Policy told = policy();
    told.doubt = Doubt::Tell;
    EXPECT_EQ(
        run(header(), unsigned_mail, "one@mil.example", Decision::Release, Edition::Rfc, told).end,
        End::ToNext);
    told.doubt = Doubt::Return;
    const Outcome back = run(header(), Evidence{.origin = Origin::Contradicted}, "one@mil.example",
                             Decision::Release, Edition::Rfc, told);
    EXPECT_EQ(back.end, End::Returned);
    EXPECT_EQ(back.reason->id, "release.origin.contradicted");
    EXPECT_EQ(run(header(), Evidence{.origin = Origin::Proven, .sealing = Sealing::Sealed},
                  "one@mil.example", Decision::Release)
                  .end,
              End::Returned);
}

TEST(Authorize, SendsBackWhatCanNotBeRead) {
    for (const char* fields : {"MMHS-Authorizing-Users:\r\n", "MMHS-Authorizing-Users: one@\r\n",
                               "MMHS-Authorizing-Users: one@mil.example\r\n"
                               "mmhs-authorizing-users: two@mil.example\r\n"}) {
        EXPECT_EQ(run(header(fields), signed_by({"one@mil.example"}), "one@mil.example",
                      Decision::Release)
                      .end,
                  End::Returned)
            << fields;
    }
}

TEST(ReleasePolicy, CanBeMet) {
    EXPECT_TRUE(checked(policy()));
    Policy bad = policy();
    bad.needed = 4;
    EXPECT_EQ(checked(bad).error().id, "release.policy.needed");
    bad.needed = 0;
    EXPECT_EQ(checked(bad).error().id, "release.policy.needed");
    bad.officers.push_back(mailbox("one@MIL.EXAMPLE"));
    bad.needed = 4;
    EXPECT_EQ(checked(bad).error().id, "release.policy.twice");
    EXPECT_EQ(checked(Policy{}).error().id, "release.policy.nobody");
}

}  // namespace
}  // namespace mailassay::release
