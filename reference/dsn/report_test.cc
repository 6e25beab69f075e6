#include "dsn/report.h"

#include <gtest/gtest.h>

#include "imf/header.h"
#include "imf/mime.h"

namespace mailassay::dsn {
namespace {

using namespace std::chrono_literals;

const base::TimePoint kNow{1'575'367'872s};

RecipientReport failed_recipient() {
    RecipientReport recipient;
    recipient.original_recipient = TypedValue{"rfc822", "first+last@example.org"};
    recipient.final_recipient = {"rfc822", "b@example.org"};
    recipient.action = Action::Failed;
    recipient.status = {5, 7, 30};
    recipient.remote_mta = TypedValue{"dns", "mx.example.org"};
    recipient.diagnostic_code = TypedValue{"smtp", "550 5.7.30 REQUIRETLS support required"};
    recipient.last_attempt_date = kNow;
    return recipient;
}

Report bounce() {
    Report report;
    report.from = "Mail Delivery System <mailer-daemon@relay.example>";
    report.to = "a@sender.example";
    report.subject = "Undelivered mail";
    report.message_id = "<1@relay.example>";
    report.date = kNow;
    report.header_fields = {{"X-Note", "kept"}};
    report.explanation = "Your message could not be delivered.\r\n";
    report.original_envelope_id = "QQ 314159";
    report.reporting_mta = {"dns", "relay.example"};
    report.arrival_date = kNow - 60s;
    report.recipients = {failed_recipient()};
    report.returned = ReturnedContent{Return::HeadersOnly, "From: a\r\nSubject: b\r\n"};
    return report;
}

std::string build(const Report& report) {
    base::SeededRandom random(1);
    const auto octets = build_report(report, random);
    EXPECT_TRUE(octets) << to_string(octets.error());
    return octets.value_or("");
}

TEST(Report, IsLaidOutAsTheSpecificationSays) {
    const std::string octets = build(bounce());
    const auto message = imf::parse_message(octets);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->defects.empty());
    const auto type = imf::content_type_of(message->header);
    ASSERT_TRUE(type);
    EXPECT_TRUE(type->is("multipart", "report"));
    EXPECT_EQ(type->parameter("report-type"), "delivery-status");
    EXPECT_EQ(message->header.find_first("Auto-Submitted")->value(), "auto-replied");
    EXPECT_EQ(message->header.find_first("MIME-Version")->value(), "1.0");

    const auto parts = imf::split_multipart(message->body, *type->parameter("boundary"));
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->size(), 3U);
    EXPECT_EQ((*parts)[0],
              "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
              "Your message could not be delivered.\r\n");
    EXPECT_EQ((*parts)[1],
              "Content-Type: message/delivery-status\r\n\r\n"
              "Original-Envelope-Id: QQ 314159\r\n"
              "Reporting-MTA: dns; relay.example\r\n"
              "Arrival-Date: Tue, 03 Dec 2019 10:10:12 +0000\r\n"
              "\r\n"
              "Original-Recipient: rfc822; first+last@example.org\r\n"
              "Final-Recipient: rfc822; b@example.org\r\n"
              "Action: failed\r\n"
              "Status: 5.7.30\r\n"
              "Remote-MTA: dns; mx.example.org\r\n"
              "Diagnostic-Code: smtp; 550 5.7.30 REQUIRETLS support required\r\n"
              "Last-Attempt-Date: Tue, 03 Dec 2019 10:11:12 +0000\r\n");
    EXPECT_EQ((*parts)[2], "Content-Type: text/rfc822-headers\r\n\r\nFrom: a\r\nSubject: b\r\n");
}

TEST(Report, IsReadAsItWasBuilt) {
    Report report = bounce();
    RecipientReport delayed;
    delayed.final_recipient = {"rfc822", "c@example.org"};
    delayed.action = Action::Delayed;
    delayed.status = {4, 4, 1};
    delayed.final_log_id = "42";
    delayed.will_retry_until = kNow + 24h;
    delayed.other_fields = {{"X-More", "yes"}};
    report.recipients.push_back(delayed);
    report.received_from_mta = TypedValue{"dns", "client.example"};
    report.other_fields = {{"X-Of-The-Message", "1"}};
    for (const auto& returned :
         {std::optional<ReturnedContent>(), report.returned,
          std::optional(ReturnedContent{Return::Full, "A: b\r\n\r\nbody\r\n--=_x--\r\n"}),
          std::optional(ReturnedContent{Return::Full, "no end of line"})}) {
        report.returned = returned;
        const auto again = parse_report(build(report));
        ASSERT_TRUE(again) << to_string(again.error());
        EXPECT_EQ(again->recipients, report.recipients);
        EXPECT_EQ(again->returned, report.returned);
        EXPECT_EQ(again->from, report.from);
        EXPECT_EQ(again->to, report.to);
        EXPECT_EQ(again->subject, report.subject);
        EXPECT_EQ(again->message_id, report.message_id);
        EXPECT_EQ(again->date, report.date);
        EXPECT_EQ(again->header_fields, report.header_fields);
        EXPECT_EQ(again->explanation, report.explanation);
        EXPECT_EQ(again->original_envelope_id, report.original_envelope_id);
        EXPECT_EQ(again->reporting_mta, report.reporting_mta);
        EXPECT_EQ(again->received_from_mta, report.received_from_mta);
        EXPECT_EQ(again->arrival_date, report.arrival_date);
        EXPECT_EQ(again->other_fields, report.other_fields);
    }
}

TEST(Report, NeverReturnsABodyWithHeadersOnly) {
    Report report = bounce();
    report.returned = ReturnedContent{Return::HeadersOnly, "A: b\r\n\r\nthe secret\r\n"};
    EXPECT_EQ(build(report).find("secret"), std::string::npos);
    report.returned->octets = "\r\nthe secret\r\n";
    EXPECT_EQ(build(report).find("secret"), std::string::npos);
}

TEST(Report, CannotBeBrokenByAPeer) {
    Report report = bounce();
    report.recipients[0].diagnostic_code =
        TypedValue{"smtp", "550 no\r\n\r\nFinal-Recipient: rfc822; evil@example.org\x01\xff"};
    const auto again = parse_report(build(report));
    ASSERT_TRUE(again);
    ASSERT_EQ(again->recipients.size(), 1U);
    EXPECT_EQ(again->recipients[0].diagnostic_code->value,
              "550 no    Final-Recipient: rfc822; evil@example.org??");
}

TEST(Report, SaysWhereItHasEightBits) {
    Report report = bounce();
    EXPECT_EQ(build(report).find("8bit"), std::string::npos);
    report.returned = ReturnedContent{Return::Full, "A: b\r\n\r\n\xc3\xa9\r\n"};
    const std::string octets = build(report);
    const auto message = imf::parse_message(octets);
    EXPECT_EQ(message->header.find_first("Content-Transfer-Encoding")->value(), "8bit");
    EXPECT_NE(message->body.find("message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nA: b"),
              std::string::npos);
    report.returned.reset();
    report.explanation = "caf\xc3\xa9\nagain";
    const auto again = parse_report(build(report));
    EXPECT_EQ(again->explanation, "caf\xc3\xa9\r\nagain\r\n");
}

TEST(Report, RefusesToBeBuiltFromNothing) {
    base::SeededRandom random(1);
    Report report = bounce();
    report.recipients.clear();
    EXPECT_EQ(build_report(report, random).error().id, "dsn.report.no-recipients");
    report = bounce();
    report.to = " ";
    EXPECT_EQ(build_report(report, random).error().detail, "To");
    report = bounce();
    report.header_fields = {{"Bad Name", "x"}};
    EXPECT_EQ(build_report(report, random).error().id, "dsn.report.field-invalid");
    report = bounce();
    report.header_fields = {{"content-type", "text/plain"}};
    EXPECT_EQ(build_report(report, random).error().detail, "content-type");
    report = bounce();
    report.recipients[0].other_fields = {{"Bad:Name", "x"}};
    EXPECT_EQ(build_report(report, random).error().id, "dsn.report.field-invalid");
}

// A boundary is drawn anew while it occurs in a part.
class RepeatingRandom final : public base::Random {
  public:
    std::uint64_t next() override { return calls_++ < 4 ? 0 : 1; }

