#include "mta/receiver.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "base/ascii.h"

namespace mailassay::mta {

namespace {

smtp::ServerConfig server_config(const ServerSettings& settings, smtp::Protocol protocol) {
    smtp::ServerConfig config;
    config.hostname = settings.hostname;
    config.protocol = protocol;
    config.starttls = settings.tls_certificate.empty() ? smtp::StartTlsOffer::NotOffered
                                                       : smtp::StartTlsOffer::Offered;
    config.size_limit = settings.size_limit;
    return config;
}

const smtp::Reply timed_out =
    smtp::make_reply(421, {.cls = 4, .subject = 4, .detail = 2}, "Nothing was said for too long");
const smtp::Reply spool_trouble =
    smtp::make_reply(451, {.cls = 4, .subject = 3, .detail = 0}, "Could not store the message");

}  // namespace

Receiver::Receiver(const ReceiverParts& parts, ServerLink& link, std::string peer_address,
                   requiretls::Service service)
    : parts_(parts), link_(link), peer_address_(std::move(peer_address)), service_(service) {
    const requiretls::Rules& rules = *parts_.decisions.rules;
    policy_ = std::make_unique<RelayPolicy>(parts_.config, rules, peer_address_, service_);
    if (parts_.decisions.wrap_policy) policy_ = parts_.decisions.wrap_policy(std::move(policy_));
    server_.emplace(server_config(parts_.config.server, protocol_of(parts_.config, service_)),
                    *policy_);
}

void Receiver::serve() {
    while (step()) {
    }
}

bool Receiver::step() {
    smtp::ServerEvent event = server_->next_event();
    if (std::holds_alternative<smtp::NeedData>(event)) return flush() && read_more();
    if (std::holds_alternative<smtp::StartTls>(event)) return flush() && secure();
    if (auto* received = std::get_if<smtp::MessageReceived>(&event)) {
        server_->message_answered(take(std::move(*received)));
        return flush();
    }
    (void)flush();
    return false;
}

bool Receiver::read_more() {
    const auto input = link_.read();
    if (!input) {
        if (input.error().id != "mta.link.timeout") return false;
        server_->close_with(timed_out);
        return true;
    }
    input->empty() ? server_->end_of_input() : server_->receive(*input);
    return true;
}

bool Receiver::secure() {
    if (const auto done = link_.secure(); !done) {
        parts_.log.event("handshake-failed",
                         {{"peer", peer_address_}, {"detail", to_string(done.error())}});
        return false;
    }
    server_->tls_established();
    return true;
}

bool Receiver::flush() {
    const std::string output = server_->take_output();
    return output.empty() || link_.write(output).has_value();
}

// Nothing is acknowledged before it is durable (RFC 5321 section 6.1).
smtp::Reply Receiver::take(smtp::MessageReceived received) {
    if (auto refusal = judge_data(received.data)) return *refusal;
    const Submission submission{.envelope = std::move(received.envelope),
                                .data = std::move(received.data),
                                .peer_address = peer_address_,
                                .arrival = parts_.clock.now(),
                                .service = service_};
    const std::vector<Message> messages =
        make_messages(submission, parts_.config, *parts_.decisions.rules,
                      [this] { return parts_.spool->new_id(); });
    for (const Message& message : messages) {
        if (const auto stored = parts_.spool->add(message); !stored) {
            parts_.log.event("spool-error",
                             {{"id", message.id}, {"detail", to_string(stored.error())}});
            return spool_trouble;
        }
    }
    for (const Message& message : messages) {
        parts_.log.event("received",
                         {{"id", message.id},
                          {"peer", peer_address_},
                          {"from", message.envelope.reverse_path.address()},
                          {"recipients", fmt::format("{}", message.envelope.recipients.size())},
                          {"octets", fmt::format("{}", message.data.size())},
                          {"requiretls", message.tag == requiretls::Tag::Required ? "yes" : "no"}});
        parts_.on_stored(message);
    }
    return smtp::make_reply(250, {.cls = 2, .subject = 0, .detail = 0},
                            fmt::format("Queued as {}", messages.front().id));
}

}  // namespace mailassay::mta
