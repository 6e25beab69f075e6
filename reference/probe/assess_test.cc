#include "probe/assess.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "probe/advice.h"
#include "probe/test_facts.h"

namespace mailassay::probe {
namespace {

using requiretls::Authentication;
using requiretls::CertificateFault;
using requiretls::DnsSecurity;
using requiretls::Edition;
using requiretls::Lookup;
using requiretls::LookupFailure;
using requiretls::LookupFault;
using requiretls::SessionEnd;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::StsPolicy;
using requiretls::TlsaState;
using requiretls::TlsOutcome;
using requiretls::TlsVersion;

const requiretls::StandardRules rfc(Edition::Rfc);
const requiretls::StandardRules draft(Edition::Draft);

// What is wrong with an otherwise good domain of one host, and what that comes to.
struct Example {
    const char* what;
    std::function<void(DomainProbe&, HostProbe&)> spoil;
    Outcome outcome;
    Finding finding;
    const char* problem;  // a part of the advice
    const char* fix;
};

void unsign(HostProbe& host) {
    host.facts.mx_security = DnsSecurity::Insecure;
}

void publish(DomainProbe& domain, HostProbe& host, StsMode mode, StsMatch match) {
    unsign(host);
    host.facts.sts = {match, mode};
    domain.policy.policy = StsPolicy{.mode = mode, .mx = {"mail.to.example"}};
}

void withhold(DomainProbe& domain, HostProbe& host, Error fault) {
    unsign(host);
    host.facts.sts.match = StsMatch::Unavailable;
    domain.policy.fault = std::move(fault);
}

void fail_tls(HostProbe& host, TlsOutcome outcome, const std::string& detail = {}) {
    host.session->greetings.in_tls.reset();
    host.session->tls = {.outcome = outcome, .detail = detail};
    if (outcome == TlsOutcome::HandshakeFailed) host.session->end = SessionEnd::Broken;
}

void end(HostProbe& host, SessionEnd how, const std::string& detail) {
    host.session = SessionFacts{.end = how, .address = "192.0.2.1", .detail = detail};
}

void distrust(HostProbe& host, CertificateFault fault) {
    host.session->tls.authentication = Authentication::None;
    host.session->tls.fault = fault;
    host.session->tls.detail = "words of the library";
}

requiretls::CertificateFacts dated() {
    using namespace std::chrono;
    return {.names = {"a.example", "b.example"},
            .issuer = "CN=some authority",
            .not_before = sys_seconds(sys_days(year(2030) / 5 / 1)),
            .not_after = sys_seconds(sys_days(year(2020) / 3 / 4))};
}

const std::vector<Example> examples{
    {"nothing", [](DomainProbe&, HostProbe&) {}, Outcome::GetsThrough, Finding::None, "", ""},
    {"vouched for by a policy",
     [](DomainProbe& d, HostProbe& h) { publish(d, h, StsMode::Enforce, StsMatch::Listed); },
     Outcome::GetsThrough, Finding::None, "", ""},
    {"its own host",
     [](DomainProbe&, HostProbe& h) {
         unsign(h);
         h.facts.lookup = Lookup::Address;
     },
     Outcome::GetsThrough, Finding::None, "", ""},
    {"unsigned", [](DomainProbe&, HostProbe& h) { unsign(h); }, Outcome::DoesNot,
     Finding::MxUnsigned, "no MTA-STS policy vouches",
     "sign the zone of to.example with DNSSEC, or publish an MTA-STS policy"},
    {"unsigned, policy of mode none",
     [](DomainProbe& d, HostProbe& h) { publish(d, h, StsMode::None, StsMatch::NotListed); },
     Outcome::DoesNot, Finding::MxUnsigned, "no MTA-STS policy", "mx1.to.example"},
    {"unsigned, several records",
     [](DomainProbe& d, HostProbe& h) {
         unsign(h);
         d.policy.fault = Error{"net.policy.several-records"};
     },
     Outcome::DoesNot, Finding::PolicyRecordFaulty, "more than one", "_mta-sts.to.example"},
    {"unsigned, bad record",
     [](DomainProbe& d, HostProbe& h) {
         unsign(h);
         d.policy.fault = Error{"requiretls.sts.record-syntax"};
     },
     Outcome::DoesNot, Finding::PolicyRecordFaulty, "can't be read", "exactly one TXT record"},
    {"testing",
     [](DomainProbe& d, HostProbe& h) { publish(d, h, StsMode::Testing, StsMatch::Listed); },
     Outcome::DoesNot, Finding::PolicyTesting, "testing", "mode: enforce"},
    {"not listed",
     [](DomainProbe& d, HostProbe& h) { publish(d, h, StsMode::Enforce, StsMatch::NotListed); },
     Outcome::DoesNot, Finding::PolicyNotListing, "(mail.to.example)", "\"mx: mx1.to.example\" to"},
    {"not listed and testing",
     [](DomainProbe& d, HostProbe& h) { publish(d, h, StsMode::Testing, StsMatch::NotListed); },
     Outcome::DoesNot, Finding::PolicyNotListing, "no mx pattern", "and \"mode: enforce\""},
    {"signed, and not listed",
     [](DomainProbe& d, HostProbe& h) {
         publish(d, h, StsMode::Enforce, StsMatch::NotListed);
         h.facts.mx_security = DnsSecurity::Secure;
     },
     Outcome::DoesNot, Finding::PolicyNotListing, "no mx pattern", "mx: mx1.to.example"},
    {"no policy to be had",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, {"net.https.status", 0, {}, "404"}); },
     Outcome::DoesNot, Finding::PolicyUnavailable, "HTTP status 404",
     "https://mta-sts.to.example/.well-known/mta-sts.txt"},
    {"policy host without address",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"net.https.address"}); },
     Outcome::DoesNot, Finding::PolicyUnavailable, "has no address", "mend"},
    {"policy of another type",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"net.https.media-type"}); },
     Outcome::DoesNot, Finding::PolicyUnavailable, "text/plain", "mend"},
    {"policy host not trusted",
     [](DomainProbe& d, HostProbe& h) {
         withhold(d, h, {"net.https.transport", 0, {}, "certificate has expired"});
     },
     Outcome::DoesNot, Finding::PolicyUnavailable, "certificate has expired", "mend"},
    {"malformed policy",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"requiretls.sts.mode"}); },
     Outcome::DoesNot, Finding::PolicyUnavailable, "faulty: requiretls.sts.mode", "mend"},
    {"slow policy host",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"net.https.timeout"}); },
     Outcome::Undetermined, Finding::PolicyUnavailable, "in time", "mend"},
    {"policy record unanswered",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"net.policy.record-unanswered"}); },
     Outcome::Undetermined, Finding::PolicyUnanswered, "_mta-sts.to.example", "TXT"},
    {"policy record bogus",
     [](DomainProbe& d, HostProbe& h) { withhold(d, h, Error{"net.policy.record-bogus"}); },
     Outcome::DoesNot, Finding::PolicyRecordBogus, "_mta-sts.to.example do not hold", "DS record"},
    {"unsigned for all we know",
     [](DomainProbe& d, HostProbe& h) {
         unsign(h);
         d.validation = Validation::NoTrustAnchor;
     },
     Outcome::Undetermined, Finding::NotValidatedHere, "trust anchor", "--trust-anchor-file"},
    {"not authenticated for all we know",
     [](DomainProbe& d, HostProbe& h) {
         publish(d, h, StsMode::Enforce, StsMatch::Listed);
         distrust(h, CertificateFault::SelfSigned);
         d.validation = Validation::NoTrustAnchor;
     },
     Outcome::Undetermined, Finding::NotValidatedHere, "trust anchor", "--trust-anchor-file"},
    {"no address",
     [](DomainProbe&, HostProbe& h) {
         h.facts.addresses.clear();
         h.facts.address_fault = LookupFault::Missing;
     },
     Outcome::DoesNot, Finding::AddressMissing, "mx1.to.example has no address", "A or AAAA"},
    {"address bogus",
     [](DomainProbe&, HostProbe& h) {
         h.facts.addresses.clear();
         h.facts.address_fault = LookupFault::Bogus;
     },
     Outcome::DoesNot, Finding::AddressBogus, "addresses of mx1.to.example do not hold", "sign"},
    {"address unanswered",
     [](DomainProbe&, HostProbe& h) {
         h.facts.addresses.clear();
         h.facts.address_fault = LookupFault::Unanswered;
     },
     Outcome::Undetermined, Finding::AddressUnanswered, "no answer", "A and AAAA"},
    {"one kind of address bogus",
     [](DomainProbe&, HostProbe& h) {
         h.facts.address_fault = LookupFault::Bogus;
         h.facts.tlsa = TlsaState::LookupFailed;
         h.facts.tlsa_fault = LookupFault::Bogus;
     },
     Outcome::DoesNot, Finding::AddressBogus, "addresses of mx1.to.example", "sign"},
    {"one kind of address unanswered",
     [](DomainProbe&, HostProbe& h) {
         h.facts.address_fault = LookupFault::Unanswered;
         h.facts.tlsa = TlsaState::LookupFailed;
         h.facts.tlsa_fault = LookupFault::Unanswered;
     },
     Outcome::Undetermined, Finding::AddressUnanswered, "no answer", "A and AAAA"},
    {"TLSA bogus",
     [](DomainProbe&, HostProbe& h) {
         h.facts.tlsa = TlsaState::LookupFailed;
         h.facts.tlsa_fault = LookupFault::Bogus;
     },
     Outcome::DoesNot, Finding::TlsaBogus, "TLSA records of mx1.to.example does not hold",
     "_25._tcp.mx1.to.example"},
    {"TLSA unanswered",
     [](DomainProbe&, HostProbe& h) {
         h.facts.tlsa = TlsaState::LookupFailed;
         h.facts.tlsa_fault = LookupFault::Unanswered;
     },
     Outcome::Undetermined, Finding::TlsaUnanswered, "no answer", "_25._tcp.mx1.to.example"},
    {"not through in time", [](DomainProbe&, HostProbe& h) { h.session.reset(); },
     Outcome::Undetermined, Finding::TimeLimit, "time limit", "--timeout"},
    {"no connection",
     [](DomainProbe&, HostProbe& h) { end(h, SessionEnd::NoConnection, "192.0.2.1:25: refused"); },
     Outcome::Undetermined, Finding::ConnectionFailed, "192.0.2.1:25: refused", "firewalls"},
    {"refused for now",
     [](DomainProbe&, HostProbe& h) {
         end(h, SessionEnd::Refused, "450 later");
         h.session->refusal = smtp::make_reply(450, "later");
     },
     Outcome::Undetermined, Finding::SessionRefused, "450 later", "220"},
    {"refused for good",
     [](DomainProbe&, HostProbe& h) {
         end(h, SessionEnd::Refused, "554 never");
         h.session->refusal = smtp::make_reply(554, "never");
     },
     Outcome::DoesNot, Finding::SessionRefused, "554 never", "220"},
    {"silent", [](DomainProbe&, HostProbe& h) { end(h, SessionEnd::Silent, ""); },
     Outcome::Undetermined, Finding::SessionSilent, "too long", "--timeout"},
    {"broken", [](DomainProbe&, HostProbe& h) { end(h, SessionEnd::Broken, "closed"); },
     Outcome::DoesNot, Finding::SessionBroken, "broke: closed", "EHLO, STARTTLS, EHLO, QUIT"},
    {"no STARTTLS", [](DomainProbe&, HostProbe& h) { fail_tls(h, TlsOutcome::NotOffered); },
     Outcome::DoesNot, Finding::StarttlsNotOffered, "STARTTLS is not offered",
     "smtpd_tls_security_level"},
    {"STARTTLS refused",
     [](DomainProbe&, HostProbe& h) { fail_tls(h, TlsOutcome::Refused, "454 4.7.0 no key"); },
     Outcome::DoesNot, Finding::StarttlsRefused, "refused: 454 4.7.0 no key", "log"},
    {"STARTTLS answered by silence",
     [](DomainProbe&, HostProbe& h) {
         fail_tls(h, TlsOutcome::HandshakeFailed);
         h.session->end = SessionEnd::Silent;
     },
     Outcome::Undetermined, Finding::SessionSilent, "too long", "--timeout"},
    {"handshake fails",
     [](DomainProbe&, HostProbe& h) { fail_tls(h, TlsOutcome::HandshakeFailed, "alert"); },
     Outcome::DoesNot, Finding::HandshakeFailed, "fails: alert", "TLS 1.2 or 1.3"},
    {"TLS 1.1", [](DomainProbe&, HostProbe& h) { h.session->tls.version = TlsVersion::Tls11; },
     Outcome::DoesNot, Finding::TlsTooOld, "TLS 1.1 is the newest", "enable TLS 1.2"},
    {"no TLSA match",
     [](DomainProbe&, HostProbe& h) {
         h.facts.tlsa = TlsaState::Usable;
         h.facts.tlsa_base = "real.example";
         distrust(h, CertificateFault::NoTlsaMatch);
     },
     Outcome::DoesNot, Finding::TlsaMismatch, "no TLSA record matches",
     "_25._tcp.real.example (3 1 1"},
    {"a trust chain where DANE applies",
     [](DomainProbe&, HostProbe& h) { h.facts.tlsa = TlsaState::Usable; }, Outcome::DoesNot,
     Finding::TlsaMismatch, "no TLSA record matches", "_25._tcp.mx1.to.example"},
    {"expired",
     [](DomainProbe&, HostProbe& h) {
         distrust(h, CertificateFault::Expired);
         h.session->tls.certificate = dated();
     },
     Outcome::DoesNot, Finding::CertificateExpired, "expired on 2020-03-04", "renew"},
    {"not yet valid",
     [](DomainProbe&, HostProbe& h) {
         distrust(h, CertificateFault::NotYetValid);
         h.session->tls.certificate = dated();
     },
     Outcome::DoesNot, Finding::CertificateNotYetValid, "not valid before 2030-05-01", "clock"},
    {"wrong name",
     [](DomainProbe&, HostProbe& h) {
         distrust(h, CertificateFault::WrongName);
         h.session->tls.certificate = dated();
     },
     Outcome::DoesNot, Finding::CertificateWrongName,
     "for a.example, b.example, not for mx1.to.example", "subjectAltName mx1.to.example"},
    {"self-signed", [](DomainProbe&, HostProbe& h) { distrust(h, CertificateFault::SelfSigned); },
     Outcome::DoesNot, Finding::CertificateSelfSigned, "self-signed", "_25._tcp.mx1.to.example"},
    {"unknown authority",
     [](DomainProbe&, HostProbe& h) { distrust(h, CertificateFault::UnknownAuthority); },
     Outcome::DoesNot, Finding::CertificateUnknownAuthority, "issuer CN=an authority",
     "intermediate certificates"},
    {"weak", [](DomainProbe&, HostProbe& h) { distrust(h, CertificateFault::Other); },
     Outcome::DoesNot, Finding::CertificateUnfit, "words of the library", "RSA 2048"},
    {"no REQUIRETLS",
     [](DomainProbe&, HostProbe& h) { h.session->greetings.in_tls = capabilities({"SIZE"}); },
     Outcome::DoesNot, Finding::RequiretlsNotOffered, "not offered after STARTTLS",
     "requiretls_enable"},
    {"REQUIRETLS in plaintext alone",
     [](DomainProbe&, HostProbe& h) {
         h.session->greetings.in_plaintext = capabilities({"STARTTLS", "REQUIRETLS"});
         h.session->greetings.in_tls = capabilities({"SIZE"});
     },
     Outcome::DoesNot, Finding::RequiretlsOnlyInPlaintext, "in plaintext", "second EHLO"},
    {"second EHLO refused",
     [](DomainProbe&, HostProbe& h) {
         h.session->greetings.in_tls.reset();
         h.session->end = SessionEnd::Refused;
         h.session->refusal = smtp::make_reply(550, "no");
         h.session->detail = "550 no";
     },
     Outcome::DoesNot, Finding::SessionRefused, "550 no", "EHLO with 250"},
    {"second EHLO unanswered",
     [](DomainProbe&, HostProbe& h) {
         h.session->greetings.in_tls.reset();
         h.session->end = SessionEnd::Silent;
     },
     Outcome::Undetermined, Finding::SessionSilent, "too long", "--timeout"},
};

