#include "der/read.h"

#include <gtest/gtest.h>

#include <string>

namespace mailassay::der {
namespace {

std::string octets(std::string_view hex) {
    std::string out;
    std::string digits;
    for (const char c : hex) {
        if (c != ' ') digits += c;
    }
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return out;
}

struct Fault {
    std::string_view hex;
    std::string_view id;
    std::size_t offset;
};

// What no reader takes.
class AnyEncoding : public testing::TestWithParam<Fault> {};

TEST_P(AnyEncoding, IsRefusedByBothReaders) {
    const auto strict = read_der(octets(GetParam().hex));
    const auto tolerant = read_ber(octets(GetParam().hex));
    ASSERT_FALSE(strict.has_value());
    EXPECT_EQ(strict.error().id, GetParam().id);
    EXPECT_EQ(strict.error().offset, GetParam().offset);
    ASSERT_FALSE(tolerant.has_value());
    EXPECT_EQ(tolerant.error().id, GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Der, AnyEncoding,
    testing::Values(
        Fault{"", "der.tag.truncated", 0}, Fault{"1f", "der.tag.truncated", 1},
        Fault{"1f 81", "der.tag.truncated", 2}, Fault{"1f 80 01 00", "der.tag.not-minimal", 0},
        Fault{"1f 1e 00", "der.tag.not-minimal", 0},
        Fault{"1f 90 80 80 80 00 00", "der.tag.number-too-large", 0},
        Fault{"00 00", "der.tag.unexpected-end-of-contents", 0},
        Fault{"30 03 00 00 00", "der.tag.unexpected-end-of-contents", 2},
        Fault{"04", "der.length.truncated", 1}, Fault{"04 82 01", "der.length.truncated", 3},
        Fault{"04 ff 01", "der.length.reserved", 1},
        Fault{"04 80 00 00", "der.length.indefinite", 1},
        Fault{"04 02 00", "der.content.truncated", 0},
        Fault{"30 03 04 02 00", "der.content.truncated", 2},
        Fault{"04 89 01 00 00 00 00 00 00 00 00", "der.content.truncated", 1},
        Fault{"01 00", "der.boolean.length", 0}, Fault{"01 02 00 00", "der.boolean.length", 0},
        Fault{"02 00", "der.integer.empty", 0}, Fault{"0a 00", "der.integer.empty", 0},
        Fault{"05 01 00", "der.null.not-empty", 0}, Fault{"06 00", "der.oid.empty", 0},
        Fault{"06 02 2a 86", "der.oid.truncated", 0},
        Fault{"03 00", "der.bit-string.unused-bits", 0},
        Fault{"03 02 08 00", "der.bit-string.unused-bits", 0},
        Fault{"03 01 01", "der.bit-string.unused-bits", 0}, Fault{"10 00", "der.tag.form-wrong", 0},
        Fault{"22 03 02 01 00", "der.tag.form-wrong", 0}));

struct Deviation {
    std::string_view hex;
    std::string_view id;
    std::size_t offset;
    // What the tolerant reader makes of it, in DER.
    std::string_view mended;
};

// What is BER and not DER.
class OnlyBer : public testing::TestWithParam<Deviation> {};

TEST_P(OnlyBer, IsToleratedAndMended) {
    const auto strict = read_der(octets(GetParam().hex));
    ASSERT_FALSE(strict.has_value());
    EXPECT_EQ(strict.error().id, GetParam().id);
    EXPECT_EQ(strict.error().offset, GetParam().offset);
    const auto tolerant = read_ber(octets(GetParam().hex));
    ASSERT_TRUE(tolerant.has_value()) << to_string(tolerant.error());
    ASSERT_FALSE(tolerant->tolerated.empty());
    EXPECT_EQ(tolerant->tolerated[0].id, GetParam().id);
    EXPECT_EQ(tolerant->tolerated[0].offset, GetParam().offset);
    EXPECT_EQ(write(tolerant->value), octets(GetParam().mended));
    // But for characters, which no reader can mend.
    EXPECT_EQ(read_der(write(tolerant->value)).has_value(),
              GetParam().id != "der.string.characters");
}

INSTANTIATE_TEST_SUITE_P(
    Der, OnlyBer,
    testing::Values(
        Deviation{"04 81 01 61", "der.length.not-minimal", 1, "04 01 61"},
        Deviation{"04 82 00 01 61", "der.length.not-minimal", 1, "04 01 61"},
        Deviation{"30 80 02 01 05 00 00", "der.length.indefinite", 1, "30 03 02 01 05"},
        Deviation{"24 04 04 02 61 62", "der.string.constructed", 0, "04 02 61 62"},
        Deviation{"24 80 04 01 61 04 01 62 00 00", "der.length.indefinite", 1, "04 02 61 62"},
        Deviation{"2c 04 04 02 61 62", "der.string.constructed", 0, "0c 02 61 62"},
        Deviation{"23 09 03 03 00 6e 5d 03 02 06 c0", "der.string.constructed", 0,
                  "03 04 06 6e 5d c0"},
        Deviation{"01 01 01", "der.boolean.not-ff", 2, "01 01 ff"},
        Deviation{"02 02 00 7f", "der.integer.not-minimal", 2, "02 01 7f"},
        Deviation{"02 03 ff ff 80", "der.integer.not-minimal", 2, "02 01 80"},
        // The printed example of RFC 7508 has an ENUMERATED of four octets.
        Deviation{"0a 04 00 00 00 01", "der.integer.not-minimal", 2, "0a 01 01"},
        Deviation{"06 03 2a 80 01", "der.oid.not-minimal", 3, "06 02 2a 01"},
        Deviation{"03 02 04 ff", "der.bit-string.unused-bits-not-zero", 3, "03 02 04 f0"},
        Deviation{"16 01 e9", "der.string.characters", 2, "16 01 e9"},
        Deviation{"31 06 02 01 02 02 01 01", "der.set.unsorted", 0, "31 06 02 01 01 02 01 02"},
        Deviation{"31 05 30 00 0a 01 01", "der.set.unsorted", 0, "31 05 0a 01 01 30 00"},
        Deviation{"02 01 05 00", "der.input.trailing-octets", 3, "02 01 05"}));

TEST(Der, ReadsAWholeTree) {
    const auto read = read_der(octets("30 0d 02 01 05 a0 03 0c 01 c3 31 03 02 01 07"));
    EXPECT_FALSE(read.has_value()) << "half a UTF-8 sequence";
    const auto right = read_der(octets("30 0e 02 01 05 a0 04 0c 02 c3 a9 31 03 02 01 07"));
    ASSERT_TRUE(right.has_value()) << to_string(right.error());
    EXPECT_EQ(
        *right,
        make_sequence({make_integer(5),
                       make_constructed(context(0), {make_primitive(tag_utf8_string, "\xc3\xa9")}),
                       make_set({make_integer(7)})}));
    EXPECT_EQ(right->members[1].members[0].offset, 7U);
}

TEST(Der, LimitsAreErrors) {
    Value deep = make_null();
    for (int i = 0; i < 65; ++i) deep = make_sequence({deep});
    EXPECT_EQ(read_ber(write(deep)).error().id, "der.input.too-deep");
    EXPECT_TRUE(read_der(write(deep.members[0])).has_value());
    const Value wide = make_sequence(std::vector<Value>(10, make_null()));
    EXPECT_EQ(read_der(write(wide), {.values = 10}).error().id, "der.input.too-many-values");
    EXPECT_EQ(read_der(octets("05 00"), {.octets = 1}).error().id, "der.input.too-large");
}

TEST(Der, IndefiniteLengthNestsAndMustEnd) {
    const auto read = read_ber(octets("30 80 30 80 05 00 00 00 00 00"));
    ASSERT_TRUE(read.has_value()) << to_string(read.error());
    EXPECT_EQ(read->tolerated.size(), 2U);
    EXPECT_EQ(write(read->value), octets("30 04 30 02 05 00"));
    EXPECT_EQ(read_ber(octets("30 80 05 00")).error().id, "der.content.truncated");
    EXPECT_EQ(read_ber(octets("30 80 05 00 00")).error().id, "der.tag.unexpected-end-of-contents");
    // The end of an inner value can't be borrowed from the outer one.
    EXPECT_EQ(read_ber(octets("30 04 30 80 05 00 00 00")).error().id, "der.content.truncated");
}

}  // namespace
}  // namespace mailassay::der
