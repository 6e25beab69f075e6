#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "logging/log.h"
#include "mta/config.h"
#include "mta/decisions.h"
#include "mta/intake.h"
#include "mta/spool.h"
#include "mta/transport.h"

namespace mailassay::mta {

// What a connection is served with. All must outlive the connection.
struct ReceiverParts {
    const Config& config;
    const Decisions& decisions;
    const base::Clock& clock;
    logging::Log& log;
    Spool* spool;  // never null while connections are served
    // Told of each message once it is durable.
    std::function<void(const Message&)> on_stored;
};

// Serves one connection from the greeting to its end: a smtp::Server over a link, a message into
// the spool before its 250. [rfc8689/4.1/1]
class Receiver {
  public:
    Receiver(const ReceiverParts& parts, ServerLink& link, std::string peer_address,
             requiretls::Service service = requiretls::Service::Relay);

    void serve();

  private:
    // False when the connection is over.
    [[nodiscard]] bool step();
    [[nodiscard]] bool read_more();
    [[nodiscard]] bool secure();
    [[nodiscard]] bool flush();
    [[nodiscard]] smtp::Reply take(smtp::MessageReceived received);

    const ReceiverParts& parts_;
    ServerLink& link_;
    std::string peer_address_;
    requiretls::Service service_;
    std::unique_ptr<smtp::ServerPolicy> policy_;
    std::optional<smtp::Server> server_;
};

}  // namespace mailassay::mta
