#include "simulate/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace mailassay::simulate {

namespace {

using requiretls::DnsSecurity;
using requiretls::HostFacts;
using requiretls::StsMatch;
using requiretls::StsMode;
using requiretls::TlsaState;

constexpr double two_hosts = 30;
constexpr double three_hosts = 10;

std::size_t number_in(std::string_view name, char first, std::size_t limit) {
    std::size_t number = 0;
    if (name.empty() || name.front() != first) return limit;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    const bool whole = error == std::errc() && (end == name.data() + name.size() || *end == '.');
    return whole && number < limit ? number : limit;
}

}  // namespace

double percent(base::Random& random) {
    constexpr double steps = 9007199254740992.0;  // 2^53
    return static_cast<double>(random.next() >> 11U) / steps * 100;
}

std::size_t below(base::Random& random, std::size_t count) {
    return static_cast<std::size_t>(random.next() % count);
}

Network::Network(std::size_t servers, std::uint64_t seed, const Assumptions& assumptions)
    : assumptions_(assumptions) {
    base::SeededRandom random(seed);
    while (hosts_.size() < servers) {
        const double drawn = percent(random);
        std::size_t size = 1;
        if (drawn < two_hosts) size = 2;
        if (drawn < three_hosts) size = 3;
        // At least two domains, or nobody could write to anybody else.
        const std::size_t left = servers - hosts_.size();
        add_domain(domains_.empty() ? 1 : std::min(size, left), random);
    }
    order_.resize(domains_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (std::size_t i = order_.size(); i > 1; --i)
        std::swap(order_[i - 1], order_[below(random, i)]);
    add_aliases(random);
    adopt(100);
}

void Network::add_domain(std::size_t size, base::Random& random) {
    Domain domain;
    domain.name = fmt::format("d{}.example", domains_.size());
    Draw draw{.dnssec = percent(random),
              .mta_sts = percent(random),
              .dane = percent(random),
              .testing = percent(random),
              .starttls = percent(random),
              .prepared = percent(random),
              .certificate = {},
              .old_tls = {},
              .lagging = {}};
    for (std::size_t i = 0; i < size; ++i) {
        draw.certificate.push_back(percent(random));
        draw.old_tls.push_back(percent(random));
        draw.lagging.push_back(percent(random));
        Host host;
        host.domain = domains_.size();
        host.name = fmt::format("h{}.d{}.example", hosts_.size(), domains_.size());
        domain.hosts.push_back(hosts_.size());
        HostFacts facts;
        facts.domain = domain.name;
        facts.host = host.name;
        facts.preference = static_cast<std::uint16_t>(10 * (i + 1));
        facts.addresses = {host.name};
        domain.facts.push_back(std::move(facts));
        hosts_.push_back(std::move(host));
    }
    domains_.push_back(std::move(domain));
    draws_.push_back(std::move(draw));
}

void Network::add_aliases(base::Random& random) {
    const auto another = [&](std::size_t than) {
        const std::size_t drawn = below(random, domains_.size() - 1);
        return drawn < than ? drawn : drawn + 1;
    };
    for (std::size_t index = 0; index < domains_.size(); ++index) {
        Domain& domain = domains_[index];
        mta::Config& config = domain.config;
        config.server.hostname = hosts_[domain.hosts.front()].name;
        config.server.relay_from = {mta::Network::parse("0.0.0.0/0").value()};
        config.client.helo = config.server.hostname;
        config.aliases.push_back({.name = {"forward", domain.name},
                                  .targets = {{"user", domains_[another(index)].name}}});
        mta::Alias list{.name = {"list", domain.name}, .targets = {}};
        for (int i = 0; i < 3; ++i) {
            list.targets.push_back({"user", domains_[another(index)].name});
        }
        config.aliases.push_back(std::move(list));
    }
}

void Network::adopt(double share) {
    const auto count =
        static_cast<std::size_t>(std::ceil(share / 100 * static_cast<double>(domains_.size())));
    adopters_.assign(order_.begin(),
                     order_.begin() + static_cast<std::ptrdiff_t>(
                                          std::clamp<std::size_t>(count, 1, order_.size())));
    for (Domain& domain : domains_) domain.adopts = false;
    for (const std::size_t index : adopters_) domains_[index].adopts = true;
    for (std::size_t index = 0; index < domains_.size(); ++index) equip(index);
}

void Network::equip(std::size_t index) {
    Domain& domain = domains_[index];
    const Draw& draw = draws_[index];
    const Assumptions& shares = assumptions_;
    const bool prepared = domain.adopts && draw.prepared < shares.prepared;
    bool is_signed = draw.dnssec < shares.dnssec;
    bool has_policy = draw.mta_sts < shares.mta_sts;
    bool enforces = draw.testing >= shares.testing;
    if (prepared && !is_signed) has_policy = enforces = true;
    const bool has_tlsa = is_signed && draw.dane < shares.dane;
    for (std::size_t i = 0; i < domain.hosts.size(); ++i) {
        Host& host = hosts_[domain.hosts[i]];
        HostFacts& facts = domain.facts[i];
        host.upgraded = i == 0 || draw.lagging[i] >= shares.lagging;
        host.speaks_requiretls = domain.adopts && host.upgraded;
        host.offers_starttls = domain.adopts || draw.starttls < shares.starttls;
        // Who publishes a policy keeps certificates that meet it.
        const bool trusted = prepared || has_policy || draw.certificate[i] < shares.certificates;
        host.certificate = trusted ? Certificate::Trusted : Certificate::Untrusted;
        const bool old = !domain.adopts && draw.old_tls[i] < shares.old_tls;
        host.version = old ? requiretls::TlsVersion::Tls11 : requiretls::TlsVersion::Tls13;
        facts.mx_security = is_signed ? DnsSecurity::Secure : DnsSecurity::Insecure;
        facts.tlsa = has_tlsa && host.offers_starttls ? TlsaState::Usable : TlsaState::None;
        facts.sts = {};
        if (has_policy) {
            facts.sts = {.match = StsMatch::Listed,
                         .mode = enforces ? StsMode::Enforce : StsMode::Testing};
        }
    }
}

std::size_t Network::domain_of(const std::string& name) const {
    return number_in(name, 'd', domains_.size());
}

std::size_t Network::host_of(const std::string& name) const {
    return number_in(name, 'h', hosts_.size());
}

}  // namespace mailassay::simulate
