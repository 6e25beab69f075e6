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
using Life = HopConnection::Life;

namespace {

constexpr HostVerdict no_session{.fitness = Fitness::NotForNow, .reason = Reason::ConnectionFailed};

}  // namespace

requiretls::Sending sending_of(const Message& message) {
    const bool null = message.envelope.reverse_path.is_null();
    return {.tag = message.tag,
            .reverse_path = null ? requiretls::ReversePath::Null : requiretls::ReversePath::Sender};
}

HostOutcome HopSession::attempt(const Message& message, std::span<const std::size_t> recipients,
                                const HostFacts& host) {
    const requiretls::Sending sending = sending_of(message);
    auto session = open(host);
    if (session->life() != Life::Alive) return connection_failed(*session);
    const requiretls::TlsPlan plan = rules_.plan_tls(sending, host);
    if (plan.use != requiretls::TlsUse::Never) session->protect();
    if (session->tls().outcome == TlsOutcome::HandshakeFailed &&
        plan.without == requiretls::WithoutTls::Plaintext) {
        session = reopen_in_plaintext(std::move(session), host);
    }
    const bool handshake_failed = session->tls().outcome == TlsOutcome::HandshakeFailed;
    if (session->life() != Life::Alive && !handshake_failed) return connection_failed(*session);

    const HostVerdict verdict =
        rules_.judge_session(sending, host, session->tls(), session->greetings());
    log_.event("session",
               {{"id", message.id},
                {"host", host.host},
                {"tls", session->tls().outcome == TlsOutcome::Established ? "yes" : "no"},
                {"fit", verdict.fitness == Fitness::Fit ? "yes" : "no"},
                {"detail", base::escape(session->tls().detail)}});
    if (verdict.fitness != Fitness::Fit) {
        session->leave(rules_.farewell(verdict));
        return {.verdict = verdict,
                .results = std::nullopt,
                .refusal = std::nullopt,
                .detail = session->tls().detail};
    }
    if (session->life() != Life::Alive) return connection_failed(*session);
    const auto no_login = log_in(*session, host);
    GroupResults results = no_login ? GroupResults(recipients.size(), *no_login)
                                    : transact(*session, message, recipients, host);
    session->leave(Farewell::Quit);
    return {.verdict = verdict, .results = std::move(results), .refusal = {}, .detail = {}};
}

std::unique_ptr<HopConnection> HopSession::open(const HostFacts& host) {
    return std::make_unique<HopConnection>(settings_, connector_, host);
}

// What was learnt about TLS stays, and STARTTLS is not tried a second time.
std::unique_ptr<HopConnection> HopSession::reopen_in_plaintext(
    std::unique_ptr<HopConnection> failed, const HostFacts& host) {
    TlsFacts tls = failed->tls();
    failed.reset();
    auto session = open(host);
    session->remember(std::move(tls));
    return session;
}

std::optional<RecipientResult> HopSession::log_in(HopConnection& session, const HostFacts& host) {
    if (!credentials_) return std::nullopt;
    if (session.tls().authentication == requiretls::Authentication::None) {
        return make_result(
            Outcome::Failed, {.cls = 5, .subject = 7, .detail = 10},
            fmt::format("The password was not sent, since nothing proves that this is {}.",
                        host.host),
            host.host);
    }
    session.client().authenticate(*credentials_);
    const smtp::ClientEvent event = session.pump();
    const auto* done = std::get_if<smtp::AuthenticationDone>(&event);
    if (done == nullptr) return ended_early(session, host);
    if (done->reply.is_completion()) return std::nullopt;
    return result_of(done->reply, host.host);
}

RecipientResult HopSession::ended_early(const HopConnection& session, const HostFacts& host) {
    return make_result(Outcome::Deferred, {.cls = 4, .subject = 4, .detail = 2},
                       fmt::format("The session with {} ended early: {}.", host.host,
                                   base::escape(session.detail(), 200)),
                       host.host);
}

GroupResults HopSession::transact(HopConnection& session, const Message& message,
                                  std::span<const std::size_t> recipients, const HostFacts& host) {
    const requiretls::Sending sending = sending_of(message);
    const smtp::Capabilities& capabilities = session.greetings().current();
    const bool parameter =
        rules_.sends_parameter(sending, host, session.tls(), session.greetings());
    auto transaction = prepare_transaction(
        message, recipients, onward_data(message, rules_),
        parameter ? RequireTlsParameter::Present : RequireTlsParameter::Absent, capabilities);
    if (!transaction) return GroupResults(recipients.size(), transaction.error());

    session.client().send(std::move(*transaction));
    const smtp::ClientEvent event = session.pump();
    const auto* done = std::get_if<smtp::TransactionDone>(&event);
    if (done == nullptr) {
        return GroupResults(recipients.size(), ended_early(session, host));
    }
    GroupResults results;
    for (const smtp::RecipientOutcome& outcome : done->outcome.recipients) {
        RecipientResult result = result_of(outcome, host.host);
        const bool refused_in_plaintext = outcome.stage == smtp::Stage::Mail &&
                                          session.client().channel() == smtp::Channel::Plaintext;
        if (refused_in_plaintext && result.outcome == Outcome::Failed) {
            result = with_fate(std::move(result), rules_.after_refusal(sending, outcome.reply));
        }
        results.push_back(std::move(result));
    }
    return results;
}

HostOutcome HopSession::connection_failed(HopConnection& session) const {
    session.leave(Farewell::Quit);
    return {.verdict = no_session,
            .results = std::nullopt,
            .refusal = session.refusal(),
            .detail = session.detail()};
}

}  // namespace mailassay::mta
