#include "net/next_hops.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "net/https.h"
#include "requiretls/tlsa.h"

namespace mailassay::net {
namespace {

using requiretls::DnsSecurity;
using requiretls::HostFacts;
using requiretls::Lookup;
using requiretls::LookupFailure;
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

// The character-strings of a TXT record, joined (RFC 8461 section 3.1).
std::string text_from(std::string_view rdata) {
    std::string text;
    while (!rdata.empty()) {
        const auto length = static_cast<unsigned char>(rdata.front());
        text += rdata.substr(1, length);
        rdata.remove_prefix(std::min(rdata.size(), std::size_t{length} + 1));
    }
    return text;
}

std::optional<std::string> address_from(std::string_view rdata) {
    const int family = rdata.size() == 4 ? AF_INET : AF_INET6;
    if (rdata.size() != 4 && rdata.size() != 16) return std::nullopt;
    char text[INET6_ADDRSTRLEN] = {};
    if (inet_ntop(family, rdata.data(), text, sizeof(text)) == nullptr) return std::nullopt;
    return std::string(text);
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

}  // namespace

DnsNextHops::DnsNextHops(Resolver resolver, Settings settings, const base::Clock& clock)
    : resolver_(std::move(resolver)), settings_(std::move(settings)), clock_(clock) {}

Candidates DnsNextHops::find(const std::string& domain) const {
    Candidates hosts = hosts_of(domain);
    if (!hosts) return hosts;
    const Policy policy = policy_of(domain);
    for (HostFacts& host : *hosts) {
        host.addresses = addresses_of(host.host);
        add_tlsa(host);
        if (policy.state == PolicyState::None) continue;
        host.sts.mode = policy.policy.mode;
        host.sts.match = policy.state == PolicyState::Unavailable ? StsMatch::Unavailable
                         : requiretls::lists_host(policy.policy, host.host)
                             ? StsMatch::Listed
                             : StsMatch::NotListed;
    }
    if (hosts->front().lookup == Lookup::Address && hosts->front().addresses.empty()) {
        return std::unexpected(LookupFailure::NoSuchDomain);
    }
    return hosts;
}

Candidates DnsNextHops::hosts_of(const std::string& domain) const {
    const Answer answer = resolver_.look_up(domain, RecordType::Mx);
    if (answer.kind == AnswerKind::Failure) return std::unexpected(LookupFailure::Temporary);
    if (answer.kind == AnswerKind::NoName) return std::unexpected(LookupFailure::NoSuchDomain);
    if (answer.kind == AnswerKind::NoData) {
        // [rfc8689/4.2.1/1]: without MX records the domain is its own host.
        const Mx own{0, domain};
        return std::vector{candidate(domain, own, Lookup::Address, answer.security)};
    }
    std::vector<HostFacts> found;
    for (const std::string& rdata : answer.rdata) {
        auto mx = mx_from(rdata);
        if (!mx || mx->host.empty()) continue;
        found.push_back(candidate(domain, std::move(*mx), Lookup::Mx, answer.security));
    }
    if (found.empty()) return std::unexpected(LookupFailure::NullMx);
    std::ranges::stable_sort(found, {}, &HostFacts::preference);
    if (found.size() > settings_.max_hosts) found.resize(settings_.max_hosts);
    return found;
}

std::vector<std::string> DnsNextHops::addresses_of(const std::string& host) const {
    std::vector<std::string> addresses;
    for (const RecordType type : {RecordType::A, RecordType::Aaaa}) {
        const Answer answer = resolver_.look_up(host, type);
        if (answer.kind != AnswerKind::Records) continue;
        for (const std::string& rdata : answer.rdata) {
            if (auto address = address_from(rdata)) addresses.push_back(std::move(*address));
        }
    }
    return addresses;
}

void DnsNextHops::add_tlsa(HostFacts& host) const {
    // RFC 7672 section 2.2.1: TLSA records are asked for where the MX lookup and the host's
    // address are secure; anything else would tell nothing.
    if (host.mx_security != DnsSecurity::Secure) return;
    const Answer answer = resolver_.look_up("_25._tcp." + host.host, RecordType::Tlsa);
    if (answer.kind == AnswerKind::Failure) {
        host.tlsa = TlsaState::LookupFailed;
        return;
    }
    if (answer.kind != AnswerKind::Records || answer.security != DnsSecurity::Secure) return;
    std::vector<requiretls::TlsaRecord> records;
    for (const std::string& rdata : answer.rdata) {
        if (auto record = requiretls::parse_tlsa(rdata)) records.push_back(std::move(*record));
    }
    host.tlsa_records = requiretls::usable(records);
    host.tlsa = host.tlsa_records.empty() ? TlsaState::Unusable : TlsaState::Usable;
}

DnsNextHops::Policy DnsNextHops::cached_policy(const std::string& domain) const {
    const std::lock_guard lock(mutex_);
    const auto found = policies_.find(domain);
    if (found == policies_.end() || found->second.until < clock_.now()) return {};
    return {PolicyState::Known, found->second.policy};
}

DnsNextHops::Policy DnsNextHops::policy_of(const std::string& domain) const {
    if (Policy known = cached_policy(domain); known.state == PolicyState::Known) return known;
    const Answer answer = resolver_.look_up("_mta-sts." + domain, RecordType::Txt);
    if (answer.kind != AnswerKind::Records) return {};
    const auto is_record = [](const std::string& rdata) {
        return requiretls::parse_sts_record(text_from(rdata)).has_value();
    };
    // RFC 8461 section 3.1: exactly one record, or there is no policy.
    if (std::ranges::count_if(answer.rdata, is_record) != 1) return {};
    HttpsRequest request;
    request.host = "mta-sts." + domain;
    request.path = "/.well-known/mta-sts.txt";
    request.addresses = addresses_of(request.host);
    request.ca_file = settings_.ca_file;
    request.trust = settings_.policy_server_trust;
    request.media_type = "text/plain";
    request.max_octets = requiretls::max_policy_octets;
    const auto body = https_get(request);
    if (!body) return {PolicyState::Unavailable, {}};
    const auto policy = requiretls::parse_sts_policy(*body);
    if (!policy) return {PolicyState::Unavailable, {}};
    const std::lock_guard lock(mutex_);
    policies_[domain] = {*policy, clock_.now() + policy->max_age};
    return {PolicyState::Known, *policy};
}

}  // namespace mailassay::net
