#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "requiretls/facts.h"

// What the relay needs of the world, as interfaces: tests give it scripted peers and made-up facts,
// the program gives it net.
namespace mailassay::mta {

// A connection, used by one thread.
class Link {
  public:
    virtual ~Link() = default;

    // Waits for octets; none: the peer has closed its side.
    // Errors, whose details are words for a person: mta.link.timeout, mta.link.interrupted,
    // mta.link.broken.
    [[nodiscard]] virtual Result<std::string> read() = 0;
    // Writes all, which may be nothing. The same errors.
    [[nodiscard]] virtual Result<void> write(std::string_view octets) = 0;
};

// To a next hop.
class ClientLink : public Link {
  public:
    // The handshake, after the 220 to STARTTLS. DANE where the host's facts call for it, else PKIX;
    // what vouches for the certificate is a fact for the rules, not a reason to fail.
    [[nodiscard]] virtual requiretls::TlsFacts secure(const requiretls::HostFacts& host) = 0;
};

// From a client.
class ServerLink : public Link {
  public:
    // The handshake as a server. Error: mta.link.handshake, and those of read().
    [[nodiscard]] virtual Result<void> secure() = 0;
};

// Opens connections to next hops. Safe to call from several threads.
class Connector {
  public:
    virtual ~Connector() = default;
    // Errors: mta.link.connect, mta.link.timeout.
    [[nodiscard]] virtual Result<std::unique_ptr<ClientLink>> connect(const std::string& address,
                                                                      std::uint16_t port) = 0;
};

}  // namespace mailassay::mta
