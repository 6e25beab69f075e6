#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mta/transport.h"
#include "net/next_hops.h"
#include "requiretls/facts.h"
#include "smtp/server.h"

// Next hops that a test makes up: in memory, with TLS as a fact instead of a handshake.
namespace mailassay::mta {

// How a peer answers STARTTLS.
enum class StartTls : std::uint8_t { NotOffered, Refused, Garbled, Closed, HandshakeFails, Works };
enum class Greeting : std::uint8_t { Welcome, Refused, Silent, Closed };
enum class Support : std::uint8_t { Offered, Missing };

// The zero value is a peer that does everything right.
struct PeerPlan {
    smtp::Protocol protocol = smtp::Protocol::Smtp;
    Greeting greeting = Greeting::Welcome;
    StartTls starttls = StartTls::Works;
    Support requiretls = Support::Offered;
    requiretls::TlsVersion version = requiretls::TlsVersion::Tls13;
    requiretls::Authentication authentication = requiretls::Authentication::Pkix;
    // Replies instead of the usual ones.
    std::optional<smtp::Reply> mail = {};
    std::map<std::string, smtp::Reply> rcpt = {};  // by address
    std::optional<smtp::Reply> data = {};
};

// A message that a peer took.
struct Taken {
    smtp::Envelope envelope;
    std::string data;
};

// What one connection to a peer was like.
struct Conversation {
    std::string said;  // by the relay, plaintext and TLS alike
    std::vector<Taken> taken;
    bool was_quit = false;
    bool could_talk = true;  // until the end: the relay had somebody to say QUIT to
};

// One connection to a peer, driven by the server's own state machine.
class PeerLink final : public ClientLink, private smtp::ServerPolicy {
  public:
    PeerLink(const PeerPlan& plan, Conversation& conversation)
        : plan_(plan), conversation_(conversation) {
        smtp::ServerConfig config;
        config.hostname = "peer.example";
        config.protocol = plan.protocol;
        if (plan.starttls != StartTls::NotOffered) config.starttls = smtp::StartTlsOffer::Offered;
        server_.emplace(config, static_cast<smtp::ServerPolicy&>(*this));
        open();
    }

    Result<std::string> read() override {
        if (output_.empty() && ending_ == Ending::Silent) {
            conversation_.could_talk = false;
            return std::unexpected(Error{.id = "mta.link.timeout", .detail = "silence"});
        }
        if (output_.empty()) conversation_.could_talk = conversation_.was_quit;
        return std::exchange(output_, {});
    }
    Result<void> write(std::string_view octets) override {
        conversation_.said += octets;
        if (octets.find("QUIT\r\n") != std::string_view::npos) conversation_.was_quit = true;
        if (octets == "STARTTLS\r\n" && answers_starttls_oddly()) return {};
        server_->receive(octets);
        run();
        return {};
    }
    requiretls::TlsFacts secure(const requiretls::HostFacts&) override {
        requiretls::TlsFacts facts;
        if (plan_.starttls == StartTls::HandshakeFails) {
            facts.outcome = requiretls::TlsOutcome::HandshakeFailed;
            conversation_.could_talk = false;
            return facts;
        }
        facts.outcome = requiretls::TlsOutcome::Established;
        facts.version = plan_.version;
        facts.authentication = plan_.authentication;
        server_->tls_established();
        return facts;
    }

  private:
    enum class Ending : std::uint8_t { Closed, Silent };

    void open() {
        (void)server_->next_event();
        output_ = server_->take_output();
        if (plan_.greeting == Greeting::Welcome) return;
        output_ = plan_.greeting == Greeting::Refused ? "554 no service\r\n" : "";
        if (plan_.greeting == Greeting::Silent) ending_ = Ending::Silent;
    }
    bool answers_starttls_oddly() {
        if (plan_.starttls == StartTls::Refused) output_ = "454 4.7.0 not now\r\n";
        if (plan_.starttls == StartTls::Garbled) output_ = "xyz\r\n";
        return plan_.starttls == StartTls::Refused || plan_.starttls == StartTls::Garbled ||
               plan_.starttls == StartTls::Closed;
    }
    void run() {
        while (true) {
            smtp::ServerEvent event = server_->next_event();
            output_ += server_->take_output();
            auto* received = std::get_if<smtp::MessageReceived>(&event);
            if (received == nullptr) return;
            const smtp::Reply reply = plan_.data.value_or(smtp::make_reply(250, "taken"));
            if (reply.is_completion()) {
                conversation_.taken.push_back(
                    {std::move(received->envelope), std::move(received->data)});
            }
            server_->message_answered(reply);
        }
    }

