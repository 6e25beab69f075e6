#include "simulate/simulation.h"

#include <gtest/gtest.h>

#include "simulate/render.h"

namespace mailassay::simulate {
namespace {

using namespace requiretls;

template <class SomeRules = StandardRules>
Outcome run_once(std::uint64_t seed, double adoption, const Assumptions& assumptions = {},
                 std::uint64_t messages = 400, Edition edition = Edition::Rfc) {
    Network network(30, seed, assumptions);
    network.adopt(adoption);
    return simulate(network, assumptions, SomeRules(edition), {.seed = seed, .messages = messages});
}

TEST(Network, HasSoManyServersAndTheSameForTheSameSeed) {
    for (const std::size_t servers : {2U, 10U, 333U}) {
        const Network one(servers, 5, {});
        const Network other(servers, 5, {});
        EXPECT_EQ(one.hosts().size(), servers);
        ASSERT_EQ(one.domains().size(), other.domains().size());
        for (std::size_t i = 0; i < one.domains().size(); ++i) {
            EXPECT_EQ(one.domains()[i].facts, other.domains()[i].facts);
        }
    }
}

TEST(Network, WhoAdoptsEarlyHasAlsoAdoptedLater) {
    Network network(100, 3, {});
    network.adopt(10);
    const auto early = network.adopters();
    network.adopt(50);
    for (const std::size_t domain : early) EXPECT_TRUE(network.domains()[domain].adopts);
    EXPECT_GT(network.adopters().size(), early.size());
    network.adopt(100);
    EXPECT_EQ(network.adopters().size(), network.domains().size());
}

TEST(Simulation, EveryMessageEndsSomehow) {
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const Outcome outcome = run_once(1, 50, {}, 1'000, edition);
        EXPECT_FALSE(outcome.violation.has_value());
        EXPECT_EQ(outcome.tagged.messages + outcome.plain.messages + outcome.optional.messages,
                  1'000U);
        EXPECT_GT(outcome.tagged.arrived, 0U);
        EXPECT_GT(outcome.tagged.failed, 0U);
        EXPECT_GT(outcome.tagged.reports_arrived, 0U);
        // The draft asks for no proof of the MX record, so a spoofed one leads to a fit host.
        EXPECT_EQ(outcome.tagged.intercepted > 0, edition == Edition::Draft);
    }
}

TEST(Simulation, WithoutFaultsAndWithEverybodyPreparedAllArrives) {
    const Assumptions ideal{.prepared = 100,
                            .lagging = 0,
                            .refused_connections = 0,
                            .temporary_failures = 0,
                            .failed_handshakes = 0,
                            .failed_lookups = 0,
                            .attacks = 0,
                            .crashes = 0};
    const Outcome outcome = run_once(1, 100, ideal);
    EXPECT_FALSE(outcome.violation.has_value());
    EXPECT_EQ(outcome.tagged.arrived, outcome.tagged.messages);
    EXPECT_EQ(outcome.tagged.reports, 0U);
    EXPECT_EQ(outcome.plain.arrived, outcome.plain.messages);
}

TEST(Simulation, CrashesHappenAndLoseNothing) {
    const Outcome outcome = run_once(2, 60, {.crashes = 10}, 600);
    EXPECT_FALSE(outcome.violation.has_value());
    EXPECT_GT(outcome.crashes, 50U);
}

TEST(Simulation, AttackersGetPlainMailButNoTaggedMail) {
    const Outcome outcome = run_once(3, 70, {.attacks = 40}, 1'000);
    EXPECT_FALSE(outcome.violation.has_value());
    EXPECT_GT(outcome.plain.intercepted, 0U);
    EXPECT_EQ(outcome.tagged.intercepted, 0U);
}

TEST(Simulation, ASeedRepeatsARunOctetByOctet) {
    const auto render = [](std::uint64_t seed) {
        const std::vector<Point> points = {{30, run_once(seed, 30, {.crashes = 2})}};
        const Setting setting{.servers = 30, .seed = seed, .assumptions = {}};
        return to_json(setting, points) + to_table(setting, points) + to_svg(setting, points);
    };
    EXPECT_EQ(render(4), render(4));
    EXPECT_NE(run_once(4, 30).connections, run_once(5, 30).connections);
}

// ---- the checks can fail: rules that are wrong in one way, and what sees it ----

constexpr HostVerdict fit_verdict{};

class TakesAnySession : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending&, const HostFacts&, const TlsFacts&,
                              const Greetings&) const override {
        return fit_verdict;
    }
};
class IgnoresTheLookup : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending&, const HostFacts&) const override { return fit_verdict; }
};
class UsesBogusAnswers : public IgnoresTheLookup {
  public:
    using IgnoresTheLookup::IgnoresTheLookup;
    BogusAnswers bogus_answers() const override { return BogusAnswers::Use; }
};
class DropsTheParameter : public StandardRules {
  public:
    using StandardRules::StandardRules;
    bool sends_parameter(const Sending&, const HostFacts&, const TlsFacts&,
                         const Greetings&) const override {
        return false;
    }
};
class ForgetsTheTag : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const std::vector<smtp::Parameter>&, const imf::HeaderSection&) const override {
        return Tag::None;
    }
};
class TagsTheFirstInstance : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of_instance(Tag tag, std::size_t instance) const override {
        return instance == 0 ? tag : Tag::None;
    }
};
class DropsSilently : public StandardRules {
  public:
    using StandardRules::StandardRules;
    RoundVerdict after_last_host(const Sending& sending,
                                 std::span<const HostVerdict> verdicts) const override {
        RoundVerdict verdict = StandardRules::after_last_host(sending, verdicts);
        if (verdict.fate == Fate::Bounce) verdict.fate = Fate::Drop;
        return verdict;
    }
};
class ReturnsEverything : public StandardRules {
  public:
    using StandardRules::StandardRules;
    BouncePlan plan_bounce(Tag tag, std::optional<dsn::Return>) const override {
        return {dsn::Return::Full, {}, tag};
    }
};
class LosesBounces : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        if (is_bounce(sending)) return {Fitness::Unfit, Reason::RequiretlsNotOffered};
        return StandardRules::judge_session(sending, host, tls, greetings);
    }
    RoundVerdict after_last_host(const Sending& sending,
                                 std::span<const HostVerdict> verdicts) const override {
        if (is_bounce(sending)) return {Fate::Drop, {5, 7, 30}};
        return StandardRules::after_last_host(sending, verdicts);
    }

  private:
    static bool is_bounce(const Sending& sending) {
        return sending.tag == Tag::Required && sending.reverse_path == ReversePath::Null;
    }
};