class EachExample : public testing::TestWithParam<Example> {};

TEST_P(EachExample, HasItsFindingAndItsAdvice) {
    const Example& example = GetParam();
    HostProbe host = good_host();
    DomainProbe domain;
    domain.domain = "to.example";
    example.spoil(domain, host);
    domain.hosts = std::vector{host};

    const HostAssessment found = assess_host(rfc, domain, host);
    EXPECT_EQ(name_of(found.outcome), name_of(example.outcome));
    EXPECT_EQ(name_of(found.finding), name_of(example.finding));
    EXPECT_EQ(assess(rfc, domain).outcome, example.outcome);

    const Advice advice = advise(domain, host, found.finding);
    EXPECT_EQ(advice.problem.empty(), found.finding == Finding::None);
    EXPECT_EQ(advice.fix.empty(), found.finding == Finding::None);
    EXPECT_NE(advice.problem.find(example.problem), std::string::npos) << advice.problem;
    EXPECT_NE(advice.fix.find(example.fix), std::string::npos) << advice.fix;
}

std::string name_of_example(const testing::TestParamInfo<Example>& info) {
    std::string name = info.param.what;
    std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
    return name;
}

INSTANTIATE_TEST_SUITE_P(Assess, EachExample, testing::ValuesIn(examples), name_of_example);

