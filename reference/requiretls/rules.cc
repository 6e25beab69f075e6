#include "requiretls/rules.h"

#include <algorithm>
#include <utility>

#include "requiretls/header_field.h"

// What StandardRules decides about a next hop and a session. Receipt and bounces are in
// rules_receipt.cc.
namespace mailassay::requiretls {
namespace {

constexpr HostVerdict fit{};

constexpr HostVerdict unfit(Reason reason) {
    return {Fitness::Unfit, reason};
}
constexpr HostVerdict not_for_now(Reason reason) {
    return {Fitness::NotForNow, reason};
}

bool name_is_vouched_for(const HostFacts& host) {
    // Only a policy in force counts: one that is being tested asks nobody to rely on it. The
    // catalogue lists the other reading of [rfc8689/2/9].
    const bool by_policy = host.sts.match == StsMatch::Listed && host.sts.mode == StsMode::Enforce;
    return host.mx_security == DnsSecurity::Secure || by_policy;
}

bool policy_is_in_force(const HostFacts& host) {
    return host.sts.mode == StsMode::Enforce &&
           (host.sts.match == StsMatch::Listed || host.sts.match == StsMatch::NotListed);
}

// The domain asks every client that understands its policy to authenticate this host.
bool domain_wants_authentication(const HostFacts& host) {
    return host.tlsa == TlsaState::Usable || policy_is_in_force(host);
}

bool domain_wants_tls(const HostFacts& host) {
    return domain_wants_authentication(host) || host.tlsa == TlsaState::Unusable;
}

// What DANE (RFC 7672 section 2.1) and MTA-STS (RFC 8461 section 4.2) demand of any mail.
HostVerdict judge_policy(const HostFacts& host) {
    if (host.tlsa == TlsaState::LookupFailed) return not_for_now(Reason::PolicyNotMet);
    // Where DANE authenticates, it takes precedence (RFC 8461 section 2).
    const bool dane = host.tlsa == TlsaState::Usable;
    if (!dane && host.sts.mode == StsMode::Enforce && host.sts.match == StsMatch::NotListed) {
        return not_for_now(Reason::PolicyNotMet);
    }
    return fit;
}

bool is_authenticated(const HostFacts& host, const TlsFacts& tls) {
    // Where usable TLSA records exist, they decide (RFC 7672 section 2.2). [rfc8689/2/10]
    if (host.tlsa == TlsaState::Usable) return tls.authentication == Authentication::Dane;
    return tls.authentication != Authentication::None;
}

bool is_recent(TlsVersion version) {
    return version == TlsVersion::Tls12 || version == TlsVersion::Tls13;
}

constexpr dsn::EnhancedStatus no_answer{4, 4, 1};
constexpr dsn::EnhancedStatus policy_unmet{4, 7, 0};
constexpr dsn::EnhancedStatus encryption_needed{5, 7, 10};
constexpr dsn::EnhancedStatus requiretls_needed{5, 7, 30};

}  // namespace

bool StandardRules::is_bound(const Sending& sending) const {
    // A bounce travels as well as it can instead of being lost. [rfc8689/5/6]
    return sending.tag == Tag::Required && sending.reverse_path == ReversePath::Sender;
}

BogusAnswers StandardRules::bogus_answers() const {
    return BogusAnswers::Refuse;  // [rfc8689/4.2.1/1]
}

PolicyServerTrust StandardRules::policy_server_trust() const {
    return PolicyServerTrust::Verify;  // RFC 8461 section 3.3
}

std::vector<HostFacts> StandardRules::candidates(const Sending&,
                                                 std::vector<HostFacts> found) const {
    return found;  // [rfc8689/4.2.1/9] [rfc8689/4.2.2/1]
}

RoundVerdict StandardRules::judge_failed_lookup(const Sending&, LookupFailure failure) const {
    switch (failure) {
        case LookupFailure::NoSuchDomain:
            return {Fate::Bounce, {5, 1, 2}};
        case LookupFailure::NullMx:
            return {Fate::Bounce, {5, 1, 10}};
        case LookupFailure::Temporary:
        case LookupFailure::Bogus:
            break;
    }
    return {Fate::Defer, {4, 4, 3}};
}

HostVerdict StandardRules::judge_host(const Sending& sending, const HostFacts& host) const {
    if (sending.tag == Tag::Optional) return fit;  // [rfc8689/3/2] [rfc8689/4.2.2/2]
    if (is_bound(sending)) {
        // [rfc8689/2/9] [rfc8689/4.2.1/2]; the draft demands nothing of the lookup.
        const bool vouched_for = edition_ == Edition::Draft || host.lookup == Lookup::Address ||
                                 name_is_vouched_for(host);
        if (!vouched_for) {
            return host.sts.match == StsMatch::Unavailable ? not_for_now(Reason::LookupNotValidated)
                                                           : unfit(Reason::LookupNotValidated);
        }
    }
    return judge_policy(host);
}

TlsPlan StandardRules::plan_tls(const Sending& sending, const HostFacts& host) const {
    if (is_bound(sending)) return {TlsUse::Require, WithoutTls::GiveUpHost};  // [rfc8689/2/8]
    if (sending.tag == Tag::Optional) {
        return {TlsUse::Try, WithoutTls::Plaintext};  // [rfc8689/3/3] [rfc8689/4.2.2/2]
    }
    if (domain_wants_tls(host)) return {TlsUse::Require, WithoutTls::GiveUpHost};
    return {TlsUse::Try, WithoutTls::Plaintext};
}

HostVerdict StandardRules::judge_session(const Sending& sending, const HostFacts& host,
                                         const TlsFacts& tls, const Greetings& greetings) const {
    const bool established = tls.outcome == TlsOutcome::Established;
    if (is_bound(sending)) {
        if (!established) return unfit(Reason::TlsUnavailable);        // [rfc8689/2/8]
        if (!is_recent(tls.version)) return unfit(Reason::TlsTooOld);  // [rfc8689/4.2.1/7]
        if (!is_authenticated(host, tls)) {                            // [rfc8689/2/10]
            return unfit(Reason::NotAuthenticated);  // [rfc8689/4.2.1/4] [rfc8689/4.2.1/5]
        }
        if (!greetings.in_tls || !greetings.in_tls->has("REQUIRETLS")) {  // [rfc8689/2/11]
            return unfit(Reason::RequiretlsNotOffered);                   // [rfc8689/4.2.1/6]
        }
        return fit;
    }
    if (sending.tag == Tag::Optional) return fit;  // [rfc8689/4.2.2/2]
    if (domain_wants_tls(host) && !established) return not_for_now(Reason::TlsUnavailable);
    if (domain_wants_authentication(host) && !is_authenticated(host, tls)) {
        return not_for_now(Reason::NotAuthenticated);
    }
    return fit;
}

bool StandardRules::sends_parameter(const Sending& sending, const HostFacts& host,
                                    const TlsFacts& tls, const Greetings& greetings) const {
    if (sending.tag != Tag::Required) return false;  // [rfc8689/2/6]
    // For a message that is bound this only repeats what judge_session saw; a bounce gets the
    // parameter where the session deserves it. [rfc8689/2/7] [rfc8689/5/2] [rfc8689/4.2.1/15]
    return tls.outcome == TlsOutcome::Established && is_recent(tls.version) &&
           is_authenticated(host, tls) && greetings.in_tls.has_value() &&
           greetings.in_tls->has("REQUIRETLS") &&
           (edition_ == Edition::Draft || host.lookup == Lookup::Address ||
            name_is_vouched_for(host));
}

Farewell StandardRules::farewell(const HostVerdict&) const {
    return Farewell::Quit;  // [rfc8689/4.2.1/8]
}

AfterHost StandardRules::after_host(const Sending&, const HostVerdict&) const {
    return AfterHost::NextHost;  // [rfc8689/4.2.1/9]
}

RoundVerdict StandardRules::after_last_host(const Sending& sending,
                                            std::span<const HostVerdict> verdicts) const {
    const auto any = [&](auto predicate) { return std::ranges::any_of(verdicts, predicate); };
    const bool worth_waiting =
        any([](const HostVerdict& v) { return v.fitness == Fitness::NotForNow; });
    if (!is_bound(sending) || worth_waiting) {
        const bool none_answered = std::ranges::all_of(
            verdicts, [](const HostVerdict& v) { return v.reason == Reason::ConnectionFailed; });
        return {Fate::Defer, none_answered ? no_answer : policy_unmet};
    }
    // [rfc8689/4.2.1/11] [rfc8689/4.2.1/12]
    const bool only_the_extension_lacked =
        any([](const HostVerdict& v) { return v.reason == Reason::RequiretlsNotOffered; });
    // [rfc8689/4.2.1/13] [rfc8689/4.2.1/14]; the draft left the number open, 30 is what became of
    // it.
    return {Fate::Bounce, only_the_extension_lacked ? requiretls_needed : encryption_needed};
}

Fate StandardRules::after_refusal(const Sending&, const smtp::Reply& reply) const {
    return reply.is_permanent() ? Fate::Bounce : Fate::Defer;  // [rfc8689/4.2.2/3]
}

}  // namespace mailassay::requiretls
