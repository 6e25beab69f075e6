#include "imf/encoded_word.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

TEST(EncodedWord, IsDecoded) {
    EXPECT_EQ(decode_words("=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= alle"),
              "Gr\xC3\xBC\xC3\x9F"
              "e an alle");
    EXPECT_EQ(decode_words("=?UTF-8?B?QXQgZGF3bg==?="), "At dawn");
    EXPECT_EQ(decode_words("=?ISO-8859-1*de?Q?=FC?="), "\xC3\xBC");
    EXPECT_EQ(decode_words("a  =?us-ascii?q?b?=  c"), "a  b  c");
}

TEST(EncodedWord, WhiteSpaceBetweenTwoIsNone) {
    EXPECT_EQ(decode_words("=?utf-8?q?a?= \t =?utf-8?q?b?="), "ab");
    EXPECT_EQ(decode_words("=?utf-8?q?a?= x =?utf-8?q?b?= "), "a x b ");
}

TEST(EncodedWord, WhatIsNoneStays) {
    for (const std::string_view text :
         {"", " ", "a=b =?", "=?utf-8?q?open", "=?utf-8?x?a?=", "=?utf-8?q?=4?=", "=?utf-8?b?*?=",
          "=?koi8-r?q?a?=", "=?utf-8?q?a b?=", "=?utf-8?q", "=?utf-8??a?="}) {
        EXPECT_EQ(decode_words(text), text);
    }
}

}  // namespace
}  // namespace mailassay::imf
