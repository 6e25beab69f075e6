#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smtp/client.h"
#include "smtp/server.h"

// What the tests and fuzz targets of the two state machines share: drivers without sockets.
namespace mailassay::smtp::test {

// Accepts everything except a local part "nobody", and offers XSAMPLE with a parameter of that name
// to MAIL and to RCPT, within TLS only.
class SamplePolicy final : public ServerPolicy {
  public:
    std::vector<Extension> extensions(Channel channel) const override {
        if (channel == Channel::Plaintext) return {};
        return {Extension{"XSAMPLE", "", {"XSAMPLE"}, {"XSAMPLE"}, Announce::Yes}};
    }
    std::optional<Reply> on_mail(const Path& path, const std::vector<Parameter>&,
                                 Channel) override {
        return refusal_of(path);
    }
    std::optional<Reply> on_rcpt(const Recipient& recipient, const Envelope&) override {
        return refusal_of(recipient.forward_path);
    }

  private:
    static std::optional<Reply> refusal_of(const Path& path) {
        if (path.local_part != "nobody") return std::nullopt;
        return make_reply(550, {5, 1, 1}, "Unknown");
    }
};

// All that a server did: its events but NeedData, and its output.
struct ServerRun {
    std::vector<ServerEvent> events;
    std::string output;
    friend bool operator==(const ServerRun&, const ServerRun&) = default;
};

// When TLS is established: at once, or only when the input has ended, so that all octets behind
// STARTTLS are plaintext however they were split.
enum class Handshake : std::uint8_t { AtOnce, AfterInput };

// Answers every message by 250.
class ServerDriver {
  public:
    explicit ServerDriver(Server server, Handshake handshake = Handshake::AtOnce)
        : server_(std::move(server)), handshake_(handshake) {
        drain();
    }

    void feed(std::string_view octets) {
        server_.receive(octets);
        drain();
    }
    void end() {
        if (in_handshake_) server_.tls_established();
        in_handshake_ = false;
        server_.end_of_input();
        drain();
    }
    [[nodiscard]] const ServerRun& run() const { return run_; }
    // Output since the last call.
    std::string take_output() {
        std::string fresh = run_.output.substr(taken_);
        taken_ = run_.output.size();
        return fresh;
    }
    Server& server() { return server_; }

  private:
    void drain() {
        while (!in_handshake_) {
            const ServerEvent event = server_.next_event();
            run_.output += server_.take_output();
            if (std::holds_alternative<NeedData>(event)) return;
            if (std::holds_alternative<Close>(event)) {
                if (!closed_) run_.events.push_back(event);
                closed_ = true;
                return;
            }
            run_.events.push_back(event);
            if (std::holds_alternative<StartTls>(event)) {
                in_handshake_ = handshake_ == Handshake::AfterInput;
                if (!in_handshake_) server_.tls_established();
            } else {
                server_.message_answered(make_reply(250, {2, 0, 0}, "Queued"));
            }
        }
    }

    Server server_;
    Handshake handshake_;
    bool in_handshake_ = false;
    ServerRun run_;
    std::size_t taken_ = 0;
    bool closed_ = false;
};

enum class Tls : std::uint8_t { Wanted, NotWanted };

// All that a client did: its events but ClientNeedData, and its output.
struct ClientRun {
    std::vector<ClientEvent> events;
    std::string output;
    friend bool operator==(const ClientRun&, const ClientRun&) = default;
};

// Goes through a whole session: TLS when wanted, the transactions, QUIT.
class ClientDriver {
  public:
    ClientDriver(Client client, Tls tls, std::vector<Transaction> transactions)
        : client_(std::move(client)), tls_(tls), transactions_(std::move(transactions)) {
        drain();
    }

    void feed(std::string_view octets) {
        client_.receive(octets);
        drain();
    }
    void end() {
        client_.end_of_input();
        drain();
    }
    [[nodiscard]] const ClientRun& run() const { return run_; }
    std::string take_output() {
        std::string fresh = run_.output.substr(taken_);
        taken_ = run_.output.size();
        return fresh;
    }
    [[nodiscard]] bool over() const { return over_; }

  private:
    void drain() {
        while (!over_) {
            const ClientEvent event = client_.next_event();
            run_.output += client_.take_output();
            if (std::holds_alternative<ClientNeedData>(event)) return;
            run_.events.push_back(event);
            act_on(event);
            run_.output += client_.take_output();
        }
    }

    void act_on(const ClientEvent& event) {
        if (std::holds_alternative<Closed>(event) || std::holds_alternative<Violation>(event)) {
            over_ = true;
        } else if (std::holds_alternative<StartTlsGo>(event)) {
            client_.tls_established();
        } else if (const auto* ready = std::get_if<Ready>(&event);
                   ready != nullptr && tls_ == Tls::Wanted &&
                   ready->channel == Channel::Plaintext) {
            client_.start_tls();
        } else if (std::holds_alternative<Refused>(event) || next_ == transactions_.size()) {
            client_.quit();
        } else {
            client_.send(transactions_[next_++]);
        }
    }

    Client client_;
    Tls tls_;
    std::vector<Transaction> transactions_;
    std::size_t next_ = 0;
    ClientRun run_;
    std::size_t taken_ = 0;
    bool over_ = false;
};

}  // namespace mailassay::smtp::test
