#include "net/next_hops.h"

#include <gtest/gtest.h>

#include <set>

#include "net/test_dns_server.h"

namespace mailassay::net {
namespace {

using requiretls::DnsSecurity;
using requiretls::HostFacts;
using requiretls::Lookup;
using requiretls::LookupFailure;
using requiretls::LookupFault;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::TlsaState;

const std::string digest(32, 'd');

class Finding : public testing::Test {
  protected:
    // A signed domain with one host that has an address and a TLSA record.
    Finding() {
        dns_->add("to.example", RecordType::Mx, {mx_rdata(10, "mx1.to.example")});
        add_host("mx1.to.example", "192.0.2.1");
        dns_->add("_25._tcp.mx1.to.example", RecordType::Tlsa, {tlsa_rdata(3, 1, 1, digest)});
    }
    void add_host(const std::string& host, const std::string& address,
                  DnsSecurity security = DnsSecurity::Secure) {
        dns_->add(host, RecordType::A, {a_rdata(address)}, security);
        dns_->set(host, RecordType::Aaaa, AnswerKind::NoData, security);
    }
    [[nodiscard]] Candidates find(const std::string& domain = "to.example") {
        const DnsNextHops next_hops(
            dns_, [this](const HttpsRequest&) { return policy_; }, settings_, clock_, random_);
        return next_hops.find(domain);
    }
    [[nodiscard]] HostFacts only_host() {
        const Candidates found = find();
        if (!found || found->size() != 1) throw std::runtime_error("not one host");
        return found->front();
    }
    [[nodiscard]] LookupFailure failure(const std::string& domain = "to.example") {
        const Candidates found = find(domain);
        if (found) throw std::runtime_error("found hosts");
        return found.error();
    }

    std::shared_ptr<MadeUpDns> dns_ = std::make_shared<MadeUpDns>();
    Result<std::string> policy_ = std::unexpected(Error{"net.https.transport"});
    DnsNextHops::Settings settings_;
    base::ManualClock clock_;
    base::SeededRandom random_{1};
};

TEST_F(Finding, EverythingAboutAGoodHost) {
    const HostFacts host = only_host();
    EXPECT_EQ(host.domain, "to.example");
    EXPECT_EQ(host.host, "mx1.to.example");
    EXPECT_EQ(host.preference, 10);
    EXPECT_EQ(host.lookup, Lookup::Mx);
    EXPECT_EQ(host.mx_security, DnsSecurity::Secure);
    EXPECT_EQ(host.sts, requiretls::StsFacts{});
    EXPECT_EQ(host.tlsa, TlsaState::Usable);
    EXPECT_EQ(host.tlsa_records, (std::vector<requiretls::TlsaRecord>{{3, 1, 1, digest}}));
    EXPECT_EQ(host.addresses, std::vector<std::string>{"192.0.2.1"});
}

TEST_F(Finding, BestFirstAndEqualsInRandomOrder) {
    dns_->add("to.example", RecordType::Mx,
              {mx_rdata(30, "d.example"), mx_rdata(20, "c.example"), mx_rdata(5, "a.example"),
               mx_rdata(20, "b.example")});
    std::set<std::string> seconds;
    for (int i = 0; i < 50; ++i) {
        const Candidates found = find();
        ASSERT_EQ(found->size(), 4U);
        EXPECT_EQ(found->front().host, "a.example");
        EXPECT_EQ(found->back().host, "d.example");
        seconds.insert((*found)[1].host);
    }
    EXPECT_EQ(seconds, (std::set<std::string>{"b.example", "c.example"}));
}

TEST_F(Finding, NoMoreHostsThanTheLimitAndTheBestOfThem) {
    settings_.max_hosts = 2;
    dns_->add("to.example", RecordType::Mx,
              {mx_rdata(3, "c.example"), mx_rdata(1, "a.example"), mx_rdata(2, "b.example")});
    const Candidates found = find();
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(1).host, "b.example");
}

TEST_F(Finding, WithoutMxTheDomainIsItsOwnHost) {
    dns_->set("to.example", RecordType::Mx, AnswerKind::NoData);
    add_host("to.example", "192.0.2.9");
    dns_->add("_25._tcp.to.example", RecordType::Tlsa, {tlsa_rdata(3, 1, 1, digest)});
    const HostFacts host = only_host();
    EXPECT_EQ(host.lookup, Lookup::Address);
    EXPECT_EQ(host.host, "to.example");
    EXPECT_EQ(host.addresses, std::vector<std::string>{"192.0.2.9"});
    EXPECT_EQ(host.tlsa, TlsaState::Usable);
}

TEST_F(Finding, WithoutMxAndAddressThereIsNobody) {
    dns_->set("to.example", RecordType::Mx, AnswerKind::NoData);
    EXPECT_EQ(failure(), LookupFailure::NoSuchDomain);
    dns_->set("to.example", RecordType::A, AnswerKind::Failure);
    dns_->set("to.example", RecordType::Aaaa, AnswerKind::Failure);
    EXPECT_EQ(failure(), LookupFailure::Temporary);
}

TEST_F(Finding, Failures) {
    EXPECT_EQ(failure("nowhere.example"), LookupFailure::NoSuchDomain);
    dns_->set("to.example", RecordType::Mx, AnswerKind::Failure, DnsSecurity::Bogus);
    EXPECT_EQ(failure(), LookupFailure::Bogus);
    dns_->set("to.example", RecordType::Mx, AnswerKind::Failure);
    EXPECT_EQ(failure(), LookupFailure::Temporary);
    dns_->add("to.example", RecordType::Mx, {mx_rdata(0, ".")});
    EXPECT_EQ(failure(), LookupFailure::NullMx);
    dns_->add("to.example", RecordType::Mx, {"x", ""});
    EXPECT_EQ(failure(), LookupFailure::NoSuchDomain);
}

TEST_F(Finding, AHostWithoutAddressStaysACandidate) {
    dns_->set("mx1.to.example", RecordType::A, AnswerKind::Failure);
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::Failure);
    EXPECT_TRUE(only_host().addresses.empty());
    EXPECT_EQ(only_host().address_fault, LookupFault::Unanswered);
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::Failure, DnsSecurity::Bogus);
    EXPECT_EQ(only_host().address_fault, LookupFault::Bogus);
    dns_->set("mx1.to.example", RecordType::A, AnswerKind::NoData);
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::NoData);
    EXPECT_EQ(only_host().address_fault, LookupFault::Missing);
}