  private:
    int calls_ = 0;
};

TEST(Report, ChoosesABoundaryThatOccursNowhere) {
    Report report = bounce();
    RepeatingRandom random;
    report.explanation = "=_" + std::string(24, 'a') + "\r\n";
    const auto again = parse_report(*build_report(report, random));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->explanation, report.explanation);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(ParseReport, RefusesWithTheReason) {
    const std::string good = build(bounce());
    const std::tuple<std::string_view, std::string_view, std::string_view> examples[] = {
        {"multipart/report", "multipart/mixed", "dsn.report.not-a-report"},
        {"report-type=delivery-status", "report-type=x", "dsn.report.not-a-report"},
        {"boundary=", "other=", "imf.multipart.no-boundary"},
        {"message/delivery-status", "text/plain", "dsn.report.parts"},
        {"text/rfc822-headers", "text/html", "dsn.report.parts"},
        {"Final-Recipient:", "X-Final:", "dsn.report.field-missing"},
        {"Action: failed", "Action: exploded", "dsn.report.field-invalid"},
        {"Status: 5.7.30", "Status: 5.7", "dsn.report.field-invalid"},
        {"Reporting-MTA: dns; ", "Reporting-MTA: ", "dsn.report.field-invalid"},
        {"Arrival-Date: Tue", "Arrival-Date: Xyz", "dsn.report.field-invalid"},
        {"12 +0000\r\n\r\nOriginal-Recipient", "12 +0000\r\nOriginal-Recipient",
         "dsn.report.no-recipients"},
        {"From: Mail", "X-From: Mail", "dsn.report.field-missing"},
    };
    for (const auto& [from, to, id] : examples) {
        const auto parsed = parse_report(replaced(good, from, to));
        ASSERT_FALSE(parsed) << to;
        EXPECT_EQ(parsed.error().id, id) << to;
    }
}

TEST(ParseReport, ToleratesWhatReportsHave) {
    const std::string good = build(bounce());
    EXPECT_EQ(parse_report(replaced(good, "Status: 5.7.30", "Status: 5.7.30 (why)"))
                  ->recipients[0]
                  .status,
              (EnhancedStatus{5, 7, 30}));
    EXPECT_EQ(parse_report(replaced(good, "Action: failed", "action: FAILED (mail lost)"))
                  ->recipients[0]
                  .action,
              Action::Failed);
    EXPECT_TRUE(parse_report(replaced(good, "text/rfc822-headers", "message/global-headers")));
}

}  // namespace
}  // namespace mailassay::dsn
