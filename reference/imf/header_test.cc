#include "imf/header.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

std::vector<std::string_view> defect_ids(const Message& message) {
    std::vector<std::string_view> ids;
    for (const Error& defect : message.defects) ids.push_back(defect.id);
    return ids;
}

TEST(ParseMessage, SplitsFieldsAndBody) {
    const auto message = parse_message("From: a@example.org\r\nTLS-required:\r\n No\r\n\r\nHi\r\n");
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->defects.empty());
    ASSERT_EQ(message->header.fields().size(), 2U);
    const HeaderField& field = message->header.fields()[1];
    EXPECT_EQ(field.name, "TLS-required");
    EXPECT_EQ(field.body, "\r\n No");
    EXPECT_EQ(field.raw, "TLS-required:\r\n No\r\n");
    EXPECT_EQ(field.value(), "No");
    EXPECT_EQ(message->body, "Hi\r\n");
}

TEST(ParseMessage, KeepsMalformedLinesAsOpaqueFields) {
    const std::string octets =
        " lost\r\nno colon\r\nbad name: x\r\n more\r\n: x\r\nSubject : s\r\n\r\nbody";
    const auto message = parse_message(octets);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->to_octets(), octets);
    EXPECT_EQ(defect_ids(*message),
              (std::vector<std::string_view>{"imf.header.continuation-without-field",
                                             "imf.header.line-without-colon",
                                             "imf.header.name-invalid", "imf.header.name-invalid",
                                             "imf.header.space-before-colon"}));
    EXPECT_EQ(message->defects[1].offset, 7U);
    EXPECT_TRUE(message->header.fields()[2].is_opaque());
    EXPECT_EQ(message->header.fields()[2].raw, "bad name: x\r\n more\r\n");
    EXPECT_EQ(message->header.find_first("subject")->value(), "s");
}

TEST(ParseMessage, ABareLineEndNeverStartsAField) {
    const auto message = parse_message("Subject: x\nTLS-Required: No\rTLS-Required: No\r\n\r\n");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->header.fields().size(), 1U);
    EXPECT_EQ(message->header.count("TLS-Required"), 0U);
    EXPECT_EQ(defect_ids(*message), (std::vector<std::string_view>{"imf.header.bare-line-end"}));
}

TEST(ParseMessage, EndsAnywhere) {
    for (const std::string_view octets :
         {"", "\r\n", "A: b", "A: b\r\n", "A: b\r\n\r", "A: b\r\n\r\n", "\r", "A: b\r"}) {
        const auto message = parse_message(octets);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->to_octets(), octets);
    }
    EXPECT_EQ(parse_message("A: b\r\n")->separator, "");
    EXPECT_EQ(parse_message("\r\nbody")->body, "body");
}

TEST(ParseMessage, ReportsNulAndLongLines) {
    const std::string octets =
        "A: " + std::string(996, 'x') + "\r\nB: " + std::string(1, '\0') + "\r\n\r\n";
    const auto message = parse_message(octets);
    ASSERT_TRUE(message);
    EXPECT_EQ(defect_ids(*message),
              (std::vector<std::string_view>{"imf.header.line-too-long", "imf.header.nul"}));
}

TEST(ParseMessage, IsBounded) {
    const std::string octets = "A: b\r\nC: d\r\n\r\nbody";
    EXPECT_EQ(parse_message(octets, {.message_octets = 17}).error().id, "imf.message.too-large");
    EXPECT_EQ(parse_message(octets, {.header_octets = 11}).error().id, "imf.header.too-large");
    EXPECT_EQ(parse_message(octets, {.fields = 1}).error().id, "imf.header.too-many-fields");
    EXPECT_TRUE(parse_message(octets, {.message_octets = 18, .header_octets = 12, .fields = 2})
                    .has_value());
}

TEST(MakeField, FoldsLongValues) {
    const std::string word(30, 'w');
    const auto field = make_field("Subject", word + " " + word + "  " + word);
    ASSERT_TRUE(field);
    EXPECT_EQ(field->raw, "Subject: " + word + " " + word + "\r\n  " + word + "\r\n");
    EXPECT_EQ(field->value(), word + " " + word + "  " + word);
    EXPECT_EQ(parse_message(field->raw + "\r\n")->header.fields(), std::vector{*field});
}

TEST(MakeField, NeverMakesTwoFields) {
    EXPECT_EQ(make_field("A", "b\r\nC: d").error().id, "imf.header.value-invalid");
    EXPECT_EQ(make_field("A", "b\n").error().id, "imf.header.value-invalid");
    EXPECT_EQ(make_field("A", std::string_view("\0", 1)).error().id, "imf.header.value-invalid");
    EXPECT_EQ(make_field("A B", "c").error().id, "imf.header.name-invalid");
    EXPECT_EQ(make_field("", "c").error().id, "imf.header.name-invalid");
    EXPECT_EQ(make_field("A", "")->raw, "A:\r\n");
    // A value of white space only would be a line that some readers take for the empty line.
    EXPECT_EQ(make_field("A", " \t ")->raw, "A:\r\n");
}

TEST(HeaderSection, PrependsAppendsRemoves) {
    auto message = parse_message("A: 1\r\nb: 2\r\na: 3\r\n\r\n");
    ASSERT_TRUE(message);
    HeaderSection& header = message->header;
    header.prepend(*make_field("Received", "x"));
    header.append(*make_field("Z", "y"));
    EXPECT_EQ(header.find_all("a").size(), 2U);
    EXPECT_EQ(header.find_first("a")->value(), "1");
    EXPECT_EQ(header.find_first("none"), nullptr);
    EXPECT_EQ(header.remove_all("A"), 2U);
    EXPECT_EQ(header.to_octets(), "Received: x\r\nb: 2\r\nZ: y\r\n");
}

TEST(Unfold, RemovesOnlyFolding) {
    EXPECT_EQ(unfold(" a\r\n b\r\n\tc"), " a b\tc");
    EXPECT_EQ(unfold("a\r\nb"), "a\r\nb");
    EXPECT_EQ(unfold("a\n b\r c"), "a\n b\r c");
    EXPECT_EQ(unfold("a\r\n"), "a");
}

}  // namespace
}  // namespace mailassay::imf
