#include <algorithm>

#include "base/ascii.h"
#include "dsn/report.h"
#include "imf/date.h"
#include "imf/header.h"
#include "imf/mime.h"

namespace mailassay::dsn {
namespace {

constexpr std::string_view kCrLf = "\r\n";

Error invalid(std::string_view field) {
    return Error{"dsn.report.field-invalid", 0, "rfc3464/2.1", std::string(field)};
}

// Walks over the fields of one group; each is taken by its name or kept as another one.
class FieldReader {
  public:
    explicit FieldReader(const imf::HeaderSection& fields) {
        for (const imf::HeaderField& field : fields.fields()) {
            if (!field.is_opaque()) fields_.emplace_back(field.name, field.value());
        }
    }

    std::optional<std::string> take(std::string_view name) {
        const auto found = std::find_if(fields_.begin(), fields_.end(), [name](const auto& field) {
            return base::equals_ignore_case(field.first, name);
        });
        if (found == fields_.end()) return std::nullopt;
        std::string value = std::move(found->second);
        fields_.erase(found);
        return value;
    }

    std::string take_required(std::string_view name) {
        auto value = take(name);
        if (!value) fail(Error{"dsn.report.field-missing", 0, "rfc3464/2.1", std::string(name)});
        return value.value_or(std::string());
    }

    std::optional<TypedValue> take_typed(std::string_view name) {
        const auto value = take(name);
        if (!value) return std::nullopt;
        const std::size_t semicolon = value->find(';');
        const std::string_view type = base::trim(std::string_view(*value).substr(0, semicolon));
        if (semicolon == std::string::npos || type.empty()) {
            fail(invalid(name));
            return std::nullopt;
        }
        return TypedValue{std::string(type),
                          std::string(base::trim(std::string_view(*value).substr(semicolon + 1)))};
    }

    TypedValue take_required_typed(std::string_view name) {
        auto value = take_typed(name);
        if (!value) fail(Error{"dsn.report.field-missing", 0, "rfc3464/2.1", std::string(name)});
        return value.value_or(TypedValue{});
    }

    std::optional<base::TimePoint> take_date(std::string_view name) {
        const auto value = take(name);
        if (!value) return std::nullopt;
        const auto time = imf::parse_date(*value);
        if (!time) fail(invalid(name));
        return time ? std::optional(*time) : std::nullopt;
    }

    // The first fault counts.
    void fail(Error error) {
        if (!error_) error_ = std::move(error);
    }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] std::vector<OtherField> take_rest() { return std::move(fields_); }

  private:
    std::vector<OtherField> fields_;
    std::optional<Error> error_;
};

// The first word: fields of reports often carry a comment behind it.
std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find_first_of(" \t("));
}

std::optional<Action> parse_action(std::string_view text) {
    for (const Action action :
         {Action::Failed, Action::Delayed, Action::Delivered, Action::Relayed, Action::Expanded}) {
        if (base::equals_ignore_case(first_word(text), to_string(action))) return action;
    }
    return std::nullopt;
}

Result<RecipientReport> parse_recipient(const imf::HeaderSection& group) {
    FieldReader fields(group);
    RecipientReport recipient;
    recipient.original_recipient = fields.take_typed("Original-Recipient");
    recipient.final_recipient = fields.take_required_typed("Final-Recipient");
    const auto action = parse_action(fields.take_required("Action"));
    if (action) recipient.action = *action;
    if (!action) fields.fail(invalid("Action"));
    const auto status = parse_status(first_word(fields.take_required("Status")));
    if (status) recipient.status = *status;
    if (!status) fields.fail(invalid("Status"));
    recipient.remote_mta = fields.take_typed("Remote-MTA");
    recipient.diagnostic_code = fields.take_typed("Diagnostic-Code");
    recipient.last_attempt_date = fields.take_date("Last-Attempt-Date");
    recipient.final_log_id = fields.take("Final-Log-ID");
    recipient.will_retry_until = fields.take_date("Will-Retry-Until");
    if (fields.error()) return std::unexpected(*fields.error());
    recipient.other_fields = fields.take_rest();
    return recipient;
}

// Groups of fields with empty lines between them (RFC 3464 section 2.1).
Result<std::vector<imf::HeaderSection>> field_groups(std::string_view octets) {
    constexpr std::string_view kEmptyLine = "\r\n\r\n";
    std::vector<imf::HeaderSection> groups;
    while (!octets.empty()) {
        if (octets.starts_with(kCrLf)) {
            octets.remove_prefix(kCrLf.size());
            continue;
        }
        const std::size_t empty_line = octets.find(kEmptyLine);
        auto group = imf::parse_message(octets.substr(0, empty_line));
        if (!group) return std::unexpected(group.error());
        groups.push_back(std::move(group->header));
        if (empty_line == std::string_view::npos) break;
        octets.remove_prefix(empty_line + kEmptyLine.size());
    }
    return groups;
}

