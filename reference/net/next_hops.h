#pragma once

#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/resolver.h"
#include "requiretls/facts.h"
#include "requiretls/mta_sts.h"
#include "requiretls/rules.h"

// Who takes mail for a domain, with everything that can be known before a connection.
namespace mailassay::net {

using Candidates = std::expected<std::vector<requiretls::HostFacts>, requiretls::LookupFailure>;

// An interface, so that a relay can be tested without DNS. Implementations are usable from several
// threads.
class NextHops {
  public:
    virtual ~NextHops() = default;
    // The candidates in order of preference, at least one. `domain` is lower case.
    [[nodiscard]] virtual Candidates find(const std::string& domain) const = 0;
};

// By DNS and HTTPS: RFC 5321 section 5.1, RFC 7505, RFC 7672 section 2.2, RFC 8461 section 3.
class DnsNextHops final : public NextHops {
  public:
    struct Settings {
        std::string ca_file;  // for policy servers; empty: the system's trusted certificates
        requiretls::PolicyServerTrust policy_server_trust = requiretls::PolicyServerTrust::Verify;
        std::size_t max_hosts = 20;
    };
    // `clock` must outlive this.
    DnsNextHops(Resolver resolver, Settings settings, const base::Clock& clock);

    [[nodiscard]] Candidates find(const std::string& domain) const override;

  private:
    struct Cached {
        requiretls::StsPolicy policy;
        base::TimePoint until;
    };
    enum class PolicyState { None, Unavailable, Known };
    struct Policy {
        PolicyState state = PolicyState::None;
        requiretls::StsPolicy policy = {};
    };

    [[nodiscard]] std::vector<std::string> addresses_of(const std::string& host) const;
    [[nodiscard]] Policy policy_of(const std::string& domain) const;
    [[nodiscard]] Policy cached_policy(const std::string& domain) const;
    [[nodiscard]] Candidates hosts_of(const std::string& domain) const;
    void add_tlsa(requiretls::HostFacts& host) const;

    Resolver resolver_;
    Settings settings_;
    const base::Clock& clock_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Cached> policies_;  // by domain; guarded by mutex_
};

}  // namespace mailassay::net
