#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "milter/callout.h"
#include "milter/role.h"

// Milters that a role calls as its services.
namespace mailassay::roles {

// Where a milter listens, as libmilter writes it: "unix:/run/a.sock" or "inet:8891@127.0.0.1".
struct ServiceSocket {
    std::string path = {};  // of a UNIX socket; empty: the other two
    std::string address = {};
    std::uint16_t port = 0;

    friend bool operator==(const ServiceSocket&, const ServiceSocket&) = default;
};

// Error: roles.service.socket.
[[nodiscard]] Result<ServiceSocket> parse_service_socket(std::string_view text);

// Shows a message to a service, so that a role is tested without sockets.
class ServiceCaller {
  public:
    virtual ~ServiceCaller() = default;

    // May be called by several threads at a time.
    [[nodiscard]] virtual Result<milter::CalloutVerdict> call(const ServiceSocket& where,
                                                              const milter::Message& message,
                                                              milter::Extent extent) const = 0;
};

// One connection a call. Whatever the service does, a call ends within the time, and takes no more
// than the limits.
class SocketCaller final : public ServiceCaller {
  public:
    explicit SocketCaller(std::chrono::milliseconds time, milter::CalloutLimits limits = {})
        : time_(time), limits_(limits) {}

    // Errors: roles.service.silent (the time is over), roles.service.closed, those of
    // milter::Callout and of net::connect_to().
    [[nodiscard]] Result<milter::CalloutVerdict> call(const ServiceSocket& where,
                                                      const milter::Message& message,
                                                      milter::Extent extent) const override;

  private:
    std::chrono::milliseconds time_;
    milter::CalloutLimits limits_;
};

}  // namespace mailassay::roles
