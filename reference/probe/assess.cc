#include "probe/assess.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mailassay::probe {
namespace {

using requiretls::CertificateFault;
using requiretls::Fitness;
using requiretls::HostFacts;
using requiretls::LookupFailure;
using requiretls::LookupFault;
using requiretls::Reason;
using requiretls::SessionEnd;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::TlsOutcome;

// What is asked about: a message with REQUIRETLS that is no bounce.
constexpr requiretls::Sending tagged{.tag = requiretls::Tag::Required,
                                     .reverse_path = requiretls::ReversePath::Sender};

constexpr std::array names{
    std::pair{Finding::NoSuchDomain, "no-such-domain"},
    std::pair{Finding::NullMx, "null-mx"},
    std::pair{Finding::MxBogus, "mx-bogus"},
    std::pair{Finding::MxUnanswered, "mx-unanswered"},
    std::pair{Finding::TimeLimit, "time-limit"},
    std::pair{Finding::NotValidatedHere, "not-validated-here"},
    std::pair{Finding::AddressBogus, "address-bogus"},
    std::pair{Finding::AddressUnanswered, "address-unanswered"},
    std::pair{Finding::MxUnsigned, "mx-unsigned"},
    std::pair{Finding::PolicyRecordFaulty, "policy-record-faulty"},
    std::pair{Finding::PolicyRecordBogus, "policy-record-bogus"},
    std::pair{Finding::PolicyUnanswered, "policy-unanswered"},
    std::pair{Finding::PolicyUnavailable, "policy-unavailable"},
    std::pair{Finding::PolicyTesting, "policy-testing"},
    std::pair{Finding::PolicyNotListing, "policy-not-listing"},
    std::pair{Finding::TlsaBogus, "tlsa-bogus"},
    std::pair{Finding::TlsaUnanswered, "tlsa-unanswered"},
    std::pair{Finding::AddressMissing, "address-missing"},
    std::pair{Finding::ConnectionFailed, "connection-failed"},
    std::pair{Finding::SessionRefused, "session-refused"},
    std::pair{Finding::SessionSilent, "session-silent"},
    std::pair{Finding::SessionBroken, "session-broken"},
    std::pair{Finding::StarttlsNotOffered, "starttls-not-offered"},
    std::pair{Finding::StarttlsRefused, "starttls-refused"},
    std::pair{Finding::HandshakeFailed, "handshake-failed"},
    std::pair{Finding::TlsTooOld, "tls-too-old"},
    std::pair{Finding::TlsaMismatch, "tlsa-mismatch"},
    std::pair{Finding::CertificateExpired, "certificate-expired"},
    std::pair{Finding::CertificateNotYetValid, "certificate-not-yet-valid"},
    std::pair{Finding::CertificateWrongName, "certificate-wrong-name"},
    std::pair{Finding::CertificateSelfSigned, "certificate-self-signed"},
    std::pair{Finding::CertificateUnknownAuthority, "certificate-unknown-authority"},
    std::pair{Finding::CertificateUnfit, "certificate-unfit"},
    std::pair{Finding::RequiretlsOnlyInPlaintext, "requiretls-only-in-plaintext"},
    std::pair{Finding::RequiretlsNotOffered, "requiretls-not-offered"},
    std::pair{Finding::None, "none"},
};

constexpr HostAssessment gets_through{Outcome::GetsThrough, Finding::None};

constexpr HostAssessment does_not(Finding finding) {
    return {Outcome::DoesNot, finding};
}
constexpr HostAssessment undetermined(Finding finding) {
    return {Outcome::Undetermined, finding};
}

// A signature that does not hold: the zone's fault, unless nothing can be validated from here.
HostAssessment bogus(const DomainProbe& domain, Finding finding) {
    return domain.validation == Validation::On ? does_not(finding)
                                               : undetermined(Finding::NotValidatedHere);
}

HostAssessment policy_not_had(const PolicyFacts& policy) {
    const std::string_view id = policy.fault ? policy.fault->id : std::string_view();
    if (id == "net.policy.record-bogus") return does_not(Finding::PolicyRecordBogus);
    if (id == "net.policy.record-unanswered") return undetermined(Finding::PolicyUnanswered);
    if (id == "net.https.timeout") return undetermined(Finding::PolicyUnavailable);
    return does_not(Finding::PolicyUnavailable);
}

// Why nothing vouches for the host's name. [rfc8689/4.2.1/2]
HostAssessment name_not_vouched_for(const DomainProbe& domain, const HostFacts& host) {
    if (domain.validation != Validation::On) return undetermined(Finding::NotValidatedHere);
    switch (host.sts.match) {
        case StsMatch::Unavailable:
            return policy_not_had(domain.policy);
        case StsMatch::NotListed:
            if (host.sts.mode != StsMode::None) return does_not(Finding::PolicyNotListing);
            break;
        case StsMatch::Listed:
            if (host.sts.mode == StsMode::Testing) return does_not(Finding::PolicyTesting);
            break;
        case StsMatch::NoPolicy:
            if (domain.policy.fault) return does_not(Finding::PolicyRecordFaulty);
            break;
    }
    return does_not(Finding::MxUnsigned);
}

HostAssessment policy_not_met(const DomainProbe& domain, const HostFacts& host) {
    if (host.tlsa != requiretls::TlsaState::LookupFailed) {
        return does_not(Finding::PolicyNotListing);
    }
    // A failed lookup of the addresses is told as what it is.
    const bool of_address =
        host.address_fault != LookupFault::None && host.tlsa_fault == host.address_fault;
    if (host.tlsa_fault == LookupFault::Bogus) {
        return bogus(domain, of_address ? Finding::AddressBogus : Finding::TlsaBogus);
    }
    return undetermined(of_address ? Finding::AddressUnanswered : Finding::TlsaUnanswered);
}

HostAssessment without_address(const DomainProbe& domain, LookupFault fault) {
    switch (fault) {
        case LookupFault::Bogus:
            return bogus(domain, Finding::AddressBogus);
        case LookupFault::Unanswered:
            return undetermined(Finding::AddressUnanswered);
        case LookupFault::Missing:
        case LookupFault::None:
            break;
    }
    return does_not(Finding::AddressMissing);
}

// The session ended before anything could be judged.
HostAssessment ended_early(const SessionFacts& session) {
    switch (session.end) {
        case SessionEnd::NoConnection:
            return undetermined(Finding::ConnectionFailed);
        case SessionEnd::Silent:
            return undetermined(Finding::SessionSilent);
        case SessionEnd::Refused: {
            const bool may_change = session.refusal && session.refusal->is_transient();
            return may_change ? undetermined(Finding::SessionRefused)
                              : does_not(Finding::SessionRefused);
        }
        case SessionEnd::Broken:
        case SessionEnd::None:
            break;
    }
    return does_not(Finding::SessionBroken);
}

HostAssessment without_tls(const SessionFacts& session) {
    switch (session.tls.outcome) {
        case TlsOutcome::NotOffered:
            return does_not(Finding::StarttlsNotOffered);
        case TlsOutcome::Refused:
            return does_not(Finding::StarttlsRefused);
        case TlsOutcome::HandshakeFailed:
            if (session.end == SessionEnd::Silent) break;
            return does_not(Finding::HandshakeFailed);
        case TlsOutcome::NotTried:
        case TlsOutcome::Established:
            break;
    }
    return ended_early(session);
}

Finding finding_of(CertificateFault fault) {
    switch (fault) {
        case CertificateFault::UnknownAuthority:
            return Finding::CertificateUnknownAuthority;
        case CertificateFault::SelfSigned:
            return Finding::CertificateSelfSigned;
        case CertificateFault::Expired:
            return Finding::CertificateExpired;
        case CertificateFault::NotYetValid:
            return Finding::CertificateNotYetValid;
        case CertificateFault::WrongName:
            return Finding::CertificateWrongName;
        case CertificateFault::NoTlsaMatch:
            return Finding::TlsaMismatch;
        case CertificateFault::None:
        case CertificateFault::Other:
            break;
    }
    return Finding::CertificateUnfit;
}

HostAssessment not_authenticated(const DomainProbe& domain, const HostProbe& host) {
    const CertificateFault fault = host.session->tls.fault;
    // A record that matches could vouch for any certificate; unseen here is not absent.
    if (domain.validation != Validation::On) return undetermined(Finding::NotValidatedHere);
    // OpenSSL fell back to a trust chain that holds: none of the records could be used after all.
    if (fault == CertificateFault::None) return does_not(Finding::TlsaMismatch);
    return does_not(finding_of(fault));
}

HostAssessment without_requiretls(const SessionFacts& session) {
    // The second EHLO came to nothing.
    if (!session.greetings.in_tls) return ended_early(session);
    return does_not(session.greetings.in_plaintext.has("REQUIRETLS")
                        ? Finding::RequiretlsOnlyInPlaintext
                        : Finding::RequiretlsNotOffered);
}

HostAssessment unfit_session(const DomainProbe& domain, const HostProbe& host, Reason reason) {
    switch (reason) {
        case Reason::TlsUnavailable:
            return without_tls(*host.session);
        case Reason::TlsTooOld:
            return does_not(Finding::TlsTooOld);
        case Reason::NotAuthenticated:
            return not_authenticated(domain, host);
        case Reason::RequiretlsNotOffered:
            return without_requiretls(*host.session);
        case Reason::LookupNotValidated:
            return name_not_vouched_for(domain, host.facts);
        case Reason::PolicyNotMet:
            return policy_not_met(domain, host.facts);
        case Reason::ConnectionFailed:
        case Reason::None:
            break;
    }
    return ended_early(*host.session);
}

DomainAssessment without_hosts(const requiretls::Rules& rules, const DomainProbe& domain,
                               LookupFailure failure) {
    const bool for_good =
        rules.judge_failed_lookup(tagged, failure).fate == requiretls::Fate::Bounce;
    DomainAssessment assessment{.outcome = for_good ? Outcome::DoesNot : Outcome::Undetermined};
    switch (failure) {
        case LookupFailure::NoSuchDomain:
            assessment.finding = Finding::NoSuchDomain;
            break;
        case LookupFailure::NullMx:
            assessment.finding = Finding::NullMx;
            break;
        case LookupFailure::Bogus:
            // The mail would wait, in vain until the zone is mended.
            assessment.outcome = bogus(domain, Finding::MxBogus).outcome;
            assessment.finding = bogus(domain, Finding::MxBogus).finding;
            break;
        case LookupFailure::Temporary:
            assessment.finding = Finding::MxUnanswered;
            break;
    }
    return assessment;
}

}  // namespace

