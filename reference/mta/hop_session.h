#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "logging/log.h"
#include "mta/config.h"
#include "mta/hop_connection.h"
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
               logging::Log& log)
        : settings_(settings), rules_(rules), connector_(connector), log_(log) {}

    // Logs in before the first message is offered, where TLS has proven who the host is; without
    // that the message is not offered either, and the password stays here.
    void log_in_with(smtp::PlainCredentials credentials) { credentials_ = std::move(credentials); }

    // Offers the message to this host for these recipients (indexes into the envelope).
    [[nodiscard]] HostOutcome attempt(const Message& message,
                                      std::span<const std::size_t> recipients,
                                      const requiretls::HostFacts& host);

  private:
    [[nodiscard]] std::unique_ptr<HopConnection> open(const requiretls::HostFacts& host);
    [[nodiscard]] std::unique_ptr<HopConnection> reopen_in_plaintext(
        std::unique_ptr<HopConnection> failed, const requiretls::HostFacts& host);
    [[nodiscard]] static RecipientResult ended_early(const HopConnection& session,
                                                     const requiretls::HostFacts& host);
    // Why there was no login, if there was none.
    [[nodiscard]] std::optional<RecipientResult> log_in(HopConnection& session,
                                                        const requiretls::HostFacts& host);
    [[nodiscard]] GroupResults transact(HopConnection& session, const Message& message,
                                        std::span<const std::size_t> recipients,
                                        const requiretls::HostFacts& host);
    [[nodiscard]] HostOutcome connection_failed(HopConnection& session) const;

    const ClientSettings& settings_;
    const requiretls::Rules& rules_;
    Connector& connector_;
    logging::Log& log_;
    std::optional<smtp::PlainCredentials> credentials_;
};

// What the rules are told about a message.
[[nodiscard]] requiretls::Sending sending_of(const Message& message);

}  // namespace mailassay::mta