Result<void> parse_delivery_status(std::string_view octets, Report& report) {
    const auto groups = field_groups(octets);
    if (!groups) return std::unexpected(groups.error());
    if (groups->size() < 2) {
        return std::unexpected(Error{"dsn.report.no-recipients", 0, "rfc3464/2.1"});
    }
    FieldReader fields(groups->front());
    report.original_envelope_id = fields.take("Original-Envelope-Id");
    report.reporting_mta = fields.take_required_typed("Reporting-MTA");
    report.received_from_mta = fields.take_typed("Received-From-MTA");
    report.arrival_date = fields.take_date("Arrival-Date");
    if (fields.error()) return std::unexpected(*fields.error());
    report.other_fields = fields.take_rest();
    for (auto group = groups->begin() + 1; group != groups->end(); ++group) {
        auto recipient = parse_recipient(*group);
        if (!recipient) return std::unexpected(recipient.error());
        report.recipients.push_back(std::move(*recipient));
    }
    return {};
}

Result<void> parse_top_header(const imf::HeaderSection& header, Report& report) {
    FieldReader fields(header);
    report.from = fields.take_required("From");
    report.to = fields.take("To").value_or(std::string());
    report.subject = fields.take("Subject").value_or(std::string());
    report.message_id = fields.take("Message-ID").value_or(std::string());
    report.date = fields.take_date("Date").value_or(base::TimePoint{});
    if (fields.error()) return std::unexpected(*fields.error());
    for (const auto* name :
         {"Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}) {
        (void)fields.take(name);
    }
    report.header_fields = fields.take_rest();
    return {};
}

Result<std::string> boundary_of(const imf::HeaderSection& header) {
    const auto type = imf::content_type_of(header);
    if (!type) return std::unexpected(type.error());
    const auto report_type = type->parameter("report-type");
    if (!type->is("multipart", "report") || !report_type ||
        !base::equals_ignore_case(*report_type, "delivery-status")) {
        return std::unexpected(Error{"dsn.report.not-a-report", 0, "rfc6522/3"});
    }
    return type->parameter("boundary").value_or(std::string());
}

Result<void> parse_returned(std::string_view octets, Report& report) {
    const auto part = imf::parse_message(octets);
    if (!part) return std::unexpected(part.error());
    const auto type = imf::content_type_of(part->header);
    if (!type) return std::unexpected(type.error());
    if (type->is("message", "rfc822") || type->is("message", "global")) {
        report.returned = ReturnedContent{Return::Full, part->body};
    } else if (type->is("text", "rfc822-headers") || type->is("message", "global-headers")) {
        report.returned = ReturnedContent{Return::HeadersOnly, part->body};
    } else {
        return std::unexpected(Error{"dsn.report.parts", 0, "rfc6522/3", type->subtype});
    }
    return {};
}

}  // namespace

Result<Report> parse_report(std::string_view octets) {
    const auto message = imf::parse_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto boundary = boundary_of(message->header);
    if (!boundary) return std::unexpected(boundary.error());
    const auto parts = imf::split_multipart(message->body, *boundary);
    if (!parts) return std::unexpected(parts.error());
    if (parts->size() < 2 || parts->size() > 3) {
        return std::unexpected(Error{"dsn.report.parts", 0, "rfc6522/3"});
    }

    Report report;
    if (auto top = parse_top_header(message->header, report); !top) {
        return std::unexpected(top.error());
    }
    const auto explanation = imf::parse_message((*parts)[0]);
    if (!explanation) return std::unexpected(explanation.error());
    report.explanation = explanation->body;

    const auto status = imf::parse_message((*parts)[1]);
    if (!status) return std::unexpected(status.error());
    const auto status_type = imf::content_type_of(status->header);
    if (!status_type) return std::unexpected(status_type.error());
    if (!status_type->is("message", "delivery-status") &&
        !status_type->is("message", "global-delivery-status")) {
        return std::unexpected(Error{"dsn.report.parts", 0, "rfc6522/3", status_type->subtype});
    }
    if (auto parsed = parse_delivery_status(status->body, report); !parsed) {
        return std::unexpected(parsed.error());
    }
    if (parts->size() == 3) {
        if (auto parsed = parse_returned((*parts)[2], report); !parsed) {
            return std::unexpected(parsed.error());
        }
    }
    return report;
}

}  // namespace mailassay::dsn
