// The probe against the relay, and against peers that send whatever they like.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mta/deliverer.h"
#include "mta/test_peers.h"
#include "probe/assess.h"
#include "probe/gather.h"
#include "probe/render.h"

namespace mailassay::probe {
namespace {

using requiretls::Authentication;
using requiretls::DnsSecurity;
using requiretls::Edition;
using requiretls::HostFacts;
using requiretls::LookupFault;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::TlsaState;
using requiretls::TlsVersion;

mta::PeerPlan arbitrary_plan() {
    using mta::Greeting;
    using mta::StartTls;
    using mta::Support;
    mta::PeerPlan plan;
    plan.greeting = *rc::gen::weightedElement<Greeting>({{20, Greeting::Welcome},
                                                         {1, Greeting::Refused},
                                                         {1, Greeting::Silent},
                                                         {1, Greeting::Closed}});
    plan.starttls = *rc::gen::weightedElement<StartTls>({{20, StartTls::Works},
                                                         {1, StartTls::NotOffered},
                                                         {1, StartTls::Refused},
                                                         {1, StartTls::Garbled},
                                                         {1, StartTls::Closed},
                                                         {1, StartTls::HandshakeFails}});
    plan.requiretls =
        *rc::gen::weightedElement<Support>({{6, Support::Offered}, {1, Support::Missing}});
    plan.version = *rc::gen::weightedElement<TlsVersion>(
        {{1, TlsVersion::Tls11}, {2, TlsVersion::Tls12}, {4, TlsVersion::Tls13}});
    plan.authentication = *rc::gen::weightedElement<Authentication>(
        {{1, Authentication::None}, {2, Authentication::Pkix}, {2, Authentication::Dane}});
    return plan;
}

HostFacts arbitrary_host(std::size_t index) {
    const std::string address = std::to_string(index);
    HostFacts host = mta::make_host("mx" + address + ".b.example", address,
                                    *rc::gen::inRange<std::uint16_t>(0, 3));
    host.mx_security = *rc::gen::weightedElement<DnsSecurity>(
        {{4, DnsSecurity::Secure}, {1, DnsSecurity::Insecure}});
    host.sts.match = *rc::gen::weightedElement<StsMatch>({{6, StsMatch::NoPolicy},
                                                          {2, StsMatch::Listed},
                                                          {1, StsMatch::NotListed},
                                                          {1, StsMatch::Unavailable}});
    if (host.sts.match == StsMatch::Listed || host.sts.match == StsMatch::NotListed) {
        host.sts.mode = *rc::gen::element(StsMode::None, StsMode::Testing, StsMode::Enforce);
    }
    host.tlsa = *rc::gen::weightedElement<TlsaState>({{4, TlsaState::None},
                                                      {1, TlsaState::Unusable},
                                                      {2, TlsaState::Usable},
                                                      {1, TlsaState::LookupFailed}});
    if (host.tlsa == TlsaState::LookupFailed) {
        host.tlsa_fault = *rc::gen::element(LookupFault::Bogus, LookupFault::Unanswered);
    }
    if (*rc::gen::inRange(0, 8) == 0) host.addresses.clear();
    return host;
}

struct World {
    mta::MadeUpNextHops next_hops;
    mta::Peers peers;        // that the probe talks to
    mta::Peers relay_peers;  // the same, for the relay
    std::vector<HostFacts> hosts;

    World() {
        const auto count = *rc::gen::inRange<std::size_t>(1, 6);
        for (std::size_t index = 0; index < count; ++index) {
            hosts.push_back(arbitrary_host(index));
            // Some addresses have nobody listening.
            if (*rc::gen::inRange(0, 8) == 0) continue;
            const std::string address = std::to_string(index);
            relay_peers.at(address) = peers.at(address) = arbitrary_plan();
        }
        // The relay takes the hosts as they come, which is by preference.
        std::ranges::stable_sort(hosts, {}, &HostFacts::preference);
        next_hops.add("b.example", hosts);
    }

