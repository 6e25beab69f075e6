#include "smtp/reply.h"

#include <gtest/gtest.h>

#include "smtp/capabilities.h"

namespace mailassay::smtp {
namespace {

Result<std::optional<Reply>> read(std::string_view octets, ReplyLimits limits = {}) {
    ReplyReader reader(limits);
    reader.receive(octets);
    return reader.next();
}

Reply read_one(std::string_view octets) {
    const auto reply = read(octets);
    EXPECT_TRUE(reply && *reply) << octets;
    return reply && *reply ? **reply : Reply{};
}

TEST(ReplyReader, ReadsLinesAndStatus) {
    EXPECT_EQ(read_one("250 OK\r\n"), make_reply(250, "OK"));
    EXPECT_EQ(read_one("250\r\n"), make_reply(250, ""));
    EXPECT_EQ(read_one("250 \r\n"), make_reply(250, ""));
    EXPECT_EQ(read_one("550 5.7.30 needed\r\n"), make_reply(550, {5, 7, 30}, "needed"));
    EXPECT_EQ(read_one("250-mx\r\n250-8BITMIME\r\n250 X\r\n"),
              (Reply{250, std::nullopt, {"mx", "8BITMIME", "X"}}));
    EXPECT_EQ(read_one("550-5.1.1 one\r\n550 5.1.1 two\r\n"),
              (Reply{550, dsn::EnhancedStatus{5, 1, 1}, {"one", "two"}}));
    EXPECT_EQ(read_one("550-5.1.1 one\r\n550 two\r\n"),
              (Reply{550, dsn::EnhancedStatus{5, 1, 1}, {"one", "two"}}));
    // The class does not fit the code, so it is no status of this reply.
    EXPECT_EQ(read_one("250 5.1.1 x\r\n"), make_reply(250, "5.1.1 x"));
    EXPECT_EQ(read_one("250 \xff\x01\r\n"), make_reply(250, "\xff\x01"));
}

TEST(ReplyReader, RefusesWithIdAndOffset) {
    using namespace std::string_view_literals;
    const std::tuple<std::string_view, std::string_view, std::size_t> examples[] = {
        {"\r\n", "smtp.reply.code-invalid", 0},
        {"25\r\n", "smtp.reply.code-invalid", 0},
        {"150 x\r\n", "smtp.reply.code-invalid", 0},
        {"600 x\r\n", "smtp.reply.code-invalid", 0},
        {"269 x\r\n", "smtp.reply.code-invalid", 0},
        {"2x0 x\r\n", "smtp.reply.code-invalid", 0},
        {"HTTP/1.1 400\r\n", "smtp.reply.code-invalid", 0},
        {"250x\r\n", "smtp.reply.separator-invalid", 3},
        {"2500 x\r\n", "smtp.reply.separator-invalid", 3},
        {"250-a\r\n251 b\r\n", "smtp.reply.code-changed", 0},
        {"250 a\nb", "smtp.reply.bare-line-end", 5},
        {"250 a\rb", "smtp.reply.bare-line-end", 5},
        {"250 a\r\r\n", "smtp.reply.bare-line-end", 5},
        {"250 \0\r\n"sv, "smtp.reply.nul", 4},
    };
    for (const auto& [octets, id, offset] : examples) {
        const auto reply = read(octets);
        ASSERT_FALSE(reply) << octets;
        EXPECT_EQ(reply.error().id, id) << octets;
        EXPECT_EQ(reply.error().offset, offset) << octets;
    }
}

TEST(ReplyReader, StaysAtItsError) {
    ReplyReader reader;
    reader.receive("x\r\n250 OK\r\n");
    const auto first = reader.next();
    ASSERT_FALSE(first);
    EXPECT_EQ(reader.next(), first);
    EXPECT_GT(reader.discard(), 0U);
    reader.receive("250 OK\r\n");
    EXPECT_TRUE(reader.next());
}

TEST(ReplyReader, IsBounded) {
    constexpr ReplyLimits kLimits{.line_octets = 10, .lines = 2};
    EXPECT_TRUE(read("250 4567\r\n", kLimits).value());
    EXPECT_EQ(read("250 45678\r\n", kLimits).error().id, "smtp.reply.line-too-long");
    EXPECT_EQ(read("250 4567890", kLimits).error().id, "smtp.reply.line-too-long");
    EXPECT_FALSE(read("250 456789", kLimits).value());
    EXPECT_EQ(read("250-\r\n250-\r\n250 \r\n", kLimits).error().id, "smtp.reply.too-many-lines");
}

TEST(ReplyReader, GivesOneReplyAfterTheOther) {
    ReplyReader reader;
    EXPECT_TRUE(reader.empty());
    reader.receive("250-a\r\n250 b\r\n354 go\r\n25");
    EXPECT_EQ((*reader.next())->lines.size(), 2U);
    EXPECT_EQ((*reader.next())->code, 354);
    EXPECT_FALSE(*reader.next());
    EXPECT_FALSE(reader.empty());
    EXPECT_EQ(reader.discard(), 2U);
    EXPECT_TRUE(reader.empty());
    reader.receive("250-a\r\n");
    EXPECT_FALSE(*reader.next());
    EXPECT_FALSE(reader.empty()) << "half a reply is something";
}

TEST(Reply, IsSerialised) {
    EXPECT_EQ(to_octets(make_reply(220, "mx ESMTP")), "220 mx ESMTP\r\n");
    EXPECT_EQ(to_octets(Reply{550, dsn::EnhancedStatus{5, 7, 30}, {"a", "b"}}),
              "550-5.7.30 a\r\n550 5.7.30 b\r\n");
    EXPECT_EQ(to_octets(make_reply(250, "a\r\n250 b")), "250 a  250 b\r\n");
    EXPECT_EQ(to_octets(Reply{250, std::nullopt, {}}), "250 \r\n");
    EXPECT_EQ(to_string(Reply{550, dsn::EnhancedStatus{5, 7, 30}, {"a", "b"}}), "550 5.7.30 a / b");
    EXPECT_TRUE(make_reply(250, "").is_completion());
    EXPECT_TRUE(make_reply(354, "").is_intermediate());
    EXPECT_TRUE(make_reply(421, "").is_transient());
    EXPECT_TRUE(make_reply(555, "").is_permanent());
}

TEST(Capabilities, AreReadFromTheEhloReply) {
    const Capabilities capabilities =
        Capabilities::from_ehlo(Reply{250,
                                      std::nullopt,
                                      {"REQUIRETLS", "Size 1000", "AUTH PLAIN  LOGIN", "requireTls",
                                       "STARTTLS ", "AUTH=PLAIN", "", "-X", " 8BITMIME"}});
    EXPECT_TRUE(capabilities.has("RequireTLS"));
    EXPECT_TRUE(capabilities.has("starttls"));
    EXPECT_TRUE(capabilities.has("8bitmime"));
    EXPECT_FALSE(capabilities.has("AUTH=PLAIN"));
    EXPECT_FALSE(capabilities.has("PIPELINING"));
    EXPECT_EQ(capabilities.parameters("auth"), (std::vector<std::string>{"PLAIN", "LOGIN"}));
    EXPECT_EQ(capabilities.size_limit(), 1000U);
    EXPECT_EQ(capabilities.entries().size(), 5U);
}

TEST(Capabilities, TheFirstLineOfTheReplyIsNoKeyword) {
    EXPECT_FALSE(Capabilities::from_ehlo(make_reply(250, "REQUIRETLS")).has("REQUIRETLS"));
    EXPECT_FALSE(Capabilities().has(""));
}

TEST(Capabilities, ASizeWithoutANumberIsNoLimit) {
    for (const auto* line : {"SIZE", "SIZE 0", "SIZE x", "SIZE 99999999999999999999999"}) {
        const Reply reply{250, std::nullopt, {"mx", line}};
        EXPECT_EQ(Capabilities::from_ehlo(reply).size_limit(), std::nullopt) << line;
    }
}

TEST(OfferedParameters, AreThoseOfOfferedExtensions) {
    const Capabilities capabilities =
        Capabilities::from_ehlo(Reply{250, std::nullopt, {"mx", "SIZE", "DSN", "8BITMIME"}});
    const std::vector<Parameter> all = {{"SIZE", "1"},       {"BODY", "8BITMIME"},
                                        {"ret", "HDRS"},     {"REQUIRETLS", std::nullopt},
                                        {"NOTIFY", "NEVER"}, {"SMTPUTF8", std::nullopt}};
    EXPECT_EQ(offered_parameters(all, capabilities),
              (std::vector<Parameter>{all[0], all[1], all[2], all[4]}));
    EXPECT_EQ(extension_of("requiretls"), "REQUIRETLS");
    EXPECT_EQ(extension_of("envid"), "DSN");
}

}  // namespace
}  // namespace mailassay::smtp
