#include "release/field.h"

#include <gtest/gtest.h>

#include <string>

#include "release/testing.h"

namespace mailassay::release {
namespace {

using base::Edition;

std::string read(std::string_view body, Edition edition = Edition::Rfc) {
    const auto field = parse_field(body, edition);
    if (!field) return std::string(field.error().id);
    std::string all;
    for (const imf::Mailbox& user : field->users()) all += user.address() + " ";
    return all;
}

TEST(ReleaseField, IsReadInEverySpelling) {
    EXPECT_EQ(read(" one@mil.example"), "one@mil.example ");
    EXPECT_EQ(read(" One <one@mil.example>,\r\n\ttwo@mil.example"),
              "one@mil.example two@mil.example ");
    EXPECT_EQ(read(" (a (b) c) one (x) @ (y) mil.example (z)"), "one@mil.example ");
    EXPECT_EQ(read(" \"one\"@mil.example"), "one@mil.example ");
    EXPECT_EQ(read(" \"two@mil.example\" <one@mil.example>"), "one@mil.example ");
}

TEST(ReleaseField, HasGroupsInTheDraftAlone) {
    const std::string_view group = " Officers: one@mil.example, two@mil.example;";
    EXPECT_EQ(read(group, Edition::Draft), "one@mil.example two@mil.example ");
    EXPECT_EQ(read(group), "imf.address.syntax");
    EXPECT_EQ(read(" Officers:;", Edition::Draft), "release.field.nobody");
}

TEST(ReleaseField, HasSomebody) {
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        EXPECT_EQ(read("", edition), "imf.address.empty");
        EXPECT_EQ(read(" \r\n\t", edition), "imf.address.empty");
        EXPECT_EQ(read(" (one@mil.example)", edition), "imf.address.empty");
    }
}

TEST(ReleaseField, OfAnySizeIsBounded) {
    std::string ten_thousand = "one@mil.example";
    for (int i = 1; i < 10'000; ++i) ten_thousand += ",\r\n one@mil.example";
    EXPECT_TRUE(parse_field(ten_thousand, Edition::Rfc));
    EXPECT_EQ(read(ten_thousand + ", one@mil.example"), "imf.address.too-many");
    EXPECT_EQ(read(std::string(10'000'000, 'a')), "imf.address.too-large");
    EXPECT_EQ(read(std::string(100'000, '(')), "imf.address.comment-too-deep");
    EXPECT_EQ(read(std::string_view("one\0@mil.example", 16)), "imf.address.control-character");
}

TEST(ReleaseField, NamesTheSameUser) {
    const imf::Mailbox one = testing::mailbox("one@mil.example");
    for (const char* same :
         {"One <one@MIL.example>", "\"one\"@mil.example", "(two) one@mil.example"}) {
        EXPECT_TRUE(is_same_user(one, testing::mailbox(same))) << same;
    }
    for (const char* other : {"One@mil.example", "one@mil.example.net", "one+x@mil.example",
                              "\"one@mil.example\" <two@mil.example>", "\xd0\xbene@mil.example"}) {
        EXPECT_FALSE(is_same_user(one, testing::mailbox(other))) << other;
    }
}

TEST(ReleaseField, IsWrittenInItsPlace) {
    const imf::HeaderSection before =
        testing::header("mmhs-authorizing-users: one@mil.example\r\nX: y\r\n");
    const Field field{.addresses = {testing::mailbox("one@mil.example"),
                                    testing::mailbox("Two <two@mil.example>")}};
    EXPECT_EQ(with_field(before, field).to_octets(),
              testing::header("MMHS-Authorizing-Users: one@mil.example, Two <two@mil.example>\r\n"
                              "X: y\r\n")
                  .to_octets());
    EXPECT_EQ(with_field(before, {}).to_octets(), testing::header("X: y\r\n").to_octets());
    EXPECT_EQ(with_field(testing::header(), field).count(field_name), 1U);
}

}  // namespace
}  // namespace mailassay::release
