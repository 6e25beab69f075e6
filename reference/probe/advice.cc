#include "probe/advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/clock.h"
#include "probe/words.h"

namespace mailassay::probe {
namespace {

using requiretls::CertificateFacts;
using requiretls::StsMode;

constexpr std::size_t max_quoted = 200;  // octets of what a peer said
constexpr std::size_t max_listed = 3;    // patterns or names

std::string quoted(std::string_view words) {
    return base::escape(words, max_quoted);
}

// ": words", or nothing.
std::string because(std::string_view words) {
    return words.empty() ? std::string() : ": " + quoted(words);
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), max_listed); ++i) {
        text += (text.empty() ? "" : ", ") + base::escape(words[i], 100);
    }
    if (words.size() > max_listed) text += ", ...";
    return text;
}

std::string day(const std::optional<std::chrono::sys_seconds>& time) {
    return time ? base::to_day(*time) : std::string("an unreadable date");
}

// Where the words for a host come from.
struct Subject {
    const DomainProbe& domain;
    const HostProbe& host;

    [[nodiscard]] const std::string& name() const { return host.facts.host; }
    [[nodiscard]] const SessionFacts& session() const {
        static const SessionFacts nothing;
        return host.session ? *host.session : nothing;
    }
    [[nodiscard]] CertificateFacts certificate() const {
        return session().tls.certificate.value_or(CertificateFacts{});
    }
    [[nodiscard]] std::string tlsa_name() const {
        const std::string& base = host.facts.tlsa_base;
        return fmt::format("_{}._tcp.{}", domain.port, base.empty() ? name() : base);
    }
};

std::string patterns_of(const PolicyFacts& policy) {
    return policy.policy ? listed(policy.policy->mx) : std::string();
}

std::string words_for_fault(const PolicyFacts& policy) {
    if (!policy.fault) return "no reason known";
    const Error& fault = *policy.fault;
    if (fault.id == "net.https.address") return "the policy host has no address";
    if (fault.id == "net.https.status") return "HTTP status " + quoted(fault.detail);
    if (fault.id == "net.https.media-type") return "the file is not text/plain";
    if (fault.id == "net.https.timeout") return "the policy host did not answer in time";
    if (fault.id == "net.https.transport") return quoted(fault.detail);
    return "the file is faulty: " + to_string(fault);
}

Advice of_addresses(const Subject& s, Finding finding) {
    switch (finding) {
        case Finding::AddressBogus:
            return {
                fmt::format("the DNSSEC signatures of the addresses of {} do not hold", s.name()),
                fmt::format("sign the zone of {} again, or mend its DS record", s.name())};
        case Finding::AddressUnanswered:
            return {
                fmt::format("the name servers gave no answer about the addresses of {}", s.name()),
                fmt::format("make the name servers of {} answer both A and AAAA", s.name())};
        case Finding::AddressMissing:
            return {s.name() + " has no address",
                    fmt::format("give {} an A or AAAA record, or take it out of the MX records",
                                s.name())};
        case Finding::TlsaBogus:
            return {fmt::format("the DNSSEC signature of the TLSA records of {} does not hold",
                                s.name()),
                    "sign the zone again that " + s.tlsa_name() + " is in"};
        case Finding::TlsaUnanswered:
            return {fmt::format("the name servers gave no answer about the TLSA records of {}",
                                s.name()),
                    "make the name servers answer about " + s.tlsa_name()};
        default:
            return {};
    }
}

Advice of_validation(Validation validation) {
    if (validation == Validation::NoSignatures) {
        return {"with this resolver nothing can be validated, not even the root zone",
                "choose a resolver that answers and passes DNSSEC records on, with --resolver, and "
                "check this host's clock"};
    }
    return {"this program has no DNSSEC trust anchor, so it can't tell what is signed",
            "install dns-root-data, or give --trust-anchor-file"};
}

