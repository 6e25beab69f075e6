#include "mta/relay.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "mta/deliverer.h"
#include "mta/files.h"
#include "mta/listeners.h"
#include "mta/net_links.h"
#include "mta/queue.h"
#include "mta/receiver.h"
#include "mta/spool.h"
#include "net/resolver.h"
#include "net/tls.h"

namespace mailassay::mta {

namespace {

std::unexpected<Error> tls_error(const std::string& file, const Error& error) {
    return std::unexpected(
        Error{.id = "mta.tls",
              .detail = fmt::format("{}: {}", file.empty() ? "TLS" : file,
                                    error.detail.empty() ? std::string(error.id) : error.detail)});
}

}  // namespace

Decisions standard_decisions(requiretls::Edition edition) {
    return {.rules = std::make_unique<const requiretls::StandardRules>(edition)};
}

// In the order of construction; each may use those before it.
struct Relay::Parts {
    Parts(const Config& config_given, const Decisions& decisions, const Surroundings& surroundings,
          DiskFiles files_given, net::TlsClient client_tls)
        : config(config_given),
          log(surroundings.log),
          files(std::move(files_given)),
          connector(config.client, std::move(client_tls), links),
          deliverer(config, *decisions.rules, surroundings.next_hops, connector, log),
          receiver_parts{.config = config,
                         .decisions = decisions,
                         .clock = surroundings.clock,
                         .log = log,
                         .spool = nullptr,
                         .on_stored = {}},
          relay(listeners_for(requiretls::Service::Relay)),
          submission(listeners_for(requiretls::Service::Submission)),
          lmtp(listeners_for(requiretls::Service::Lmtp)) {}

    std::unique_ptr<Listeners> listeners_for(requiretls::Service service) {
        return std::make_unique<Listeners>(
            config.server.max_connections,
            [this, service](net::Socket socket, const std::string& peer) {
                serve(std::move(socket), peer, service);
            },
            log);
    }

    [[nodiscard]] std::array<Listeners*, 3> all_listeners() const {
        return {relay.get(), submission.get(), lmtp.get()};
    }

    void serve(net::Socket socket, const std::string& peer, requiretls::Service service) {
        const auto link = make_server_link(std::move(socket), server_tls ? &*server_tls : nullptr,
                                           config.server.command_timeout, links);
        Receiver(receiver_parts, *link, peer, service).serve();
    }

    const Config& config;
    logging::Log& log;
    LinkRegistry links;
    DiskFiles files;
    std::unique_ptr<Spool> spool;
    std::optional<net::TlsServer> server_tls;
    NetConnector connector;
    Deliverer deliverer;
    std::optional<Queue> queue;
    ReceiverParts receiver_parts;
    std::unique_ptr<Listeners> relay;
    std::unique_ptr<Listeners> submission;
    std::unique_ptr<Listeners> lmtp;
    bool running = false;
};

Relay::Relay(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Relay::~Relay() {
    stop();
}

Result<std::unique_ptr<Relay>> Relay::start(const Config& config, const Decisions& decisions,
                                            const Surroundings& surroundings) {
    auto client_tls = net::TlsClient::create(config.client.ca_file);
    if (!client_tls) return tls_error(config.client.ca_file, client_tls.error());
    auto files = DiskFiles::open(config.queue.directory);
    if (!files) return std::unexpected(files.error());
    std::unique_ptr<Relay> relay(new Relay(std::make_unique<Parts>(
        config, decisions, surroundings, std::move(*files), std::move(*client_tls))));
    Parts& parts = *relay->parts_;
    // A peer that has gone shows in the result of a write.
    std::signal(SIGPIPE, SIG_IGN);

    if (!config.server.tls_certificate.empty()) {
        auto tls = net::TlsServer::create(config.server.tls_certificate, config.server.tls_key);
        if (!tls) return tls_error(config.server.tls_certificate, tls.error());
        parts.server_tls = std::move(*tls);
    }
    Recovered recovered;
    auto spool = Spool::open(parts.files, surroundings.random, recovered);
    if (!spool) return std::unexpected(spool.error());
    parts.spool = std::move(*spool);
    for (const auto& [listeners, endpoints] :
         {std::pair(parts.relay.get(), &config.server.listen),
          std::pair(parts.submission.get(), &config.submission),
          std::pair(parts.lmtp.get(), &config.lmtp)}) {
        if (auto done = listeners->open(*endpoints); !done) return std::unexpected(done.error());
    }

    parts.queue.emplace(QueueParts{.config = config,
                                   .rules = *decisions.rules,
                                   .spool = *parts.spool,
                                   .deliverer = parts.deliverer,
                                   .clock = surroundings.clock,
                                   .random = surroundings.random,
                                   .log = parts.log});
    parts.receiver_parts.spool = parts.spool.get();
    parts.receiver_parts.on_stored = [&parts](const Message& message) {
        parts.queue->add(message.id, message.arrival);
    };
    for (const std::string& id : recovered.damaged) parts.log.event("damaged", {{"id", id}});
    for (const std::string& id : recovered.ids) parts.queue->add(id, surroundings.clock.now());
    parts.queue->start();
    for (Listeners* listeners : parts.all_listeners()) listeners->start();
    parts.running = true;
    return relay;
}

std::vector<Endpoint> Relay::endpoints() const {
    std::vector<Endpoint> all;
    for (const Listeners* listeners : parts_->all_listeners()) {
        all.insert(all.end(), listeners->endpoints().begin(), listeners->endpoints().end());
    }
    return all;
}

void Relay::stop() {
    if (!std::exchange(parts_->running, false)) return;
    for (Listeners* listeners : parts_->all_listeners()) listeners->close();
    parts_->links.interrupt_all();
    for (Listeners* listeners : parts_->all_listeners()) listeners->stop();
    parts_->queue->stop();
}

namespace {

// A look-up or a connection attempt can't be interrupted. Every message is safe in the spool, so
// an end that takes too long is cut short.
void insist_on_ending() {
    std::signal(SIGALRM, [](int) { ::_exit(0); });
    ::alarm(5);
}

}  // namespace

Result<void> run(const Config& config, const Decisions& decisions) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const base::SystemClock clock;
    base::SystemRandom random;
    logging::Log log(clock, logging::standard_error_sink());
    auto resolver = net::Resolver::create({.forwarder = config.dns.resolver,
                                           .trust_anchor_file = config.dns.trust_anchor_file,
                                           .bogus_answers = decisions.rules->bogus_answers()});
    if (!resolver) {
        return std::unexpected(Error{.id = "mta.dns", .detail = to_string(resolver.error())});
    }
    const net::DnsNextHops next_hops(std::move(*resolver),
                                     {.ca_file = config.client.ca_file,
                                      .policy_server_trust = decisions.rules->policy_server_trust(),
                                      .port = config.client.port},
                                     clock, random);
    auto relay = Relay::start(
        config, decisions, {.clock = clock, .random = random, .next_hops = next_hops, .log = log});
    if (!relay) return std::unexpected(relay.error());
    for (const Endpoint& endpoint : (*relay)->endpoints()) {
        fmt::print("listening {}\n", to_string(endpoint));
    }
    std::fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    insist_on_ending();
    (*relay)->stop();
    return {};
}

}  // namespace mailassay::mta
