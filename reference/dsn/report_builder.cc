#include <algorithm>

#include "base/ascii.h"
#include "dsn/report.h"
#include "imf/date.h"
#include "imf/header.h"

namespace mailassay::dsn {
namespace {

constexpr std::string_view kCrLf = "\r\n";
// Header fields that a report has once, from its own members.
constexpr std::string_view kOwnFields[] = {
    "From",           "To",           "Subject",      "Date",
    "Message-ID",     "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    "Auto-Submitted",
};

Error invalid(std::string_view field) {
    return Error{"dsn.report.field-invalid", 0, "rfc3464/2.1", std::string(field)};
}

// A field value that can't break the report, whatever a peer put into it.
std::string harmless(std::string_view value) {
    std::string safe(value);
    for (char& c : safe) {
        if (c == '\r' || c == '\n' || c == '\t') {
            c = ' ';
        } else if (base::is_control(c) || base::is_eight_bit(c)) {
            c = '?';
        }
    }
    return safe;
}

// Header fields one after the other; the first fault stays.
class FieldWriter {
  public:
    void add(std::string_view name, std::string_view value) {
        if (error_) return;
        const auto field = imf::make_field(name, harmless(value));
        if (field) {
            octets_ += field->raw;
        } else {
            error_ = Error{"dsn.report.field-invalid", 0, "rfc3464/2.1", std::string(name)};
        }
    }
    void add(std::string_view name, const TypedValue& value) {
        add(name, value.type + "; " + value.value);
    }
    void add_optional(std::string_view name, const std::optional<TypedValue>& value) {
        if (value) add(name, *value);
    }
    void add_optional(std::string_view name, const std::optional<std::string>& value) {
        if (value) add(name, *value);
    }
    void add_optional(std::string_view name, const std::optional<base::TimePoint>& time) {
        if (time) add(name, imf::format_date(*time));
    }
    void add(const std::vector<OtherField>& fields) {
        for (const auto& [name, value] : fields) add(name, value);
    }
    void end_of_group() { octets_ += kCrLf; }

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const std::string& octets() const { return octets_; }

  private:
    std::string octets_;
    std::optional<Error> error_;
};

std::string with_crlf_lines(std::string_view text) {
    std::string lines;
    for (std::string_view line : base::split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines += line;
        lines += kCrLf;
    }
    // The text's last line end, if it had one, gave an empty line too much.
    if (text.empty() || text.ends_with('\n')) lines.resize(lines.size() - kCrLf.size());
    return lines;
}

// Never a body, even when the caller gave one.
std::string_view header_section_of(std::string_view octets) {
    if (octets.starts_with(kCrLf)) return {};
    const std::size_t empty_line = octets.find("\r\n\r\n");
    return empty_line == std::string_view::npos ? octets
                                                : octets.substr(0, empty_line + kCrLf.size());
}

// One body part, with the header fields that describe it.
struct Part {
    std::string type;
    std::string octets;

