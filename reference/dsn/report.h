#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "dsn/options.h"
#include "dsn/status.h"

// Delivery status notifications: RFC 3464 inside multipart/report (RFC 6522).
namespace mailassay::dsn {

// A field value with its type: "rfc822; user@example.org", "dns; mx.example.org", "smtp; 550 ...".
struct TypedValue {
    std::string type;
    std::string value;

    friend bool operator==(const TypedValue&, const TypedValue&) = default;
};

// Action of RFC 3464 section 2.3.3.
enum class Action : std::uint8_t { Failed, Delayed, Delivered, Relayed, Expanded };

[[nodiscard]] std::string_view to_string(Action action);

// A field of message/delivery-status that has no place of its own below.
using OtherField = std::pair<std::string, std::string>;

// Per-recipient fields (RFC 3464 section 2.3).
struct RecipientReport {
    std::optional<TypedValue> original_recipient;  // from ORCPT, decoded
    TypedValue final_recipient;
    Action action = Action::Failed;
    EnhancedStatus status;
    std::optional<TypedValue> remote_mta;
    std::optional<TypedValue> diagnostic_code;
    std::optional<base::TimePoint> last_attempt_date;
    std::optional<std::string> final_log_id;
    std::optional<base::TimePoint> will_retry_until;  // only with Action::Delayed
    std::vector<OtherField> other_fields;

    friend bool operator==(const RecipientReport&, const RecipientReport&) = default;
};

// What of the original message the report returns.
struct ReturnedContent {
    // HeadersOnly: `octets` is a header section (text/rfc822-headers). A whole message given here
    // is cut at the end of its header section, so its body can't get out by mistake.
    // Full: `octets` is a whole message (message/rfc822).
    Return what = Return::HeadersOnly;
    std::string octets;

    friend bool operator==(const ReturnedContent&, const ReturnedContent&) = default;
};

// A report, ready to build or as parsed.
struct Report {
    // Header fields of the report itself. `from` and `to` are field bodies.
    std::string from;  // for example "Mail Delivery System <mailer-daemon@mx.example.org>"
    std::string to;    // the reverse-path of the message reported on
    std::string subject;
    std::string message_id;  // with its angle brackets
    base::TimePoint date;
    // Further fields of the report's header section, for example TLS-Required, in this order. None
    // of those that come from the other members, nor of MIME.
    std::vector<OtherField> header_fields;

    // For a person: plain text, lines ended by LF or CRLF, wrapped by the caller.
    std::string explanation;

    // Per-message fields (RFC 3464 section 2.2).
    std::optional<std::string> original_envelope_id;  // from ENVID, decoded
    TypedValue reporting_mta;
    std::optional<TypedValue> received_from_mta;
    std::optional<base::TimePoint> arrival_date;
    std::vector<OtherField> other_fields;

    std::vector<RecipientReport> recipients;  // at least one
    std::optional<ReturnedContent> returned;
};

// The octets of the report as a message, lines ended by CRLF. `random` gives the boundary, which
// is drawn anew until it occurs in no part. Values that come from a peer (diagnostic codes, names)
// can't break the syntax: in every field value CR and LF become spaces, other control characters
// and octets above 127 become '?'. The returned content is copied octet by octet; where it has
// octets above 127, Content-Transfer-Encoding: 8bit says so at the part and at the top, and the
// caller sends the report with BODY=8BITMIME.
// Errors: dsn.report.no-recipients, dsn.report.field-invalid (a field name, `from` or `to` empty,
// one of header_fields that the report has by itself).
[[nodiscard]] Result<std::string> build_report(const Report& report, base::Random& random);

// Reads a report. Strict in structure, tolerant in fields: an unknown one goes to other_fields.
// Errors: dsn.report.not-a-report, dsn.report.parts, dsn.report.no-recipients,
// dsn.report.field-missing, dsn.report.field-invalid, and those of imf.
[[nodiscard]] Result<Report> parse_report(std::string_view octets);

}  // namespace mailassay::dsn
