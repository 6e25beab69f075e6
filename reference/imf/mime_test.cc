#include "imf/mime.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

TEST(ContentTypeField, ReadsTypeAndParameters) {
    const auto type = parse_content_type(
        " Multipart/Report; Report-Type=delivery-status (why);\r\n boundary=\"=_a\\\"b\" ;");
    ASSERT_TRUE(type);
    EXPECT_TRUE(type->is("multipart", "REPORT"));
    EXPECT_EQ(type->parameter("report-type"), "delivery-status");
    EXPECT_EQ(type->parameter("boundary"), "=_a\"b");
    EXPECT_EQ(type->parameter("charset"), std::nullopt);
}

TEST(ContentTypeField, IsRefused) {
    for (const auto* text :
         {"", "text", "text/", "/plain", "text/plain charset=x", "text/plain; x",
          "text/plain; x=", "text/plain; =x", "text/plain; x=\"y", "text/plain; x=y z"}) {
        EXPECT_FALSE(parse_content_type(text)) << text;
    }
    std::string many = "a/b";
    for (int i = 0; i < 101; ++i) many += "; c=d";
    EXPECT_EQ(parse_content_type(many).error().id, "imf.content-type.too-many-parameters");
}

TEST(ContentTypeField, IsTextPlainWhenAbsent) {
    EXPECT_TRUE(content_type_of(HeaderSection())->is("text", "plain"));
}

using Parts = std::vector<std::string_view>;

TEST(SplitMultipart, LeavesOutPreambleAndEpilogue) {
    EXPECT_EQ(split_multipart(
                  "pre\r\n--b\r\nA: 1\r\n\r\none\r\n--b \r\ntwo\r\n\r\n--b--\r\n--b\r\nx", "b"),
              (Parts{"A: 1\r\n\r\none", "two\r\n"}));
}

TEST(SplitMultipart, TellsDelimitersFromTheirLikes) {
    EXPECT_EQ(split_multipart("--b\r\n--bc\r\n --b\r\n--b-\r\nx\n--b\r\n--b--", "b"),
              (Parts{"--bc\r\n --b\r\n--b-\r\nx\n--b"}));
}

TEST(SplitMultipart, KeepsEmptyPartsAndEndsWithTheInput) {
    EXPECT_EQ(split_multipart("--b\r\n--b\r\n\r\n--b\r\nlast", "b"), (Parts{"", "", "last"}));
    EXPECT_EQ(split_multipart("--b", "b"), (Parts{""}));
}

TEST(SplitMultipart, IsRefused) {
    EXPECT_EQ(split_multipart("x", "").error().id, "imf.multipart.no-boundary");
    EXPECT_EQ(split_multipart("x", "b").error().id, "imf.multipart.no-delimiter");
    EXPECT_EQ(split_multipart("--b--\r\n--b\r\nx", "b").error().id, "imf.multipart.no-delimiter");
    EXPECT_EQ(split_multipart("--b\r\n1\r\n--b\r\n2\r\n--b--", "b", 1).error().id,
              "imf.multipart.too-many-parts");
    EXPECT_TRUE(split_multipart("--b\r\n1\r\n--b\r\n2\r\n--b--", "b", 2));
}

}  // namespace
}  // namespace mailassay::imf
