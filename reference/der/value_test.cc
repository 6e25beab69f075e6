#include "der/value.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "der/read.h"

namespace mailassay::der {
namespace {

using namespace std::string_view_literals;

TEST(Value, IntegersAreMinimal) {
    EXPECT_EQ(make_integer(0).content, "\x00"sv);
    EXPECT_EQ(make_integer(127).content, "\x7f"sv);
    EXPECT_EQ(make_integer(128).content, "\x00\x80"sv);
    EXPECT_EQ(make_integer(-128).content, "\x80"sv);
    EXPECT_EQ(make_integer(-129).content, "\xff\x7f"sv);
    EXPECT_EQ(make_integer(std::numeric_limits<std::int64_t>::min()).content,
              "\x80\0\0\0\0\0\0\0"sv);
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{65536},
                                      std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(to_integer(make_integer(number)), number);
    }
    EXPECT_EQ(to_integer(make_primitive(tag_integer, "123456789")).error().id,
              "der.value.out-of-range");
    EXPECT_EQ(to_integer(make_enumerated(1)).error().id, "der.value.unexpected-tag");
    EXPECT_EQ(to_integer(make_enumerated(1), tag_enumerated), 1);
}

TEST(Value, ObjectIdentifiers) {
    const auto secure_headers = make_oid("1.2.840.113549.1.9.16.2.55");
    ASSERT_TRUE(secure_headers.has_value());
    EXPECT_EQ(write(*secure_headers), "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x37"sv);
    EXPECT_EQ(to_dotted(*secure_headers), "1.2.840.113549.1.9.16.2.55");
    EXPECT_EQ(to_dotted(*make_oid("2.999.3")), "2.999.3");
    EXPECT_EQ(to_dotted(*make_oid("0.39")), "0.39");
    for (const char* wrong :
         {"", "1", "3.1", "1.40", "1..2", "1.2.", "1.02", "1.x", "1.2.18446744073709551616"}) {
        ASSERT_FALSE(make_oid(wrong).has_value()) << wrong;
        EXPECT_EQ(make_oid(wrong).error().id, "der.oid.syntax");
    }
    EXPECT_EQ(to_dotted(*make_oid("1.2.18446744073709551615")), "1.2.18446744073709551615");
}

TEST(Value, SetsAreSorted) {
    const Value by_tag = make_set({make_sequence({}), make_enumerated(1)});
    EXPECT_EQ(write(by_tag), "\x31\x05\x0a\x01\x01\x30\x00"sv);
    // The tags decide, not the octets: [1] is behind every universal type, even if constructed.
    const Value mixed = make_set({make_primitive(context(1), ""), make_sequence({})});
    EXPECT_EQ(mixed.members[0].tag, tag_sequence);
    const Value of = make_set_of({make_integer(2), make_integer(1), make_integer(256)});
    EXPECT_EQ(write(of), "\x31\x0a\x02\x01\x01\x02\x01\x02\x02\x02\x01\x00"sv);
}

TEST(Value, LongTagsAndLengths) {
    EXPECT_EQ(write(make_primitive(context(31), "")), "\x9f\x1f\x00"sv);
    EXPECT_EQ(write(make_constructed({Class::Application, 300}, {})), "\x7f\x82\x2c\x00"sv);
    EXPECT_EQ(write(make_primitive(tag_octet_string, std::string(200, 'x'))).substr(0, 3),
              "\x04\x81\xc8"sv);
    EXPECT_EQ(write(make_primitive(tag_octet_string, std::string(70'000, 'x'))).substr(0, 5),
              "\x04\x83\x01\x11\x70"sv);
}

TEST(Value, MembersAreTakenAsASchemaListsThem) {
    Value sequence = make_sequence({make_integer(1), make_boolean(true), make_null()});
    sequence.members[2].offset = 8;
    Members members(sequence);
    EXPECT_EQ(to_integer(**members.need(tag_integer)), 1);
    EXPECT_EQ(members.take(tag_integer), nullptr);
    EXPECT_TRUE(to_boolean(**members.need(tag_boolean)).value());
    EXPECT_EQ(members.need(tag_integer).error(), (Error{.id = "der.value.unexpected-tag",
                                                        .offset = 8,
                                                        .detail = "NULL where INTEGER is wanted"}));
    EXPECT_EQ(members.end().error().id, "der.value.unexpected-member");
    ASSERT_NE(members.next(), nullptr);
    EXPECT_TRUE(members.end().has_value());
    EXPECT_EQ(members.next(), nullptr);
    EXPECT_EQ(members.need(tag_null).error().id, "der.value.missing");
}

TEST(Value, TagsHaveNames) {
    EXPECT_EQ(to_string(tag_visible_string), "VisibleString");
    EXPECT_EQ(to_string(context(3)), "[3]");
    EXPECT_EQ(to_string(Tag{Class::Application, 9}), "[APPLICATION 9]");
    EXPECT_EQ(to_string(Tag{Class::Universal, 28}), "[UNIVERSAL 28]");
}

}  // namespace
}  // namespace mailassay::der
