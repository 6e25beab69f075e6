#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "mta/config.h"
#include "mta/transport.h"
#include "net/socket.h"
#include "net/tls.h"

// The links of transport.h over net.
namespace mailassay::mta {

// The links that are open, so that they can all be interrupted. Links take themselves off.
class LinkRegistry {
  public:
    void add(Link& link);
    void remove(Link& link);
    // Interrupts every link, and each one added later.
    void interrupt_all();

  private:
    std::mutex mutex_;
    std::set<Link*> links_;
    bool interrupted_ = false;
};

// A link to a client. `tls` may be null: then secure() fails. Both pointers must outlive the link.
[[nodiscard]] std::unique_ptr<ServerLink> make_server_link(net::Socket socket,
                                                           const net::TlsServer* tls,
                                                           std::chrono::milliseconds timeout,
                                                           LinkRegistry& registry);

// Connects to the port that the settings name. Settings and registry must outlive it.
class NetConnector final : public Connector {
  public:
    NetConnector(const ClientSettings& settings, net::TlsClient tls, LinkRegistry& registry)
        : settings_(settings), tls_(std::move(tls)), registry_(registry) {}

    Result<std::unique_ptr<ClientLink>> connect(const std::string& address) override;

  private:
    const ClientSettings& settings_;
    net::TlsClient tls_;
    LinkRegistry& registry_;
};

}  // namespace mailassay::mta
