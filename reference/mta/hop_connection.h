#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "mta/config.h"
#include "mta/transport.h"
#include "requiretls/facts.h"
#include "requiretls/rules.h"
#include "smtp/client.h"

// A connection to a next hop on its way to where something could be sent: greeting, EHLO, STARTTLS,
// second EHLO, and QUIT. What is learnt on the way are facts; what follows from them is decided
// elsewhere.
namespace mailassay::mta {

class HopConnection {
  public:
    enum class Life : std::uint8_t {
        Alive,
        Refused,  // by a reply: nothing but leave() makes sense
        Over,
    };

    // Connects to the first of the host's addresses that answers, and greets. Settings, connector
    // and host must outlive it.
    HopConnection(const ClientSettings& settings, Connector& connector,
                  const requiretls::HostFacts& host);

    // STARTTLS where it is offered, the handshake, the second EHLO. To be called while alive.
    void protect();
    // Says QUIT if there is still somebody to say it to, and waits for the answer.
    void leave(requiretls::Farewell farewell);
    // Writes and reads until the client has something to say that is not NeedData.
    [[nodiscard]] smtp::ClientEvent pump();

    // Unless it is alive nothing more can be done here, for the reason that `end` and `refusal` or
    // `detail` have.
    [[nodiscard]] Life life() const { return life_; }
    [[nodiscard]] requiretls::SessionEnd end() const { return end_; }
    // The address that answered; empty: none did.
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] const requiretls::TlsFacts& tls() const { return tls_; }
    // Keeps what was learnt of TLS in an earlier connection.
    void remember(requiretls::TlsFacts tls) { tls_ = std::move(tls); }
    [[nodiscard]] const requiretls::Greetings& greetings() const { return greetings_; }
    // When the host refused to go on: its words.
    [[nodiscard]] const std::optional<smtp::Reply>& refusal() const { return refusal_; }
    // For a person; may quote hostile octets.
    [[nodiscard]] const std::string& detail() const { return detail_; }
    [[nodiscard]] smtp::Client& client() { return client_; }

  private:
    void greet();
    void secure();
    void note_refusal(const smtp::ClientEvent& event);
    void end_by(requiretls::SessionEnd end, std::string detail);

    const requiretls::HostFacts& host_;
    std::unique_ptr<ClientLink> link_;
    smtp::Client client_;
    requiretls::Greetings greetings_;
    requiretls::TlsFacts tls_;
    Life life_ = Life::Over;
    requiretls::SessionEnd end_ = requiretls::SessionEnd::NoConnection;
    std::string address_;
    std::optional<smtp::Reply> refusal_;
    std::string detail_;
};

}  // namespace mailassay::mta