// What keeps a name from being vouched for.
Advice of_name(const Subject& s, Finding finding) {
    const std::string& domain = s.domain.domain;
    const std::string policy_file =
        fmt::format("https://mta-sts.{}/.well-known/mta-sts.txt", domain);
    switch (finding) {
        case Finding::NotValidatedHere:
            return of_validation(s.domain.validation);
        case Finding::MxUnsigned:
            return {"the MX record is not signed with DNSSEC, and no MTA-STS policy vouches for it",
                    fmt::format("sign the zone of {0} with DNSSEC, or publish an MTA-STS policy in "
                                "mode enforce that lists {1}",
                                domain, s.name())};
        case Finding::PolicyRecordFaulty: {
            const bool several =
                s.domain.policy.fault && s.domain.policy.fault->id == "net.policy.several-records";
            return {fmt::format("the MX record is not signed with DNSSEC, and {}",
                                several ? "there is more than one MTA-STS record"
                                        : "the MTA-STS record can't be read"),
                    fmt::format("publish exactly one TXT record \"v=STSv1; id=...;\" at "
                                "_mta-sts.{}",
                                domain)};
        }
        case Finding::PolicyRecordBogus:
            return {fmt::format("the DNSSEC signatures of _mta-sts.{} do not hold", domain),
                    fmt::format("sign the zone of {} again, or mend its DS record", domain)};
        case Finding::PolicyUnanswered:
            return {fmt::format("the name servers gave no answer about _mta-sts.{}", domain),
                    fmt::format("make the name servers of {} answer about TXT records", domain)};
        case Finding::PolicyUnavailable:
            return {fmt::format("the MX record is not signed with DNSSEC, and the MTA-STS policy "
                                "can't be had: {}",
                                words_for_fault(s.domain.policy)),
                    "mend " + policy_file};
        case Finding::PolicyTesting:
            return {
                "the MX record is not signed with DNSSEC, and the MTA-STS policy is in mode "
                "testing, which vouches for nothing",
                "write \"mode: enforce\" in " + policy_file};
        case Finding::PolicyNotListing: {
            const bool testing = s.host.facts.sts.mode == StsMode::Testing;
            return {fmt::format("no mx pattern of the MTA-STS policy matches {} ({})", s.name(),
                                patterns_of(s.domain.policy)),
                    fmt::format("add \"mx: {}\"{} to {}", s.name(),
                                testing ? " and \"mode: enforce\"" : "", policy_file)};
        }
        default:
            return {};
    }
}

Advice of_session(const Subject& s, Finding finding) {
    const SessionFacts& session = s.session();
    switch (finding) {
        case Finding::TimeLimit:
            return {"the time limit was reached before the host was through",
                    "try again with a longer --timeout"};
        case Finding::ConnectionFailed:
            return {"no connection came about" + because(session.detail),
                    fmt::format("start the server, and let its port through firewalls, those on "
                                "the way from here as well")};
        case Finding::SessionRefused:
            return {"the server refuses service" + because(session.detail),
                    "make the server greet this client with 220 and answer EHLO with 250"};
        case Finding::SessionSilent:
            return {"the server takes too long to answer",
                    "make the server answer sooner, or try again with a longer --timeout"};
        case Finding::SessionBroken:
            return {"the SMTP session broke" + because(session.detail),
                    "make the server speak SMTP to the end: EHLO, STARTTLS, EHLO, QUIT"};
        case Finding::StarttlsNotOffered:
            return {"STARTTLS is not offered",
                    "configure a certificate and STARTTLS (Postfix: smtpd_tls_security_level = "
                    "may); if that is done already, something on the way strips it"};
        case Finding::StarttlsRefused:
            return {"STARTTLS is offered and then refused" + because(session.tls.detail),
                    "look into the server's log for why it can't do TLS (most often the key or "
                    "the certificate can't be read)"};
        case Finding::HandshakeFailed:
            return {"the TLS handshake fails" + because(session.tls.detail),
                    "make the server complete a handshake with TLS 1.2 or 1.3"};
        case Finding::TlsTooOld:
            return {fmt::format("{} is the newest that the server speaks",
                                word_for(session.tls.version)),
                    "enable TLS 1.2 or 1.3"};
        default:
            return {};
    }
}

