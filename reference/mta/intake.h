#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mta/config.h"
#include "mta/mediator.h"
#include "mta/message.h"
#include "requiretls/rules.h"
#include "smtp/server.h"

// What is taken from a client, and as what. No I/O.
namespace mailassay::mta {

// The listener's policy for one connection: REQUIRETLS by the rules, and who may relay to where.
class RelayPolicy final : public smtp::ServerPolicy {
  public:
    // The configuration and the rules must outlive the policy.
    RelayPolicy(const Config& config, const requiretls::Rules& rules, std::string_view peer_address,
                requiretls::Service service = requiretls::Service::Relay);

    [[nodiscard]] std::vector<smtp::Extension> extensions(smtp::Channel channel) const override;
    [[nodiscard]] std::optional<smtp::Reply> on_mail(const smtp::Path& reverse_path,
                                                     const std::vector<smtp::Parameter>& parameters,
                                                     smtp::Channel channel) override;
    [[nodiscard]] std::optional<smtp::Reply> on_rcpt(const smtp::Recipient& recipient,
                                                     const smtp::Envelope& envelope) override;
    // Logins are for submission, and inside TLS (RFC 8314 section 3).
    [[nodiscard]] smtp::AuthOffer auth_offer(smtp::Channel channel) const override;
    [[nodiscard]] std::optional<smtp::Reply> on_credentials(
        const smtp::Credentials& credentials) override;

  private:
    const Config& config_;
    const requiretls::Rules& rules_;
    requiretls::Service service_;
    smtp::Login login_ = smtp::Login::None;
    bool may_relay_;
};

// A message as the client gave it.
struct Submission {
    smtp::Envelope envelope;
    std::string data;
    std::string peer_address;
    base::TimePoint arrival;
    requiretls::Service service = requiretls::Service::Relay;
};

// What a listener of that service speaks.
[[nodiscard]] smtp::Protocol protocol_of(const Config& config, requiretls::Service service);

// What a submission becomes: one message for the recipients elsewhere, one more for each target of
// an alias, and what mediators make of it; never none. All carry the tag that the rules give; each
// has an id of its own and, unless it was made here, our Received field on top. [rfc8689/4.1/1]
// [rfc8689/4.1/2] [rfc8689/4.1/5]
[[nodiscard]] std::vector<Message> make_messages(const Submission& submission, const Config& config,
                                                 const requiretls::Rules& rules,
                                                 const MakeId& make_id);

// Why the data can't be taken, if it can't: a mail loop (RFC 5321 section 6.3).
[[nodiscard]] std::optional<smtp::Reply> judge_data(std::string_view data);

}  // namespace mailassay::mta
