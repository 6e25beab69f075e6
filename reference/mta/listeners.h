#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "logging/log.h"
#include "mta/config.h"
#include "net/socket.h"

namespace mailassay::mta {

// Accepts connections, a thread for each, up to a number; who comes beyond that is told 421.
class Listeners {
  public:
    // Serves a connection until its end. Called from the connection's own thread.
    using Serve = std::function<void(net::Socket socket, const std::string& peer_address)>;

    // The log must outlive this.
    Listeners(std::size_t max_connections, Serve serve, logging::Log& log)
        : max_connections_(max_connections), serve_(std::move(serve)), log_(log) {}
    // stop() must have been called if start() was.
    ~Listeners() = default;
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    // Listens, but accepts nothing yet. Error: mta.listen, with the endpoint.
    [[nodiscard]] Result<void> open(const std::vector<Endpoint>& endpoints);
    // With the ports that the system chose.
    [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return endpoints_; }

    void start();
    // Accepts nothing more.
    void close();
    // close(), and waits until every connection has ended: interrupt their links first.
    void stop();

  private:
    void accept_from(net::Listener& listener);
    void admit(net::Accepted accepted);
    void run(net::Accepted accepted);

    std::size_t max_connections_;
    Serve serve_;
    logging::Log& log_;
    std::vector<net::Listener> listeners_;
    std::vector<Endpoint> endpoints_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t connections_ = 0;
    bool closing_ = false;
};

}  // namespace mailassay::mta