TEST(Assess, EveryFindingHasAnExample) {
    std::set<Finding> seen{Finding::NoSuchDomain, Finding::NullMx, Finding::MxBogus,
                           Finding::MxUnanswered};  // WithoutHosts
    for (const Example& example : examples) seen.insert(example.finding);
    std::set<std::string_view> names;
    for (const Finding finding : all_findings()) {
        EXPECT_TRUE(seen.contains(finding)) << name_of(finding);
        names.insert(name_of(finding));
    }
    EXPECT_EQ(seen.size(), all_findings().size());
    EXPECT_EQ(names.size(), all_findings().size());
}

TEST(Assess, WithoutHosts) {
    const std::vector<std::tuple<LookupFailure, Outcome, Finding>> expected{
        {LookupFailure::NoSuchDomain, Outcome::DoesNot, Finding::NoSuchDomain},
        {LookupFailure::NullMx, Outcome::DoesNot, Finding::NullMx},
        {LookupFailure::Bogus, Outcome::DoesNot, Finding::MxBogus},
        {LookupFailure::Temporary, Outcome::Undetermined, Finding::MxUnanswered}};
    for (const auto& [failure, outcome, finding] : expected) {
        const DomainAssessment found = assess(rfc, failed(failure));
        EXPECT_EQ(found.outcome, outcome) << name_of(finding);
        EXPECT_EQ(name_of(found.finding), name_of(finding));
        EXPECT_TRUE(found.hosts.empty());
        const Advice advice = advise(failed(failure), found.finding);
        EXPECT_NE(advice.problem.find("to.example"), std::string::npos);
        EXPECT_FALSE(advice.fix.empty());
    }
}