TEST_F(Finding, ASuppressedAddressDoesNotSwitchDaneOff) {
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::Failure);
    EXPECT_EQ(only_host().tlsa, TlsaState::LookupFailed);
    EXPECT_EQ(only_host().tlsa_fault, LookupFault::Unanswered);
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::Failure, DnsSecurity::Bogus);
    EXPECT_EQ(only_host().tlsa, TlsaState::LookupFailed);
    EXPECT_EQ(only_host().tlsa_fault, LookupFault::Bogus);
    // In a zone that is not signed there is no DANE to be switched off.
    dns_->add("mx1.to.example", RecordType::A, {a_rdata("192.0.2.1")}, DnsSecurity::Insecure);
    dns_->set("mx1.to.example", RecordType::Aaaa, AnswerKind::Failure);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
}

TEST_F(Finding, UnusableAndFailedTlsa) {
    dns_->add("_25._tcp.mx1.to.example", RecordType::Tlsa,
              {tlsa_rdata(0, 0, 1, digest), tlsa_rdata(3, 1, 9, digest), "x"});
    EXPECT_EQ(only_host().tlsa, TlsaState::Unusable);
    dns_->set("_25._tcp.mx1.to.example", RecordType::Tlsa, AnswerKind::Failure);
    EXPECT_EQ(only_host().tlsa, TlsaState::LookupFailed);
    EXPECT_EQ(only_host().tlsa_fault, LookupFault::Unanswered);
    dns_->set("_25._tcp.mx1.to.example", RecordType::Tlsa, AnswerKind::Failure, DnsSecurity::Bogus);
    EXPECT_EQ(only_host().tlsa_fault, LookupFault::Bogus);
    dns_->set("_25._tcp.mx1.to.example", RecordType::Tlsa, AnswerKind::NoData);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
}

TEST_F(Finding, InsecureAnswersAreNoDane) {
    dns_->add("_25._tcp.mx1.to.example", RecordType::Tlsa, {tlsa_rdata(3, 1, 1, digest)},
              DnsSecurity::Insecure);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
}

TEST_F(Finding, InUnsignedZonesTlsaIsNotEvenAskedFor) {
    dns_->set("_25._tcp.mx1.to.example", RecordType::Tlsa, AnswerKind::Failure);
    add_host("mx1.to.example", "192.0.2.1", DnsSecurity::Insecure);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
    add_host("mx1.to.example", "192.0.2.1");
    dns_->add("to.example", RecordType::Mx, {mx_rdata(10, "mx1.to.example")},
              DnsSecurity::Insecure);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
    EXPECT_EQ(only_host().mx_security, DnsSecurity::Insecure);
}