template <class WrongRules>
void expect_caught(Broken broken) {
    // More aliases and faults than usual, so that each way is gone soon.
    const Assumptions assumptions{.forwarded = 40, .lists = 20, .attacks = 5};
    const Outcome outcome = run_once<WrongRules>(1, 60, assumptions, 3'000);
    ASSERT_TRUE(outcome.violation.has_value());
    EXPECT_EQ(outcome.violation->broken, broken) << describe(outcome.violation->broken) << "\n"
                                                 << outcome.violation->story;
    EXPECT_NE(outcome.violation->story.find("submitted"), std::string::npos);
    EXPECT_FALSE(run_once(1, 60, assumptions, 3'000).violation.has_value());
}

TEST(Deviants, AnUnfitSessionIsSeen) {
    expect_caught<TakesAnySession>(Broken::UnfitHop);
}
TEST(Deviants, AnUnvouchedLookupIsSeen) {
    expect_caught<IgnoresTheLookup>(Broken::UnfitHop);
}
TEST(Deviants, ABogusAnswerIsSeen) {
    expect_caught<UsesBogusAnswers>(Broken::UnfitHop);
}
TEST(Deviants, AMissingParameterIsSeen) {
    expect_caught<DropsTheParameter>(Broken::WithoutParameter);
}
TEST(Deviants, ALostTagIsSeen) {
    expect_caught<ForgetsTheTag>(Broken::TagLost);
}
TEST(Deviants, AnInstanceWithoutItsTagIsSeen) {
    expect_caught<TagsTheFirstInstance>(Broken::TagLost);
}
TEST(Deviants, ASilentDropIsSeen) {
    expect_caught<DropsSilently>(Broken::Vanished);
}
TEST(Deviants, AReportInFullIsSeen) {
    expect_caught<ReturnsEverything>(Broken::BadReport);
}
TEST(Deviants, ADroppedReportIsSeen) {
    expect_caught<LosesBounces>(Broken::ReportDropped);
}

TEST(Render, SharesOfNothingAreNothing) {
    EXPECT_EQ(share(0, 0), 0);
    EXPECT_EQ(share(1, 4), 25);
}

}  // namespace
}  // namespace mailassay::simulate
