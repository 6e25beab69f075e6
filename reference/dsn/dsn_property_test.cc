#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "dsn/options.h"
#include "dsn/report.h"
#include "dsn/xtext.h"
#include "imf/header.h"

namespace mailassay::dsn {
namespace {

RC_GTEST_PROP(DsnProperty, XtextCarriesAnyOctets, (const std::string& octets)) {
    const auto again = decode_xtext(encode_xtext(octets));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == octets);
}

RC_GTEST_PROP(DsnProperty, StatusesAreReadAsWritten, ()) {
    const EnhancedStatus status{*rc::gen::element(2, 4, 5), *rc::gen::inRange(0, 1000),
                                *rc::gen::inRange(0, 1000)};
    const auto again = parse_status(to_string(status));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == status);
}

// Octets that matter to the syntax of a report are frequent.
std::string hostile() {
    return *rc::gen::container<std::string>(rc::gen::elementOf(std::string("a:;-=_\r\n \xff\x01")));
}

RC_GTEST_PROP(DsnProperty, NoValueBreaksAReport, ()) {
    Report report;
    report.from = "a@example.org";
    report.to = "b@example.org";
    report.subject = hostile();
    report.explanation = hostile();
    report.reporting_mta = {"dns", hostile()};
    report.header_fields = {{"X-One", hostile()}};
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        RecipientReport recipient;
        recipient.final_recipient = {"rfc822", hostile()};
        recipient.status = {5, 0, 0};
        recipient.diagnostic_code = TypedValue{"smtp", hostile()};
        report.recipients.push_back(recipient);
    }
    const auto what = *rc::gen::element(Return::Full, Return::HeadersOnly);
    report.returned = ReturnedContent{what, hostile()};

    base::SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const auto octets = build_report(report, random);
    RC_ASSERT(octets.has_value());
    const auto again = parse_report(*octets);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->recipients.size() == report.recipients.size());
    RC_ASSERT(again->header_fields.size() == report.header_fields.size());
    RC_ASSERT(again->returned.has_value());
    RC_ASSERT(again->returned->what == what);
    if (what == Return::Full) RC_ASSERT(again->returned->octets == report.returned->octets);
}

RC_GTEST_PROP(DsnProperty, ReturnedHeadersNeverHoldABody, ()) {
    Report report;
    report.from = "a@example.org";
    report.to = "b@example.org";
    report.reporting_mta = {"dns", "c"};
    report.recipients = {RecipientReport{}};
    report.recipients[0].final_recipient = {"rfc822", "d"};
    report.recipients[0].status = {5, 0, 0};
    const auto message = imf::parse_message(hostile() + "\r\n\r\n" + hostile());
    report.returned = ReturnedContent{Return::HeadersOnly, message->to_octets()};

    base::SeededRandom random(1);
    const auto octets = build_report(report, random);
    RC_ASSERT(octets.has_value());
    const auto again = parse_report(*octets);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->returned->octets == message->header.to_octets());
}

}  // namespace
}  // namespace mailassay::dsn
