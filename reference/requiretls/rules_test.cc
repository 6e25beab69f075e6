#include "requiretls/rules.h"

#include <gtest/gtest.h>

// What StandardRules decides about a next hop and a session, as a table of examples. Receipt and
// bounces are in rules_receipt_test.cc.
namespace mailassay::requiretls {
namespace {

constexpr Sending required{Tag::Required, ReversePath::Sender};
constexpr Sending bounce{Tag::Required, ReversePath::Null};
constexpr Sending optional{Tag::Optional, ReversePath::Sender};
constexpr Sending ordinary{Tag::None, ReversePath::Sender};

constexpr HostVerdict fit{};

HostVerdict unfit(Reason reason) {
    return {Fitness::Unfit, reason};
}
HostVerdict later(Reason reason) {
    return {Fitness::NotForNow, reason};
}

smtp::Capabilities offering(std::vector<std::string> keywords) {
    smtp::Reply reply{250, std::nullopt, {"host.example"}};
    reply.lines.insert(reply.lines.end(), keywords.begin(), keywords.end());
    return smtp::Capabilities::from_ehlo(reply);
}

// A signed MX, DANE that matches, REQUIRETLS in TLS.
HostFacts good_host() {
    HostFacts host;
    host.domain = "to.example";
    host.host = "mx1.to.example";
    host.mx_security = DnsSecurity::Secure;
    host.tlsa = TlsaState::Usable;
    host.tlsa_records = {{3, 1, 1, std::string(32, 'x')}};
    host.addresses = {"192.0.2.1"};
    return host;
}
HostFacts unsigned_host(StsFacts sts = {}) {
    HostFacts host = good_host();
    host.mx_security = DnsSecurity::Insecure;
    host.tlsa = TlsaState::None;
    host.tlsa_records.clear();
    host.sts = sts;
    return host;
}
TlsFacts good_tls(Authentication authentication = Authentication::Dane) {
    return {TlsOutcome::Established, TlsVersion::Tls13, "TLS_AES_128_GCM_SHA256", authentication};
}
TlsFacts no_tls(TlsOutcome outcome) {
    TlsFacts tls;
    tls.outcome = outcome;
    return tls;
}
Greetings good_greetings() {
    return {offering({"STARTTLS"}), offering({"REQUIRETLS"})};
}

class EachEdition : public testing::TestWithParam<Edition> {
  protected:
    StandardRules rules{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Rules, EachEdition, testing::Values(Edition::Draft, Edition::Rfc),
                         [](const auto& instance) {
                             return instance.param == Edition::Rfc ? "Rfc" : "Draft";
                         });

TEST_P(EachEdition, AGoodHostIsFitAndGetsTheParameter) {
    EXPECT_EQ(rules.judge_host(required, good_host()), fit);
    EXPECT_EQ(rules.plan_tls(required, good_host()),
              (TlsPlan{TlsUse::Require, WithoutTls::GiveUpHost}));
    EXPECT_EQ(rules.judge_session(required, good_host(), good_tls(), good_greetings()), fit);
    EXPECT_TRUE(rules.sends_parameter(required, good_host(), good_tls(), good_greetings()));
}

TEST(Lookup, AnUnsignedMxNeedsMtaSts) {
    const StandardRules rules(Edition::Rfc);
    const auto judge = [&](StsMatch match, StsMode mode) {
        return rules.judge_host(required, unsigned_host({match, mode}));
    };
    EXPECT_EQ(judge(StsMatch::NoPolicy, StsMode::None), unfit(Reason::LookupNotValidated));
    EXPECT_EQ(judge(StsMatch::Listed, StsMode::Enforce), fit);
    EXPECT_EQ(judge(StsMatch::Listed, StsMode::Testing), unfit(Reason::LookupNotValidated));
    EXPECT_EQ(judge(StsMatch::Listed, StsMode::None), unfit(Reason::LookupNotValidated));
    EXPECT_NE(judge(StsMatch::NotListed, StsMode::Enforce).fitness, Fitness::Fit);
    EXPECT_EQ(judge(StsMatch::NotListed, StsMode::Testing), unfit(Reason::LookupNotValidated));
    EXPECT_NE(judge(StsMatch::Unavailable, StsMode::None).fitness, Fitness::Fit);
}

TEST(Lookup, TheDraftAsksForNoProof) {
    EXPECT_EQ(StandardRules(Edition::Draft).judge_host(required, unsigned_host()), fit);
}

TEST_P(EachEdition, ADomainWithoutMxIsItsOwnHost) {
    HostFacts host = unsigned_host();
    host.lookup = Lookup::Address;
    EXPECT_EQ(rules.judge_host(required, host), fit);
}

TEST_P(EachEdition, ABogusMxVouchesForNothing) {
    HostFacts host = unsigned_host();
    host.mx_security = DnsSecurity::Bogus;
    if (GetParam() == Edition::Rfc) {
        EXPECT_EQ(rules.judge_host(required, host), unfit(Reason::LookupNotValidated));
    }
    EXPECT_EQ(rules.bogus_answers(), BogusAnswers::Refuse);
}

TEST_P(EachEdition, AFailedTlsaLookupMakesAHostUnreachable) {
    HostFacts host = good_host();
    host.tlsa = TlsaState::LookupFailed;
    EXPECT_EQ(rules.judge_host(required, host), later(Reason::PolicyNotMet));
    EXPECT_EQ(rules.judge_host(ordinary, host), later(Reason::PolicyNotMet));
    EXPECT_EQ(rules.judge_host(optional, host), fit);
}

TEST_P(EachEdition, WithoutTlsNoTaggedMessage) {
    for (const TlsOutcome outcome : {TlsOutcome::NotTried, TlsOutcome::NotOffered,
                                     TlsOutcome::Refused, TlsOutcome::HandshakeFailed}) {
        const Greetings greetings{offering({"REQUIRETLS"}), std::nullopt};
        EXPECT_EQ(rules.judge_session(required, good_host(), no_tls(outcome), greetings),
                  unfit(Reason::TlsUnavailable));
        EXPECT_FALSE(rules.sends_parameter(required, good_host(), no_tls(outcome), greetings));
    }
}

TEST_P(EachEdition, OldTlsIsNoTls) {
    for (const TlsVersion version : {TlsVersion::None, TlsVersion::Tls10, TlsVersion::Tls11}) {
        TlsFacts tls = good_tls();
        tls.version = version;
        EXPECT_EQ(rules.judge_session(required, good_host(), tls, good_greetings()),
                  unfit(Reason::TlsTooOld));
    }
}

TEST_P(EachEdition, UsableTlsaRecordsDecide) {
    const auto judge = [&](Authentication authentication) {
        return rules.judge_session(required, good_host(), good_tls(authentication),
                                   good_greetings());
    };
    EXPECT_EQ(judge(Authentication::Dane), fit);
    EXPECT_EQ(judge(Authentication::Pkix), unfit(Reason::NotAuthenticated));
    EXPECT_EQ(judge(Authentication::None), unfit(Reason::NotAuthenticated));
}

TEST_P(EachEdition, WithoutUsableTlsaATrustChainDoes) {
    for (const TlsaState state : {TlsaState::None, TlsaState::Unusable}) {
        HostFacts host = good_host();
        host.tlsa = state;
        host.tlsa_records.clear();
        const auto judge = [&](Authentication authentication) {
            return rules.judge_session(required, host, good_tls(authentication), good_greetings());
        };
        EXPECT_EQ(judge(Authentication::Pkix), fit);
        EXPECT_EQ(judge(Authentication::None), unfit(Reason::NotAuthenticated));
    }
}

TEST_P(EachEdition, OnlyTheEhloInTlsCounts) {
    const auto judge = [&](const Greetings& greetings) {
        return rules.judge_session(required, good_host(), good_tls(), greetings);
    };
    const auto plain = offering({"STARTTLS", "REQUIRETLS"});
    EXPECT_EQ(judge({plain, offering({"SIZE 10"})}), unfit(Reason::RequiretlsNotOffered));
    EXPECT_EQ(judge({plain, std::nullopt}), unfit(Reason::RequiretlsNotOffered));
    EXPECT_EQ(judge({offering({"STARTTLS"}), offering({"requiretls"})}), fit);
}

TEST_P(EachEdition, UnfitHostsAreLeftWithQuitForTheNext) {
    EXPECT_EQ(rules.farewell(unfit(Reason::NotAuthenticated)), Farewell::Quit);
    EXPECT_EQ(rules.after_host(required, unfit(Reason::TlsUnavailable)), AfterHost::NextHost);
    std::vector<HostFacts> hosts(3, good_host());
    hosts[1].host = "mx2.to.example";
    EXPECT_EQ(rules.candidates(required, hosts), hosts);
}

TEST_P(EachEdition, AfterTheLastHost) {
    const auto after = [&](std::vector<HostVerdict> verdicts) {
        return rules.after_last_host(required, verdicts);
    };
    const RoundVerdict for_want_of_tls{Fate::Bounce, {5, 7, 10}};
    const RoundVerdict for_want_of_requiretls{Fate::Bounce, {5, 7, 30}};
    EXPECT_EQ(after({unfit(Reason::TlsUnavailable)}), for_want_of_tls);
    EXPECT_EQ(after({unfit(Reason::LookupNotValidated)}), for_want_of_tls);
    EXPECT_EQ(after({unfit(Reason::NotAuthenticated), unfit(Reason::TlsTooOld)}), for_want_of_tls);
    EXPECT_EQ(after({unfit(Reason::RequiretlsNotOffered)}), for_want_of_requiretls);
    EXPECT_EQ(after({unfit(Reason::TlsUnavailable), unfit(Reason::RequiretlsNotOffered)}),
              for_want_of_requiretls);
}

TEST_P(EachEdition, AHostThatMayDoLaterDefersTheBounce) {
    const std::vector<HostVerdict> verdicts = {unfit(Reason::TlsUnavailable),
                                               later(Reason::ConnectionFailed)};
    EXPECT_EQ(rules.after_last_host(required, verdicts), (RoundVerdict{Fate::Defer, {4, 7, 0}}));
    for (const Sending sending : {required, bounce, optional, ordinary}) {
        EXPECT_EQ(rules.after_last_host(sending, std::span(verdicts).subspan(1)),
                  (RoundVerdict{Fate::Defer, {4, 4, 1}}));
    }
}

TEST_P(EachEdition, FailedLookups) {
    for (const Sending sending : {required, bounce, optional, ordinary}) {
        EXPECT_EQ(rules.judge_failed_lookup(sending, LookupFailure::Temporary),
                  (RoundVerdict{Fate::Defer, {4, 4, 3}}));
        EXPECT_EQ(rules.judge_failed_lookup(sending, LookupFailure::NoSuchDomain),
                  (RoundVerdict{Fate::Bounce, {5, 1, 2}}));
        EXPECT_EQ(rules.judge_failed_lookup(sending, LookupFailure::NullMx),
                  (RoundVerdict{Fate::Bounce, {5, 1, 10}}));
    }
}

TEST_P(EachEdition, ABounceTakesWhatTlsThereIs) {
    const HostFacts host = unsigned_host();
    EXPECT_EQ(rules.judge_host(bounce, host), fit);
    EXPECT_EQ(rules.plan_tls(bounce, host), (TlsPlan{TlsUse::Try, WithoutTls::Plaintext}));
    const Greetings greetings{offering({}), std::nullopt};
    EXPECT_EQ(rules.judge_session(bounce, host, no_tls(TlsOutcome::NotOffered), greetings), fit);
    EXPECT_FALSE(rules.sends_parameter(bounce, host, no_tls(TlsOutcome::NotOffered), greetings));
    EXPECT_EQ(rules.after_last_host(bounce, {}).fate, Fate::Defer);
}

TEST_P(EachEdition, ABounceGetsTheParameterWhereTheHopDeservesIt) {
    EXPECT_TRUE(rules.sends_parameter(bounce, good_host(), good_tls(), good_greetings()));
    EXPECT_FALSE(rules.sends_parameter(bounce, good_host(), good_tls(Authentication::None),
                                       good_greetings()));
    EXPECT_FALSE(rules.sends_parameter(bounce, good_host(), good_tls(),
                                       {offering({"REQUIRETLS"}), offering({})}));
}

TEST_P(EachEdition, OptionalMailIgnoresPoliciesAndTriesTls) {
    HostFacts host = good_host();
    host.sts = {StsMatch::NotListed, StsMode::Enforce};
    EXPECT_EQ(rules.judge_host(optional, host), fit);
    EXPECT_EQ(rules.plan_tls(optional, host), (TlsPlan{TlsUse::Try, WithoutTls::Plaintext}));
    for (const TlsOutcome outcome :
         {TlsOutcome::NotOffered, TlsOutcome::Refused, TlsOutcome::HandshakeFailed}) {
        EXPECT_EQ(rules.judge_session(optional, host, no_tls(outcome), {}), fit);
    }
    EXPECT_EQ(rules.judge_session(optional, host, good_tls(Authentication::None), good_greetings()),
              fit);
    EXPECT_FALSE(rules.sends_parameter(optional, host, good_tls(), good_greetings()));
}

TEST_P(EachEdition, ARefusalOfMailIsTakenAtItsWord) {
    EXPECT_EQ(rules.after_refusal(optional, smtp::make_reply(530, {5, 7, 0}, "STARTTLS first")),
              Fate::Bounce);
    EXPECT_EQ(rules.after_refusal(optional, smtp::make_reply(451, {4, 7, 0}, "later")),
              Fate::Defer);
}

TEST_P(EachEdition, OrdinaryMailHonoursDane) {
    const HostFacts host = good_host();
    EXPECT_EQ(rules.plan_tls(ordinary, host), (TlsPlan{TlsUse::Require, WithoutTls::GiveUpHost}));
    EXPECT_EQ(rules.judge_session(ordinary, host, no_tls(TlsOutcome::NotOffered), {}),
              later(Reason::TlsUnavailable));
    EXPECT_EQ(rules.judge_session(ordinary, host, good_tls(Authentication::None), {}),
              later(Reason::NotAuthenticated));
    EXPECT_EQ(rules.judge_session(ordinary, host, good_tls(), {}), fit);
}

TEST_P(EachEdition, SecureButUnusableTlsaMeansTlsWithoutAuthentication) {
    HostFacts host = good_host();
    host.tlsa = TlsaState::Unusable;
    EXPECT_EQ(rules.plan_tls(ordinary, host).use, TlsUse::Require);
    EXPECT_EQ(rules.judge_session(ordinary, host, good_tls(Authentication::None), {}), fit);
}

TEST_P(EachEdition, OrdinaryMailHonoursMtaStsInForce) {
    HostFacts host = unsigned_host({StsMatch::Listed, StsMode::Enforce});
    EXPECT_EQ(rules.judge_host(ordinary, host), fit);
    EXPECT_EQ(rules.judge_session(ordinary, host, good_tls(Authentication::None), {}),
              later(Reason::NotAuthenticated));
    host.sts.match = StsMatch::NotListed;
    EXPECT_EQ(rules.judge_host(ordinary, host), later(Reason::PolicyNotMet));
    host.sts.mode = StsMode::Testing;
    EXPECT_EQ(rules.judge_host(ordinary, host), fit);
    EXPECT_EQ(rules.plan_tls(ordinary, host), (TlsPlan{TlsUse::Try, WithoutTls::Plaintext}));
}

TEST_P(EachEdition, OrdinaryMailIsNeverTagged) {
    EXPECT_FALSE(rules.sends_parameter(ordinary, good_host(), good_tls(), good_greetings()));
    EXPECT_EQ(rules.after_last_host(ordinary, {}).fate, Fate::Defer);
}

}  // namespace
}  // namespace mailassay::requiretls
