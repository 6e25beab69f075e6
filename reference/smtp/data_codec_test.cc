#include "smtp/data_codec.h"

#include <gtest/gtest.h>

namespace mailassay::smtp {
namespace {

constexpr DataLimits kLimits{.message_octets = 1000, .line_octets = 100};

TEST(EncodeData, AddsDotsAndTheEnd) {
    EXPECT_EQ(encode_data("a\r\n.b\r\n..\r\nc"), "a\r\n..b\r\n...\r\nc\r\n.\r\n");
    EXPECT_EQ(encode_data(""), ".\r\n");
    EXPECT_EQ(encode_data(".\r\n"), "..\r\n.\r\n");
    EXPECT_EQ(encode_data("\r\n"), "\r\n.\r\n");
}

TEST(EncodeData, SmugglesNothing) {
    EXPECT_EQ(encode_data("a\n.\nMAIL FROM:<>\r\n"), "a . MAIL FROM:<>\r\n.\r\n");
    EXPECT_EQ(encode_data("a\r.\r\nb"), "a .\r\nb\r\n.\r\n");
    EXPECT_EQ(encode_data("a\r\r\n.\r"), "a \r\n.. \r\n.\r\n");
    EXPECT_EQ(encode_data("\n.\r\n"), " .\r\n.\r\n");
}

struct Decoded {
    std::size_t taken;
    bool done;
    DataFault fault;
    std::string data;
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::string_view octets, DataLimits limits = kLimits) {
    DataDecoder decoder(limits);
    const std::size_t taken = decoder.receive(octets);
    return {taken, decoder.done(), decoder.fault(), decoder.take_data()};
}

TEST(DataDecoder, EndsAtADotOnALineOfItsOwn) {
    EXPECT_EQ(decode("a\r\n.\r\nQUIT\r\n"), (Decoded{6, true, DataFault::None, "a\r\n"}));
    EXPECT_EQ(decode(".\r\n"), (Decoded{3, true, DataFault::None, ""}));
    EXPECT_EQ(decode("..\r\n...\r\n.a\r\n.\r\n"),
              (Decoded{16, true, DataFault::None, ".\r\n..\r\na\r\n"}));
}

TEST(DataDecoder, NothingElseEndsIt) {
    for (const std::string octets :
         {"a\n.\n", "a\n.\r\n", "a\r.\r\n", "a\r\n.\n", "a\r\n.\r", "a\r\n.\r\r\n", "a\r\n. \r\n",
          "a.\r\n", "a\r\r.\r\n", "a\r\n.\n.\r\n"}) {
        EXPECT_FALSE(decode(octets).done) << octets;
    }
}

TEST(DataDecoder, KeepsBareLineEndsAsOctets) {
    EXPECT_EQ(decode("a\nb\rc\r\r\nd\n.\n.\r\r\n.\r\n").data, "a\nb\rc\r\r\nd\n.\n.\r\r\n");
    EXPECT_EQ(decode(".\n\r\n.\r\n").data, "\n\r\n");
    EXPECT_EQ(decode(".\r\r\n.\r\n").data, "\r\r\n");
    EXPECT_EQ(decode(".\rx\r\n.\r\n").data, "\rx\r\n");
}

TEST(DataDecoder, NamesItsFaults) {
    using namespace std::string_view_literals;
    EXPECT_EQ(decode("a\0\r\n.\r\n"sv), (Decoded{7, true, DataFault::NulOctet, ""}));
    const DataLimits limits{.message_octets = 8, .line_octets = 6};
    EXPECT_EQ(decode("1234\r\n\r\n.\r\n", limits).fault, DataFault::None);
    EXPECT_EQ(decode("12345\r\n.\r\n", limits).fault, DataFault::LineTooLong);
    EXPECT_EQ(decode("1234\r\n1\r\n.\r\n", limits).fault, DataFault::TooLarge);
    EXPECT_EQ(decode("\0001234567890\r\n.\r\n"sv, limits).fault, DataFault::TooLarge);
    // Transparency dots count for neither.
    EXPECT_EQ(decode(".1234\r\n.\r\n.\r\n", limits).fault, DataFault::None);
}

TEST(DataDecoder, CountsWhatItSaw) {
    DataDecoder decoder(kLimits);
    EXPECT_EQ(decoder.receive("..a\r\n"), 5U);
    EXPECT_EQ(decoder.receive(".\r\nMore"), 3U);
    EXPECT_EQ(decoder.octets_seen(), 8U);
    EXPECT_EQ(decoder.receive("x"), 0U);
}

}  // namespace
}  // namespace mailassay::smtp
