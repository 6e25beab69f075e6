#include "imf/canonicalization.h"

#include <gtest/gtest.h>

#include <string>

namespace mailassay::imf {
namespace {

using enum Canonicalization;

TEST(Canonicalization, TheExampleOfRfc6376) {
    // Section 3.4.5: "A: X" and "B : Y<HTAB><CRLF><HTAB>Z  ".
    EXPECT_EQ(canonical_name("A", Relaxed), "a");
    EXPECT_EQ(canonical_body(" X", Relaxed), "X");
    EXPECT_EQ(canonical_body(" Y\t\r\n\tZ  ", Relaxed), "Y Z");
    EXPECT_EQ(canonical_name("B", Simple), "B");
    EXPECT_EQ(canonical_body(" Y\t\r\n\tZ  ", Simple), " Y\t\r\n\tZ  ");
}

TEST(Canonicalization, RelaxedCorners) {
    EXPECT_EQ(canonical_body("", Relaxed), "");
    EXPECT_EQ(canonical_body(" \t \r\n \t", Relaxed), "");
    EXPECT_EQ(canonical_body("a\r\n b", Relaxed), "a b");
    EXPECT_EQ(canonical_body("a \t \r\n\t b", Relaxed), "a b");
    EXPECT_EQ(canonical_body("\xc3\xa9\t\xc3\xa9 ", Relaxed), "\xc3\xa9 \xc3\xa9");
    // A bare LF or CR is no white space, and neither is U+00A0.
    EXPECT_EQ(canonical_body("a\n b\r c\xc2\xa0", Relaxed), "a\n b\r c\xc2\xa0");
    EXPECT_EQ(canonical_body(std::string(1, '\0'), Relaxed), std::string(1, '\0'));
}

}  // namespace
}  // namespace mailassay::imf
