// Whole relays on loopback ports that the system chooses, with look-ups made up by the test.

#include "mta/relay.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <memory>
#include <mutex>

#include "mta/hop_session.h"
#include "mta/net_links.h"
#include "mta/spool.h"
#include "mta/test_certificate.h"
#include "mta/test_directory.h"
#include "mta/test_peers.h"
#include "net/tls.h"

namespace mailassay::mta {
namespace {

using requiretls::LookupFailure;
using requiretls::Tag;

// Something to trust: to read all the system's certificates takes its time.
const std::string& some_authority() {
    static const TestCertificate certificate("nobody.example");
    static const std::string file = certificate.certificate_file();
    return file;
}

// A log that a test can wait on.
class Events {
  public:
    logging::Log::Sink sink() {
        return [this](std::string_view line) {
            const std::lock_guard lock(mutex_);
            lines_ += line;
            changed_.notify_all();
        };
    }
    // False when it does not come within a generous time.
    bool wait_for(std::string_view event) {
        const std::string wanted = "\"event\":\"" + std::string(event) + "\"";
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20),
                                 [&] { return lines_.find(wanted) != std::string::npos; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string lines_;
};

// A relay with everything that it needs.
struct Station {
    explicit Station(const std::string& hostname) {
        config.server.hostname = hostname;
        config.server.listen = {{.address = "127.0.0.1", .port = 0}};
        config.server.relay_from = {Network::parse("127.0.0.0/8").value()};
        config.client.helo = hostname;
        config.client.ca_file = some_authority();
        config.client.max_deliveries = 4;
        config.queue.directory = directory.path();
    }
    void use_certificate(const TestCertificate& certificate) {
        config.server.tls_certificate = certificate.certificate_file();
        config.server.tls_key = certificate.key_file();
        config.client.ca_file = certificate.certificate_file();
    }
    // The port that it listens on.
    std::uint16_t start() { return start(next_hops); }
    std::uint16_t start(const net::NextHops& answers) {
        auto started =
            Relay::start(config, decisions,
                         {.clock = clock, .random = random, .next_hops = answers, .log = log});
        EXPECT_TRUE(started.has_value()) << (started ? "" : to_string(started.error()));
        relay = std::move(*started);
        return relay->endpoints().at(0).port;
    }
    void stop() { relay.reset(); }