std::string_view name_of(Finding finding) {
    const auto found =
        std::ranges::find(names, finding, [](const auto& each) { return each.first; });
    return found == names.end() ? "" : found->second;
}

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::GetsThrough:
            return "gets-through";
        case Outcome::DoesNot:
            return "does-not";
        case Outcome::Undetermined:
            break;
    }
    return "undetermined";
}

std::vector<Finding> all_findings() {
    std::vector<Finding> all;
    for (const auto& [finding, name] : names) all.push_back(finding);
    return all;
}

HostAssessment assess_host(const requiretls::Rules& rules, const DomainProbe& domain,
                           const HostProbe& host) {
    const requiretls::HostVerdict before = rules.judge_host(tagged, host.facts);
    if (before.fitness != Fitness::Fit) {
        return before.reason == Reason::LookupNotValidated
                   ? name_not_vouched_for(domain, host.facts)
                   : policy_not_met(domain, host.facts);
    }
    if (host.facts.addresses.empty()) return without_address(domain, host.facts.address_fault);
    if (!host.session) return undetermined(Finding::TimeLimit);
    const SessionFacts& session = *host.session;
    // Before STARTTLS there was nothing to judge.
    const bool came_to_tls = session.tls.outcome != TlsOutcome::NotTried;
    if (!session.is_alive() && !came_to_tls) return ended_early(session);
    const requiretls::HostVerdict verdict =
        rules.judge_session(tagged, host.facts, session.tls, session.greetings);
    if (verdict.fitness != Fitness::Fit) return unfit_session(domain, host, verdict.reason);
    const bool goes_tagged =
        rules.sends_parameter(tagged, host.facts, session.tls, session.greetings);
    if (!goes_tagged) return does_not(Finding::RequiretlsNotOffered);
    return session.is_alive() ? gets_through : ended_early(session);
}

