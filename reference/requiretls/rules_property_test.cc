#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>

#include "requiretls/rules.h"

// A message with REQUIRETLS never goes out unprotected, whatever the hosts, their order and their
// faults; and a host that is fit is always found. What "protected" means is stated here from the
// text, without a word from the rules.
namespace mailassay::requiretls {
namespace {

// A host of the world: what can be known before a connection, and what a connection shows.
struct World {
    HostFacts host;
    bool answers = true;
    TlsFacts tls;
    Greetings greetings;
};

// Numbers are the enumerators'.
void showValue(const World& world, std::ostream& out) {
    const auto number = [](auto value) { return static_cast<int>(value); };
    out << "lookup " << number(world.host.lookup) << " mx " << number(world.host.mx_security)
        << " sts " << number(world.host.sts.match) << "/" << number(world.host.sts.mode) << " tlsa "
        << number(world.host.tlsa) << " answers " << world.answers << " tls "
        << number(world.tls.outcome) << "/" << number(world.tls.version) << "/"
        << number(world.tls.authentication) << " requiretls "
        << (world.greetings.in_tls && world.greetings.in_tls->has("REQUIRETLS"));
}

// What happened to a message that was taken through its hosts.
struct Journey {
    std::optional<std::size_t> sent_to;
    bool with_parameter = false;
    std::vector<HostVerdict> verdicts;
    std::optional<RoundVerdict> end;
};

smtp::Capabilities capabilities(bool requiretls) {
    smtp::Reply reply{250, std::nullopt, {"host.example", "PIPELINING"}};
    if (requiretls) reply.lines.emplace_back("REQUIRETLS");
    return smtp::Capabilities::from_ehlo(reply);
}

// The relay's loop, as the rules' documentation describes it.
Journey travel(const Rules& rules, const Sending& sending, const std::vector<World>& hosts) {
    Journey journey;
    std::vector<HostFacts> found;
    for (const World& world : hosts) found.push_back(world.host);
    for (const HostFacts& host : rules.candidates(sending, found)) {
        const auto at = std::ranges::find(found, host) - found.begin();
        const World& world = hosts[static_cast<std::size_t>(at)];
        HostVerdict verdict = rules.judge_host(sending, host);
        if (verdict.fitness == Fitness::Fit && !world.answers) {
            verdict = {Fitness::NotForNow, Reason::ConnectionFailed};
        } else if (verdict.fitness == Fitness::Fit) {
            verdict = rules.judge_session(sending, host, world.tls, world.greetings);
            if (verdict.fitness == Fitness::Fit) {
                journey.sent_to = static_cast<std::size_t>(at);
                journey.with_parameter =
                    rules.sends_parameter(sending, host, world.tls, world.greetings);
                return journey;
            }
            RC_ASSERT(rules.farewell(verdict) == Farewell::Quit);
        }
        journey.verdicts.push_back(verdict);
        if (rules.after_host(sending, verdict) == AfterHost::GiveUp) break;
    }
    journey.end = rules.after_last_host(sending, journey.verdicts);
    return journey;
}

// Section 2 of RFC 8689; the draft asks for nothing here.
bool is_vouched_for(Edition edition, const HostFacts& host) {
    return edition == Edition::Draft || host.lookup == Lookup::Address ||
           host.mx_security == DnsSecurity::Secure ||
           (host.sts.match == StsMatch::Listed && host.sts.mode == StsMode::Enforce);
}

bool offers_requiretls(const World& world) {
    return world.greetings.in_tls && world.greetings.in_tls->has("REQUIRETLS");
}

// Sections 2 and 4.2.1.
bool is_protected(Edition edition, const World& world) {
    const HostFacts& host = world.host;
    const bool encrypted =
        world.tls.outcome == TlsOutcome::Established &&
        (world.tls.version == TlsVersion::Tls12 || world.tls.version == TlsVersion::Tls13);
    const bool authenticated = host.tlsa == TlsaState::Usable
                                   ? world.tls.authentication == Authentication::Dane
                                   : world.tls.authentication != Authentication::None;
    return is_vouched_for(edition, host) && encrypted && authenticated &&
           host.tlsa != TlsaState::LookupFailed && offers_requiretls(world);
}

// What the recipient's domain asks of every sender (RFC 7672, RFC 8461).
bool is_ruled_out_by_policy(const World& world) {
    const bool dane = world.host.tlsa == TlsaState::Usable;
    return !dane && world.host.sts.mode == StsMode::Enforce &&
           world.host.sts.match == StsMatch::NotListed;
}

bool is_fit(Edition edition, const World& world) {
    return world.answers && is_protected(edition, world) && !is_ruled_out_by_policy(world);
}

rc::Gen<Edition> any_edition() {
    return rc::gen::element(Edition::Draft, Edition::Rfc);
}

rc::Gen<HostFacts> any_host() {
    return rc::gen::exec([] {
        HostFacts host;
        host.domain = "to.example";
        host.preference = *rc::gen::inRange<std::uint16_t>(0, 3);
        host.lookup = *rc::gen::weightedElement<Lookup>({{4, Lookup::Mx}, {1, Lookup::Address}});
        host.mx_security =
            *rc::gen::element(DnsSecurity::Secure, DnsSecurity::Insecure, DnsSecurity::Bogus);
        host.sts.match = *rc::gen::element(StsMatch::NoPolicy, StsMatch::Unavailable,
                                           StsMatch::Listed, StsMatch::NotListed);
        if (host.sts.match == StsMatch::Listed || host.sts.match == StsMatch::NotListed) {
            host.sts.mode = *rc::gen::element(StsMode::None, StsMode::Testing, StsMode::Enforce);
        }
        host.tlsa = *rc::gen::element(TlsaState::None, TlsaState::Unusable, TlsaState::Usable,
                                      TlsaState::LookupFailed);
        return host;
    });
}

rc::Gen<TlsFacts> any_tls() {
    return rc::gen::exec([] {
        TlsFacts tls;
        tls.outcome = *rc::gen::weightedElement<TlsOutcome>({{1, TlsOutcome::NotTried},
                                                             {1, TlsOutcome::NotOffered},
                                                             {1, TlsOutcome::Refused},
                                                             {1, TlsOutcome::HandshakeFailed},
                                                             {6, TlsOutcome::Established}});
        if (tls.outcome != TlsOutcome::Established) return tls;
        tls.version = *rc::gen::element(TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12,
                                        TlsVersion::Tls13, TlsVersion::Tls13);
        tls.authentication =
            *rc::gen::element(Authentication::None, Authentication::Pkix, Authentication::Dane);
        return tls;
    });
}

rc::Gen<World> any_world() {
    return rc::gen::exec([] {
        World world;
        world.host = *any_host();
        world.answers = *rc::gen::weightedElement<bool>({{5, true}, {1, false}});
        world.tls = *any_tls();
        world.greetings.in_plaintext = capabilities(*rc::gen::arbitrary<bool>());
        if (world.tls.outcome == TlsOutcome::Established) {
            world.greetings.in_tls = capabilities(*rc::gen::arbitrary<bool>());
        }
        return world;
    });
}

// One to about ten hosts, each with a name of its own.
std::vector<World> any_hosts() {
    const auto few = rc::gen::scale(0.1, rc::gen::container<std::vector<World>>(any_world()));
    auto hosts = *rc::gen::nonEmpty(few);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        hosts[i].host.host = "mx" + std::to_string(i) + ".to.example";
    }
    return hosts;
}

constexpr Sending required{Tag::Required, ReversePath::Sender};
constexpr Sending bounce{Tag::Required, ReversePath::Null};

RC_GTEST_PROP(Rules, NoOrderAndNoFaultLetsATaggedMessageOutUnprotected, ()) {
    const Edition edition = *any_edition();
    const auto hosts = any_hosts();
    const Journey journey = travel(StandardRules(edition), required, hosts);
    if (!journey.sent_to) return;
    RC_ASSERT(is_protected(edition, hosts[*journey.sent_to]));
    RC_ASSERT(journey.with_parameter);
}

RC_GTEST_PROP(Rules, AFitHostIsAlwaysFound, ()) {
    const Edition edition = *any_edition();
    const auto hosts = any_hosts();
    const Journey journey = travel(StandardRules(edition), required, hosts);
    const auto first =
        std::ranges::find_if(hosts, [&](const World& world) { return is_fit(edition, world); });
    RC_CLASSIFY(first != hosts.end(), "some host is fit");
    RC_ASSERT(journey.sent_to.has_value() == (first != hosts.end()));
    if (journey.sent_to) {
        RC_ASSERT(*journey.sent_to == static_cast<std::size_t>(first - hosts.begin()));
    }
}

RC_GTEST_PROP(Rules, TheOrderOfHostsDecidesWhoGetsTheMessageButNotWhetherAnybodyDoes, ()) {
    const StandardRules rules(*any_edition());
    const auto hosts = any_hosts();
    auto reversed = hosts;
    std::ranges::reverse(reversed);
    const Journey forth = travel(rules, required, hosts);
    const Journey back = travel(rules, required, reversed);
    RC_ASSERT(forth.sent_to.has_value() == back.sent_to.has_value());
    RC_ASSERT(forth.end == back.end);
}

RC_GTEST_PROP(Rules, TheStatusFitsWhatWasSeen, ()) {
    const Edition edition = *any_edition();
    const auto hosts = any_hosts();
    const Journey journey = travel(StandardRules(edition), required, hosts);
    if (!journey.end) return;
    const bool requiretls_alone_lacked = std::ranges::any_of(hosts, [&](World world) {
        if (offers_requiretls(world)) return false;
        world.greetings.in_tls = capabilities(true);
        return is_fit(edition, world);
    });
    switch (journey.end->fate) {
        case Fate::Bounce:
            RC_ASSERT(journey.end->status == (requiretls_alone_lacked
                                                  ? dsn::EnhancedStatus{5, 7, 30}
                                                  : dsn::EnhancedStatus{5, 7, 10}));
            // A bounce says that waiting is of no use.
            for (const World& world : hosts) {
                RC_ASSERT(!is_vouched_for(edition, world.host) ||
                          (world.answers && world.host.tlsa != TlsaState::LookupFailed));
            }
            break;
        case Fate::Defer:
            RC_ASSERT(journey.end->status.is_transient());
            RC_ASSERT(std::ranges::any_of(journey.verdicts, [](const HostVerdict& verdict) {
                return verdict.fitness == Fitness::NotForNow;
            }));
            break;
        case Fate::Drop:
            RC_FAIL("a message must not vanish");
    }
}

RC_GTEST_PROP(Rules, ABounceIsNeverHeldBackForWantOfRequiretls, ()) {
    const StandardRules rules(*any_edition());
    auto hosts = any_hosts();
    for (World& world : hosts) {
        if (world.greetings.in_tls) world.greetings.in_tls = capabilities(false);
    }
    const Journey as_bounce = travel(rules, bounce, hosts);
    const Journey as_mail = travel(rules, {Tag::None, ReversePath::Null}, hosts);
    RC_ASSERT(as_bounce.sent_to == as_mail.sent_to);
    RC_ASSERT(!as_bounce.with_parameter);
}

RC_GTEST_PROP(Rules, TheParameterGoesOutInProtectedSessionsOnly, ()) {
    const Edition edition = *any_edition();
    const auto hosts = any_hosts();
    const Sending sending{*rc::gen::element(Tag::None, Tag::Required, Tag::Optional),
                          *rc::gen::element(ReversePath::Sender, ReversePath::Null)};
    const Journey journey = travel(StandardRules(edition), sending, hosts);
    if (!journey.with_parameter) return;
    RC_ASSERT(sending.tag == Tag::Required);
    RC_ASSERT(is_protected(edition, hosts[*journey.sent_to]));
}

RC_GTEST_PROP(Rules, OptionalMailGoesToTheFirstHostThatAnswers, ()) {
    const auto hosts = any_hosts();
    const Journey journey =
        travel(StandardRules(*any_edition()), {Tag::Optional, ReversePath::Sender}, hosts);
    const auto first = std::ranges::find_if(hosts, &World::answers);
    RC_ASSERT(journey.sent_to.has_value() == (first != hosts.end()));
    if (journey.sent_to) {
        RC_ASSERT(*journey.sent_to == static_cast<std::size_t>(first - hosts.begin()));
    }
}

}  // namespace
}  // namespace mailassay::requiretls