Advice of_certificate(const Subject& s, Finding finding) {
    const CertificateFacts certificate = s.certificate();
    switch (finding) {
        case Finding::TlsaMismatch:
            return {"no TLSA record matches the certificate",
                    fmt::format("publish the TLSA record of the certificate in use at {} (3 1 1: "
                                "SHA-256 of its public key)",
                                s.tlsa_name())};
        case Finding::CertificateExpired:
            return {"the certificate expired on " + day(certificate.not_after),
                    "renew the certificate"};
        case Finding::CertificateNotYetValid:
            return {"the certificate is not valid before " + day(certificate.not_before),
                    "install a certificate that is valid now, and check the server's clock"};
        case Finding::CertificateWrongName:
            return {
                fmt::format("the certificate is for {}, not for {}",
                            certificate.names.empty() ? "no host name" : listed(certificate.names),
                            s.name()),
                fmt::format("get a certificate with the subjectAltName {}", s.name())};
        case Finding::CertificateSelfSigned:
            return {"the certificate is self-signed, and no TLSA record vouches for it",
                    fmt::format("get one from a public authority, or publish a TLSA record at {} "
                                "in a signed zone",
                                s.tlsa_name())};
        case Finding::CertificateUnknownAuthority:
            return {fmt::format("the certificate's chain leads to no trusted authority (issuer "
                                "{}), and no TLSA record vouches for it",
                                base::escape(certificate.issuer, 100)),
                    "send the intermediate certificates along; if they are, get a certificate "
                    "from a public authority, or publish a TLSA record in a signed zone"};
        case Finding::CertificateUnfit:
            return {"the certificate does not verify" + because(s.session().tls.detail),
                    "get a new certificate, with a key of at least RSA 2048 or ECDSA P-256"};
        default:
            return {};
    }
}

Advice of_extension(Finding finding) {
    constexpr const char* enable =
        "enable REQUIRETLS in the server (Postfix 3.11: requiretls_enable); older servers do not "
        "know it";
    switch (finding) {
        case Finding::RequiretlsOnlyInPlaintext:
            return {"REQUIRETLS is offered in plaintext, and no more after STARTTLS",
                    "make the server offer it in the second EHLO, the one within TLS"};
        case Finding::RequiretlsNotOffered:
            return {"REQUIRETLS is not offered after STARTTLS", enable};
        default:
            return {};
    }
}

}  // namespace

Advice advise(const DomainProbe& domain, const HostProbe& host, Finding finding) {
    const Subject subject{domain, host};
    for (const Advice& advice :
         {of_addresses(subject, finding), of_name(subject, finding), of_session(subject, finding),
          of_certificate(subject, finding), of_extension(finding)}) {
        if (!advice.problem.empty()) return advice;
    }
    return {};
}

Advice advise(const DomainProbe& domain, Finding finding) {
    const std::string& name = domain.domain;
    switch (finding) {
        case Finding::NotValidatedHere:
            return of_validation(domain.validation);
        case Finding::NoSuchDomain:
            return {name + " does not exist in DNS, or has neither MX nor address",
                    fmt::format("register {}, or publish an MX record for it", name)};
        case Finding::NullMx:
            return {name + " has a null MX record: it takes no mail",
                    "publish MX records with real hosts in its place, if it is to take mail"};
        case Finding::MxBogus:
            return {fmt::format("the DNSSEC signatures of the MX record of {} do not hold", name),
                    fmt::format("sign the zone of {} again, or mend its DS record", name)};
        case Finding::MxUnanswered:
            return {fmt::format("the name servers gave no answer about the MX record of {}", name),
                    "try again; if it stays so, mend the name servers, or choose another "
                    "--resolver"};
        case Finding::TimeLimit:
            return {"the time limit was reached before the name servers had answered",
                    "try again with a longer --timeout"};
        default:
            return {};
    }
}

}  // namespace mailassay::probe