    TestDirectory directory;
    Config config;
    Decisions decisions = standard_decisions(requiretls::Edition::Rfc);
    base::SystemClock clock;
    base::SystemRandom random;
    MadeUpNextHops next_hops;
    Events events;
    logging::Log log{clock, events.sink()};
    std::unique_ptr<Relay> relay;
};

std::vector<Message> spooled(const std::string& directory) {
    auto files = DiskFiles::open(directory).value();
    base::SystemRandom random;
    Recovered recovered;
    const auto spool = Spool::open(files, random, recovered).value();
    std::vector<Message> messages;
    for (const std::string& id : recovered.ids) messages.push_back(spool->load(id).value());
    return messages;
}

Message letter(std::vector<smtp::Path> recipients, Tag tag = Tag::None) {
    Message message;
    message.tag = tag;
    message.envelope.reverse_path = {"sender", "a.example"};
    for (smtp::Path& path : recipients) {
        message.envelope.recipients.push_back({.forward_path = std::move(path), .parameters = {}});
    }
    message.data = "Subject: hello\r\n\r\n.dots\r\nbody\r\n";
    return message;
}

// Hands a message to a port of this host.
HostOutcome submit(const Message& message, std::uint16_t port,
                   const std::string& ca_file = some_authority()) {
    ClientSettings settings;
    settings.helo = "client.example";
    settings.port = port;
    settings.command_timeout = std::chrono::seconds(20);
    base::SystemClock clock;
    logging::Log log(clock, [](std::string_view) {});
    LinkRegistry links;
    NetConnector connector(settings, net::TlsClient::create(ca_file).value(), links);
    const requiretls::StandardRules rules(requiretls::Edition::Rfc);
    std::vector<std::size_t> everybody;
    for (std::size_t i = 0; i < message.envelope.recipients.size(); ++i) everybody.push_back(i);
    HopSession hop(settings, rules, connector, log);
    return hop.attempt(message, everybody, make_host("mx.example", "127.0.0.1"));
}

void expect_taken(const HostOutcome& outcome) {
    ASSERT_TRUE(outcome.results.has_value()) << outcome.detail;
    for (const RecipientResult& result : *outcome.results) {
        EXPECT_EQ(result.outcome, Outcome::Relayed) << result.explanation;
    }
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

TEST(Relay, AMessageGoesFromHopToHopAndOnlyGainsTraceFields) {
    Station last("mx.b.example");
    last.next_hops.fail("b.example", LookupFailure::Temporary);
    Station first("mx.a.example");
    first.config.client.port = last.start();
    first.next_hops.add("b.example", {make_host("mx.b.example", "127.0.0.1")});
    expect_taken(submit(letter({{"x", "b.example"}}), first.start()));
    ASSERT_TRUE(last.events.wait_for("deferred"));
    ASSERT_TRUE(first.events.wait_for("relayed"));
    first.stop();
    last.stop();
    EXPECT_TRUE(spooled(first.directory.path()).empty());
    const auto messages = spooled(last.directory.path());
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].envelope.reverse_path, (smtp::Path{"sender", "a.example"}));
    EXPECT_EQ(messages[0].envelope.helo, "mx.a.example");
    EXPECT_EQ(count(messages[0].data, "Received: from "), 2U);
    EXPECT_TRUE(messages[0].data.ends_with("\r\nSubject: hello\r\n\r\n.dots\r\nbody\r\n"));
}

TEST(Relay, RequireTlsTravelsOverTlsAndTheTagIsKept) {
    const TestCertificate certificate("mx.example");
    Station last("mx.b.example");
    last.use_certificate(certificate);
    last.next_hops.fail("b.example", LookupFailure::Temporary);
    Station first("mx.a.example");
    first.use_certificate(certificate);
    first.config.client.port = last.start();
    first.next_hops.add("b.example", {make_host("mx.example", "127.0.0.1")});
    Message message = letter({{"x", "b.example"}}, Tag::Required);
    expect_taken(submit(message, first.start(), certificate.certificate_file()));
    ASSERT_TRUE(last.events.wait_for("deferred"));
    last.stop();
    const auto messages = spooled(last.directory.path());
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].tag, Tag::Required);
    EXPECT_EQ(messages[0].envelope.channel, smtp::Channel::Tls);
}

TEST(Relay, WhatCannotBeDeliveredComesBackToItsSender) {
    Station sender("mx.a.example");
    sender.next_hops.fail("a.example", LookupFailure::Temporary);
    Station relay("mx.r.example");
    relay.config.client.port = sender.start();
    relay.next_hops.add("a.example", {make_host("mx.a.example", "127.0.0.1")});
    expect_taken(submit(letter({{"x", "none.example"}, {"y", "nothing.example"}}), relay.start()));
    ASSERT_TRUE(sender.events.wait_for("deferred"));
    ASSERT_TRUE(relay.events.wait_for("relayed"));
    sender.stop();
    relay.stop();
    const auto messages = spooled(sender.directory.path());
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_TRUE(messages[0].envelope.reverse_path.is_null());
    EXPECT_EQ(messages[0].envelope.recipients.at(0).forward_path,
              (smtp::Path{"sender", "a.example"}));
    EXPECT_EQ(count(messages[0].data, "\r\nFinal-Recipient: "), 2U);
    EXPECT_TRUE(spooled(relay.directory.path()).empty());
}

TEST(Relay, AnAliasIsExpandedAndEveryInstanceKeepsTheTag) {
    const TestCertificate certificate("mx.example");
    Station station("mx.example");
    station.use_certificate(certificate);
    station.config.aliases = {
        {.name = {"team", "mx.example"}, .targets = {{"one", "b.example"}, {"two", "c.example"}}}};
    station.next_hops.fail("b.example", LookupFailure::Temporary);
    station.next_hops.fail("c.example", LookupFailure::Temporary);
    expect_taken(submit(letter({{"Team", "mx.example"}}, Tag::Required), station.start(),
                        certificate.certificate_file()));
    station.stop();
    const auto messages = spooled(station.directory.path());
    ASSERT_EQ(messages.size(), 2U);
    for (const Message& message : messages) {
        EXPECT_EQ(message.tag, Tag::Required);
        ASSERT_EQ(message.envelope.recipients.size(), 1U);
    }
    EXPECT_NE(messages[0].envelope.recipients, messages[1].envelope.recipients);
}

