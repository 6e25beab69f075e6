#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

// TCP sockets, and UNIX ones for services beside a server. Every descriptor is non-blocking;
// waiting is done with a deadline.
namespace mailassay::net {

using Deadline = std::chrono::steady_clock::time_point;

[[nodiscard]] inline Deadline after(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

// Owns a descriptor.
class Socket {
  public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket() { close(); }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        if (this != &other) {
            close();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }

    [[nodiscard]] int descriptor() const { return descriptor_; }
    void close();

  private:
    int descriptor_ = -1;
};

// Which readiness is waited for.
enum class Readiness : std::uint8_t { Readable, Writable };
// False when the deadline passed first.
[[nodiscard]] bool wait_for(int descriptor, Readiness readiness, Deadline deadline);

// `address` is an IPv4 or IPv6 address without brackets.
// Errors: net.address, net.connect (detail: the system's words), net.timeout.
[[nodiscard]] Result<Socket> connect_to(std::string_view address, std::uint16_t port,
                                        Deadline deadline);

// A UNIX socket. Errors: net.address (the path is too long), net.connect.
[[nodiscard]] Result<Socket> connect_to_path(std::string_view path);

struct Accepted {
    Socket socket;
    std::string peer_address;
};

// A listening socket.
class Listener {
  public:
    // Port 0: the system chooses. Errors: net.address, net.listen.
    [[nodiscard]] static Result<Listener> open(std::string_view address, std::uint16_t port);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
    // Errors: net.timeout (nobody came), net.accept.
    [[nodiscard]] Result<Accepted> accept(Deadline deadline);

  private:
    Listener(Socket socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

    Socket socket_;
    std::uint16_t port_;
};

}  // namespace mailassay::net
