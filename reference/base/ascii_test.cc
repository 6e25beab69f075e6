#include "base/ascii.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

TEST(Ascii, ComparesWithoutCaseButOnlyInAscii) {
    EXPECT_TRUE(equals_ignore_case("RequireTLS", "REQUIREtls"));
    EXPECT_FALSE(equals_ignore_case("a", "ab"));
    EXPECT_FALSE(equals_ignore_case("\xc3\xa9", "\xc3\x89"));
    // '[' and '{' differ by the same bit as letters do.
    EXPECT_FALSE(equals_ignore_case("[", "{"));
    EXPECT_TRUE(starts_with_ignore_case("MAIL FROM:", "mail"));
    EXPECT_FALSE(starts_with_ignore_case("MA", "mail"));
    EXPECT_TRUE(ends_with_ignore_case("mx.EXAMPLE.org", ".example.ORG"));
    EXPECT_FALSE(ends_with_ignore_case("org", ".org"));
}

TEST(Ascii, OrdersWithoutCase) {
    constexpr LessIgnoreCase kLess;
    EXPECT_FALSE(kLess("Size", "SIZE"));
    EXPECT_FALSE(kLess("SIZE", "size"));
    EXPECT_TRUE(kLess("dsn", "SIZE"));
    EXPECT_TRUE(kLess("z", "\x80"));
}

TEST(Ascii, TrimsOnlySpaceAndTab) {
    EXPECT_EQ(trim(" \t x y\t "), "x y");
    EXPECT_EQ(trim("\r\nx\r\n"), "\r\nx\r\n");
    EXPECT_EQ(trim("  "), "");
}

TEST(Ascii, SplitsWithEmptyPieces) {
    EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Ascii, ReadsDecimalNumbersWithinBounds) {
    EXPECT_EQ(parse_decimal("0"), 0U);
    EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(parse_decimal("18446744073709551616"), std::nullopt);
    EXPECT_EQ(parse_decimal("99999999999999999999"), std::nullopt);
    EXPECT_EQ(parse_decimal(""), std::nullopt);
    EXPECT_EQ(parse_decimal("-1"), std::nullopt);
    EXPECT_EQ(parse_decimal("1 "), std::nullopt);
    EXPECT_EQ(parse_decimal("1234", 3), std::nullopt);
}

TEST(Ascii, KnowsWellFormedUtf8) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain"));
    EXPECT_TRUE(is_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7"));
    EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf"));
    EXPECT_FALSE(is_utf8("\xc0\x80")) << "overlong NUL";
    EXPECT_FALSE(is_utf8("\xe0\x9f\xbf")) << "overlong, three octets";
    EXPECT_FALSE(is_utf8("\xf0\x8f\xbf\xbf")) << "overlong, four octets";
    EXPECT_FALSE(is_utf8("\xed\xa0\x80")) << "surrogate";
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")) << "above U+10FFFF";
    EXPECT_FALSE(is_utf8("\x80")) << "continuation alone";
    EXPECT_FALSE(is_utf8("\xe2\x82")) << "cut short";
    EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Ascii, EscapesForLogs) {
    EXPECT_EQ(escape(std::string_view("a\0\r\n\t\\\xff<", 8)), "a\\x00\\r\\n\\t\\\\\\xff<");
    EXPECT_EQ(escape("abcdef", 3), "abc...");
}

TEST(Printable, KeepsWhatAPersonReads) {
    EXPECT_EQ(printable("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7"),
              "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7");
    EXPECT_EQ(printable("a\r\n\tb\\"), "a\\r\\n\\tb\\\\");
}

TEST(Printable, EscapesWhatHidesOrIsNoUtf8) {
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a\\xe2\\x80\\xaeb")
        << "right-to-left override";
    EXPECT_EQ(printable("\xe2\x80\x8b"), "\\xe2\\x80\\x8b") << "zero width space";
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "a control of Latin-1";
    EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
    EXPECT_EQ(printable("\xc3"), "\\xc3");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
}

TEST(Printable, CutsBetweenCharacters) {
    EXPECT_EQ(printable("\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9");
    EXPECT_EQ(printable("\xc3\xa9\xc3\xa9"
                        "a",
                        3),
              "\xc3\xa9\xc3\xa9...");
}

}  // namespace
}  // namespace mailassay::base