TEST(Relay, StrangersMayNotRelayAndThereAreNoMailboxes) {
    Station station("mx.example");
    station.config.server.relay_from = {Network::parse("192.0.2.0/24").value()};
    const std::uint16_t port = station.start();
    const auto outcome =
        submit(letter({{"x", "b.example"}, {"y", "mx.example"}, {"Postmaster", ""}}), port);
    ASSERT_TRUE(outcome.results.has_value());
    EXPECT_EQ(outcome.results->at(0).status, (dsn::EnhancedStatus{5, 7, 1}));
    EXPECT_EQ(outcome.results->at(1).status, (dsn::EnhancedStatus{5, 1, 1}));
    EXPECT_EQ(outcome.results->at(2).status, (dsn::EnhancedStatus{5, 1, 1}));
}

TEST(Relay, AMailLoopIsRefused) {
    Station station("mx.example");
    const std::uint16_t port = station.start();
    Message message = letter({{"x", "b.example"}});
    for (std::size_t i = 0; i < max_received_fields; ++i) {
        message.data.insert(0, "Received: from a by b; Tue, 03 Dec 2019 10:11:12 +0000\r\n");
    }
    const auto outcome = submit(message, port);
    ASSERT_TRUE(outcome.results.has_value());
    EXPECT_EQ(outcome.results->at(0).status, (dsn::EnhancedStatus{5, 4, 6}));
    station.stop();
    EXPECT_TRUE(spooled(station.directory.path()).empty());
}

TEST(Relay, APortInUseIsAnErrorThatNamesIt) {
    Station first("mx.example");
    const std::uint16_t port = first.start();
    Station second("mx.example");
    second.config.server.listen = {{.address = "127.0.0.1", .port = port}};
    const auto failed = Relay::start(second.config, second.decisions,
                                     {.clock = second.clock,
                                      .random = second.random,
                                      .next_hops = second.next_hops,
                                      .log = second.log});
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().id, "mta.listen");
    EXPECT_EQ(failed.error().detail,
              "can't listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST(Relay, ACertificateThatCannotBeReadIsAnErrorThatNamesIt) {
    Station station("mx.example");
    station.config.server.tls_certificate = station.directory.path() + "/none.pem";
    station.config.server.tls_key = station.config.server.tls_certificate;
    const auto failed = Relay::start(station.config, station.decisions,
                                     {.clock = station.clock,
                                      .random = station.random,
                                      .next_hops = station.next_hops,
                                      .log = station.log});
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().id, "mta.tls");
    EXPECT_NE(failed.error().detail.find("none.pem"), std::string::npos);
}

TEST(Relay, ManyAtOnceAllArrive) {
    Station station("mx.example");
    station.next_hops.fail("b.example", LookupFailure::Temporary);
    const std::uint16_t port = station.start();
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([port] {
            for (int j = 0; j < 5; ++j) expect_taken(submit(letter({{"x", "b.example"}}), port));
        });
    }
    for (std::thread& client : clients) client.join();
    station.stop();
    EXPECT_EQ(spooled(station.directory.path()).size(), 40U);
}

TEST(Relay, ConnectionsBeyondTheLimitAreToldToComeLater) {
    Station station("mx.example");
    station.config.server.max_connections = 1;
    const std::uint16_t port = station.start();
    const auto held = net::connect_to("127.0.0.1", port, net::after(std::chrono::seconds(20)));
    ASSERT_TRUE(held.has_value());
    ASSERT_TRUE(net::wait_for(held->descriptor(), net::Readiness::Readable,
                              net::after(std::chrono::seconds(20))));
    const auto outcome = submit(letter({{"x", "b.example"}}), port);
    ASSERT_TRUE(outcome.refusal.has_value());
    EXPECT_EQ(outcome.refusal->code, 421);
}

