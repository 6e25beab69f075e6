#include "net/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace mailassay::net {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::unexpected<Error> system_error(std::string_view id, int number) {
    return std::unexpected(Error{id, 0, {}, std::generic_category().message(number)});
}

Result<Address> parse_address(std::string_view text, std::uint16_t port) {
    const std::string name(text);
    Address address;
    auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
    if (inet_pton(AF_INET, name.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        address.length = sizeof(sockaddr_in);
        return address;
    }
    auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (inet_pton(AF_INET6, name.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        address.length = sizeof(sockaddr_in6);
        return address;
    }
    return std::unexpected(Error{"net.address", 0, {}, name});
}

std::string to_text(const Address& address) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* octets = nullptr;
    if (address.storage.ss_family == AF_INET) {
        octets = &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr;
    } else {
        octets = &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
    }
    const char* shown = inet_ntop(address.storage.ss_family, octets, text, sizeof(text));
    return shown == nullptr ? std::string() : std::string(shown);
}

int remaining_milliseconds(Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 86'400'000));
}

}  // namespace

void Socket::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

bool wait_for(int descriptor, Readiness readiness, Deadline deadline) {
    pollfd wanted{descriptor,
                  static_cast<short>(readiness == Readiness::Readable ? POLLIN : POLLOUT), 0};
    while (true) {
        const int ready = poll(&wanted, 1, remaining_milliseconds(deadline));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return true;  // the next call on the descriptor says what is wrong
    }
}

Result<Socket> connect_to(std::string_view address, std::uint16_t port, Deadline deadline) {
    const auto target = parse_address(address, port);
    if (!target) return std::unexpected(target.error());
    Socket socket(
        ::socket(target->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.descriptor() < 0) return system_error("net.connect", errno);
    const int one = 1;
    setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (::connect(socket.descriptor(), target->get(), target->length) == 0) return socket;
    if (errno != EINPROGRESS) return system_error("net.connect", errno);
    if (!wait_for(socket.descriptor(), Readiness::Writable, deadline)) {
        return std::unexpected(Error{"net.timeout", 0, {}, "connect"});
    }
    int problem = 0;
    socklen_t length = sizeof(problem);
    getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &problem, &length);
    if (problem != 0) return system_error("net.connect", problem);
    return socket;
}

Result<Socket> connect_to_path(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        return std::unexpected(Error{"net.address", 0, {}, std::string(path)});
    }
    std::ranges::copy(path, address.sun_path);
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.descriptor() < 0) return system_error("net.connect", errno);
    // A full backlog is refused at once: such a service is too busy to wait for.
    if (connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
        return system_error("net.connect", errno);
    }
    return socket;
}

Result<Listener> Listener::open(std::string_view address, std::uint16_t port) {
    auto local = parse_address(address, port);
    if (!local) return std::unexpected(local.error());
    Socket socket(
        ::socket(local->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.descriptor() < 0) return system_error("net.listen", errno);
    const int one = 1;
    setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (::bind(socket.descriptor(), local->get(), local->length) != 0 ||
        ::listen(socket.descriptor(), SOMAXCONN) != 0) {
        return system_error("net.listen", errno);
    }
    Address bound;
    bound.length = sizeof(bound.storage);
    if (getsockname(socket.descriptor(), bound.get(), &bound.length) != 0) {
        return system_error("net.listen", errno);
    }
    const std::uint16_t chosen =
        bound.storage.ss_family == AF_INET
            ? reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port
            : reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port;
    return Listener(std::move(socket), ntohs(chosen));
}

Result<Accepted> Listener::accept(Deadline deadline) {
    while (true) {
        if (!wait_for(descriptor(), Readiness::Readable, deadline)) {
            return std::unexpected(Error{"net.timeout", 0, {}, "accept"});
        }
        Address peer;
        peer.length = sizeof(peer.storage);
        Socket socket(
            accept4(descriptor(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.descriptor() >= 0) {
            const int one = 1;
            setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
            return Accepted{std::move(socket), to_text(peer)};
        }
        // A peer that left before it was accepted is no fault of the listener's.
        const bool transient = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
        if (!transient) return system_error("net.accept", errno);
    }
}

}  // namespace mailassay::net