// A resolver that strips signatures makes every signed zone look forged.
TEST(Assess, WhatSeemsForgedWhereNothingValidatesIsHeldAgainstNobody) {
    DomainProbe domain = failed(LookupFailure::Bogus);
    domain.validation = Validation::NoSignatures;
    const DomainAssessment found = assess(rfc, domain);
    EXPECT_EQ(found.outcome, Outcome::Undetermined);
    EXPECT_EQ(name_of(found.finding), "not-validated-here");
    EXPECT_NE(advise(domain, found.finding).fix.find("--resolver"), std::string::npos);

    HostProbe host = good_host();
    host.facts.addresses.clear();
    host.facts.address_fault = LookupFault::Bogus;
    EXPECT_EQ(assess_host(rfc, domain, host).finding, Finding::NotValidatedHere);
    host = good_host();
    host.facts.tlsa = TlsaState::LookupFailed;
    host.facts.tlsa_fault = LookupFault::Bogus;
    EXPECT_EQ(assess_host(rfc, domain, host).outcome, Outcome::Undetermined);
    EXPECT_EQ(assess_host(rfc, domain, host).finding, Finding::NotValidatedHere);
}

TEST(Assess, TheTimeLimitBeforeAnyHostIsKnown) {
    DomainProbe domain;
    domain.domain = "to.example";
    const DomainAssessment found = assess(rfc, domain);
    EXPECT_EQ(found.outcome, Outcome::Undetermined);
    EXPECT_EQ(found.finding, Finding::TimeLimit);
    EXPECT_NE(advise(domain, found.finding).fix.find("--timeout"), std::string::npos);
}

