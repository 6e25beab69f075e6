#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mta/config.h"
#include "mta/log.h"
#include "mta/message.h"
#include "mta/plan.h"
#include "mta/transport.h"
#include "requiretls/rules.h"
#include "smtp/client.h"

// One next hop: connection, greeting, STARTTLS, and the transaction if the rules find the session
// fit. Mechanics only: what may be sent, and how a host is left, the rules decide.
namespace mailassay::mta {

// Results for the recipients, in the order given.
using GroupResults = std::vector<RecipientResult>;

// What came of a host: results when the message was offered to it, otherwise why it was not.
struct HostOutcome {
    requiretls::HostVerdict verdict = {};
    std::optional<GroupResults> results = {};
    // When no session came about because the host refused: its words.
    std::optional<smtp::Reply> refusal = {};
    std::string detail = {};  // for a person; may quote hostile octets
};

class HopSession {
  public:
    // All must outlive the session.
    HopSession(const ClientSettings& settings, const requiretls::Rules& rules, Connector& connector,
               Log& log)
        : settings_(settings), rules_(rules), connector_(connector), log_(log) {}

    // Logs in before the first message is offered, where TLS has proven who the host is; without
    // that the message is not offered either, and the password stays here.
    void log_in_with(smtp::PlainCredentials credentials) { credentials_ = std::move(credentials); }

    // Offers the message to this host for these recipients (indexes into the envelope).
    [[nodiscard]] HostOutcome attempt(const Message& message,
                                      std::span<const std::size_t> recipients,
                                      const requiretls::HostFacts& host);

  private:
    struct Session;  // a live connection with its state

    [[nodiscard]] std::unique_ptr<Session> open(const requiretls::HostFacts& host);
    [[nodiscard]] bool greet(Session& session);
    void protect(Session& session, const requiretls::HostFacts& host);
    static void note_refusal(Session& session, const smtp::ClientEvent& event);
    void secure(Session& session, const requiretls::HostFacts& host);
    [[nodiscard]] std::unique_ptr<Session> reopen_in_plaintext(std::unique_ptr<Session> failed,
                                                               const requiretls::HostFacts& host);
    [[nodiscard]] static RecipientResult ended_early(const Session& session,
                                                     const requiretls::HostFacts& host);
    // Why there was no login, if there was none.
    [[nodiscard]] std::optional<RecipientResult> log_in(Session& session,
                                                        const requiretls::HostFacts& host);
    [[nodiscard]] GroupResults transact(Session& session, const Message& message,
                                        std::span<const std::size_t> recipients,
                                        const requiretls::HostFacts& host);
    void leave(Session& session, requiretls::Farewell farewell);
    // Writes and reads until the client has something to say that is not NeedData.
    [[nodiscard]] smtp::ClientEvent pump(Session& session);
    [[nodiscard]] HostOutcome connection_failed(const Session& session) const;

    const ClientSettings& settings_;
    const requiretls::Rules& rules_;
    Connector& connector_;
    Log& log_;
    std::optional<smtp::PlainCredentials> credentials_;
};

// What the rules are told about a message.
[[nodiscard]] requiretls::Sending sending_of(const Message& message);

}  // namespace mailassay::mta
