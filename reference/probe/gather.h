#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mta/config.h"
#include "mta/net_links.h"
#include "mta/transport.h"
#include "net/next_hops.h"
#include "net/policies.h"
#include "net/socket.h"
#include "probe/facts.h"

// Finds out about a domain: DNS and MTA-STS first, then all of its hosts at once. No message is
// offered to anybody: EHLO, STARTTLS, EHLO, QUIT.
namespace mailassay::probe {

// Where facts come from. All must outlive the gathering, and be usable from several threads.
struct Sources {
    const net::NextHops& next_hops;
    std::function<net::DomainPolicy(const std::string& domain)> policy_of;
    std::function<Validation()> validation;
    mta::Connector& connector;
    mta::LinkRegistry& links;  // the connector's
};

// One host, here and now. `learnt` is called once, before QUIT, so that a host that has nothing to
// say to it takes nothing back.
void visit(const requiretls::HostFacts& host, const mta::ClientSettings& settings,
           mta::Connector& connector, const std::function<void(SessionFacts)>& learnt);

class Gathering {
  public:
    // Starts at once. `domain` is in lower case, or an address literal. `settings` must outlive it.
    Gathering(const Sources& sources, const mta::ClientSettings& settings, std::string domain);
    // Interrupts what is under way and waits for its end, which a look-up and a connection attempt
    // may delay by their own time limits.
    ~Gathering();
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

    // What is known at the deadline, or when all is. Hosts of one preference are in the order of
    // their names. `port` is the caller's to fill in.
    [[nodiscard]] DomainProbe until(net::Deadline deadline);
    // Nothing is under way any more.
    [[nodiscard]] bool is_complete() const;

  private:
    void look_up();
    void visit_host(std::size_t index);

    Sources sources_;
    const mta::ClientSettings& settings_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    DomainProbe probe_;          // guarded by mutex_, but for the facts of hosts, which stay
    std::size_t under_way_ = 0;  // threads; guarded by mutex_
    bool interrupted_ = false;   // guarded by mutex_
    std::vector<std::thread> visitors_;
    std::thread finder_;
};

}  // namespace mailassay::probe