DomainAssessment assess(const requiretls::Rules& rules, const DomainProbe& domain) {
    if (!domain.hosts) return {.outcome = Outcome::Undetermined, .finding = Finding::TimeLimit};
    if (!*domain.hosts) return without_hosts(rules, domain, domain.hosts->error());

    DomainAssessment assessment{.outcome = Outcome::DoesNot};
    for (std::size_t index = 0; index < (*domain.hosts)->size(); ++index) {
        const HostAssessment host = assess_host(rules, domain, (*domain.hosts)->at(index));
        assessment.hosts.push_back(host);
        if (host.outcome == Outcome::GetsThrough && !assessment.through) {
            assessment.through = index;
        }
        const bool is_nearer =
            !assessment.nearest || host.finding > assessment.hosts[*assessment.nearest].finding;
        if (is_nearer) assessment.nearest = index;
    }
    // One host that takes the message is enough. [rfc8689/4.2.1/9]
    if (assessment.through) {
        assessment.outcome = Outcome::GetsThrough;
        assessment.nearest.reset();
        return assessment;
    }
    const auto is_open = [](const HostAssessment& host) {
        return host.outcome == Outcome::Undetermined;
    };
    if (std::ranges::any_of(assessment.hosts, is_open)) assessment.outcome = Outcome::Undetermined;
    return assessment;
}

}  // namespace mailassay::probe
