#include "smtp/types.h"

#include <gtest/gtest.h>

namespace mailassay::smtp {
namespace {

TEST(Path, ReadsTheForms) {
    const std::pair<std::string_view, Path> examples[] = {
        {"<a@example.org>", {"a", "example.org"}},
        {"<\"a\"@example.org>", {"a", "example.org"}},
        {"<\"a b>\\\"\"@example.org>", {"a b>\"", "example.org"}},
        {"<a@[192.0.2.1]>", {"a", "[192.0.2.1]"}},
        {"<a@[IPv6:2001:db8::1]>", {"a", "[IPv6:2001:db8::1]"}},
        {"<a@[tag:anything(at)all]>", {"a", "[tag:anything(at)all]"}},
        {"<@one.example,@two.example:a@example.org>", {"a", "example.org"}},
        {"<a.b+c=d@x-y.example>", {"a.b+c=d", "x-y.example"}},
        {"<j\xc3\xbc@b\xc3\xbc.example>", {"j\xc3\xbc", "b\xc3\xbc.example"}},
        {"<\"\"@example.org>", {"", "example.org"}},
        {"<a@_dmarc.example>", {"a", "_dmarc.example"}},
    };
    for (const auto& [text, path] : examples) {
        const auto reverse = parse_reverse_path(text);
        ASSERT_TRUE(reverse) << text << ": " << to_string(reverse.error());
        EXPECT_EQ(*reverse, path) << text;
        EXPECT_EQ(parse_forward_path(to_string(path)), path) << text;
        EXPECT_EQ(parse_address(path.address()), path) << text;
    }
}

TEST(Path, RefusesWithIdAndOffset) {
    const std::tuple<std::string, std::string_view, std::size_t> examples[] = {
        {"a@b", "smtp.path.bracket", 0},
        {"<a@b", "smtp.path.bracket", 4},
        {"<a@b> ", "smtp.path.bracket", 5},
        {"<a@b>>", "smtp.path.bracket", 5},
        {"<a b@c>", "smtp.path.domain", 2},
        {"<a>", "smtp.path.domain", 2},
        {"<@b>", "smtp.path.route", 3},
        {"<@a,b:c@d>", "smtp.path.route", 4},
        {"<.a@b>", "smtp.path.local-part", 1},
        {"<a..b@c>", "smtp.path.local-part", 3},
        {"<\"a@b>", "smtp.path.local-part", 6},
        {"<\"\t\"@b>", "smtp.path.local-part", 2},
        {"<a@>", "smtp.path.domain", 3},
        {"<a@-b>", "smtp.path.domain", 5},
        {"<a@b->", "smtp.path.domain", 5},
        {"<a@b.>", "smtp.path.domain", 5},
        {"<a@b..c>", "smtp.path.domain", 5},
        {"<a@" + std::string(64, 'b') + ">", "smtp.path.domain", 67},
        {"<a@[300.0.2.1]>", "smtp.path.address-literal", 13},
        {"<a@[IPv6:192.0.2.1]>", "smtp.path.address-literal", 18},
        {"<a@[:x]>", "smtp.path.address-literal", 6},
        {"<a@[tag:]>", "smtp.path.address-literal", 8},
        {"<a@[192.0.2.1>", "smtp.path.address-literal", 14},
        {"<\xff@b>", "smtp.path.not-utf8", 5},
    };
    for (const auto& [text, id, offset] : examples) {
        const auto parsed = parse_reverse_path(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().id, id) << text;
        EXPECT_EQ(parsed.error().offset, offset) << text;
    }
}

TEST(Path, ADomainHasAtMost255Octets) {
    std::string domain;
    for (int i = 0; i < 4; ++i) domain += std::string(62, 'a') + ".";
    EXPECT_TRUE(parse_forward_path("<a@" + domain + "bcd>"));
    EXPECT_EQ(parse_forward_path("<a@" + domain + "bcde>").error().id, "smtp.path.domain");
}

TEST(Path, NullIsForTheWayBackOnly) {
    ASSERT_TRUE(parse_reverse_path("<>"));
    EXPECT_TRUE(parse_reverse_path("<>")->is_null());
    EXPECT_EQ(to_string(Path{}), "<>");
    EXPECT_EQ(parse_forward_path("<>").error().id, "smtp.path.null");
}

TEST(Path, OnlyPostmasterNeedsNoDomain) {
    EXPECT_EQ(parse_forward_path("<PostMaster>"), (Path{"PostMaster", ""}));
    EXPECT_EQ(to_string(Path{"PostMaster", ""}), "<PostMaster>");
    EXPECT_EQ(parse_forward_path("<root>").error().id, "smtp.path.domain");
    EXPECT_EQ(parse_reverse_path("<Postmaster>").error().id, "smtp.path.domain");
}

TEST(Path, KnowsWhenItNeedsUtf8) {
    EXPECT_FALSE((Path{"a", "b"}.needs_utf8()));
    EXPECT_TRUE((Path{"\xc3\xbc", "b"}.needs_utf8()));
    EXPECT_TRUE((Path{"a", "\xc3\xbc"}.needs_utf8()));
}

TEST(Address, OffsetsAreThoseOfTheText) {
    EXPECT_EQ(parse_address("a@b..c").error().offset, 4U);
    EXPECT_EQ(parse_address("").error().id, "smtp.path.null");
}

TEST(Parameters, AreFoundInAnyCase) {
    const std::vector<Parameter> parameters = {{"SIZE", "1"}, {"RequireTLS", std::nullopt}};
    ASSERT_NE(find_parameter(parameters, "REQUIRETLS"), nullptr);
    EXPECT_EQ(to_string(*find_parameter(parameters, "requiretls")), "RequireTLS");
    EXPECT_EQ(to_string(*find_parameter(parameters, "size")), "SIZE=1");
    EXPECT_EQ(find_parameter(parameters, "BODY"), nullptr);
}

}  // namespace
}  // namespace mailassay::smtp
