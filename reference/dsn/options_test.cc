#include "dsn/options.h"

#include <gtest/gtest.h>

#include "dsn/xtext.h"

namespace mailassay::dsn {
namespace {

TEST(Xtext, EncodesAndDecodes) {
    EXPECT_EQ(encode_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
    EXPECT_EQ(decode_xtext("a+2Bb+3Dc+20d"), "a+b=c d");
    EXPECT_EQ(decode_xtext("a b").error().id, "dsn.xtext.character");
    EXPECT_EQ(decode_xtext("a=b").error().id, "dsn.xtext.character");
    EXPECT_EQ(decode_xtext("a+2").error(), (Error{"dsn.xtext.hexadecimal", 1, "rfc3461/4"}));
    EXPECT_EQ(decode_xtext("+2b").error().id, "dsn.xtext.hexadecimal");
    EXPECT_EQ(decode_xtext("+").error().id, "dsn.xtext.hexadecimal");
}

TEST(Return, IsReadInAnyCase) {
    EXPECT_EQ(parse_return("full"), Return::Full);
    EXPECT_EQ(parse_return("HDRS"), Return::HeadersOnly);
    EXPECT_EQ(parse_return("HDR").error().id, "dsn.ret.value");
    EXPECT_EQ(to_string(Return::Full), "FULL");
    EXPECT_EQ(to_string(Return::HeadersOnly), "HDRS");
}

TEST(Notify, NeverStandsAlone) {
    EXPECT_EQ(parse_notify("never"), (Notify{.never = true}));
    EXPECT_EQ(parse_notify("Delay,SUCCESS"), (Notify{.success = true, .delay = true}));
    for (const auto* text : {"", "NEVER,DELAY", "SUCCESS,", ",", "FAILED"}) {
        EXPECT_EQ(parse_notify(text).error().id, "dsn.notify.value") << text;
    }
    EXPECT_EQ(to_string(Notify{.success = true, .failure = true, .delay = true}),
              "SUCCESS,FAILURE,DELAY");
    EXPECT_EQ(to_string(Notify{.never = true}), "NEVER");
}

TEST(OriginalRecipient, HasATypeAndAnAddress) {
    const auto recipient = parse_original_recipient("rfc822;a+2Bb@example.org");
    ASSERT_TRUE(recipient);
    EXPECT_EQ(*recipient, (OriginalRecipient{"rfc822", "a+b@example.org"}));
    EXPECT_EQ(to_string(*recipient), "rfc822;a+2Bb@example.org");
    const auto utf8 = parse_original_recipient("utf-8;j\xc3\xbc@example.org");
    ASSERT_TRUE(utf8);
    EXPECT_EQ(to_string(*utf8), "utf-8;j\xc3\xbc@example.org");
    for (const std::string& text :
         {std::string("a@b"), std::string(";a@b"), std::string("rf c;a"),
          "rfc822;" + std::string(488, 'a'), std::string("utf-8;\xff"), std::string("utf-8;a=b")}) {
        EXPECT_EQ(parse_original_recipient(text).error().id, "dsn.orcpt.syntax") << text;
    }
    EXPECT_EQ(parse_original_recipient("rfc822;\xc3\xbc").error().id, "dsn.xtext.character");
    EXPECT_TRUE(parse_original_recipient("rfc822;" + std::string(487, 'a')));
}

TEST(EnvelopeId, IsBoundedAndPrintable) {
    EXPECT_EQ(parse_envelope_id("QQ+20314159"), "QQ 314159");
    EXPECT_TRUE(parse_envelope_id(std::string(100, 'x')));
    EXPECT_EQ(parse_envelope_id(std::string(101, 'x')).error().id, "dsn.envid.length");
    EXPECT_EQ(parse_envelope_id("").error().id, "dsn.envid.length");
    EXPECT_EQ(parse_envelope_id("a+0D+0Ab").error().id, "dsn.envid.character");
    EXPECT_EQ(parse_envelope_id("a+").error().id, "dsn.xtext.hexadecimal");
}

}  // namespace
}  // namespace mailassay::dsn
