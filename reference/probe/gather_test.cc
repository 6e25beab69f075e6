#include "probe/gather.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

#include "mta/test_peers.h"
#include "probe/assess.h"
#include "probe/render.h"

namespace mailassay::probe {
namespace {

using requiretls::Edition;
using requiretls::LookupFailure;
using requiretls::SessionEnd;
using requiretls::TlsOutcome;

const requiretls::StandardRules rules(Edition::Rfc);

net::Deadline soon() {
    return net::after(std::chrono::seconds(30));
}

class Probing : public testing::Test {
  protected:
    Probing() { settings_.helo = "probe.example"; }
    [[nodiscard]] DomainProbe probe(mta::Connector& connector) {
        Gathering gathering({.next_hops = next_hops_,
                             .policy_of = [this](const std::string&) { return policy_; },
                             .validation = [] { return Validation::On; },
                             .connector = connector,
                             .links = links_},
                            settings_, "b.example");
        DomainProbe found = gathering.until(soon());
        EXPECT_TRUE(gathering.is_complete());
        return found;
    }
    [[nodiscard]] SessionFacts session_with(const mta::PeerPlan& plan) {
        mta::Peers peers;
        peers.at("192.0.2.1") = plan;
        next_hops_.add("b.example", {mta::make_host("mx1.b.example", "192.0.2.1")});
        const DomainProbe found = probe(peers);
        said_ = peers.conversations("192.0.2.1").front()->said;
        return found.hosts->value().front().session.value();
    }

    mta::MadeUpNextHops next_hops_;
    net::DomainPolicy policy_;
    mta::LinkRegistry links_;
    mta::ClientSettings settings_;
    std::string said_;
};

TEST_F(Probing, SaysFourThingsToAGoodHost) {
    const SessionFacts session = session_with({});
    EXPECT_TRUE(session.is_alive());
    EXPECT_EQ(session.address, "192.0.2.1");
    EXPECT_EQ(session.tls.outcome, TlsOutcome::Established);
    EXPECT_TRUE(session.greetings.in_plaintext.has("STARTTLS"));
    EXPECT_TRUE(session.greetings.in_tls->has("REQUIRETLS"));
    EXPECT_EQ(said_, "EHLO probe.example\r\nSTARTTLS\r\nEHLO probe.example\r\nQUIT\r\n");
}

TEST_F(Probing, WhatPeersDoIsAFact) {
    const auto end_with = [&](mta::Greeting greeting) {
        return session_with({.greeting = greeting}).end;
    };
    EXPECT_EQ(end_with(mta::Greeting::Refused), SessionEnd::Refused);
    EXPECT_EQ(said_, "QUIT\r\n");
    EXPECT_EQ(end_with(mta::Greeting::Silent), SessionEnd::Silent);
    EXPECT_EQ(end_with(mta::Greeting::Closed), SessionEnd::Broken);
    const auto outcome_with = [&](mta::StartTls starttls) {
        return session_with({.starttls = starttls}).tls.outcome;
    };
    EXPECT_EQ(outcome_with(mta::StartTls::NotOffered), TlsOutcome::NotOffered);
    EXPECT_EQ(said_, "EHLO probe.example\r\nQUIT\r\n");
    EXPECT_EQ(outcome_with(mta::StartTls::Refused), TlsOutcome::Refused);
    EXPECT_EQ(outcome_with(mta::StartTls::HandshakeFails), TlsOutcome::HandshakeFailed);
    EXPECT_EQ(outcome_with(mta::StartTls::Garbled), TlsOutcome::HandshakeFailed);
    EXPECT_EQ(outcome_with(mta::StartTls::Closed), TlsOutcome::HandshakeFailed);
}

TEST_F(Probing, TheRefusalIsKeptAndNotWhatIsSaidToQuit) {
    const SessionFacts session = session_with({.greeting = mta::Greeting::Refused});
    EXPECT_EQ(session.refusal->code, 554);
    EXPECT_EQ(session.detail, "554 no service");
}

TEST_F(Probing, NobodyListens) {
    mta::Peers nobody;
    next_hops_.add("b.example", {mta::make_host("mx1.b.example", "192.0.2.1")});
    const SessionFacts session = probe(nobody).hosts->value().front().session.value();
    EXPECT_EQ(session.end, SessionEnd::NoConnection);
    EXPECT_EQ(session.address, "");
}

TEST_F(Probing, BestHostFirstAndThenByName) {
    mta::Peers nobody;
    next_hops_.add("b.example", {mta::make_host("c.b.example", "192.0.2.3", 20),
                                 mta::make_host("b.b.example", "192.0.2.2", 20),
                                 mta::make_host("d.b.example", "192.0.2.1", 10)});
    std::vector<std::string> names;
    for (const HostProbe& host : probe(nobody).hosts->value()) names.push_back(host.facts.host);
    EXPECT_EQ(names, (std::vector<std::string>{"d.b.example", "b.b.example", "c.b.example"}));
}

TEST_F(Probing, ADomainWithoutHosts) {
    mta::Peers nobody;
    next_hops_.fail("b.example", LookupFailure::NullMx);
    EXPECT_EQ(probe(nobody).hosts->error(), LookupFailure::NullMx);
}

TEST_F(Probing, ThePolicyIsKept) {
    mta::Peers nobody;
    next_hops_.add("b.example", {mta::make_host("mx1.b.example", "192.0.2.1")});
    policy_.state = net::PolicyState::Known;
    policy_.policy.mx = {"mx1.b.example"};
    EXPECT_EQ(probe(nobody).policy.policy, policy_.policy);
    policy_ = {.state = net::PolicyState::Unavailable, .fault = Error{"net.https.status"}};
    EXPECT_EQ(probe(nobody).policy.policy, std::nullopt);
    EXPECT_EQ(probe(nobody).policy.fault->id, "net.https.status");
}

// Stands still until it is let go on.
class Gate {
  public:
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

class SlowNextHops final : public net::NextHops {
  public:
    explicit SlowNextHops(Gate& gate) : gate_(gate) {}
    [[nodiscard]] net::Candidates find(const std::string&) const override {
        gate_.pass();
        return std::unexpected(LookupFailure::NoSuchDomain);
    }