TEST(Assess, TheDraftAsksForNoProofOfTheLookup) {
    HostProbe host = good_host();
    unsign(host);
    EXPECT_EQ(assess(draft, domain_of({host})).outcome, Outcome::GetsThrough);
    EXPECT_EQ(assess(rfc, domain_of({host})).outcome, Outcome::DoesNot);
}

TEST(Assess, DaneIsEnough) {
    HostProbe host = good_host();
    host.facts.tlsa = TlsaState::Usable;
    host.session->tls.authentication = Authentication::Dane;
    EXPECT_EQ(assess(rfc, domain_of({host})).outcome, Outcome::GetsThrough);
}

TEST(Assess, OneHostIsEnoughWhateverTheOthersAre) {
    HostProbe unknown = good_host("mx0.to.example");
    unknown.session.reset();
    HostProbe plain = good_host("mx2.to.example");
    fail_tls(plain, TlsOutcome::NotOffered);
    const DomainAssessment found = assess(rfc, domain_of({unknown, plain, good_host()}));
    EXPECT_EQ(found.outcome, Outcome::GetsThrough);
    EXPECT_EQ(found.through, 2U);
    EXPECT_EQ(found.nearest, std::nullopt);
    EXPECT_EQ(found.hosts.size(), 3U);
}

TEST(Assess, AHostThatIsNotKnownKeepsItOpen) {
    HostProbe unknown = good_host();
    unknown.session.reset();
    HostProbe plain = good_host("mx2.to.example");
    fail_tls(plain, TlsOutcome::NotOffered);
    EXPECT_EQ(assess(rfc, domain_of({plain, unknown})).outcome, Outcome::Undetermined);
    EXPECT_EQ(assess(rfc, domain_of({plain})).outcome, Outcome::DoesNot);
}

