#include "mta/hop_connection.h"

#include <utility>

namespace mailassay::mta {

using requiretls::Farewell;
using requiretls::SessionEnd;
using requiretls::TlsOutcome;

namespace {

constexpr std::size_t max_addresses = 8;

}  // namespace

HopConnection::HopConnection(const ClientSettings& settings, Connector& connector,
                             const requiretls::HostFacts& host)
    : host_(host), client_({.helo = settings.helo, .protocol = settings.protocol}) {
    detail_ = "no address";
    for (std::size_t index = 0; index < host.addresses.size() && index < max_addresses; ++index) {
        auto link = connector.connect(host.addresses[index], settings.port);
        if (!link) {
            detail_ = link.error().detail;
            continue;
        }
        link_ = std::move(*link);
        address_ = host.addresses[index];
        life_ = Life::Alive;
        end_ = SessionEnd::None;
        greet();
        break;
    }
}

// Greeting and EHLO in plaintext.
void HopConnection::greet() {
    const smtp::ClientEvent event = pump();
    if (const auto* ready = std::get_if<smtp::Ready>(&event)) {
        greetings_.in_plaintext = ready->capabilities;
        return;
    }
    note_refusal(event);
}

void HopConnection::note_refusal(const smtp::ClientEvent& event) {
    if (const auto* refused = std::get_if<smtp::Refused>(&event)) {
        life_ = Life::Refused;
        refusal_ = refused->reply;
        end_ = SessionEnd::Refused;
        detail_ = smtp::to_string(refused->reply);
    }
}

// [rfc8689/4.2.1/4] [rfc8689/4.2.2/2]
void HopConnection::protect() {
    if (!greetings_.in_plaintext.has("STARTTLS")) {
        tls_.outcome = TlsOutcome::NotOffered;
        return;
    }
    client_.start_tls();
    const smtp::ClientEvent event = pump();
    if (const auto* refused = std::get_if<smtp::StartTlsRefused>(&event)) {
        tls_.outcome = TlsOutcome::Refused;
        tls_.detail = smtp::to_string(refused->reply);
    } else if (std::holds_alternative<smtp::StartTlsGo>(event)) {
        secure();
    } else {
        // Silence, nonsense or the end in answer to STARTTLS: there will be no TLS here.
        tls_.outcome = TlsOutcome::HandshakeFailed;
        tls_.detail = detail_;
    }
}

// The handshake and the second EHLO.
void HopConnection::secure() {
    tls_ = link_->secure(host_);
    if (tls_.outcome != TlsOutcome::Established) {
        end_by(SessionEnd::Broken, tls_.detail);
        return;
    }
    client_.tls_established();
    const smtp::ClientEvent event = pump();
    if (const auto* ready = std::get_if<smtp::Ready>(&event)) {
        greetings_.in_tls = ready->capabilities;
        return;
    }
    note_refusal(event);
}

void HopConnection::leave(Farewell farewell) {
    const bool quits = life_ != Life::Over && farewell == Farewell::Quit;
    life_ = Life::Over;
    if (!quits) return;
    client_.quit();
    // What is said to QUIT is not why the session ended.
    const SessionEnd end = end_;
    const std::string detail = detail_;
    const std::optional<smtp::Reply> refusal = refusal_;
    (void)pump();
    end_ = end;
    detail_ = detail;
    refusal_ = refusal;
}

void HopConnection::end_by(SessionEnd end, std::string detail) {
    life_ = Life::Over;
    end_ = end;
    detail_ = std::move(detail);
}

smtp::ClientEvent HopConnection::pump() {
    const auto broken = [this](const Error& error) {
        const bool silent = error.id == "mta.link.timeout";
        end_by(silent ? SessionEnd::Silent : SessionEnd::Broken, error.detail);
        return smtp::Closed{};
    };
    while (true) {
        smtp::ClientEvent event = client_.next_event();
        if (const auto* violation = std::get_if<smtp::Violation>(&event)) {
            end_by(SessionEnd::Broken,
                   "the host broke the protocol: " + to_string(violation->error));
        }
        if (const auto* closed = std::get_if<smtp::Closed>(&event)) {
            if (closed->farewell) refusal_ = closed->farewell;
            end_by(closed->farewell ? SessionEnd::Refused : SessionEnd::Broken,
                   closed->farewell ? smtp::to_string(*closed->farewell)
                                    : std::string("the host closed the connection"));
        }
        if (!std::holds_alternative<smtp::ClientNeedData>(event)) return event;
        // Only now: the event before may have put the next command into the output.
        const std::string output = client_.take_output();
        if (const auto written = link_->write(output); !written) {
            return broken(written.error());
        }
        const auto input = link_->read();
        if (!input) return broken(input.error());
        input->empty() ? client_.end_of_input() : client_.receive(*input);
    }
}

}  // namespace mailassay::mta