  private:
    Gate& gate_;
};

TEST_F(Probing, TheLimitHoldsWhileNamesAreLookedUp) {
    Gate gate;
    const SlowNextHops slow(gate);
    mta::Peers nobody;
    Gathering gathering({.next_hops = slow,
                         .policy_of = [](const std::string&) { return net::DomainPolicy(); },
                         .validation = [] { return Validation::On; },
                         .connector = nobody,
                         .links = links_},
                        settings_, "b.example");
    const DomainProbe found = gathering.until(net::after(std::chrono::milliseconds(1)));
    EXPECT_FALSE(found.hosts);
    EXPECT_FALSE(gathering.is_complete());
    EXPECT_EQ(assess(rules, found).finding, Finding::TimeLimit);
    gate.open();
}

// One of the addresses does not answer until the gate opens.
class SlowConnector final : public mta::Connector {
  public:
    SlowConnector(Gate& gate, mta::Connector& others) : gate_(gate), others_(others) {}
    Result<std::unique_ptr<mta::ClientLink>> connect(const std::string& address,
                                                     std::uint16_t port) override {
        if (address != "192.0.2.99") return others_.connect(address, port);
        gate_.pass();
        return std::unexpected(Error{.id = "mta.link.connect", .detail = "too late"});
    }

  private:
    Gate& gate_;
    mta::Connector& others_;
};

// The fast host opens the gate of the limit by being done: no clock is involved.
TEST_F(Probing, WhatIsKnownAtTheLimitIsTold) {
    Gate gate;
    mta::Peers peers;
    peers.at("192.0.2.1");
    SlowConnector connector(gate, peers);
    next_hops_.add("b.example", {mta::make_host("mx1.b.example", "192.0.2.1"),
                                 mta::make_host("mx2.b.example", "192.0.2.99")});
    Gathering gathering({.next_hops = next_hops_,
                         .policy_of = [](const std::string&) { return net::DomainPolicy(); },
                         .validation = [] { return Validation::On; },
                         .connector = connector,
                         .links = links_},
                        settings_, "b.example");
    DomainProbe found;
    do {
        found = gathering.until(net::after(std::chrono::milliseconds(20)));
    } while (!found.hosts || !found.hosts->value()[0].session);
    EXPECT_FALSE(gathering.is_complete());
    EXPECT_FALSE(found.hosts->value()[1].session);
    const DomainAssessment assessment = assess(rules, found);
    EXPECT_EQ(assessment.outcome, Outcome::GetsThrough);
    EXPECT_EQ(assessment.hosts[1].finding, Finding::TimeLimit);
    gate.open();
}

}  // namespace
}  // namespace mailassay::probe