    DomainProbe probe(mta::Connector& connector) const {
        mta::ClientSettings settings;
        settings.helo = "probe.example";
        mta::LinkRegistry links;
        Gathering gathering({.next_hops = next_hops,
                             .policy_of = [](const std::string&) { return net::DomainPolicy(); },
                             .validation = [] { return Validation::On; },
                             .connector = connector,
                             .links = links},
                            settings, "b.example");
        return gathering.until(net::after(std::chrono::minutes(1)));
    }

    // Whether the relay hands over a message with REQUIRETLS, and with the parameter.
    bool relay_delivers(const requiretls::Rules& rules) {
        mta::Config config;
        config.server.hostname = "relay.example";
        config.client.helo = "relay.example";
        const base::SystemClock clock;
        logging::Log log(clock, [](std::string_view) {});
        mta::Message message;
        message.tag = requiretls::Tag::Required;
        message.envelope.reverse_path = {"a", "a.example"};
        message.envelope.recipients = {{{"x", "b.example"}, {}}};
        message.data = "\r\nbody\r\n";
        mta::Deliverer deliverer(config, rules, next_hops, relay_peers, log);
        (void)deliverer.deliver(message, {.domain = "b.example", .recipients = {0}});
        return std::ranges::any_of(relay_peers.all(), [](const auto& peer) {
            return std::ranges::any_of(peer.second.conversations, [](const auto& conversation) {
                return std::ranges::any_of(conversation->taken, [](const mta::Taken& taken) {
                    return smtp::find_parameter(taken.envelope.mail_parameters, "REQUIRETLS") !=
                           nullptr;
                });
            });
        });
    }
};

RC_GTEST_PROP(ProbeProperty, SaysGetsThroughExactlyWhereTheRelayDelivers, ()) {
    World world;
    const requiretls::StandardRules rules(*rc::gen::element(Edition::Draft, Edition::Rfc));
    const DomainAssessment found = assess(rules, world.probe(world.peers));
    const bool delivered = world.relay_delivers(rules);
    RC_CLASSIFY(delivered, "delivered");
    RC_ASSERT((found.outcome == Outcome::GetsThrough) == delivered);
    RC_ASSERT(found.through.has_value() == delivered);
}

RC_GTEST_PROP(ProbeProperty, ExplainsWhateverDoesNotGetThrough, ()) {
    World world;
    const requiretls::StandardRules rules(*rc::gen::element(Edition::Draft, Edition::Rfc));
    const DomainAssessment found = assess(rules, world.probe(world.peers));
    for (const HostAssessment& host : found.hosts) {
        RC_ASSERT((host.finding == Finding::None) == (host.outcome == Outcome::GetsThrough));
    }
}

RC_GTEST_PROP(ProbeProperty, BeginsNoMailAndLeavesWithQuit, ()) {
    World world;
    (void)world.probe(world.peers);
    for (const auto& [address, peer] : world.peers.all()) {
        for (const auto& conversation : peer.conversations) {
            RC_ASSERT(conversation->said.find("MAIL") == std::string::npos);
            RC_ASSERT(conversation->taken.empty());
            const bool garbled = peer.plan.starttls == mta::StartTls::Garbled;
            RC_ASSERT(conversation->was_quit || !conversation->could_talk || garbled);
        }
    }
}

// ---- peers that say whatever they like ----

// Pieces of SMTP and of what no server should say, in any order.
std::string arbitrary_octets() {
    const auto piece = rc::gen::weightedOneOf<std::string>(
        {{4, rc::gen::element<std::string>(
                 "220 hi\r\n", "250-x\r\n", "250 STARTTLS\r\n", "250 REQUIRETLS\r\n",
                 "250-STARTTLS\r\n250 REQUIRETLS\r\n", "220 go\r\n", "221 bye\r\n", "421 no\r\n",
                 "554 \x1b[2J\x1b]0;title\x07\r\n", "500 what\r\n", "354 go on\r\n", "\r\n",
                 "250 \xff\xfe\r\n",
                 "250 \xe2\x80\xae"
                 "evil\r\n",
                 "999 x\r\n", "250-")},
         {1, rc::gen::string<std::string>()},
         {1, rc::gen::just(std::string(5000, 'a'))}});
    const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
    std::string octets;
    for (const std::string& each : pieces) octets += each;
    return octets;
}

class RudeLink final : public mta::ClientLink {
  public:
    RudeLink(std::vector<std::string>& script, std::string& said) : script_(script), said_(said) {}
    Result<std::string> read() override {
        if (script_.empty()) return std::string();
        std::string octets = script_.back();
        script_.pop_back();
        if (octets.empty()) {
            return std::unexpected(Error{.id = "mta.link.timeout", .detail = "\x1b[31msilence"});
        }
        return octets;
    }
    Result<void> write(std::string_view octets) override {
        said_ += octets;
        return {};
    }
    requiretls::TlsFacts secure(const HostFacts&) override {
        requiretls::TlsFacts facts;
        facts.outcome = requiretls::TlsOutcome::Established;
        facts.version = TlsVersion::Tls13;
        facts.fault = requiretls::CertificateFault::WrongName;
        facts.detail = "\x1b[2J\r\n";
        facts.certificate =
            requiretls::CertificateFacts{.names = {"\x1b[31mmx\n", std::string("\0\xff", 2)},
                                         .issuer =
                                             "\x9b"
                                             "2J\r\n"};
        return facts;
    }

