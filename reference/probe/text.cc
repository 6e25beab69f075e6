#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "probe/advice.h"
#include "probe/render.h"
#include "probe/words.h"

namespace mailassay::probe {
namespace {

using requiretls::Authentication;
using requiretls::DnsSecurity;
using requiretls::HostFacts;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::TlsOutcome;

using Row = std::array<std::string, 9>;

const Row headings{"pref",        "host",       "address",          "name", "TLSA", "TLS",
                   "certificate", "REQUIRETLS", "mail gets through"};

std::string mx_words(const DomainProbe& domain, const HostFacts& first) {
    if (domain.domain.starts_with('[')) return "not asked for, an address was given";
    const bool from_mx = first.lookup == requiretls::Lookup::Mx;
    const std::string what = from_mx ? "" : "none, the domain is its own host; ";
    if (domain.validation != Validation::On) return what + "not checked for DNSSEC";
    return what + (first.mx_security == DnsSecurity::Secure ? "signed with DNSSEC"
                                                            : "not signed with DNSSEC");
}

std::string policy_words(const PolicyFacts& policy) {
    if (policy.policy) {
        return fmt::format("mode {}, {} mx pattern{}", word_for(policy.policy->mode),
                           policy.policy->mx.size(), policy.policy->mx.size() == 1 ? "" : "s");
    }
    if (policy.fault) return "unusable: " + base::escape(to_string(*policy.fault), 200);
    return "none";
}

// What vouches for the host's name.
std::string name_words(const HostFacts& host) {
    if (host.lookup == requiretls::Lookup::Address) return "own host";
    const bool by_policy = host.sts.match == StsMatch::Listed && host.sts.mode == StsMode::Enforce;
    if (host.mx_security == DnsSecurity::Secure) return by_policy ? "DNSSEC, STS" : "DNSSEC";
    return by_policy ? "STS" : "nothing";
}

std::string tls_words(const SessionFacts& session) {
    if (session.tls.outcome == TlsOutcome::Established) {
        return std::string(word_for(session.tls.version));
    }
    return session.tls.outcome == TlsOutcome::NotTried ? "-"
                                                       : std::string(word_for(session.tls.outcome));
}

std::string certificate_words(const SessionFacts& session) {
    if (session.tls.outcome != TlsOutcome::Established) return "-";
    if (session.tls.authentication == Authentication::Dane) return "by DANE";
    if (session.tls.authentication == Authentication::Pkix) return "trusted";
    return std::string(word_for(session.tls.fault));
}

std::string requiretls_words(const SessionFacts& session) {
    if (!session.greetings.in_tls) return "-";
    return session.greetings.in_tls->has("REQUIRETLS") ? "offered" : "not offered";
}

std::string outcome_words(Outcome outcome) {
    switch (outcome) {
        case Outcome::GetsThrough:
            return "yes";
        case Outcome::DoesNot:
            return "no";
        case Outcome::Undetermined:
            break;
    }
    return "unknown";
}

Row row_for(const HostProbe& host, const HostAssessment& assessment) {
    const SessionFacts session = host.session.value_or(SessionFacts{});
    return {std::to_string(host.facts.preference),
            base::escape(host.facts.host),
            session.address.empty() ? "-" : session.address,
            name_words(host.facts),
            std::string(word_for(host.facts.tlsa)),
            tls_words(session),
            certificate_words(session),
            requiretls_words(session),
            outcome_words(assessment.outcome)};
}

std::string table(const std::vector<Row>& rows) {
    std::array<std::size_t, headings.size()> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Row& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += fmt::format(" {:<{}}", row[i], widths[i]);
            if (i + 1 < row.size()) line += ' ';
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::string advice_text(std::string_view subject, const Advice& advice) {
    return fmt::format("{}: {}\n  to fix: {}\n", subject, advice.problem, advice.fix);
}

std::string summary(const DomainProbe& domain, const DomainAssessment& assessment) {
    const auto host = [&](std::size_t index) { return (*domain.hosts)->at(index).facts.host; };
    if (assessment.through) {
        return fmt::format("Mail with REQUIRETLS gets through to {}, by {}.\n", domain.domain,
                           host(*assessment.through));
    }
    const bool open = assessment.outcome == Outcome::Undetermined;
    std::string text =
        open ? fmt::format(
                   "Whether mail with REQUIRETLS gets through to {} could "
                   "not be determined.",
                   domain.domain)
             : fmt::format("Mail with REQUIRETLS does not get through to {}.", domain.domain);
    if (!open && assessment.hosts.size() > 1) {
        text +=
            fmt::format(" One host is enough; the nearest to it is {}.", host(*assessment.nearest));
    }
    return text + "\n";
}

}  // namespace

std::string to_text(const DomainProbe& domain, const DomainAssessment& assessment) {
    if (assessment.hosts.empty()) {
        return advice_text(domain.domain, advise(domain, assessment.finding)) + "\n" +
               summary(domain, assessment);
    }
    const std::vector<HostProbe>& hosts = **domain.hosts;
    std::string text =
        fmt::format("{}\n  MX record: {}\n  MTA-STS: {}\n\n", domain.domain,
                    mx_words(domain, hosts.front().facts), policy_words(domain.policy));
    std::vector<Row> rows{headings};
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        rows.push_back(row_for(hosts[i], assessment.hosts[i]));
    }
    text += table(rows) + "\n";
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const Finding finding = assessment.hosts[i].finding;
        if (finding == Finding::None) continue;
        text += advice_text(hosts[i].facts.host, advise(domain, hosts[i], finding)) + "\n";
    }
    return text + summary(domain, assessment);
}

}  // namespace mailassay::probe
