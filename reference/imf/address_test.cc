#include "imf/address.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

TEST(ParseMailbox, ReadsTheForms) {
    const std::pair<std::string_view, Mailbox> examples[] = {
        {"a@example.org", {"", "a", "example.org"}},
        {" John Doe <john@example.org> ", {"John Doe", "john", "example.org"}},
        {"\"Doe, John\" <john.doe@example.org>", {"Doe, John", "john.doe", "example.org"}},
        {"John Q. Public <q@example.org>", {"John Q. Public", "q", "example.org"}},
        {"<a@[192.0.2.1]>", {"", "a", "[192.0.2.1]"}},
        {"\"a b\"@example.org", {"", "a b", "example.org"}},
        {"\"a\\\"b\"@example.org", {"", "a\"b", "example.org"}},
        {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
         {"Pete", "pete", "silly.test"}},
        {"a . b @ example . org", {"", "a.b", "example.org"}},
        {"<@relay.example,@other.example:a@example.org>", {"", "a", "example.org"}},
        {"J\xc3\xbcrgen <j\xc3\xbc@b\xc3\xbc"
         "cher.example>",
         {"J\xc3\xbcrgen", "j\xc3\xbc",
          "b\xc3\xbc"
          "cher.example"}},
        {"John\r\n Doe\r\n <john@example.org>", {"John Doe", "john", "example.org"}},
        {"a@[ 192.0.2.1\r\n ]", {"", "a", "[192.0.2.1]"}},
    };
    for (const auto& [text, mailbox] : examples) {
        const auto parsed = parse_mailbox(text);
        ASSERT_TRUE(parsed) << text << ": " << to_string(parsed.error());
        EXPECT_EQ(*parsed, mailbox) << text;
        EXPECT_EQ(parse_mailbox(to_string(mailbox)), mailbox) << to_string(mailbox);
    }
}

TEST(ParseMailbox, RefusesWithIdAndOffset) {
    const std::tuple<std::string_view, std::string_view, std::size_t> examples[] = {
        {"", "imf.address.empty", 0},
        {" (only a comment) ", "imf.address.empty", 18},
        {"a", "imf.address.syntax", 1},
        {"a@", "imf.address.syntax", 2},
        {"@b", "imf.address.syntax", 0},
        {"a..b@c", "imf.address.syntax", 4},
        {".a@c", "imf.address.syntax", 2},
        {"a b@c", "imf.address.syntax", 3},
        {"a@b..c", "imf.address.syntax", 4},
        {"a@b.", "imf.address.syntax", 4},
        {"<a@b", "imf.address.syntax", 4},
        {"<>", "imf.address.syntax", 1},
        {"a@b c", "imf.address.trailing", 4},
        {"a@b, c@d", "imf.address.trailing", 3},
        {"g: a@b;", "imf.address.syntax", 1},
        {"\"a@b", "imf.address.quoted-string-unterminated", 0},
        {"\"a\\", "imf.address.quoted-string-unterminated", 0},
        {"(a", "imf.address.comment-unterminated", 0},
        {"(a\\", "imf.address.comment-unterminated", 0},
        {"a@[b", "imf.address.domain-literal-unterminated", 2},
        {"a@[b\\c]", "imf.address.syntax", 4},
        {"a@\x01", "imf.address.control-character", 2},
        {"\"\x7f\"@b", "imf.address.control-character", 1},
        {"a@b\r\nc", "imf.address.trailing", 3},
    };
    for (const auto& [text, id, offset] : examples) {
        const auto parsed = parse_mailbox(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().id, id) << text;
        EXPECT_EQ(parsed.error().offset, offset) << text;
    }
}

TEST(ParseMailbox, BoundsTheNestingOfComments) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + std::string(depth, ')') + "a@b";
    };
    EXPECT_TRUE(parse_mailbox(nested(16)));
    EXPECT_EQ(parse_mailbox(nested(17)).error().id, "imf.address.comment-too-deep");
    EXPECT_EQ(parse_mailbox(std::string(100'000, '(')).error().id, "imf.address.comment-too-deep");
}

TEST(ParseAddressList, ReadsGroupsAndEmptyMembers) {
    const auto list =
        parse_address_list(" , A Group:Ed <ed@a.test>,joe@b.test,;, x@c.test ,, Undisclosed:;");
    ASSERT_TRUE(list);
    const std::vector<Address> expected = {
        Group{"A Group", {{"Ed", "ed", "a.test"}, {"", "joe", "b.test"}}},
        Mailbox{"", "x", "c.test"}, Group{"Undisclosed", {}}};
    EXPECT_EQ(*list, expected);
    EXPECT_EQ(to_string(*list), "A Group: Ed <ed@a.test>, joe@b.test;, x@c.test, Undisclosed:;");
    EXPECT_EQ(parse_address_list(to_string(*list)), expected);
}

TEST(ParseAddressList, IsStrictAboutItsEnds) {
    EXPECT_EQ(parse_address_list("").error().id, "imf.address.empty");
    EXPECT_EQ(parse_address_list(" , ").error().id, "imf.address.empty");
    EXPECT_EQ(parse_address_list("a@b c@d").error().id, "imf.address.syntax");
    EXPECT_EQ(parse_address_list("g: a@b").error().id, "imf.address.syntax");
    EXPECT_EQ(parse_address_list("g: h: a@b;;").error().id, "imf.address.syntax");
    EXPECT_EQ(parse_address_list(":;").error().id, "imf.address.syntax");
    EXPECT_EQ(parse_mailbox_list("g: a@b;").error().id, "imf.address.syntax");
    EXPECT_EQ(parse_mailbox_list("a@b, c@d")->size(), 2U);
}

TEST(ParseAddressList, IsBounded) {
    EXPECT_EQ(parse_address_list("a@b, c@d", {.octets = 7}).error().id, "imf.address.too-large");
    EXPECT_EQ(parse_address_list("a@b, c@d", {.addresses = 1}).error().id, "imf.address.too-many");
    EXPECT_EQ(parse_address_list("g: a@b;", {.addresses = 1}).error().id, "imf.address.too-many");
}

TEST(QuoteLocalPart, QuotesWhereItMust) {
    EXPECT_EQ(quote_local_part("a.b+c"), "a.b+c");
    EXPECT_EQ(quote_local_part(""), "\"\"");
    EXPECT_EQ(quote_local_part("a..b"), "\"a..b\"");
    EXPECT_EQ(quote_local_part("a\"\\ b"), "\"a\\\"\\\\ b\"");
    EXPECT_EQ(quote_local_part("a\r\nb"), "\"a??b\"");
}

}  // namespace
}  // namespace mailassay::imf
