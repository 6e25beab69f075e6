#include "mta/outgoing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imf/header.h"

namespace mailassay::mta {

namespace {

// These two describe the data, and REQUIRETLS is the rules': none is copied from the sender.
bool is_copied(const smtp::Parameter& parameter) {
    return !parameter.is("SIZE") && !parameter.is("BODY") && !parameter.is("REQUIRETLS");
}

bool needs_utf8(const Message& message, const smtp::Transaction& transaction) {
    return smtp::find_parameter(message.envelope.mail_parameters, "SMTPUTF8") != nullptr ||
           transaction.reverse_path.needs_utf8() ||
           std::any_of(transaction.recipients.begin(), transaction.recipients.end(),
                       [](const smtp::Recipient& recipient) {
                           return recipient.forward_path.needs_utf8();
                       });
}

// Not every server gives an enhanced status; the class at least is known.
dsn::EnhancedStatus status_of(const smtp::Reply& reply) {
    if (reply.status) return *reply.status;
    return {.cls = reply.code / 100, .subject = 0, .detail = 0};
}

Outcome outcome_of(const smtp::Reply& reply) {
    return reply.is_permanent() ? Outcome::Failed : Outcome::Deferred;
}

}  // namespace

std::expected<smtp::Transaction, RecipientResult> prepare_transaction(
    const Message& message, std::span<const std::size_t> recipients, std::string data,
    RequireTlsParameter requiretls, const smtp::Capabilities& capabilities) {
    smtp::Transaction transaction;
    transaction.reverse_path = message.envelope.reverse_path;
    for (const std::size_t index : recipients) {
        smtp::Recipient recipient = message.envelope.recipients.at(index);
        recipient.parameters = smtp::offered_parameters(recipient.parameters, capabilities);
        transaction.recipients.push_back(std::move(recipient));
    }

    const bool eight_bit = !base::is_ascii(data);
    if (eight_bit && !capabilities.has("8BITMIME")) {
        return std::unexpected(
            make_result(Outcome::Failed, {.cls = 5, .subject = 6, .detail = 3},
                        "The message has 8-bit content, which the next host does not take."));
    }
    const bool utf8 = needs_utf8(message, transaction);
    if (utf8 && !capabilities.has("SMTPUTF8")) {
        return std::unexpected(make_result(
            Outcome::Failed, {.cls = 5, .subject = 6, .detail = 7},
            "The message has internationalized addresses, which the next host does not take."));
    }

    std::vector<smtp::Parameter>& parameters = transaction.mail_parameters;
    parameters = smtp::offered_parameters(message.envelope.mail_parameters, capabilities);
    std::erase_if(parameters, [](const smtp::Parameter& each) { return !is_copied(each); });
    if (utf8 && smtp::find_parameter(parameters, "SMTPUTF8") == nullptr) {
        parameters.push_back({.keyword = "SMTPUTF8", .value = std::nullopt});
    }
    if (capabilities.has("SIZE")) {
        parameters.push_back({.keyword = "SIZE", .value = fmt::format("{}", data.size())});
    }
    if (eight_bit) parameters.push_back({.keyword = "BODY", .value = "8BITMIME"});
    if (requiretls == RequireTlsParameter::Present) {
        parameters.push_back({.keyword = "REQUIRETLS", .value = std::nullopt});
    }
    transaction.data = std::move(data);
    return transaction;
}

std::string onward_data(const Message& message, const requiretls::Rules& rules) {
    auto parsed = imf::parse_message(message.data);
    // Beyond the limits of a header section nothing is decided about it: it goes on as it came.
    if (!parsed) return message.data;
    parsed->header = rules.onward(std::move(parsed->header), message.tag);
    return parsed->to_octets();
}

RecipientResult result_of(const smtp::RecipientOutcome& outcome, const std::string& host) {
    if (!outcome.accepted()) return result_of(outcome.reply, host);
    RecipientResult result = make_result(Outcome::Relayed, status_of(outcome.reply), "", host);
    result.reply = outcome.reply;
    return result;
}

RecipientResult result_of(const smtp::Reply& reply, const std::string& host) {
    RecipientResult result = make_result(
        outcome_of(reply), status_of(reply),
        fmt::format("The host {} answered: {}", host, base::escape(smtp::to_string(reply), 400)),
        host);
    result.reply = reply;
    return result;
}

RecipientResult with_fate(RecipientResult result, requiretls::Fate fate) {
    switch (fate) {
        case requiretls::Fate::Bounce:
            result.outcome = Outcome::Failed;
            result.status.cls = 5;
            break;
        case requiretls::Fate::Defer:
            result.outcome = Outcome::Deferred;
            result.status.cls = 4;
            break;
        case requiretls::Fate::Drop:
            result.outcome = Outcome::Dropped;
            break;
    }
    return result;
}

std::string_view describe(requiretls::Reason reason) {
    using requiretls::Reason;
    switch (reason) {
        case Reason::None:
            return "nothing was found wrong";
        case Reason::LookupNotValidated:
            return "neither DNSSEC nor an MTA-STS policy vouches for its name";
        case Reason::PolicyNotMet:
            return "the TLS policy of the domain rules it out";
        case Reason::TlsUnavailable:
            return "no TLS session could be established";
        case Reason::TlsTooOld:
            return "its version of TLS is too old";
        case Reason::NotAuthenticated:
            return "its certificate could not be verified";
        case Reason::RequiretlsNotOffered:
            return "it does not offer REQUIRETLS";
        case Reason::ConnectionFailed:
            return "no session could be opened";
    }
    return "";
}

RecipientResult make_result(Outcome outcome, dsn::EnhancedStatus status, std::string explanation,
                            std::string host) {
    RecipientResult result{.outcome = outcome,
                           .status = status,
                           .remote_mta = std::nullopt,
                           .reply = std::nullopt,
                           .explanation = std::move(explanation)};
    if (!host.empty()) result.remote_mta = std::move(host);
    return result;
}

}  // namespace mailassay::mta
