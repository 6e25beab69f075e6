// Whatever the hosts of a domain are like and in whatever order they stand, no tagged message
// leaves unprotected, and no host is left without QUIT as long as it could still be heard.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mta/deliverer.h"
#include "mta/test_peers.h"

namespace mailassay::mta {
namespace {

using requiretls::Authentication;
using requiretls::DnsSecurity;
using requiretls::Tag;
using requiretls::TlsVersion;

PeerPlan arbitrary_plan() {
    PeerPlan plan;
    plan.greeting = *rc::gen::weightedElement<Greeting>({{9, Greeting::Welcome},
                                                         {1, Greeting::Refused},
                                                         {1, Greeting::Silent},
                                                         {1, Greeting::Closed}});
    plan.starttls = *rc::gen::weightedElement<StartTls>({{6, StartTls::Works},
                                                         {1, StartTls::NotOffered},
                                                         {1, StartTls::Refused},
                                                         {1, StartTls::Garbled},
                                                         {1, StartTls::Closed},
                                                         {1, StartTls::HandshakeFails}});
    plan.requiretls =
        *rc::gen::weightedElement<Support>({{3, Support::Offered}, {1, Support::Missing}});
    plan.version = *rc::gen::weightedElement<TlsVersion>(
        {{1, TlsVersion::Tls11}, {2, TlsVersion::Tls12}, {4, TlsVersion::Tls13}});
    plan.authentication = *rc::gen::weightedElement<Authentication>(
        {{1, Authentication::None}, {2, Authentication::Pkix}, {2, Authentication::Dane}});
    if (*rc::gen::inRange(0, 5) == 0) plan.mail = smtp::make_reply(451, "later");
    if (*rc::gen::inRange(0, 5) == 0) plan.data = smtp::make_reply(554, "never");
    return plan;
}

struct World {
    Config config;
    base::SystemClock clock;
    logging::Log log{clock, [](std::string_view) {}};
    MadeUpNextHops next_hops;
    Peers peers;
    std::vector<requiretls::HostFacts> hosts;

    World() {
        config.server.hostname = "relay.example";
        config.client.helo = "relay.example";
        const auto count = *rc::gen::inRange<std::size_t>(1, 5);
        for (std::size_t index = 0; index < count; ++index) {
            const std::string address = std::to_string(index);
            auto host = make_host("mx" + address + ".b.example", address);
            host.mx_security = *rc::gen::weightedElement<DnsSecurity>(
                {{2, DnsSecurity::Secure}, {1, DnsSecurity::Insecure}});
            host.sts.match = *rc::gen::element(
                requiretls::StsMatch::NoPolicy, requiretls::StsMatch::Listed,
                requiretls::StsMatch::NotListed, requiretls::StsMatch::Unavailable);
            host.sts.mode =
                *rc::gen::element(requiretls::StsMode::None, requiretls::StsMode::Testing,
                                  requiretls::StsMode::Enforce);
            peers.at(address) = arbitrary_plan();
            hosts.push_back(host);
        }
        next_hops.add("b.example", hosts);
    }
    GroupResults deliver(Tag tag, requiretls::Edition edition) {
        Message message;
        message.tag = tag;
        message.envelope.reverse_path = {"a", "a.example"};
        message.envelope.recipients = {{{"x", "b.example"}, {}}};
        message.data = "\r\nbody\r\n";
        const requiretls::StandardRules rules(edition);
        Deliverer deliverer(config, rules, next_hops, peers, log);
        return deliverer.deliver(message, {.domain = "b.example", .recipients = {0}});
    }
};

RC_GTEST_PROP(DelivererProperty, NoTaggedMessageLeavesUnprotected, ()) {
    World world;
    const auto edition = *rc::gen::element(requiretls::Edition::Draft, requiretls::Edition::Rfc);
    const auto results = world.deliver(Tag::Required, edition);
    RC_ASSERT(results.size() == 1U);
    for (const requiretls::HostFacts& host : world.hosts) {
        const PeerPlan& plan = world.peers.at(host.addresses.front());
        const bool vouched_for = host.mx_security == DnsSecurity::Secure ||
                                 host.sts.match == requiretls::StsMatch::Listed ||
                                 edition == requiretls::Edition::Draft;
        const bool protected_there = vouched_for && plan.starttls == StartTls::Works &&
                                     plan.requiretls == Support::Offered &&
                                     plan.version != TlsVersion::Tls11 &&
                                     plan.authentication != Authentication::None;
        for (const auto& conversation : world.peers.conversations(host.addresses.front())) {
            const bool asked = conversation->said.find("MAIL") != std::string::npos;
            RC_ASSERT(!asked || protected_there);
            RC_CLASSIFY(asked, "offered");
            for (const Taken& taken : conversation->taken) {
                RC_ASSERT(taken.envelope.channel == smtp::Channel::Tls);
                RC_ASSERT(smtp::find_parameter(taken.envelope.mail_parameters, "REQUIRETLS") !=
                          nullptr);
            }
        }
    }
}

RC_GTEST_PROP(DelivererProperty, EveryHostThatListensIsLeftWithQuit, ()) {
    World world;
    (void)world.deliver(*rc::gen::element(Tag::None, Tag::Required, Tag::Optional),
                        requiretls::Edition::Rfc);
    for (const auto& [address, peer] : world.peers.all()) {
        for (const auto& conversation : peer.conversations) {
            const bool garbled = peer.plan.starttls == StartTls::Garbled &&
                                 conversation->said.find("STARTTLS") != std::string::npos;
            RC_ASSERT(conversation->was_quit || !conversation->could_talk || garbled);
        }
    }
}

RC_GTEST_PROP(DelivererProperty, AnOptionalMessageIsTakenIfAnyHostTakesPlaintext, ()) {
    World world;
    // A refusal for good would be the end of it.
    for (const requiretls::HostFacts& host : world.hosts) {
        world.peers.at(host.addresses.front()).data.reset();
    }
    const auto results = world.deliver(Tag::Optional, requiretls::Edition::Rfc);
    const bool some_host_would = std::any_of(
        world.hosts.begin(), world.hosts.end(), [&world](const requiretls::HostFacts& host) {
            const PeerPlan& plan = world.peers.at(host.addresses.front());
            return plan.greeting == Greeting::Welcome && !plan.mail;
        });
    const bool relayed = results.at(0).outcome == Outcome::Relayed;
    RC_ASSERT(relayed == some_host_would);
}

}  // namespace
}  // namespace mailassay::mta
