#include "mta/hop_session.h"

#include <fmt/format.h>

#include <utility>

#include "base/ascii.h"
#include "mta/outgoing.h"

namespace mailassay::mta {

using requiretls::Farewell;
using requiretls::Fitness;
using requiretls::HostFacts;
using requiretls::HostVerdict;
using requiretls::Reason;
using requiretls::TlsFacts;
using requiretls::TlsOutcome;

namespace {

constexpr std::size_t max_addresses = 8;
constexpr HostVerdict no_session{.fitness = Fitness::NotForNow, .reason = Reason::ConnectionFailed};

enum class Life { Alive, Over };

}  // namespace

struct HopSession::Session {
    std::unique_ptr<ClientLink> link;
    smtp::Client client;
    requiretls::Greetings greetings = {};
    TlsFacts tls = {};
    Life life = Life::Over;
    std::optional<smtp::Reply> refusal = {};
    std::string detail = {};
};

requiretls::Sending sending_of(const Message& message) {
    const bool null = message.envelope.reverse_path.is_null();
    return {.tag = message.tag,
            .reverse_path = null ? requiretls::ReversePath::Null : requiretls::ReversePath::Sender};
}

HostOutcome HopSession::attempt(const Message& message, std::span<const std::size_t> recipients,
                                const HostFacts& host) {
    const requiretls::Sending sending = sending_of(message);
    auto session = open(host);
    if (session->life == Life::Over) return connection_failed(*session);
    const requiretls::TlsPlan plan = rules_.plan_tls(sending, host);
    if (plan.use != requiretls::TlsUse::Never) protect(*session, host);
    if (session->tls.outcome == TlsOutcome::HandshakeFailed &&
        plan.without == requiretls::WithoutTls::Plaintext) {
        session = reopen_in_plaintext(std::move(session), host);
    }
    const bool handshake_failed = session->tls.outcome == TlsOutcome::HandshakeFailed;
    if (session->life == Life::Over && !handshake_failed) return connection_failed(*session);

    const HostVerdict verdict =
        rules_.judge_session(sending, host, session->tls, session->greetings);
    log_.event("session", {{"id", message.id},
                           {"host", host.host},
                           {"tls", session->tls.outcome == TlsOutcome::Established ? "yes" : "no"},
                           {"fit", verdict.fitness == Fitness::Fit ? "yes" : "no"},
                           {"detail", base::escape(session->tls.detail)}});
    if (verdict.fitness != Fitness::Fit) {
        leave(*session, rules_.farewell(verdict));
        return {.verdict = verdict,
                .results = std::nullopt,
                .refusal = std::nullopt,
                .detail = session->tls.detail};
    }
    if (session->life == Life::Over) return connection_failed(*session);
    const auto no_login = log_in(*session, host);
    GroupResults results = no_login ? GroupResults(recipients.size(), *no_login)
                                    : transact(*session, message, recipients, host);
    leave(*session, Farewell::Quit);
    return {.verdict = verdict, .results = std::move(results), .refusal = {}, .detail = {}};
}

// Connects to the first address that answers, and greets. Never null; look at `life`.
std::unique_ptr<HopSession::Session> HopSession::open(const HostFacts& host) {
    auto session = std::make_unique<Session>(
        Session{.link = nullptr, .client = smtp::Client({.helo = settings_.helo})});
    session->detail = "no address";
    for (std::size_t index = 0; index < host.addresses.size() && index < max_addresses; ++index) {
        auto link = connector_.connect(host.addresses[index]);
        if (!link) {
            session->detail = link.error().detail;
            continue;
        }
        session->link = std::move(*link);
        session->life = Life::Alive;
        if (!greet(*session)) leave(*session, Farewell::Quit);
        break;
    }
    return session;
}

// Greeting and EHLO in plaintext.
bool HopSession::greet(Session& session) {
    const smtp::ClientEvent event = pump(session);
    if (const auto* ready = std::get_if<smtp::Ready>(&event)) {
        session.greetings.in_plaintext = ready->capabilities;
        return true;
    }
    note_refusal(session, event);
    return false;
}

void HopSession::note_refusal(Session& session, const smtp::ClientEvent& event) {
    if (const auto* refused = std::get_if<smtp::Refused>(&event)) {
        session.refusal = refused->reply;
        session.detail = smtp::to_string(refused->reply);
    }
}

// STARTTLS where it is offered. [rfc8689/4.2.1/4] [rfc8689/4.2.2/2]
void HopSession::protect(Session& session, const HostFacts& host) {
    if (!session.greetings.in_plaintext.has("STARTTLS")) {
        session.tls.outcome = TlsOutcome::NotOffered;
        return;
    }
    session.client.start_tls();
    const smtp::ClientEvent event = pump(session);
    if (const auto* refused = std::get_if<smtp::StartTlsRefused>(&event)) {
        session.tls.outcome = TlsOutcome::Refused;
        session.tls.detail = smtp::to_string(refused->reply);
    } else if (std::holds_alternative<smtp::StartTlsGo>(event)) {
        secure(session, host);
    } else {
        // Silence, nonsense or the end in answer to STARTTLS: there will be no TLS here.
        session.tls.outcome = TlsOutcome::HandshakeFailed;
        session.tls.detail = session.detail;
    }
}

// The handshake and the second EHLO.
void HopSession::secure(Session& session, const HostFacts& host) {
    session.tls = session.link->secure(host);
    if (session.tls.outcome != TlsOutcome::Established) {
        session.life = Life::Over;
        return;
    }
    session.client.tls_established();
    const smtp::ClientEvent event = pump(session);
    if (const auto* ready = std::get_if<smtp::Ready>(&event)) {
        session.greetings.in_tls = ready->capabilities;
        return;
    }
    note_refusal(session, event);
    leave(session, Farewell::Quit);
}

// What was learnt about TLS stays, and STARTTLS is not tried a second time.
std::unique_ptr<HopSession::Session> HopSession::reopen_in_plaintext(
    std::unique_ptr<Session> failed, const HostFacts& host) {
    const TlsFacts tls = failed->tls;
    failed.reset();
    auto session = open(host);
    session->tls = tls;
    return session;
}

std::optional<RecipientResult> HopSession::log_in(Session& session, const HostFacts& host) {
    if (!credentials_) return std::nullopt;
    if (session.tls.authentication == requiretls::Authentication::None) {
        return make_result(
            Outcome::Failed, {.cls = 5, .subject = 7, .detail = 10},
            fmt::format("The password was not sent, since nothing proves that this is {}.",
                        host.host),
            host.host);
    }
    session.client.authenticate(*credentials_);
    const smtp::ClientEvent event = pump(session);
    const auto* done = std::get_if<smtp::AuthenticationDone>(&event);
    if (done == nullptr) return ended_early(session, host);
    if (done->reply.is_completion()) return std::nullopt;
    return result_of(done->reply, host.host);
}

RecipientResult HopSession::ended_early(const Session& session, const HostFacts& host) {
    return make_result(Outcome::Deferred, {.cls = 4, .subject = 4, .detail = 2},
                       fmt::format("The session with {} ended early: {}.", host.host,
                                   base::escape(session.detail, 200)),
                       host.host);
}

GroupResults HopSession::transact(Session& session, const Message& message,
                                  std::span<const std::size_t> recipients, const HostFacts& host) {
    const requiretls::Sending sending = sending_of(message);
    const smtp::Capabilities& capabilities = session.greetings.current();
    const bool parameter = rules_.sends_parameter(sending, host, session.tls, session.greetings);
    auto transaction = prepare_transaction(
        message, recipients, onward_data(message, rules_),
        parameter ? RequireTlsParameter::Present : RequireTlsParameter::Absent, capabilities);
    if (!transaction) return GroupResults(recipients.size(), transaction.error());

    session.client.send(std::move(*transaction));
    const smtp::ClientEvent event = pump(session);
    const auto* done = std::get_if<smtp::TransactionDone>(&event);
    if (done == nullptr) {
        return GroupResults(recipients.size(), ended_early(session, host));
    }
    GroupResults results;
    for (const smtp::RecipientOutcome& outcome : done->outcome.recipients) {
        RecipientResult result = result_of(outcome, host.host);
        const bool refused_in_plaintext = outcome.stage == smtp::Stage::Mail &&
                                          session.client.channel() == smtp::Channel::Plaintext;
        if (refused_in_plaintext && result.outcome == Outcome::Failed) {
            result = with_fate(std::move(result), rules_.after_refusal(sending, outcome.reply));
        }
        results.push_back(std::move(result));
    }
    return results;
}

// Says QUIT if there is still somebody to say it to, and waits for the answer.
void HopSession::leave(Session& session, Farewell farewell) {
    const bool quits = session.life == Life::Alive && farewell == Farewell::Quit;
    session.life = Life::Over;
    if (!quits) return;
    session.client.quit();
    (void)pump(session);
}

smtp::ClientEvent HopSession::pump(Session& session) {
    const auto broken = [&session](const Error& error) {
        session.life = Life::Over;
        session.detail = error.detail;
        return smtp::Closed{};
    };
    while (true) {
        smtp::ClientEvent event = session.client.next_event();
        if (const auto* violation = std::get_if<smtp::Violation>(&event)) {
            session.life = Life::Over;
            session.detail = "the host broke the protocol: " + to_string(violation->error);
        }
        if (const auto* closed = std::get_if<smtp::Closed>(&event)) {
            session.life = Life::Over;
            session.detail = closed->farewell ? smtp::to_string(*closed->farewell)
                                              : std::string("the host closed the connection");
        }
        if (!std::holds_alternative<smtp::ClientNeedData>(event)) return event;
        // Only now: the event before may have put the next command into the output.
        const std::string output = session.client.take_output();
        if (const auto written = session.link->write(output); !written) {
            return broken(written.error());
        }
        const auto input = session.link->read();
        if (!input) return broken(input.error());
        input->empty() ? session.client.end_of_input() : session.client.receive(*input);
    }
}

HostOutcome HopSession::connection_failed(const Session& session) const {
    return {.verdict = no_session,
            .results = std::nullopt,
            .refusal = session.refusal,
            .detail = session.detail};
}

}  // namespace mailassay::mta