// Has no answer at first.
class LateNextHops final : public net::NextHops {
  public:
    LateNextHops(int failures, std::vector<requiretls::HostFacts> hosts)
        : failures_(failures), hosts_(std::move(hosts)) {}
    [[nodiscard]] net::Candidates find(const std::string&) const override {
        if (failures_.fetch_sub(1) > 0) return std::unexpected(LookupFailure::Temporary);
        return hosts_;
    }

  private:
    mutable std::atomic<int> failures_;
    std::vector<requiretls::HostFacts> hosts_;
};

TEST(Relay, WhatIsDeferredIsTriedAgain) {
    Station last("mx.b.example");
    last.next_hops.fail("b.example", LookupFailure::Temporary);
    Station first("mx.a.example");
    first.config.client.port = last.start();
    first.config.queue.retry = std::chrono::milliseconds(1);
    const LateNextHops late(3, {make_host("mx.b.example", "127.0.0.1")});
    const std::uint16_t port = first.start(late);
    expect_taken(submit(letter({{"x", "b.example"}}), port));
    ASSERT_TRUE(last.events.wait_for("received"));
    ASSERT_TRUE(first.events.wait_for("relayed"));
    first.stop();
    EXPECT_TRUE(spooled(first.directory.path()).empty());
}

TEST(Relay, WhatIsDeferredTooLongIsBounced) {
    Station sender("mx.a.example");
    sender.next_hops.fail("a.example", LookupFailure::Temporary);
    Station relay("mx.r.example");
    relay.config.client.port = sender.start();
    relay.config.queue.retry = std::chrono::milliseconds(1);
    relay.config.queue.lifetime = std::chrono::milliseconds(5);
    relay.next_hops.add("a.example", {make_host("mx.a.example", "127.0.0.1")});
    relay.next_hops.fail("b.example", LookupFailure::Temporary);
    expect_taken(submit(letter({{"x", "b.example"}}), relay.start()));
    ASSERT_TRUE(sender.events.wait_for("deferred"));
    sender.stop();
    const auto messages = spooled(sender.directory.path());
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(count(messages[0].data, "\r\nStatus: 4.4.7\r\n"), 1U);
}

// The child is a relay whose next hops never answer; it writes its port into the pipe.
// What it makes beside `directory` lies in `scratch`, since it does not live to take it away.
[[noreturn]] void be_a_relay(const std::string& directory, const std::string& scratch, int pipe) {
    ::setenv("TMPDIR", scratch.c_str(), 1);
    Station station("mx.example");
    station.config.queue.directory = directory;
    station.next_hops.fail("b.example", LookupFailure::Temporary);
    const std::uint16_t port = station.start();
    if (::write(pipe, &port, sizeof(port)) != sizeof(port)) std::_Exit(1);
    while (true) ::pause();
}

TEST(Relay, AnAcknowledgedMessageSurvivesKillNine) {
    const TestDirectory directory;
    const TestDirectory scratch;
    for (int round = 0; round < 10; ++round) {
        int ends[2] = {};
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) be_a_relay(directory.path(), scratch.path(), ends[1]);
        ::close(ends[1]);
        std::uint16_t port = 0;
        ASSERT_EQ(::read(ends[0], &port, sizeof(port)), static_cast<ssize_t>(sizeof(port)));
        ::close(ends[0]);
        const auto outcome = submit(letter({{"x", "b.example"}}), port);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        expect_taken(outcome);
    }
    EXPECT_EQ(spooled(directory.path()).size(), 10U);
}

TEST(Relay, WhatTheSpoolHoldsIsTakenUpAtTheStart) {
    Station last("mx.b.example");
    last.next_hops.fail("b.example", LookupFailure::Temporary);
    Station first("mx.a.example");
    first.next_hops.fail("b.example", LookupFailure::Temporary);
    expect_taken(submit(letter({{"x", "b.example"}}), first.start()));
    ASSERT_TRUE(first.events.wait_for("deferred"));
    first.stop();
    first.next_hops.add("b.example", {make_host("mx.b.example", "127.0.0.1")});
    first.config.client.port = last.start();
    (void)first.start();
    ASSERT_TRUE(last.events.wait_for("received"));
    ASSERT_TRUE(first.events.wait_for("relayed"));
    first.stop();
    EXPECT_TRUE(spooled(first.directory.path()).empty());
}

}  // namespace
}  // namespace mailassay::mta