TEST(Assess, TheNearestHostIsTheOneThatGotFurthest) {
    HostProbe plain = good_host();
    fail_tls(plain, TlsOutcome::NotOffered);
    HostProbe almost = good_host("mx2.to.example");
    almost.session->greetings.in_tls = capabilities({"SIZE"});
    HostProbe expired = good_host("mx3.to.example");
    distrust(expired, CertificateFault::Expired);
    EXPECT_EQ(assess(rfc, domain_of({plain, almost, expired})).nearest, 1U);
    EXPECT_EQ(assess(rfc, domain_of({plain, plain})).nearest, 0U);
}

TEST(Advice, WordsOfPeersAreEscapedAndCut) {
    HostProbe host = good_host();
    distrust(host, CertificateFault::WrongName);
    host.session->tls.certificate->names = {"\x1b[2J\r\nmx", std::string(5000, 'x'), "c", "d"};
    const DomainProbe domain = domain_of({host});
    const std::string problem = advise(domain, host, Finding::CertificateWrongName).problem;
    EXPECT_NE(problem.find("\\x1b[2J\\r\\nmx"), std::string::npos);
    EXPECT_LT(problem.size(), 500U);
    end(host, SessionEnd::Refused, "554 \x07" + std::string(5000, 'y'));
    const std::string refusal = advise(domain, host, Finding::SessionRefused).problem;
    EXPECT_NE(refusal.find("554 \\x07y"), std::string::npos);
    EXPECT_LT(refusal.size(), 300U);
}

}  // namespace
}  // namespace mailassay::probe
