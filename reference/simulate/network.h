#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "mta/config.h"
#include "requiretls/facts.h"

// A random network of mail servers: who exists, what they can do, what their domains publish.
namespace mailassay::simulate {

// What the network is assumed to be like. Shares are percentages, 0 to 100.
struct Assumptions {
    // Of all domains.
    double dnssec = 10;   // sign their zone
    double mta_sts = 5;   // publish an MTA-STS policy
    double dane = 60;     // of the signed: publish TLSA records for their hosts
    double testing = 30;  // of the policies: in testing mode, else enforce
    // Of domains that have not adopted REQUIRETLS.
    double starttls = 95;      // offer STARTTLS
    double certificates = 70;  // of their hosts: have one that a trust chain vouches for
    double old_tls = 2;        // of their hosts: TLS 1.1 at most
    // Of domains that have adopted it.
    double prepared = 90;  // sign their zone or enforce MTA-STS, with certificates to match
    double lagging = 10;   // of their second and third hosts: not upgraded yet
    // Of recipients.
    double forwarded = 20;  // an alias for a user of another domain
    double lists = 2;       // an alias for three users of other domains
    // Of messages.
    double tagged = 70;    // REQUIRETLS, from adopters only
    double optional = 10;  // with the header field that says TLS is not required
    // Of connections, lookups and sessions.
    double refused_connections = 2;
    double temporary_failures = 2;  // 451 to MAIL, or after the data
    double failed_handshakes = 0.5;
    double failed_lookups = 0.5;
    double attacks = 1;     // STARTTLS stripped or refused, a man in the middle, a spoofed MX
    double crashes = 0.05;  // of receipts and of delivery rounds

    friend bool operator==(const Assumptions&, const Assumptions&) = default;
};

enum class Certificate : std::uint8_t { Trusted, Untrusted };

// One server: a mail exchanger of its domain, and a relay for what it forwards.
struct Host {
    std::size_t domain = 0;
    std::string name;  // also the address that it is connected to
    bool offers_starttls = true;
    bool speaks_requiretls = false;  // of the current adoption
    bool upgraded = true;            // once its domain adopts
    Certificate certificate = Certificate::Trusted;
    requiretls::TlsVersion version = requiretls::TlsVersion::Tls13;
};

struct Domain {
    std::string name;
    std::vector<std::size_t> hosts;            // by preference, best first
    std::vector<requiretls::HostFacts> facts;  // one for each host
    mta::Config config;                        // of all its hosts but for the host name
    bool adopts = false;
};

// The same seed and assumptions give the same network, whatever the adoption: who adopts at 10% has
// also adopted at 20%.
class Network {
  public:
    // `servers` is at least 2.
    Network(std::size_t servers, std::uint64_t seed, const Assumptions& assumptions);

    // The first `percent` of the domains, in an order of the seed, adopt REQUIRETLS; at least one.
    void adopt(double percent);

    [[nodiscard]] const std::vector<Host>& hosts() const { return hosts_; }
    [[nodiscard]] const std::vector<Domain>& domains() const { return domains_; }
    // Those that have adopted, never empty after adopt().
    [[nodiscard]] const std::vector<std::size_t>& adopters() const { return adopters_; }
    // Indexes; the size of the table when there is none of that name.
    [[nodiscard]] std::size_t domain_of(const std::string& name) const;
    [[nodiscard]] std::size_t host_of(const std::string& name) const;

  private:
    void add_domain(std::size_t size, base::Random& random);
    void add_aliases(base::Random& random);
    void equip(std::size_t domain);

    // What a domain draws once, for both cases.
    struct Draw {
        double dnssec, mta_sts, dane, testing, starttls, prepared;
        std::vector<double> certificate, old_tls, lagging;  // one for each host
    };
    Assumptions assumptions_;
    std::vector<Host> hosts_;
    std::vector<Domain> domains_;
    std::vector<Draw> draws_;
    std::vector<std::size_t> order_;  // of adoption
    std::vector<std::size_t> adopters_;
};

// From 0 to 100, evenly.
[[nodiscard]] double percent(base::Random& random);
// From 0 to count - 1, evenly enough.
[[nodiscard]] std::size_t below(base::Random& random, std::size_t count);

}  // namespace mailassay::simulate
