#include "requiretls/tlsa.h"

#include <gtest/gtest.h>

namespace mailassay::requiretls {
namespace {

TlsaRecord record(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching_type,
                  std::size_t octets) {
    return {usage, selector, matching_type, std::string(octets, 'x')};
}

TEST(Tlsa, ParsesItsFields) {
    const auto parsed = parse_tlsa(std::string_view("\x03\x01\x01\x00\xff", 5));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, (TlsaRecord{3, 1, 1, std::string("\x00\xff", 2)}));
}

TEST(Tlsa, TooShort) {
    for (const std::string_view rdata : {"", "\x03", "\x03\x01", "\x03\x01\x01"}) {
        const auto parsed = parse_tlsa(rdata);
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().id, "requiretls.tlsa.too-short");
        EXPECT_EQ(parsed.error().offset, rdata.size());
    }
}

TEST(Tlsa, UsableRecords) {
    EXPECT_TRUE(is_usable(record(3, 1, 1, 32)));
    EXPECT_TRUE(is_usable(record(3, 0, 2, 64)));
    EXPECT_TRUE(is_usable(record(2, 0, 1, 32)));
    EXPECT_TRUE(is_usable(record(3, 1, 0, 91)));
}

TEST(Tlsa, UsagesOfThePublicPkiAreOfNoUseToSmtp) {
    EXPECT_FALSE(is_usable(record(0, 0, 1, 32)));
    EXPECT_FALSE(is_usable(record(1, 1, 1, 32)));
}

TEST(Tlsa, UnknownParameters) {
    EXPECT_FALSE(is_usable(record(4, 1, 1, 32)));
    EXPECT_FALSE(is_usable(record(255, 1, 1, 32)));
    EXPECT_FALSE(is_usable(record(3, 2, 1, 32)));
    EXPECT_FALSE(is_usable(record(3, 1, 3, 32)));
}

TEST(Tlsa, DataThatIsNoDigestOfItsType) {
    EXPECT_FALSE(is_usable(record(3, 1, 1, 31)));
    EXPECT_FALSE(is_usable(record(3, 1, 1, 64)));
    EXPECT_FALSE(is_usable(record(3, 1, 2, 32)));
    EXPECT_FALSE(is_usable(record(3, 1, 0, 0)));
}

TEST(Tlsa, UsableOnesKeepTheirOrder) {
    const std::vector<TlsaRecord> all = {record(0, 0, 1, 32), record(3, 1, 2, 64),
                                         record(3, 1, 1, 5), record(2, 0, 1, 32)};
    EXPECT_EQ(usable(all), (std::vector<TlsaRecord>{all[1], all[3]}));
    EXPECT_TRUE(usable({}).empty());
}

}  // namespace
}  // namespace mailassay::requiretls
