#include "opes/entry.h"

#include <gtest/gtest.h>

#include <array>

namespace mailassay::opes {
namespace {

std::string_view fault_of(std::string_view body) {
    const auto read = parse_entries(body);
    return read ? "" : read.error().id;
}

TEST(Entries, AreReadWithTheirParameters) {
    const auto read = parse_entries(
        " https://opes.example/a;policy=\"https://x/ y\" ; v=1,\r\n , https://opes.example/b;flag");
    ASSERT_TRUE(read);
    const std::vector<Entry> wanted{
        {.agent = "https://opes.example/a", .parameters = {{"policy", "https://x/ y"}, {"v", "1"}}},
        {.agent = "https://opes.example/b", .parameters = {{"flag", ""}}}};
    EXPECT_EQ(*read, wanted);
}

TEST(Entries, MayBeNone) {
    EXPECT_TRUE(parse_entries("")->empty());
    EXPECT_TRUE(parse_entries(" , ,")->empty());
}

TEST(Entries, SayWhatIsWrong) {
    EXPECT_EQ(fault_of("no-uri"), "opes.entry.agent");
    EXPECT_EQ(fault_of("https:"), "opes.entry.agent");
    EXPECT_EQ(fault_of("1http://x"), "opes.entry.agent");
    EXPECT_EQ(fault_of("http://caf\xc3\xa9"), "opes.entry.agent");
    EXPECT_EQ(fault_of("http://x;"), "opes.entry.parameter");
    EXPECT_EQ(fault_of("http://x;a="), "opes.entry.parameter");
    EXPECT_EQ(fault_of("http://x;a=\"open"), "opes.entry.parameter");
    EXPECT_EQ(fault_of("http://x http://y"), "opes.entry.separator");
    EXPECT_EQ(fault_of("http://" + std::string(600, 'x')), "opes.entry.too-long");
    std::string many;
    for (std::size_t i = 0; i <= entries_of_a_field; ++i) many += "http://x,";
    EXPECT_EQ(fault_of(many), "opes.entry.too-many");
}

TEST(Entries, ComeBackAsTheyWereWritten) {
    const std::array<Entry, 2> entries{
        Entry{.agent = "https://a.example/", .parameters = {{"q", "a \"b\" \\c"}, {"n", ""}}},
        Entry{.agent = "mailto:x@y"}};
    const auto read = parse_entries(to_string(entries));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, std::vector<Entry>(entries.begin(), entries.end()));
}

TEST(Agents, AreTheSameInAnyCaseOfSchemeAndHost) {
    EXPECT_TRUE(same_agent("HTTPS://Opes.Example/a", "https://opes.example/a"));
    EXPECT_TRUE(same_agent("https://x/a,b;c", "https://x/a%2Cb%3Bc"));
    EXPECT_FALSE(same_agent("https://x/A", "https://x/a"));
    EXPECT_FALSE(same_agent("https://x/a", "https://x/a/b"));
    EXPECT_TRUE(same_agent("URN:x", "urn:x"));
}

}  // namespace
}  // namespace mailassay::opes
