#include "roles/services.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/ascii.h"
#include "net/socket.h"

namespace mailassay::roles {

namespace {

constexpr std::string_view quit("\0\0\0\1Q", 5);
constexpr std::chrono::seconds farewell(1);

std::unexpected<Error> silent() {
    return std::unexpected(Error{.id = "roles.service.silent"});
}

std::unexpected<Error> closed() {
    return std::unexpected(Error{.id = "roles.service.closed"});
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

Result<net::Socket> connect(const ServiceSocket& where, net::Deadline deadline) {
    return where.path.empty() ? net::connect_to(where.address, where.port, deadline)
                              : net::connect_to_path(where.path);
}

Result<void> write(const net::Socket& socket, std::string_view octets, net::Deadline deadline) {
    while (!octets.empty()) {
        if (!net::wait_for(socket.descriptor(), net::Readiness::Writable, deadline)) {
            return silent();
        }
        const auto sent = ::send(socket.descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent < 0 && !would_block()) return closed();
        if (sent > 0) octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

// All of one answer.
Result<void> read_answer(const net::Socket& socket, milter::Callout& callout,
                         net::Deadline deadline) {
    std::array<char, 65'536> piece;
    while (true) {
        if (!net::wait_for(socket.descriptor(), net::Readiness::Readable, deadline)) {
            return silent();
        }
        const auto came = ::recv(socket.descriptor(), piece.data(), piece.size(), 0);
        if (came < 0 && would_block()) continue;
        if (came <= 0) return closed();
        const auto answered = callout.received({piece.data(), static_cast<std::size_t>(came)});
        if (!answered) return std::unexpected(answered.error());
        if (*answered) return {};
    }
}

// Says goodbye and waits for the same. What comes instead is an answer too many: all answers, the
// verdict among them, were those to other questions.
Result<void> part(const net::Socket& socket, net::Deadline deadline) {
    if (!write(socket, quit, deadline)) return {};
    ::shutdown(socket.descriptor(), SHUT_WR);
    const auto until = std::min(deadline, net::after(farewell));
    char octet = 0;
    while (net::wait_for(socket.descriptor(), net::Readiness::Readable, until)) {
        const auto came = ::recv(socket.descriptor(), &octet, 1, 0);
        if (came > 0) return std::unexpected(Error{.id = "roles.service.unasked"});
        if (came == 0 || !would_block()) break;
    }
    return {};
}

}  // namespace

Result<ServiceSocket> parse_service_socket(std::string_view text) {
    const auto wrong = [&] {
        return std::unexpected(Error{.id = "roles.service.socket", .detail = std::string(text)});
    };
    for (const std::string_view kind : {"unix:", "local:"}) {
        if (!text.starts_with(kind) || text.size() == kind.size()) continue;
        return ServiceSocket{.path = std::string(text.substr(kind.size()))};
    }
    for (const std::string_view kind : {"inet:", "inet6:"}) {
        if (!text.starts_with(kind)) continue;
        const std::string_view rest = text.substr(kind.size());
        const std::size_t at = rest.find('@');
        const auto port = base::parse_decimal(rest.substr(0, at), 5);
        if (at == std::string_view::npos || at + 1 == rest.size() || !port || *port == 0 ||
            *port > 65'535) {
            return wrong();
        }
        return ServiceSocket{.address = std::string(rest.substr(at + 1)),
                             .port = static_cast<std::uint16_t>(*port)};
    }
    return wrong();
}

Result<milter::CalloutVerdict> SocketCaller::call(const ServiceSocket& where,
                                                  const milter::Message& message,
                                                  milter::Extent extent) const {
    const net::Deadline deadline = net::after(time_);
    const auto socket = connect(where, deadline);
    if (!socket) return std::unexpected(socket.error());
    milter::Callout callout(message, extent, limits_);
    while (const auto step = callout.next()) {
        if (auto done = write(*socket, step->octets, deadline); !done) {
            return std::unexpected(done.error());
        }
        if (!step->awaits_answer) continue;
        if (auto done = read_answer(*socket, callout, deadline); !done) {
            return std::unexpected(done.error());
        }
    }
    if (auto done = part(*socket, deadline); !done) return std::unexpected(done.error());
    return callout.verdict();
}

}  // namespace mailassay::roles
