#include "mta/listeners.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace mailassay::mta {

namespace {

constexpr std::string_view too_many = "421 4.3.2 Too many connections, try again later\r\n";

}  // namespace

Result<void> Listeners::open(const std::vector<Endpoint>& endpoints) {
    for (const Endpoint& endpoint : endpoints) {
        auto listener = net::Listener::open(endpoint.address, endpoint.port);
        if (!listener) {
            return std::unexpected(
                Error{.id = "mta.listen",
                      .detail = fmt::format("can't listen on {}: {}", to_string(endpoint),
                                            listener.error().detail)});
        }
        endpoints_.push_back({.address = endpoint.address, .port = listener->port()});
        listeners_.push_back(std::move(*listener));
    }
    return {};
}

void Listeners::start() {
    for (net::Listener& listener : listeners_) {
        threads_.emplace_back([this, &listener] { accept_from(listener); });
    }
}

void Listeners::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    for (const net::Listener& listener : listeners_) ::shutdown(listener.descriptor(), SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Listeners::stop() {
    close();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return connections_ == 0; });
}

void Listeners::accept_from(net::Listener& listener) {
    using std::chrono::milliseconds;
    while (true) {
        auto accepted = listener.accept(net::after(std::chrono::hours(1)));
        std::unique_lock lock(mutex_);
        if (closing_) return;
        if (accepted) {
            lock.unlock();
            admit(std::move(*accepted));
        } else if (accepted.error().id != "net.timeout") {
            log_.event("accept-error", {{"detail", to_string(accepted.error())}});
            // Most likely out of descriptors: one has to be given back first.
            changed_.wait_for(lock, milliseconds(100));
        }
    }
}

void Listeners::admit(net::Accepted accepted) {
    {
        const std::lock_guard lock(mutex_);
        if (connections_ >= max_connections_) {
            log_.event("too-many-connections", {{"peer", accepted.peer_address}});
            ::send(accepted.socket.descriptor(), too_many.data(), too_many.size(),
                   MSG_NOSIGNAL | MSG_DONTWAIT);
            return;
        }
        ++connections_;
    }
    auto shared = std::make_shared<net::Accepted>(std::move(accepted));
    try {
        // Detached, but counted: stop() waits for the count.
        std::thread([this, shared] { run(std::move(*shared)); }).detach();
    } catch (const std::system_error& fault) {
        log_.event("accept-error", {{"detail", fault.what()}});
        const std::lock_guard lock(mutex_);
        --connections_;
    }
}

void Listeners::run(net::Accepted accepted) {
    try {
        serve_(std::move(accepted.socket), accepted.peer_address);
    } catch (const std::exception& fault) {
        log_.event("fault", {{"peer", accepted.peer_address}, {"detail", fault.what()}});
    }
    // Notified under the lock: once it is released, stop() may destroy this.
    const std::lock_guard lock(mutex_);
    --connections_;
    changed_.notify_all();
}

}  // namespace mailassay::mta
