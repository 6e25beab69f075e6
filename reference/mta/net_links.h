#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "mta/config.h"
#include "mta/transport.h"
#include "net/socket.h"
#include "net/tls.h"

// The links of transport.h over net.
namespace mailassay::mta {

class Interruption;

// The links that are open, so that they can all be interrupted.
class LinkRegistry {
  public:
    // Makes the read or write under way on every link, and on each one opened later, fail.
    void interrupt_all();

  private:
    friend class Interruption;

    std::mutex mutex_;
    std::set<Interruption*> links_;
    bool interrupted_ = false;
};

// A link's entry in the registry. Of no class with virtual functions, since the registry's thread
// may look at it while the link is being built or torn down.
class Interruption {
  public:
    // The descriptor stays the link's; the registry must outlive this.
    Interruption(int descriptor, LinkRegistry& registry);
    ~Interruption() { withdraw(); }
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    [[nodiscard]] bool happened() const { return happened_; }
    // From here on nobody interrupts. To be called before the descriptor is closed.
    void withdraw();

  private:
    friend class LinkRegistry;
    void interrupt();

    int descriptor_;
    LinkRegistry& registry_;
    std::atomic<bool> happened_ = false;
};

// A link to a client. `tls` may be null: then secure() fails. Both pointers must outlive the link.
[[nodiscard]] std::unique_ptr<ServerLink> make_server_link(net::Socket socket,
                                                           const net::TlsServer* tls,
                                                           std::chrono::milliseconds timeout,
                                                           LinkRegistry& registry);

// Connects by TCP. Settings and registry must outlive it.
class NetConnector final : public Connector {
  public:
    NetConnector(const ClientSettings& settings, net::TlsClient tls, LinkRegistry& registry)
        : settings_(settings), tls_(std::move(tls)), registry_(registry) {}

    Result<std::unique_ptr<ClientLink>> connect(const std::string& address,
                                                std::uint16_t port) override;

  private:
    const ClientSettings& settings_;
    net::TlsClient tls_;
    LinkRegistry& registry_;
};

}  // namespace mailassay::mta
