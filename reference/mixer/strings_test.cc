#include "mixer/strings.h"

#include <gtest/gtest.h>

namespace mailassay::mixer {
namespace {

TEST(PrintableString, EscapesOfSection34) {
    EXPECT_EQ(to_printable_string("jimmy_j@wid%get!\"(x)"), "jimmy(u)j(a)wid(p)get(b)(q)(l)x(r)");
    EXPECT_EQ(to_printable_string("a*b#c"), "a(042)b(035)c");
    EXPECT_EQ(from_printable_string("a(U)b(A)c(042)"), "a_b@c*");
}

TEST(PrintableString, WhatIsNoEscapeStays) {
    EXPECT_EQ(from_printable_string("(a"), "(a");
    EXPECT_EQ(from_printable_string("(xyz)"), "(xyz)");
    EXPECT_EQ(from_printable_string("x(04)"), "x(04)");
}

TEST(PrintableString, NothingBeyondAscii) {
    EXPECT_EQ(to_printable_string("a\xC3\xA9").error().offset, 1u);
    EXPECT_EQ(from_printable_string("ab(200)").error().id, "mixer.string.not-ascii");
    EXPECT_EQ(from_printable_string("ab(200)").error().offset, 2u);
}

TEST(TeletexText, DigitsInBraces) {
    EXPECT_EQ(to_teletex_text("a\xA5"
                              "b"),
              "a{165}b");
    EXPECT_EQ(from_teletex_text("a{165166}b"),
              "a\xA5\xA6"
              "b");
    for (const char* wrong : {"{", "a{}", "{12}", "{999}", "{1a2}", "a}"}) {
        EXPECT_EQ(from_teletex_text(wrong).error().id, "mixer.string.teletex-syntax") << wrong;
    }
}

TEST(HumanText, EightBitsAreEncodedWordsAndControlsAreTold) {
    EXPECT_EQ(to_teletex("Ren\xC3\xA9").text, "=?utf-8?B?UmVuw6k=?=");
    EXPECT_EQ(to_teletex("Ren\xE9").text, "=?iso-8859-1?B?UmVu6Q==?=");
    EXPECT_EQ(from_teletex("Ren\xE9 x").text, "=?iso-8859-1?Q?Ren=E9_x?=");
    EXPECT_TRUE(from_teletex("a\rb").replaced);
    EXPECT_EQ(from_teletex("a\rb").text, "a?b");
    EXPECT_FALSE(from_teletex("a b").replaced);
}

}  // namespace
}  // namespace mailassay::mixer
