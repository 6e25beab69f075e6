#include "mta/bouncer.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/ascii.h"
#include "dsn/report.h"
#include "requiretls/header_field.h"
#include "smtp/reply.h"

namespace mailassay::mta {

namespace {

template <class Value>
std::optional<Value> parameter_value(const std::vector<smtp::Parameter>& parameters,
                                     std::string_view keyword,
                                     Result<Value> (*parse)(std::string_view)) {
    const smtp::Parameter* parameter = smtp::find_parameter(parameters, keyword);
    if (parameter == nullptr || !parameter->value) return std::nullopt;
    auto parsed = parse(*parameter->value);
    return parsed ? std::optional<Value>(std::move(*parsed)) : std::nullopt;
}

dsn::TypedValue typed_address(const smtp::Path& path) {
    return {.type = path.needs_utf8() ? "utf-8" : "rfc822", .value = path.address()};
}

dsn::RecipientReport report_on(const smtp::Recipient& recipient, const RecipientResult& result,
                               base::TimePoint now) {
    dsn::RecipientReport report;
    const auto original = parameter_value<dsn::OriginalRecipient>(recipient.parameters, "ORCPT",
                                                                  &dsn::parse_original_recipient);
    if (original) {
        report.original_recipient = {.type = original->type, .value = original->address};
    }
    report.final_recipient = typed_address(recipient.forward_path);
    report.action = dsn::Action::Failed;
    report.status = result.status;
    if (result.remote_mta) report.remote_mta = {.type = "dns", .value = *result.remote_mta};
    if (result.reply) {
        report.diagnostic_code = {.type = "smtp", .value = smtp::to_string(*result.reply)};
    }
    report.last_attempt_date = now;
    return report;
}

std::string explain(const Message& message, std::span<const Failure> failures,
                    std::string_view hostname) {
    std::string text = fmt::format(
        "This is the mail system at {}.\n\n"
        "Your message could not be delivered to the recipients below. It will not be\n"
        "tried again.\n",
        hostname);
    for (const Failure& failure : failures) {
        const smtp::Path& path = message.envelope.recipients.at(failure.recipient).forward_path;
        text += fmt::format("\n{} ({})\n    {}\n", base::escape(smtp::to_string(path), 400),
                            dsn::to_string(failure.result.status), failure.result.explanation);
    }
    if (message.tag == requiretls::Tag::Required) {
        text +=
            "\nThe message asked for REQUIRETLS: it must only travel over verified TLS. It was\n"
            "not sent where that was impossible, and only its header section is returned.\n";
    }
    return text;
}

dsn::Report make_report(const Message& message, std::span<const Failure> failures,
                        const requiretls::BouncePlan& plan, const Reporter& reporter) {
    dsn::Report report;
    report.from = fmt::format("Mail Delivery System <mailer-daemon@{}>", reporter.hostname);
    report.to = message.envelope.reverse_path.address();
    report.subject = "Undelivered mail returned to sender";
    report.message_id =
        fmt::format("<{}@{}>", base::random_token(reporter.random), reporter.hostname);
    report.date = reporter.now;
    report.explanation = explain(message, failures, reporter.hostname);
    report.original_envelope_id = parameter_value<std::string>(message.envelope.mail_parameters,
                                                               "ENVID", &dsn::parse_envelope_id);
    report.reporting_mta = {.type = "dns", .value = std::string(reporter.hostname)};
    report.arrival_date = message.arrival;
    for (const Failure& failure : failures) {
        report.recipients.push_back(report_on(message.envelope.recipients.at(failure.recipient),
                                              failure.result, reporter.now));
    }
    report.returned = {.what = plan.content, .octets = message.data};
    return report;
}

}  // namespace

std::expected<Message, Silence> make_bounce(const Message& message,
                                            std::span<const Failure> failures,
                                            const requiretls::Rules& rules,
                                            const Reporter& reporter) {
    const smtp::Envelope& original = message.envelope;
    if (original.reverse_path.is_null()) return std::unexpected(Silence::NullReversePath);
    std::vector<Failure> reported;
    for (const Failure& failure : failures) {
        if (wants_failure_report(original.recipients.at(failure.recipient))) {
            reported.push_back(failure);
        }
    }
    if (reported.empty()) return std::unexpected(Silence::NotWanted);

    const auto requested =
        parameter_value<dsn::Return>(original.mail_parameters, "RET", &dsn::parse_return);
    const requiretls::BouncePlan plan = rules.plan_bounce(message.tag, requested);
    dsn::Report report = make_report(message, reported, plan, reporter);
    if (plan.tag == requiretls::Tag::Optional) {
        // Later hops know the tag from the header section only.
        report.header_fields.emplace_back(requiretls::field_name(rules.edition()), "No");
    }
    auto data = dsn::build_report(report, reporter.random);
    if (!data) return std::unexpected(Silence::CannotBuild);

    Message bounce;
    bounce.origin = Origin::Bounce;
    bounce.tag = plan.tag;
    bounce.envelope.reverse_path = plan.reverse_path;
    bounce.envelope.recipients = {{.forward_path = original.reverse_path, .parameters = {}}};
    bounce.envelope.helo = reporter.hostname;
    bounce.arrival = reporter.now;
    bounce.data = std::move(*data);
    return bounce;
}

}  // namespace mailassay::mta
