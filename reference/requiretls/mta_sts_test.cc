#include "requiretls/mta_sts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mailassay::requiretls {
namespace {

using std::chrono::seconds;

constexpr std::string_view good =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.NET\r\n"
    "max_age: 604800\r\n";

std::string_view fault_of(std::string_view text) {
    const auto policy = parse_sts_policy(text);
    return policy ? std::string_view("none") : policy.error().id;
}

TEST(StsRecord, Id) {
    EXPECT_EQ(parse_sts_record("v=STSv1; id=20160831085700Z;"), "20160831085700Z");
    EXPECT_EQ(parse_sts_record("v=STSv1;id=1"), "1");
    EXPECT_EQ(parse_sts_record("v=STSv1 ; ext=x.y-z ; id=aB3 ;"), "aB3");
    EXPECT_EQ(parse_sts_record("v=STSv1; id=first; id=second"), "first");
}

TEST(StsRecord, NotOfThisVersion) {
    for (const char* text : {"", "v=STSv10; id=1", "v=stsv1; id=1", "id=1; v=STSv1", "v=spf1 -all",
                             " v=STSv1; id=1", "v=STSv1"}) {
        const auto id = parse_sts_record(text);
        ASSERT_FALSE(id) << text;
        EXPECT_EQ(id.error().id, "requiretls.sts.record-version") << text;
    }
}

TEST(StsRecord, BadSyntax) {
    for (const std::string& text :
         {std::string("v=STSv1;"), std::string("v=STSv1; id="), std::string("v=STSv1; id=a-b"),
          std::string("v=STSv1; ID=1"), std::string("v=STSv1; id=1; id=a-b"),
          std::string("v=STSv1; junk; id=1"), std::string("v=STSv1;; id=1"),
          std::string("v=STSv1; x=a=b; id=1"), std::string("v=STSv1; x=a b; id=1"),
          std::string("v=STSv1; -x=a; id=1"), "v=STSv1; " + std::string(33, 'x') + "=a; id=1",
          "v=STSv1; id=" + std::string(33, 'a')}) {
        const auto id = parse_sts_record(text);
        ASSERT_FALSE(id) << text;
        EXPECT_EQ(id.error().id, "requiretls.sts.record-syntax") << text;
    }
}

TEST(StsPolicy, Whole) {
    const auto policy = parse_sts_policy(good);
    ASSERT_TRUE(policy);
    EXPECT_EQ(
        *policy,
        (StsPolicy{StsMode::Enforce, {"mail.example.com", "*.example.net"}, seconds(604800)}));
}

TEST(StsPolicy, LineEndsSpacesAndUnknownKeys) {
    EXPECT_EQ(
        parse_sts_policy("version:STSv1 \nmode:\ttesting\nnote: a:b c\nmx:a.example\nmax_age:0"),
        (StsPolicy{StsMode::Testing, {"a.example"}, seconds(0)}));
}

TEST(StsPolicy, KeysInAnyOrder) {
    EXPECT_EQ(parse_sts_policy("mx: a.example\nmax_age: 1\nmode: enforce\nversion: STSv1\n"),
              (StsPolicy{StsMode::Enforce, {"a.example"}, seconds(1)}));
}

TEST(StsPolicy, ModeNoneNeedsNoHost) {
    EXPECT_EQ(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 60\n"),
              (StsPolicy{StsMode::None, {}, seconds(60)}));
}

TEST(StsPolicy, OfAKeyGivenTwiceTheFirstCounts) {
    EXPECT_EQ(parse_sts_policy("version: STSv1\nmode: enforce\nmode: none\nmx: a.example\n"
                               "max_age: 1\nmax_age: 2\nversion: STSv2\n"),
              (StsPolicy{StsMode::Enforce, {"a.example"}, seconds(1)}));
}

TEST(StsPolicy, AgeIsBoundedByAYear) {
    const auto policy = parse_sts_policy("version: STSv1\nmode: none\nmax_age: 9999999999\n");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->max_age, max_policy_age);
}

TEST(StsPolicy, Faults) {
    EXPECT_EQ(fault_of(""), "requiretls.sts.version");
    EXPECT_EQ(fault_of("version: STSv2\nmode: none\nmax_age: 1\n"), "requiretls.sts.version");
    EXPECT_EQ(fault_of("mode: none\nmax_age: 1\n"), "requiretls.sts.version");
    EXPECT_EQ(fault_of("version: STSv1\nmode none\n"), "requiretls.sts.line");
    EXPECT_EQ(fault_of("version: STSv1\nmode: Enforce\n"), "requiretls.sts.mode");
    EXPECT_EQ(fault_of("version: STSv1\nmax_age: 1\n"), "requiretls.sts.mode");
    EXPECT_EQ(fault_of("version: STSv1\nmode: none\n"), "requiretls.sts.max-age");
    for (const char* age : {"", "-1", "1.5", "1s", "12345678901", "0x10"}) {
        EXPECT_EQ(fault_of(fmt::format("version: STSv1\nmode: none\nmax_age: {}\n", age)),
                  "requiretls.sts.max-age")
            << age;
    }
    EXPECT_EQ(fault_of("version: STSv1\nmode: enforce\nmax_age: 1\n"), "requiretls.sts.mx");
    for (const char* mx : {"", "*", "*.", "a..b", "*.*.b", "a.*.b", "x*.b", "a b", ".a",
                           "192.0.2.1:25", "[192.0.2.1]"}) {
        EXPECT_EQ(fault_of(fmt::format("version: STSv1\nmode: enforce\nmx: {}\n", mx)),
                  "requiretls.sts.mx")
            << mx;
    }
}

TEST(StsPolicy, Bounds) {
    std::string many = "version: STSv1\nmode: enforce\nmax_age: 1\n";
    for (std::size_t i = 0; i < max_policy_patterns; ++i)
        many += fmt::format("mx: h{}.example\n", i);
    EXPECT_EQ(fault_of(many), "none");
    EXPECT_EQ(fault_of(many + "mx: one.more.example\n"), "requiretls.sts.mx");
    EXPECT_EQ(fault_of(std::string(good) + "x: " + std::string(max_policy_octets, 'y')),
              "requiretls.sts.too-large");
}

TEST(StsPolicy, FaultsTellTheLine) {
    const auto policy = parse_sts_policy("version: STSv1\nmode: maybe\n");
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error().offset, 15U);
    EXPECT_EQ(policy.error().detail, "maybe");
}

TEST(ListsHost, NamesAndWildcards) {
    const StsPolicy policy{StsMode::Enforce, {"mail.example.com", "*.example.net"}, seconds(1)};
    EXPECT_TRUE(lists_host(policy, "mail.example.com"));
    EXPECT_TRUE(lists_host(policy, "MAIL.example.com."));
    EXPECT_TRUE(lists_host(policy, "mx1.example.net"));
    EXPECT_FALSE(lists_host(policy, "example.com"));
    EXPECT_FALSE(lists_host(policy, "a.mail.example.com"));
    EXPECT_FALSE(lists_host(policy, "example.net"));
    EXPECT_FALSE(lists_host(policy, ".example.net"));
    EXPECT_FALSE(lists_host(policy, "a.b.example.net"));
    EXPECT_FALSE(lists_host(policy, "mx1.example.net.evil.example"));
    EXPECT_FALSE(lists_host(policy, ""));
}

}  // namespace
}  // namespace mailassay::requiretls