  private:
    std::vector<std::string>& script_;
    std::string& said_;
};

class RudeConnector final : public mta::Connector {
  public:
    explicit RudeConnector(std::vector<std::string> script) : script_(std::move(script)) {}
    Result<std::unique_ptr<mta::ClientLink>> connect(const std::string&, std::uint16_t) override {
        return std::make_unique<RudeLink>(script_, said_);
    }
    [[nodiscard]] const std::string& said() const { return said_; }

  private:
    std::vector<std::string> script_;
    std::string said_;
};

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); });
}

RC_GTEST_PROP(HostilePeers, NothingTheySaySurvivesOnTheTerminal, ()) {
    std::vector<std::string> script;
    const auto reads = *rc::gen::inRange(0, 8);
    for (int i = 0; i < reads; ++i) script.push_back(arbitrary_octets());
    // Often enough, far enough to be interesting.
    if (*rc::gen::inRange(0, 2) == 0) {
        script.emplace_back("220 go\r\n");
        script.emplace_back("250-x\r\n250-REQUIRETLS\r\n250 STARTTLS\r\n");
        script.emplace_back("220 hi\r\n");
    }
    RudeConnector connector(script);
    DomainProbe domain;
    domain.domain = "b.example";
    HostProbe host;
    host.facts = mta::make_host("mx1.b.example", "192.0.2.1");
    mta::ClientSettings settings;
    settings.helo = "probe.example";
    visit(host.facts, settings, connector,
          [&host](SessionFacts session) { host.session = std::move(session); });
    if (*rc::gen::arbitrary<bool>()) {
        host.facts.mx_security = DnsSecurity::Insecure;
        host.facts.sts = {StsMatch::NotListed, StsMode::Enforce};
        domain.policy.policy =
            requiretls::StsPolicy{.mode = StsMode::Enforce, .mx = {arbitrary_octets(), "\x1b[2J"}};
        domain.policy.fault = Error{"net.https.transport", 0, {}, arbitrary_octets()};
    }
    domain.hosts = std::vector{host};

    const requiretls::StandardRules rules(Edition::Rfc);
    const DomainAssessment found = assess(rules, domain);
    RC_ASSERT(found.outcome != Outcome::GetsThrough);  // nothing vouches for the certificate
    const std::string text = to_text(domain, found);
    const std::string json = to_json(domain, found, Edition::Rfc);
    RC_ASSERT(is_plain(text));
    RC_ASSERT(is_plain(json));
    RC_ASSERT(text.size() < 5000U);
    RC_ASSERT(json.size() < 20'000U);
    const auto read_back = nlohmann::json::parse(json);
    const auto problem = read_back.at("hosts").at(0).at("problem").get<std::string>();
    RC_ASSERT(is_plain(problem) && problem.find('\n') == std::string::npos);
    RC_ASSERT(connector.said().find("MAIL") == std::string::npos);
}

}  // namespace
}  // namespace mailassay::probe
