#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "logging/log.h"
#include "mta/config.h"
#include "mta/decisions.h"
#include "net/next_hops.h"

// The relay as a whole.
namespace mailassay::mta {

// What of the world a test replaces.
struct Surroundings {
    const base::Clock& clock;
    base::Random& random;  // safe to call from several threads
    const net::NextHops& next_hops;
    logging::Log& log;
};

// A running relay: listeners, spool, queue.
class Relay {
  public:
    // Opens the spool and the listeners, takes up what the spool holds, and begins to serve.
    // Configuration, decisions and surroundings must outlive the relay. SIGPIPE is ignored from
    // here on in the whole process.
    // Errors: mta.files.* (the queue's directory), mta.listen, mta.tls (certificate, key or
    // certificates to trust).
    [[nodiscard]] static Result<std::unique_ptr<Relay>> start(const Config& config,
                                                              const Decisions& decisions,
                                                              const Surroundings& surroundings);
    // Stops if that was not done.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // Where it listens, for relay, submission and LMTP in this order, with the ports that the
    // system chose.
    [[nodiscard]] std::vector<Endpoint> endpoints() const;

    // Ends every connection and delivery, and waits for that. What is unfinished stays in the
    // spool.
    void stop();

  private:
    struct Parts;
    explicit Relay(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

// `mailassay mta`: a relay with the system's clock, DNS and HTTPS, until SIGTERM or SIGINT. Prints
// `listening ADDRESS:PORT` for each listener to standard output once it accepts connections, and
// logs to standard error. Blocks the two signals in the calling thread, so call it before any
// other thread is started.
// Errors, each before anything was received: those of Relay::start, and mta.dns.
[[nodiscard]] Result<void> run(const Config& config, const Decisions& decisions);

}  // namespace mailassay::mta