// RFC 7672 section 2.2.2, case by case.
class AliasHost : public Finding {
  protected:
    // mx1.to.example is an alias of real.example, which has an address and no TLSA record.
    AliasHost() {
        dns_->add_alias("mx1.to.example", "real.example");
        add_host("real.example", "192.0.2.9");
    }
    void add_tlsa_of_the_target() {
        dns_->add("_25._tcp.real.example", RecordType::Tlsa, {tlsa_rdata(3, 1, 1, digest)});
    }
};

TEST_F(AliasHost, TheExpandedNameIsPreferred) {
    add_tlsa_of_the_target();
    const HostFacts host = only_host();
    EXPECT_EQ(host.host, "mx1.to.example");
    EXPECT_EQ(host.canonical_name, "real.example");
    EXPECT_EQ(host.addresses, std::vector<std::string>{"192.0.2.9"});
    EXPECT_EQ(host.tlsa, TlsaState::Usable);
    EXPECT_EQ(host.tlsa_base, "real.example");
}

TEST_F(AliasHost, WithoutRecordsThereTheNameItselfCounts) {
    EXPECT_EQ(only_host().tlsa, TlsaState::Usable);
    EXPECT_EQ(only_host().tlsa_base, "mx1.to.example");
    dns_->set("_25._tcp.mx1.to.example", RecordType::Tlsa, AnswerKind::NoName);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
    EXPECT_EQ(only_host().tlsa_base, "");
}

TEST_F(AliasHost, ASignedAliasOutOfSignedZonesSpeaksForItself) {
    add_tlsa_of_the_target();
    add_host("real.example", "192.0.2.9", DnsSecurity::Insecure);
    EXPECT_EQ(only_host().tlsa_base, "mx1.to.example");
}

TEST_F(AliasHost, AnUnsignedAliasIsNoDane) {
    add_tlsa_of_the_target();
    dns_->add_alias("mx1.to.example", "real.example", DnsSecurity::Insecure);
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
}

TEST_F(AliasHost, AFailedLookupOfOneBaseDoesNotLeadToTheOther) {
    dns_->set("_25._tcp.real.example", RecordType::Tlsa, AnswerKind::Failure, DnsSecurity::Bogus);
    EXPECT_EQ(only_host().tlsa, TlsaState::LookupFailed);
}

TEST_F(AliasHost, TheNameOfTheRecordsMayBeAnAliasItself) {
    dns_->add_alias("_25._tcp.real.example", "shared.example");
    dns_->add("shared.example", RecordType::Tlsa, {tlsa_rdata(2, 0, 1, digest)});
    const HostFacts host = only_host();
    EXPECT_EQ(host.tlsa, TlsaState::Usable);
    EXPECT_EQ(host.tlsa_base, "real.example");
    EXPECT_EQ(host.tlsa_records.front().usage, 2);
}

TEST_F(Finding, AnAliasedDomainIsKnownByBothNames) {
    dns_->add_alias("alias.example", "to.example");
    const Candidates found = find("alias.example");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->front().domain, "alias.example");
    EXPECT_EQ(found->front().canonical_domain, "to.example");
    EXPECT_EQ(found->front().host, "mx1.to.example");
}

TEST_F(Finding, TlsaBelongsToThePort) {
    settings_.port = 2525;
    EXPECT_EQ(only_host().tlsa, TlsaState::None);
    dns_->add("_2525._tcp.mx1.to.example", RecordType::Tlsa, {tlsa_rdata(3, 1, 1, digest)});
    EXPECT_EQ(only_host().tlsa, TlsaState::Usable);
}

TEST_F(Finding, WhatMtaStsSays) {
    dns_->add("_mta-sts.to.example", RecordType::Txt, {txt_rdata({"v=STSv1; id=1"})});
    EXPECT_EQ(only_host().sts.match, StsMatch::Unavailable);
    policy_ = "version: STSv1\nmode: enforce\nmx: *.to.example\nmax_age: 1\n";
    EXPECT_EQ(only_host().sts, (requiretls::StsFacts{StsMatch::Listed, StsMode::Enforce}));
    policy_ = "version: STSv1\nmode: testing\nmx: elsewhere.example\nmax_age: 1\n";
    EXPECT_EQ(only_host().sts, (requiretls::StsFacts{StsMatch::NotListed, StsMode::Testing}));
}

TEST_F(Finding, AnAddressLiteralIsItsOwnHost) {
    const Candidates found = find("[192.0.2.7]");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().host, "[192.0.2.7]");
    EXPECT_EQ(found->front().lookup, Lookup::Address);
    EXPECT_EQ(found->front().addresses, std::vector<std::string>{"192.0.2.7"});
    EXPECT_EQ(failure("[nonsense]"), LookupFailure::NoSuchDomain);
}

}  // namespace
}  // namespace mailassay::net
