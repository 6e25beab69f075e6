#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "mta/transport.h"
#include "requiretls/rules.h"
#include "simulate/ledger.h"
#include "simulate/network.h"
#include "smtp/server.h"

// Connections in memory: at the far end of each stands smtp::Server, with faults and an attacker
// between. TLS is a fact instead of a handshake.
namespace mailassay::simulate {

// What is done to one connection.
enum class Mischief : std::uint8_t {
    None,
    StripStartTls,    // an attacker takes STARTTLS out of the EHLO reply
    RefuseStartTls,   // an attacker answers 454
    MiddleMan,        // an attacker answers in the host's place, with a certificate of his own
    FailHandshake,    // the handshake breaks
    TemporaryAtMail,  // 451 to MAIL
    TemporaryAtData,  // 451 after the data
};

// The address of the attacker's own host, where spoofed MX records lead.
inline constexpr std::string_view attackers_host = "mx.attacker.example";

// A whole message as the far end of a connection got it.
struct Arrival {
    std::size_t host = 0;  // index in the network; meaningless when the attacker took it
    bool by_attacker = false;
    bool refuses = false;  // has no room just now: 451
    smtp::MessageReceived received;
    HopTruth hop;
};
// The reply; nullopt: the host crashed, and the connection is broken.
using Take = std::function<std::optional<smtp::Reply>(Arrival)>;

class Wire final : public mta::Connector {
  public:
    // All must outlive the wire. `is_up` tells of a host whether it runs.
    Wire(const Network& network, const Assumptions& assumptions, const requiretls::Rules& rules,
         base::Random& random, std::function<bool(std::size_t)> is_up, Take take)
        : network_(network),
          assumptions_(assumptions),
          rules_(rules),
          random_(random),
          is_up_(std::move(is_up)),
          take_(std::move(take)) {}

    Result<std::unique_ptr<mta::ClientLink>> connect(const std::string& address,
                                                     std::uint16_t port) override;
    [[nodiscard]] std::uint64_t connections() const { return connections_; }

  private:
    class Link;

    [[nodiscard]] Mischief draw_mischief();

    const Network& network_;
    const Assumptions& assumptions_;
    const requiretls::Rules& rules_;
    base::Random& random_;
    std::function<bool(std::size_t)> is_up_;
    Take take_;
    std::uint64_t connections_ = 0;
};

}  // namespace mailassay::simulate
