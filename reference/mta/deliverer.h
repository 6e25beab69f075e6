#pragma once

#include <string>
#include <vector>

#include "logging/log.h"
#include "mta/config.h"
#include "mta/hop_session.h"
#include "mta/message.h"
#include "mta/plan.h"
#include "mta/transport.h"
#include "net/next_hops.h"
#include "requiretls/rules.h"

namespace mailassay::mta {

// Takes the recipients of one domain through its hosts, or to the store of the domain by LMTP.
// Mechanics only: which hosts are tried, what is fit and what becomes of what is left, the rules
// decide. Safe to use from several threads.
class Deliverer {
  public:
    // All must outlive the deliverer.
    Deliverer(const Config& config, const requiretls::Rules& rules, const net::NextHops& next_hops,
              Connector& connector, logging::Log& log)
        : config_(config), rules_(rules), next_hops_(next_hops), connector_(connector), log_(log) {}

    // One result for each recipient of the group, in its order.
    [[nodiscard]] GroupResults deliver(const Message& message, const Group& group);

  private:
    class Round;

    void try_hosts(const Message& message, const std::vector<requiretls::HostFacts>& hosts,
                   const ClientSettings& settings, Round& round);
    [[nodiscard]] GroupResults finish(const Message& message, const Group& group, Round& round);
    [[nodiscard]] std::vector<requiretls::HostFacts> without_ourselves(
        std::vector<requiretls::HostFacts> hosts) const;
    void log_results(const Message& message, const Group& group, const GroupResults& results);

    const Config& config_;
    const requiretls::Rules& rules_;
    const net::NextHops& next_hops_;
    Connector& connector_;
    logging::Log& log_;
};

}  // namespace mailassay::mta
