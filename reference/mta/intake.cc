#include "mta/intake.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imf/header.h"
#include "mta/trace.h"

namespace mailassay::mta {

namespace {

const Alias* find_alias(const Config& config, const smtp::Path& path) {
    const auto found =
        std::find_if(config.aliases.begin(), config.aliases.end(),
                     [&](const Alias& alias) { return alias.is(path, config.server.hostname); });
    return found == config.aliases.end() ? nullptr : &*found;
}

bool is_of_this_host(const Config& config, const smtp::Path& path) {
    return path.domain.empty() || base::equals_ignore_case(path.domain, config.server.hostname);
}

requiretls::Tag tag_of(const Submission& submission, const requiretls::Rules& rules) {
    const auto parsed = imf::parse_message(submission.data);
    const auto& parameters = submission.envelope.mail_parameters;
    // A header section beyond all limits says nothing that could be understood.
    return rules.tag_of(submission.service, parameters,
                        parsed ? parsed->header : imf::HeaderSection{});
}

// The envelope without its recipients.
Message blank_message(const Submission& submission, requiretls::Tag tag) {
    Message message;
    message.origin = Origin::Received;
    message.tag = tag;
    message.envelope = submission.envelope;
    message.envelope.recipients.clear();
    message.peer_address = submission.peer_address;
    message.arrival = submission.arrival;
    message.data = submission.data;
    return message;
}

}  // namespace

RelayPolicy::RelayPolicy(const Config& config, const requiretls::Rules& rules,
                         std::string_view peer_address, requiretls::Service service)
    : config_(config),
      rules_(rules),
      service_(service),
      may_relay_(std::any_of(
          config.server.relay_from.begin(), config.server.relay_from.end(),
          [peer_address](const Network& network) { return network.contains(peer_address); })) {}

std::vector<smtp::Extension> RelayPolicy::extensions(smtp::Channel channel) const {
    std::vector<smtp::Extension> extensions;
    if (auto extension = rules_.extension_of(service_, channel, login_)) {
        extensions.push_back(std::move(*extension));
    }
    if (auth_offer(channel) == smtp::AuthOffer::Now) {
        // RFC 4954 section 5: its MAIL parameter is taken, and believed of nobody.
        extensions.push_back(
            {.keyword = "AUTH", .argument = "PLAIN LOGIN", .mail_parameters = {"AUTH"}});
    }
    return extensions;
}

smtp::AuthOffer RelayPolicy::auth_offer(smtp::Channel channel) const {
    if (service_ != requiretls::Service::Submission) return smtp::AuthOffer::None;
    return channel == smtp::Channel::Tls ? smtp::AuthOffer::Now : smtp::AuthOffer::NeedsTls;
}

std::optional<smtp::Reply> RelayPolicy::on_credentials(const smtp::Credentials& credentials) {
    const bool as_oneself =
        credentials.authorization.empty() || credentials.authorization == credentials.identity;
    const bool known = std::ranges::any_of(config_.users, [&](const User& user) {
        return user.name == credentials.identity && user.password == credentials.password;
    });
    if (!known || !as_oneself) {
        return smtp::make_reply(535, {.cls = 5, .subject = 7, .detail = 8}, "Wrong credentials");
    }
    login_ = smtp::Login::Done;
    may_relay_ = true;
    return std::nullopt;
}

std::optional<smtp::Reply> RelayPolicy::on_mail(const smtp::Path&,
                                                const std::vector<smtp::Parameter>& parameters,
                                                smtp::Channel channel) {
    if (auto refusal = rules_.judge_parameters(parameters, channel)) return refusal;
    if (service_ == requiretls::Service::Submission && login_ == smtp::Login::None) {
        return smtp::make_reply(530, {.cls = 5, .subject = 7, .detail = 0}, "Log in first");
    }
    return std::nullopt;
}

std::optional<smtp::Reply> RelayPolicy::on_rcpt(const smtp::Recipient& recipient,
                                                const smtp::Envelope&) {
    const smtp::Path& path = recipient.forward_path;
    if (find_alias(config_, path) != nullptr || is_mediated(config_, path)) return std::nullopt;
    if (find_store(config_, path.domain) != nullptr) return std::nullopt;
    if (is_of_this_host(config_, path)) {
        return smtp::make_reply(550, {.cls = 5, .subject = 1, .detail = 1}, "No such mailbox here");
    }
    if (!may_relay_) {
        return smtp::make_reply(550, {.cls = 5, .subject = 7, .detail = 1}, "Relaying denied");
    }
    return std::nullopt;
}

smtp::Protocol protocol_of(const Config& config, requiretls::Service service) {
    switch (service) {
        case requiretls::Service::Relay:
            return config.server.protocol;
        case requiretls::Service::Submission:
            return smtp::Protocol::Smtp;
        case requiretls::Service::Lmtp:
            return smtp::Protocol::Lmtp;
    }
    std::unreachable();
}

std::vector<Message> make_messages(const Submission& submission, const Config& config,
                                   const requiretls::Rules& rules, const MakeId& make_id) {
    const requiretls::Tag tag = tag_of(submission, rules);
    const Incoming incoming{.envelope = submission.envelope,
                            .data = submission.data,
                            .peer_address = submission.peer_address,
                            .arrival = submission.arrival,
                            .tag = tag};
    std::vector<Message> messages;
    Message elsewhere = blank_message(submission, tag);
    for (const smtp::Recipient& recipient : submission.envelope.recipients) {
        if (const Alias* alias = find_alias(config, recipient.forward_path)) {
            for (std::size_t instance = 0; instance < alias->targets.size(); ++instance) {
                Message copy = blank_message(submission, rules.tag_of_instance(tag, instance));
                copy.id = make_id();
                copy.envelope.recipients = {
                    {.forward_path = alias->targets[instance], .parameters = recipient.parameters}};
                messages.push_back(std::move(copy));
            }
        } else if (auto made = mediate(incoming, recipient.forward_path, config, rules, make_id)) {
            std::ranges::move(*made, std::back_inserter(messages));
        } else {
            elsewhere.envelope.recipients.push_back(recipient);
        }
    }
    if (!elsewhere.envelope.recipients.empty()) {
        elsewhere.id = make_id();
        messages.push_back(std::move(elsewhere));
    }
    const smtp::Protocol protocol = protocol_of(config, submission.service);
    for (Message& message : messages) {
        if (message.origin == Origin::Bounce) continue;
        message.data = received_field(message, config.server.hostname, protocol) + message.data;
    }
    return messages;
}

std::optional<smtp::Reply> judge_data(std::string_view data) {
    if (count_received_fields(data) < max_received_fields) return std::nullopt;
    return smtp::make_reply(554, {.cls = 5, .subject = 4, .detail = 6},
                            "Too many Received fields: a mail loop");
}

}  // namespace mailassay::mta