    std::vector<smtp::Extension> extensions(smtp::Channel channel) const override {
        smtp::Extension extension;
        extension.keyword = "REQUIRETLS";
        extension.mail_parameters = {"REQUIRETLS"};
        const bool offered = plan_.requiretls == Support::Offered && channel == smtp::Channel::Tls;
        return offered ? std::vector{extension} : std::vector<smtp::Extension>{};
    }
    std::optional<smtp::Reply> on_mail(const smtp::Path&, const std::vector<smtp::Parameter>&,
                                       smtp::Channel) override {
        return plan_.mail;
    }
    std::optional<smtp::Reply> on_rcpt(const smtp::Recipient& recipient,
                                       const smtp::Envelope&) override {
        const auto found = plan_.rcpt.find(recipient.forward_path.address());
        return found == plan_.rcpt.end() ? std::nullopt : std::optional(found->second);
    }

    const PeerPlan& plan_;
    Conversation& conversation_;
    std::optional<smtp::Server> server_;
    std::string output_;
    Ending ending_ = Ending::Closed;
};

// The peers of a test, by address. An address without a peer refuses connections.
class Peers final : public Connector {
  public:
    struct Peer {
        PeerPlan plan;
        std::vector<std::unique_ptr<Conversation>> conversations = {};
    };

    PeerPlan& at(const std::string& address) { return peers_[address].plan; }
    [[nodiscard]] const std::map<std::string, Peer>& all() const { return peers_; }
    [[nodiscard]] std::vector<Taken> taken(const std::string& address) const {
        std::vector<Taken> taken;
        for (const auto& conversation : conversations(address)) {
            taken.insert(taken.end(), conversation->taken.begin(), conversation->taken.end());
        }
        return taken;
    }
    [[nodiscard]] const std::vector<std::unique_ptr<Conversation>>& conversations(
        const std::string& address) const {
        return peers_.at(address).conversations;
    }

    Result<std::unique_ptr<ClientLink>> connect(const std::string& address,
                                                std::uint16_t port) override {
        const auto peer = peers_.find(address);
        if (peer == peers_.end()) {
            return std::unexpected(Error{.id = "mta.link.connect", .detail = "refused"});
        }
        // A probe visits its hosts side by side. What came of it is read when all visits are over.
        const std::lock_guard lock(connecting_);
        ports_.push_back(port);
        auto& conversations = peer->second.conversations;
        conversations.push_back(std::make_unique<Conversation>());
        return std::make_unique<PeerLink>(peer->second.plan, *conversations.back());
    }

    // Of all connections that came about, in order.
    [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

  private:
    std::map<std::string, Peer> peers_;
    std::mutex connecting_;
    std::vector<std::uint16_t> ports_;
};

// Look-ups that a test makes up, by domain. What it does not know does not exist.
class MadeUpNextHops final : public net::NextHops {
  public:
    void add(const std::string& domain, std::vector<requiretls::HostFacts> hosts) {
        answers_.insert_or_assign(domain, std::move(hosts));
    }
    void fail(const std::string& domain, requiretls::LookupFailure failure) {
        answers_.insert_or_assign(domain, std::unexpected(failure));
    }
    [[nodiscard]] net::Candidates find(const std::string& domain) const override {
        const auto found = answers_.find(domain);
        if (found != answers_.end()) return found->second;
        return std::unexpected(requiretls::LookupFailure::NoSuchDomain);
    }

  private:
    std::map<std::string, net::Candidates> answers_;
};

// A host whose name DNSSEC vouches for.
[[nodiscard]] inline requiretls::HostFacts make_host(const std::string& name,
                                                     const std::string& address,
                                                     std::uint16_t preference = 10) {
    requiretls::HostFacts host;
    host.domain = "b.example";
    host.host = name;
    host.preference = preference;
    host.mx_security = requiretls::DnsSecurity::Secure;
    host.addresses = {address};
    return host;
}

}  // namespace mailassay::mta
