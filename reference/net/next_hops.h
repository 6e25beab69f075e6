#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/policies.h"
#include "net/resolver.h"
#include "requiretls/facts.h"
#include "requiretls/rules.h"

// Who takes mail for a domain, with everything that can be known before a connection.
namespace mailassay::net {

using Candidates = std::expected<std::vector<requiretls::HostFacts>, requiretls::LookupFailure>;

// An interface, so that a relay can be tested without DNS. Implementations are usable from several
// threads.
class NextHops {
  public:
    virtual ~NextHops() = default;
    // The candidates in order of preference, at least one. `domain` is in lower case, or an
    // address literal, which is its own and only candidate. Blocks.
    [[nodiscard]] virtual Candidates find(const std::string& domain) const = 0;
};

// By DNS and HTTPS: RFC 5321 section 5.1, RFC 7505, RFC 7672 section 2.2, RFC 8461 section 3.
// A host name that is an alias is expanded for TLSA, by RFC 7672 section 2.2.2.
class DnsNextHops final : public NextHops {
  public:
    struct Settings {
        std::string ca_file = {};  // for policy servers; empty: the system's trusted certificates
        requiretls::PolicyServerTrust policy_server_trust = requiretls::PolicyServerTrust::Verify;
        std::size_t max_hosts = 20;
        std::uint16_t port = 25;  // of the hosts; TLSA records belong to a port
    };
    // `clock` and `random`, which must be safe to call from several threads, must outlive this.
    DnsNextHops(std::shared_ptr<const Dns> dns, HttpsGet get, const Settings& settings,
                const base::Clock& clock, base::Random& random);
    // With the real DNS and HTTPS.
    DnsNextHops(Resolver resolver, const Settings& settings, const base::Clock& clock,
                base::Random& random);

    [[nodiscard]] Candidates find(const std::string& domain) const override;
    // The MTA-STS policy that find() goes by, in whole. Blocks.
    [[nodiscard]] DomainPolicy policy_of(const std::string& domain) const;

  private:
    [[nodiscard]] Candidates hosts_of(const std::string& domain) const;
    [[nodiscard]] requiretls::HostFacts known_about(requiretls::HostFacts host,
                                                    const DomainPolicy& policy) const;
    [[nodiscard]] std::vector<std::string> tlsa_base_candidates(
        const requiretls::HostFacts& host, requiretls::DnsSecurity addresses) const;
    void add_tlsa(requiretls::HostFacts& host, const std::vector<std::string>& candidates) const;

    std::shared_ptr<const Dns> dns_;
    Settings settings_;
    base::Random& random_;
    Policies policies_;
};

}  // namespace mailassay::net
