#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/https.h"
#include "net/resolver.h"
#include "requiretls/mta_sts.h"
#include "requiretls/rules.h"

// MTA-STS policies of domains: discovered by DNS, fetched by HTTPS, kept as long as they say
// (RFC 8461 sections 3 and 5.1).
namespace mailassay::net {

using HttpsGet = std::function<Result<std::string>(const HttpsRequest&)>;

enum class PolicyState : std::uint8_t {
    None,         // the domain publishes none
    Unavailable,  // it does, or may do, but the policy can't be had
    Known,
};
struct DomainPolicy {
    PolicyState state = PolicyState::None;
    requiretls::StsPolicy policy = {};
    // Why the policy is unavailable; or why a record that looks like one of MTA-STS counts as none.
    // Errors: net.policy.record-unanswered, net.policy.record-bogus, net.policy.several-records,
    // requiretls.sts.record-syntax, and those of https_get and of parse_sts_policy.
    std::optional<Error> fault = {};

    friend bool operator==(const DomainPolicy&, const DomainPolicy&) = default;
};

// Usable from several threads.
class Policies {
  public:
    struct Settings {
        std::string ca_file = {};  // for policy servers; empty: the system's trusted certificates
        requiretls::PolicyServerTrust trust = requiretls::PolicyServerTrust::Verify;
        std::size_t max_cached = 10'000;  // domains
        // How long a policy that could not be fetched is not asked for again.
        std::chrono::seconds retry = std::chrono::minutes(5);
    };
    // `clock` must outlive this.
    Policies(std::shared_ptr<const Dns> dns, HttpsGet get, Settings settings,
             const base::Clock& clock);

    // The TXT record is asked for every time, so that a new policy is noticed at once; the policy
    // itself only when the record's id changed or the cached one ran out. Blocks.
    [[nodiscard]] DomainPolicy of(const std::string& domain) const;

  private:
    struct Cached {
        std::string id;
        Result<requiretls::StsPolicy> policy;  // or why it could not be fetched
        base::TimePoint until;
    };
    [[nodiscard]] std::optional<Cached> cached(const std::string& domain) const;
    void keep(const std::string& domain, Cached entry) const;
    [[nodiscard]] Result<requiretls::StsPolicy> fetch(const std::string& domain) const;

    std::shared_ptr<const Dns> dns_;
    HttpsGet get_;
    Settings settings_;
    const base::Clock& clock_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Cached> cache_;  // by domain; guarded by mutex_
};

}  // namespace mailassay::net