    [[nodiscard]] bool is_eight_bit() const { return !base::is_ascii(octets); }
};

Part explanation_part(std::string_view explanation) {
    const std::string_view charset = base::is_ascii(explanation) ? "us-ascii" : "utf-8";
    return {"text/plain; charset=" + std::string(charset), with_crlf_lines(explanation)};
}

Part returned_part(const ReturnedContent& returned) {
    if (returned.what == Return::Full) return {"message/rfc822", returned.octets};
    return {"text/rfc822-headers", std::string(header_section_of(returned.octets))};
}

void add_recipient(FieldWriter& fields, const RecipientReport& recipient) {
    fields.add_optional("Original-Recipient", recipient.original_recipient);
    fields.add("Final-Recipient", recipient.final_recipient);
    fields.add("Action", to_string(recipient.action));
    fields.add("Status", to_string(recipient.status));
    fields.add_optional("Remote-MTA", recipient.remote_mta);
    fields.add_optional("Diagnostic-Code", recipient.diagnostic_code);
    fields.add_optional("Last-Attempt-Date", recipient.last_attempt_date);
    fields.add_optional("Final-Log-ID", recipient.final_log_id);
    fields.add_optional("Will-Retry-Until", recipient.will_retry_until);
    fields.add(recipient.other_fields);
}

Result<Part> delivery_status_part(const Report& report) {
    FieldWriter fields;
    fields.add_optional("Original-Envelope-Id", report.original_envelope_id);
    fields.add("Reporting-MTA", report.reporting_mta);
    fields.add_optional("Received-From-MTA", report.received_from_mta);
    fields.add_optional("Arrival-Date", report.arrival_date);
    fields.add(report.other_fields);
    for (const RecipientReport& recipient : report.recipients) {
        fields.end_of_group();
        add_recipient(fields, recipient);
    }
    if (fields.error()) return std::unexpected(*fields.error());
    return Part{"message/delivery-status", fields.octets()};
}

std::string boundary_outside(const std::vector<Part>& parts, base::Random& random) {
    for (;;) {
        // '=_' can't occur in quoted-printable or base64, should a gateway encode the parts.
        std::string boundary = "=_" + base::random_token(random, 24);
        if (std::none_of(parts.begin(), parts.end(), [&boundary](const Part& part) {
                return part.octets.find(boundary) != std::string::npos;
            })) {
            return boundary;
        }
    }
}

void add_transfer_encoding(FieldWriter& fields, bool eight_bit) {
    if (eight_bit) fields.add("Content-Transfer-Encoding", "8bit");
}

std::string to_octets(const Part& part) {
    FieldWriter fields;
    fields.add("Content-Type", part.type);
    add_transfer_encoding(fields, part.is_eight_bit());
    return fields.octets() + std::string(kCrLf) + part.octets;
}

Result<void> check(const Report& report) {
    if (report.recipients.empty()) {
        return std::unexpected(Error{"dsn.report.no-recipients", 0, "rfc3464/2.1"});
    }
    if (base::trim(report.from).empty()) return std::unexpected(invalid("From"));
    if (base::trim(report.to).empty()) return std::unexpected(invalid("To"));
    for (const auto& [name, value] : report.header_fields) {
        const bool own =
            std::any_of(std::begin(kOwnFields), std::end(kOwnFields),
                        [&](std::string_view one) { return base::equals_ignore_case(one, name); });
        if (own) return std::unexpected(invalid(name));
    }
    return {};
}

}  // namespace

Result<std::string> build_report(const Report& report, base::Random& random) {
    if (auto checked = check(report); !checked) return std::unexpected(checked.error());

    std::vector<Part> parts;
    parts.push_back(explanation_part(report.explanation));
    auto status = delivery_status_part(report);
    if (!status) return std::unexpected(status.error());
    parts.push_back(std::move(*status));
    if (report.returned) parts.push_back(returned_part(*report.returned));
    const std::string boundary = boundary_outside(parts, random);

    FieldWriter header;
    header.add("From", report.from);
    header.add("To", report.to);
    header.add("Subject", report.subject);
    header.add("Date", imf::format_date(report.date));
    header.add("Message-ID", report.message_id);
    header.add(report.header_fields);
    header.add("Auto-Submitted", "auto-replied");
    header.add("MIME-Version", "1.0");
    header.add("Content-Type",
               "multipart/report; report-type=delivery-status; boundary=\"" + boundary + "\"");
    add_transfer_encoding(header, std::any_of(parts.begin(), parts.end(), [](const Part& part) {
                              return part.is_eight_bit();
                          }));
    if (header.error()) return std::unexpected(*header.error());

    std::string octets = header.octets();
    for (const Part& part : parts) {
        octets += "\r\n--" + boundary + std::string(kCrLf) + to_octets(part);
    }
    return octets + "\r\n--" + boundary + "--" + std::string(kCrLf);
}

}  // namespace mailassay::dsn
