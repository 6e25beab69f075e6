#include "simulate/release_simulation.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/ascii.h"
#include "base/random.h"
#include "simulate/release_disk.h"
#include "simulate/release_seals.h"

namespace mailassay::simulate {
namespace {

using release::Decision;
using release::Fate;
using release::Finding;
using release::Place;
using release::Policy;

std::optional<ReleaseBroken> broken_by(const release::Rules& rules) {
    const auto result = simulate_release(rules, {.seed = 1, .runs = 4'000});
    if (!result.violation) return std::nullopt;
    // Its seed shows it alone.
    const auto again = simulate_release(rules, {.seed = result.seed, .runs = 1});
    EXPECT_EQ(again.violation->broken, result.violation->broken);
    EXPECT_EQ(again.violation->story, result.violation->story);
    return result.violation->broken;
}

TEST(ReleaseSimulation, BreaksNothingAndSeesEverything) {
    const auto result = simulate_release(release::StandardRules(), {.seed = 1, .runs = 1'000});
    EXPECT_FALSE(result.violation) << result.seed << "\n" << result.violation->story;
    EXPECT_EQ(result.counts.missing(), nullptr);
    EXPECT_EQ(result.counts.runs, 1'000U);
    EXPECT_STREQ(ReleaseCounts{}.missing(), "no draft was delivered");
}

// -- rules that are wrong in one way -------------------------------------------------------------

struct TrustsTheField final : release::StandardRules {
    bool is_proven(std::span<const imf::Mailbox>, std::size_t, const release::Evidence&,
                   const Policy&) const override {
        return true;
    }
};
struct AnybodyMayRelease final : release::StandardRules {
    std::optional<std::size_t> officer(const imf::Mailbox& user,
                                       const Policy& policy) const override {
        return StandardRules::officer(user, policy).value_or(0);
    }
};
struct OneIsEnough final : release::StandardRules {
    std::optional<imf::Mailbox> next(const release::Officers&, const Policy&) const override {
        return std::nullopt;
    }
};
struct ReleasesWhatIsDiscarded final : release::StandardRules {
    Finding review(Decision decision) const override {
        return decision == Decision::Discard ? Finding::Approved : StandardRules::review(decision);
    }
};
struct LetsDraftsPass final : release::StandardRules {
    Fate without_field(Place) const override { return Fate::Passes; }
};
struct ExemptsEverybody final : release::StandardRules {
    bool is_exempt(Place, const imf::Mailbox&, const Policy&) const override { return true; }
};
struct CaseDoesNotCount final : release::StandardRules {
    bool is_same(const imf::Mailbox& one, const imf::Mailbox& other) const override {
        return base::equals_ignore_case(one.address(), other.address());
    }
};
struct BrokenSignaturesCount final : release::StandardRules {
    bool proves(const release::Endorsement& endorsement, std::span<const imf::Mailbox> users,
                std::size_t index, const Policy& policy) const override {
        release::Endorsement trusted = endorsement;
        trusted.standing = release::Standing::Holds;
        return StandardRules::proves(trusted, users, index, policy);
    }
    bool is_chain_sound(const release::Evidence&) const override { return true; }
};

TEST(ReleaseSimulation, ShowsWhatLeavesUnauthorized) {
    EXPECT_EQ(broken_by(TrustsTheField()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(AnybodyMayRelease()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(OneIsEnough()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(ReleasesWhatIsDiscarded()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(LetsDraftsPass()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(ExemptsEverybody()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(CaseDoesNotCount()), ReleaseBroken::Unauthorized);
    EXPECT_EQ(broken_by(BrokenSignaturesCount()), ReleaseBroken::Unauthorized);
}

struct OrderDoesNotCount final : release::StandardRules {
    bool may_enter(std::size_t, const release::Officers&, const Policy&) const override {
        return true;
    }
};

TEST(ReleaseSimulation, ShowsWhatLeavesOutOfOrder) {
    EXPECT_EQ(broken_by(OrderDoesNotCount()), ReleaseBroken::OutOfOrder);
}

struct NeverEnters final : release::StandardRules {
    release::Field entered(const release::Field& field, const imf::Mailbox&) const override {
        return field;
    }
};

TEST(ReleaseSimulation, ShowsAWayWithoutEnd) {
    EXPECT_EQ(broken_by(NeverEnters()), ReleaseBroken::Endless);
}

// -- the ledger
// ------------------------------------------------------------------------------------

class Ledger : public testing::Test {
  protected:
    void left(const std::string& recipient, std::string_view release = "r",
              const std::set<std::size_t>& signed_by = {0, 1}, std::string_view octets = "") {
        ledger_.left("d", recipient, release, signed_by, octets);
    }
    void approved(const std::vector<std::size_t>& officers) {
        for (const std::size_t each : officers) ledger_.approved("d", each);
    }
    std::optional<ReleaseBroken> broken() {
        ledger_.close();
        if (!ledger_.violation()) return std::nullopt;
        return ledger_.violation()->broken;
    }
    void SetUp() override {
        ledger_.taken("d", {"bob@x.example", "carol@x.example"}, "carol@x.example");
    }

    ReleaseLedger ledger_{{.officers = 2, .is_ordered = true}};
};

TEST_F(Ledger, TakesWhatIsRight) {
    approved({0, 1});
    left("bob@x.example");
    left("carol@x.example");
    EXPECT_EQ(broken(), std::nullopt);
    EXPECT_EQ(ledger_.ends(), std::vector{DraftEnd::Delivered});
}

TEST_F(Ledger, CountsApprovalsOfThoseWhoSigned) {
    approved({0, 1});
    left("bob@x.example", "r", {0});
    EXPECT_EQ(broken(), ReleaseBroken::Unauthorized);
}

TEST_F(Ledger, CountsSignaturesOfThoseWhoApproved) {
    approved({0, 0});
    left("bob@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::Unauthorized);
}

TEST_F(Ledger, KnowsTheOrder) {
    approved({1, 0});
    left("bob@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::OutOfOrder);
}

TEST_F(Ledger, TakesAnOrderThatIsFoundAmongMore) {
    approved({1, 0, 1});
    left("bob@x.example");
    left("carol@x.example");
    EXPECT_EQ(broken(), std::nullopt);
}

TEST_F(Ledger, KnowsTheRecipients) {
    approved({0, 1});
    left("eve@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::Misdirected);
}

TEST_F(Ledger, SeesABlindRecipient) {
    approved({0, 1});
    left("bob@x.example", "r", {0, 1}, "Bcc: carol@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::BlindSeen);
}

TEST_F(Ledger, SeesASecondRelease) {
    approved({0, 1});
    left("bob@x.example", "r");
    left("carol@x.example", "s");
    EXPECT_EQ(broken(), ReleaseBroken::ReleasedTwice);
}

TEST_F(Ledger, ExcusesARepetitionByALostReply) {
    approved({0, 1});
    left("bob@x.example");
    left("carol@x.example");
    ledger_.reply_lost("d");
    left("bob@x.example");
    EXPECT_EQ(broken(), std::nullopt);
    left("bob@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::Repeated);
    EXPECT_TRUE(ledger_.violation()->story.contains("approved by officer 1"));
}

TEST_F(Ledger, MissesADraftThatEndedNowhere) {
    EXPECT_EQ(broken(), ReleaseBroken::Lost);
}

TEST_F(Ledger, MissesARecipient) {
    approved({0, 1});
    left("bob@x.example");
    EXPECT_EQ(broken(), ReleaseBroken::Lost);
}

// -- what is simulated
// ---------------------------------------------------------------------------------

TEST(SimulatedSeals, HoldOverWhatTheyWerePutAround) {
    const SimulatedSeals seals(7);
    const std::string once = seals.sealed("From: a@x.example\r\n\r\nText\r\n", "a@x.example", 1);
    const std::string twice = seals.sealed("X: y\r\n" + once, "b@x.example", 2);
    const auto opened = seals.open(twice, {}, std::nullopt);
    ASSERT_EQ(opened.signatures.size(), 2U);
    EXPECT_EQ(opened.signatures[0].signers.at(0).addresses.at(0).address(), "b@x.example");
    EXPECT_EQ(opened.signatures[0].signers.at(0).standing, release::Standing::Holds);
    EXPECT_EQ(opened.signatures[0].covered->fields().size(), 2U);
    EXPECT_EQ(opened.signatures[1].signers.at(0).standing, release::Standing::Holds);
    EXPECT_EQ(opened.content, "From: a@x.example\r\n\r\nText\r\n");

    std::string changed = twice;
    changed.replace(changed.find("Text"), 4, "Test");
    for (const auto& layer : seals.open(changed, {}, std::nullopt).signatures) {
        EXPECT_EQ(layer.signers.at(0).standing, release::Standing::Broken);
    }
    const SimulatedSeals other(8);
    EXPECT_EQ(other.open(once, {}, std::nullopt).signatures.at(0).signers.at(0).standing,
              release::Standing::Broken);
}

TEST(SimulatedDisk, LosesWhatWasNotSynced) {
    std::set<std::vector<std::string>> seen;
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
        base::SeededRandom random(seed);
        SimulatedDisk disk(random);
        SimulatedFiles files(disk);
        ASSERT_TRUE(files.write_new("a.new", "1"));
        disk.cut = 1;
        ASSERT_TRUE(files.rename("a.new", "a"));
        EXPECT_THROW((void)files.sync_directory("."), PowerCut);
        seen.insert(disk.names());
    }
    EXPECT_EQ(seen, (std::set<std::vector<std::string>>{{"a"}, {"a.new"}}));
}

}  // namespace
}  // namespace mailassay::simulate
