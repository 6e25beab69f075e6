#include "requiretls/header_field.h"

#include <gtest/gtest.h>

namespace mailassay::requiretls {
namespace {

imf::HeaderSection header(std::string_view octets) {
    return imf::parse_message(std::string(octets) + "\r\nbody\r\n").value().header;
}

TEST(HeaderField, NameByEdition) {
    EXPECT_EQ(field_name(Edition::Rfc), "TLS-Required");
    EXPECT_EQ(field_name(Edition::Draft), "RequireTLS");
}

TEST(HeaderField, NoInAnyCaseAfterFoldingWhiteSpace) {
    for (const char* body : {"No", " No", " no", "\tNO", "\r\n No", " \r\n\tnO", " No "}) {
        EXPECT_TRUE(says_no(body)) << body;
    }
}

TEST(HeaderField, AnythingElseIsNotNo) {
    for (const char* body : {"", " ", "Yes", "None", "N o", " N\r\n o", " No;", " \"No\"",
                             " No (really)", "No No", " NO\xc2\xa0"}) {
        EXPECT_FALSE(says_no(body)) << body;
    }
    EXPECT_FALSE(says_no(std::string_view("No\0", 3)));
}

TEST(HeaderField, Verdicts) {
    const auto read = [](std::string_view octets) {
        return read_field(header(octets), Edition::Rfc);
    };
    EXPECT_EQ(read("Subject: x\r\n"), FieldVerdict::Absent);
    EXPECT_EQ(read("tls-REQUIRED:no\r\n"), FieldVerdict::NotRequired);
    EXPECT_EQ(read("TLS-Required: Yes\r\n"), FieldVerdict::Malformed);
    EXPECT_EQ(read("TLS-Required: No\r\nX: y\r\nTLS-Required: NO\r\n"), FieldVerdict::NotRequired);
    EXPECT_EQ(read("TLS-Required: No\r\nTLS-Required: Yes\r\n"), FieldVerdict::Malformed);
}

TEST(HeaderField, EachEditionReadsItsOwnFieldOnly) {
    const auto rfc = header("TLS-Required: No\r\n");
    const auto draft = header("RequireTLS: NO\r\n");
    EXPECT_EQ(read_field(rfc, Edition::Draft), FieldVerdict::Absent);
    EXPECT_EQ(read_field(draft, Edition::Draft), FieldVerdict::NotRequired);
    EXPECT_EQ(read_field(draft, Edition::Rfc), FieldVerdict::Absent);
}

TEST(HeaderField, OnlyTheHeaderSectionCounts) {
    const auto message = imf::parse_message("Subject: x\r\n\r\nTLS-Required: No\r\n");
    EXPECT_EQ(read_field(message->header, Edition::Rfc), FieldVerdict::Absent);
}

}  // namespace
}  // namespace mailassay::requiretls
