#include "shim/opes_answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/clock.h"
#include "dsn/report.h"
#include "shim/opes_statement.h"

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

// A report of a request says a time that does not depend on when it was asked.
constexpr std::string_view report_time = "2026-01-01T12:00:00Z";

Json refused(const Error& error) {
    return {{"outcome", "refused"}, {"reason", to_string(error)}};
}

Json lines_of(const smtp::Reply& reply) {
    Json lines = Json::array();
    const std::string octets = to_octets(reply);
    for (std::size_t at = 0; at < octets.size();) {
        const std::size_t end = octets.find("\r\n", at);
        lines.push_back(octets.substr(at, end - at));
        at = end + 2;
    }
    return lines;
}

// Error: those of imf::make_field().
Result<void> apply(const Edit& edit, imf::HeaderSection& header, std::string& body) {
    if (edit.kind == Edit::Kind::Body) {
        body = edit.value;
        return {};
    }
    if (edit.kind == Edit::Kind::Remove) {
        header.remove_all(edit.name);
        return {};
    }
    auto field = imf::make_field(edit.name, edit.value);
    if (!field) return std::unexpected(std::move(field.error()));
    if (edit.kind == Edit::Kind::Insert) {
        header.prepend(std::move(*field));
    } else if (edit.kind == Edit::Kind::Add) {
        header.append(std::move(*field));
    } else {
        std::vector<imf::HeaderField> fields = header.fields();
        for (imf::HeaderField& each : fields) {
            if (base::equals_ignore_case(each.name, edit.name)) each = *field;
        }
        header = imf::HeaderSection(std::move(fields));
    }
    return {};
}

Json names_of(const std::vector<opes::Service>& services) {
    Json names = Json::array();
    for (const opes::Service& service : services) names.push_back(service.uri);
    return names;
}

}  // namespace

Json result_of(const Trace& request, const opes::Rules& rules) {
    auto message = imf::parse_message(request.message);
    if (!message) return refused(message.error());
    opes::Processing processing(std::move(*message), request.system, rules);
    Json given = Json::array();
    Json reasons = Json::array();  // why it is held
    for (const Callout& callout : request.callouts) {
        given.push_back(base::encode_base64(processing.message().to_octets()));
        const auto held = callout.refusal
                              ? rules.held(callout.service, *callout.refusal, request.system)
                              : std::nullopt;
        if (callout.refusal && !held) {
            return {{"outcome", "rejected"},
                    {"reply", lines_of(rules.explained(*callout.refusal, request.system))},
                    {"given", std::move(given)}};
        }
        if (held) reasons.push_back(*held);
        imf::HeaderSection header = processing.message().header;
        std::string body = processing.message().body;
        for (const Edit& edit : callout.edits) {
            if (auto done = apply(edit, header, body); !done) return refused(done.error());
        }
        processing.returned(callout.service, std::move(header), std::move(body));
    }
    processing.readdress(request.readdressing);
    const auto finished = processing.finished();
    if (!finished) return refused(finished.error());
    Json result{{"outcome", reasons.empty() ? "forwarded" : "quarantined"},
                {"message", base::encode_base64(*finished)},
                {"given", std::move(given)}};
    if (!reasons.empty()) result["reasons"] = std::move(reasons);
    return result;
}

Json result_of(const Bypass& request, const opes::Rules& rules) {
    const auto message = imf::parse_message(request.message);
    if (!message) return refused(message.error());
    opes::Requests requests = request.requests;
    requests.allowances = request.allowances;
    const auto made = opes::plan(message->header, requests, request.system, rules);
    if (!made) return refused(made.error());
    Json recipients = Json::array();
    for (const opes::RecipientPlan& each : made->recipients) {
        recipients.push_back({{"address", each.address},
                              {"called", names_of(each.called)},
                              {"parameters", each.parameters}});
    }
    return {{"outcome", "planned"},
            {"recipients", std::move(recipients)},
            {"sender_parameters", made->sender_parameters},
            {"field", made->field ? Json(opes::to_string(*made->field)) : Json(nullptr)}};
}

Json result_of(const State& request, const opes::Rules& rules) {
    return {{"outcome", "stated"}, {"statement", as_json(rules.stated(request.system))}};
}

Json result_of(const Report& request, const opes::Rules& rules, base::Random& random) {
    const auto message = imf::parse_message(request.message);
    if (!message) return refused(message.error());
    dsn::RecipientReport recipient;
    recipient.final_recipient = {.type = "rfc822", .value = request.recipient};
    recipient.status = request.reason.status.value_or(dsn::EnhancedStatus{5, 0, 0});
    recipient.diagnostic_code = dsn::TypedValue{.type = "smtp", .value = to_string(request.reason)};
    dsn::Report report;
    report.from = "Mail Delivery System <mailer-daemon@opes.example>";
    report.to = "sender@example.org";
    report.subject = "Undelivered mail";
    report.message_id = "<report@opes.example>";
    report.date = *base::from_timestamp(report_time);
    report.explanation = "A message could not be delivered.\n";
    report.reporting_mta = {.type = "dns", .value = "opes.example"};
    report.recipients.push_back(std::move(recipient));
    report.returned = dsn::ReturnedContent{.what = dsn::Return::HeadersOnly,
                                           .octets = message->header.to_octets()};
    opes::describe(report, request.system, rules);
    const auto built = dsn::build_report(report, random);
    if (!built) return refused(built.error());
    return {{"outcome", "reported"}, {"message", base::encode_base64(*built)}};
}

}  // namespace mailassay::shim
