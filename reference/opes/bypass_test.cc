#include "opes/bypass.h"

#include <gtest/gtest.h>

namespace mailassay::opes {
namespace {

TEST(BypassField, AsksForAllOrForSome) {
    EXPECT_TRUE(parse_bypass(" * ")->all);
    const auto some = parse_bypass(" https://a.example/x,\r\n\thttps://b.example/");
    ASSERT_TRUE(some);
    EXPECT_EQ(some->agents,
              (std::vector<std::string>{"https://a.example/x", "https://b.example/"}));
}

TEST(BypassField, OfNothingIsNone) {
    EXPECT_EQ(parse_bypass("").error().id, "opes.bypass.empty");
    EXPECT_EQ(parse_bypass(" , ").error().id, "opes.bypass.empty");
    EXPECT_EQ(parse_bypass("*, https://a.example/").error().id, "opes.bypass.agent");
    EXPECT_EQ(parse_bypass("everything").error().id, "opes.bypass.agent");
    EXPECT_EQ(parse_bypass("http://a b").error().id, "opes.bypass.agent");
}

TEST(BypassParameter, IsXtext) {
    EXPECT_TRUE(parse_bypass_parameter("*")->all);
    const auto read = parse_bypass_parameter("https://a.example/?x+3D1,https://b.example/");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->agents,
              (std::vector<std::string>{"https://a.example/?x=1", "https://b.example/"}));
    EXPECT_EQ(to_parameter(*read), "XOPESBYPASS=https://a.example/?x+3D1,https://b.example/");
    EXPECT_EQ(parse_bypass_parameter("+0D+0A*").error().id, "opes.bypass.agent");
    EXPECT_EQ(parse_bypass_parameter("+zz").error().id, "dsn.xtext.hexadecimal");
    EXPECT_EQ(parse_bypass_parameter("").error().id, "opes.bypass.empty");
}

TEST(BypassParameter, StandsOnce) {
    const std::vector<std::string> none{"SIZE=1"};
    EXPECT_FALSE(*requested_by(none));
    const std::vector<std::string> one{"SIZE=1", "xopesbypass=*"};
    EXPECT_TRUE((*requested_by(one))->all);
    const std::vector<std::string> two{"XOPESBYPASS=*", "XOPESBYPASS=*"};
    EXPECT_EQ(requested_by(two).error().id, "opes.bypass.repeated");
    const std::vector<std::string> bare{"XOPESBYPASS"};
    EXPECT_EQ(requested_by(bare).error().id, "opes.bypass.empty");
}

TEST(BypassFields, AreHeardTogetherAndTheUnreadableTold) {
    const auto message = imf::parse_message(
        "OPES-Bypass: http://a/\r\nOPES-Bypass: nonsense\r\nOPES-Bypass: HTTP://A/, http://b/\r\n"
        "\r\n");
    const HeaderRequest found = requested_by(message->header);
    ASSERT_TRUE(found.request);
    EXPECT_EQ(found.request->agents, (std::vector<std::string>{"http://a/", "http://b/"}));
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].id, "opes.bypass.agent");
}

}  // namespace
}  // namespace mailassay::opes
