#include "mta/net_links.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <utility>

#include "net/stream.h"

namespace mailassay::mta {

namespace {

// What the links of both directions have in common.
template <class Direction>
class NetLink : public Direction {
  public:
    NetLink(net::Socket socket, std::chrono::milliseconds timeout, LinkRegistry& registry)
        : interruption_(socket.descriptor(), registry),
          stream_(std::move(socket)),
          timeout_(timeout) {}
    ~NetLink() override {
        // Before the descriptor becomes somebody else's.
        interruption_.withdraw();
        stream_.close();
    }
    NetLink(const NetLink&) = delete;
    NetLink& operator=(const NetLink&) = delete;

    Result<std::string> read() override {
        auto octets = stream_.read(deadline());
        if (!octets) return std::unexpected(translate(octets.error()));
        if (octets->empty() && interruption_.happened()) return std::unexpected(interrupted());
        return octets;
    }
    Result<void> write(std::string_view octets) override {
        const auto written = stream_.write(octets, deadline());
        if (!written) return std::unexpected(translate(written.error()));
        return {};
    }

  protected:
    [[nodiscard]] net::Stream& stream() { return stream_; }
    [[nodiscard]] net::Deadline deadline() const { return net::after(timeout_); }
    [[nodiscard]] Error translate(const Error& error) const {
        if (interruption_.happened()) return interrupted();
        if (error.id == "net.timeout") {
            return {.id = "mta.link.timeout", .detail = "the other side said nothing for too long"};
        }
        return {.id = "mta.link.broken",
                .detail = error.detail.empty() ? std::string(error.id) : error.detail};
    }

  private:
    static Error interrupted() {
        return {.id = "mta.link.interrupted", .detail = "this host is shutting down"};
    }

    Interruption interruption_;
    net::Stream stream_;
    std::chrono::milliseconds timeout_;
};

class NetServerLink final : public NetLink<ServerLink> {
  public:
    NetServerLink(net::Socket socket, const net::TlsServer* tls, std::chrono::milliseconds timeout,
                  LinkRegistry& registry)
        : NetLink(std::move(socket), timeout, registry), tls_(tls) {}

    Result<void> secure() override {
        if (tls_ == nullptr) return std::unexpected(Error{.id = "mta.link.handshake"});
        const auto done = stream().start_tls(*tls_, deadline());
        if (done) return {};
        return std::unexpected(
            Error{.id = "mta.link.handshake", .detail = to_string(done.error())});
    }

  private:
    const net::TlsServer* tls_;
};

class NetClientLink final : public NetLink<ClientLink> {
  public:
    NetClientLink(net::Socket socket, const net::TlsClient& tls, std::chrono::milliseconds timeout,
                  LinkRegistry& registry)
        : NetLink(std::move(socket), timeout, registry), tls_(tls) {}

    requiretls::TlsFacts secure(const requiretls::HostFacts& host) override {
        // RFC 7672 section 8.1: where DANE applies the name is the TLSA base domain.
        const net::ServerIdentity who{.host = host.tlsa_base.empty() || host.tlsa_records.empty()
                                                  ? host.host
                                                  : host.tlsa_base,
                                      .tlsa = host.tlsa_records,
                                      .domain = host.domain,
                                      .canonical_domain = host.canonical_domain};
        return stream().start_tls(tls_, who, deadline());
    }

  private:
    const net::TlsClient& tls_;
};

}  // namespace

void LinkRegistry::interrupt_all() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    for (Interruption* link : links_) link->interrupt();
}

Interruption::Interruption(int descriptor, LinkRegistry& registry)
    : descriptor_(descriptor), registry_(registry) {
    const std::lock_guard lock(registry_.mutex_);
    registry_.links_.insert(this);
    if (registry_.interrupted_) interrupt();
}

void Interruption::withdraw() {
    const std::lock_guard lock(registry_.mutex_);
    registry_.links_.erase(this);
}

void Interruption::interrupt() {
    happened_ = true;
    ::shutdown(descriptor_, SHUT_RDWR);
}

std::unique_ptr<ServerLink> make_server_link(net::Socket socket, const net::TlsServer* tls,
                                             std::chrono::milliseconds timeout,
                                             LinkRegistry& registry) {
    return std::make_unique<NetServerLink>(std::move(socket), tls, timeout, registry);
}

Result<std::unique_ptr<ClientLink>> NetConnector::connect(const std::string& address,
                                                          std::uint16_t port) {
    auto socket = net::connect_to(address, port, net::after(settings_.connect_timeout));
    if (!socket) {
        return std::unexpected(Error{
            .id = socket.error().id == "net.timeout" ? "mta.link.timeout" : "mta.link.connect",
            .detail = fmt::format("{}:{}: {}", address, port, socket.error().detail)});
    }
    return std::make_unique<NetClientLink>(std::move(*socket), tls_, settings_.command_timeout,
                                           registry_);
}

}  // namespace mailassay::mta
