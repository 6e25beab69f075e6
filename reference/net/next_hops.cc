#include "net/next_hops.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "net/addresses.h"
#include "net/https.h"
#include "requiretls/tlsa.h"

namespace mailassay::net {
namespace {

using requiretls::DnsSecurity;
using requiretls::HostFacts;
using requiretls::Lookup;
using requiretls::LookupFailure;
using requiretls::LookupFault;
using requiretls::StsMatch;
using requiretls::TlsaState;

struct Mx {
    std::uint16_t preference = 0;
    std::string host;  // empty: the root, as in a null MX
};

std::optional<Mx> mx_from(std::string_view rdata) {
    if (rdata.size() < 3) return std::nullopt;
    const auto high = static_cast<unsigned char>(rdata[0]);
    const auto low = static_cast<unsigned char>(rdata[1]);
    return Mx{static_cast<std::uint16_t>(high << 8 | low), name_from_wire(rdata.substr(2))};
}

// RFC 7505 section 3: the host is the root.
bool is_null_mx(std::string_view rdata) {
    return rdata.size() == 3 && rdata[2] == 0;
}

HostFacts candidate(const std::string& domain, Mx mx, Lookup lookup, DnsSecurity security) {
    HostFacts facts;
    facts.domain = domain;
    facts.host = std::move(mx.host);
    facts.preference = mx.preference;
    facts.lookup = lookup;
    facts.mx_security = security;
    return facts;
}

HostFacts literal_candidate(const std::string& literal, std::string address) {
    HostFacts facts = candidate(literal, {0, literal}, Lookup::Address, DnsSecurity::Insecure);
    facts.addresses = {std::move(address)};
    return facts;
}

// Best first; hosts of one preference in random order (RFC 5321 section 5.1).
void put_in_order(std::vector<HostFacts>& hosts, base::Random& random) {
    // The records come in any order; from a known one, the same randomness gives the same result.
    std::ranges::sort(hosts, {}, &HostFacts::host);
    for (std::size_t left = hosts.size(); left > 1; --left) {
        std::swap(hosts[left - 1], hosts[random.next() % left]);
    }
    // Need not be stable: what a sort makes of equals that were shuffled is as random.
    std::ranges::sort(hosts, {}, &HostFacts::preference);
}

}  // namespace

DnsNextHops::DnsNextHops(std::shared_ptr<const Dns> dns, HttpsGet get, const Settings& settings,
                         const base::Clock& clock, base::Random& random)
    : dns_(std::move(dns)),
      settings_(settings),
      random_(random),
      policies_(dns_, std::move(get),
                {.ca_file = settings.ca_file, .trust = settings.policy_server_trust}, clock) {}

DnsNextHops::DnsNextHops(Resolver resolver, const Settings& settings, const base::Clock& clock,
                         base::Random& random)
    : DnsNextHops(std::make_shared<const Resolver>(std::move(resolver)), https_get, settings, clock,
                  random) {}

Candidates DnsNextHops::find(const std::string& domain) const {
    if (domain.starts_with('[')) {
        auto address = address_in_literal(domain);
        if (!address) return std::unexpected(LookupFailure::NoSuchDomain);
        return std::vector{literal_candidate(domain, std::move(*address))};
    }
    Candidates hosts = hosts_of(domain);
    if (!hosts) return hosts;
    const DomainPolicy policy = policies_.of(domain);
    for (HostFacts& host : *hosts) host = known_about(std::move(host), policy);
    return hosts;
}

DomainPolicy DnsNextHops::policy_of(const std::string& domain) const {
    return policies_.of(domain);
}

// The hosts without what is known about each.
Candidates DnsNextHops::hosts_of(const std::string& domain) const {
    const Answer answer = dns_->look_up(domain, RecordType::Mx);
    if (answer.kind == AnswerKind::Failure) {
        const bool bogus = answer.security == DnsSecurity::Bogus;
        return std::unexpected(bogus ? LookupFailure::Bogus : LookupFailure::Temporary);
    }
    if (answer.kind == AnswerKind::NoName) return std::unexpected(LookupFailure::NoSuchDomain);
    if (answer.kind == AnswerKind::NoData) {
        // [rfc8689/4.2.1/1]: without MX records the domain is its own host, if it has an address.
        const HostAddresses addresses = addresses_of(*dns_, domain);
        if (addresses.found.empty() && addresses.fault == LookupFault::Bogus) {
            return std::unexpected(LookupFailure::Bogus);
        }
        if (addresses.kind == AnswerKind::Failure) return std::unexpected(LookupFailure::Temporary);
        if (addresses.found.empty()) return std::unexpected(LookupFailure::NoSuchDomain);
        return std::vector{candidate(domain, {0, domain}, Lookup::Address, answer.security)};
    }
    std::vector<HostFacts> found;
    for (const std::string& rdata : answer.rdata) {
        auto mx = mx_from(rdata);
        if (!mx || mx->host.empty()) continue;
        found.push_back(candidate(domain, std::move(*mx), Lookup::Mx, answer.security));
        found.back().canonical_domain = answer.canonical_name;
    }
    if (found.empty()) {
        const bool is_null = std::ranges::any_of(answer.rdata, is_null_mx);
        return std::unexpected(is_null ? LookupFailure::NullMx : LookupFailure::NoSuchDomain);
    }
    put_in_order(found, random_);
    if (found.size() > settings_.max_hosts) found.resize(settings_.max_hosts);
    return found;
}

HostFacts DnsNextHops::known_about(HostFacts host, const DomainPolicy& policy) const {
    HostAddresses addresses = addresses_of(*dns_, host.host);
    host.addresses = std::move(addresses.found);
    host.address_fault = addresses.fault;
    host.canonical_name = std::move(addresses.canonical_name);
    if (host.mx_security == DnsSecurity::Secure && !host.addresses.empty()) {
        const bool unsure =
            host.address_fault != LookupFault::None && addresses.security == DnsSecurity::Secure;
        if (unsure) {
            // Whoever can suppress one answer must not switch DANE off (RFC 7672 section 2.2.2).
            host.tlsa = TlsaState::LookupFailed;
            host.tlsa_fault = host.address_fault;
        } else {
            add_tlsa(host, tlsa_base_candidates(host, addresses.security));
        }
    }
    if (policy.state == PolicyState::Unavailable) host.sts.match = StsMatch::Unavailable;
    if (policy.state == PolicyState::Known) {
        const bool listed = requiretls::lists_host(policy.policy, host.host);
        host.sts = {listed ? StsMatch::Listed : StsMatch::NotListed, policy.policy.mode};
    }
    return host;
}

// In a zone that is not signed there are no TLSA records worth asking for, and some name servers
// would not even answer (RFC 7672 section 2.2.2).
std::vector<std::string> DnsNextHops::tlsa_base_candidates(const HostFacts& host,
                                                           DnsSecurity addresses) const {
    const bool is_alias = !host.canonical_name.empty();
    if (addresses == DnsSecurity::Secure) {
        return is_alias ? std::vector{host.canonical_name, host.host} : std::vector{host.host};
    }
    // An alias in a signed zone that leads out of it: its owner can vouch for it all the same.
    const bool alias_is_signed =
        is_alias && dns_->look_up(host.host, RecordType::Cname).security == DnsSecurity::Secure;
    return alias_is_signed ? std::vector{host.host} : std::vector<std::string>();
}

// The first candidate with secure records becomes the base domain (RFC 7672 section 2.2.3).
void DnsNextHops::add_tlsa(HostFacts& host, const std::vector<std::string>& candidates) const {
    for (const std::string& base : candidates) {
        const std::string name = fmt::format("_{}._tcp.{}", settings_.port, base);
        const Answer answer = dns_->look_up(name, RecordType::Tlsa);
        if (answer.kind == AnswerKind::Failure) {
            host.tlsa = TlsaState::LookupFailed;
            host.tlsa_fault = answer.security == DnsSecurity::Bogus ? LookupFault::Bogus
                                                                    : LookupFault::Unanswered;
            return;
        }
        if (answer.kind != AnswerKind::Records || answer.security != DnsSecurity::Secure) continue;
        std::vector<requiretls::TlsaRecord> records;
        for (const std::string& rdata : answer.rdata) {
            if (auto record = requiretls::parse_tlsa(rdata)) records.push_back(std::move(*record));
        }
        host.tlsa_base = base;
        host.tlsa_records = requiretls::usable(records);
        host.tlsa = host.tlsa_records.empty() ? TlsaState::Unusable : TlsaState::Usable;
        return;
    }
}

}  // namespace mailassay::net
