#include "imf/transfer_encoding.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

std::string decoded(const HeaderSection& header, std::string_view body) {
    const auto octets = decode_body(header, body);
    return octets ? std::string(octets->view()) : std::string(octets.error().id);
}

HeaderSection with(std::string_view encoding) {
    return HeaderSection({*make_field("Content-Transfer-Encoding", encoding)});
}

TEST(TransferEncoding, Base64GoesInLinesAndComesBack) {
    const std::string octets(200, '\xff');
    const std::string lines = encode_base64_lines(octets);
    EXPECT_EQ(lines.find("\r\n"), 76U);
    EXPECT_TRUE(lines.ends_with("\r\n"));
    EXPECT_EQ(decoded(with("BASE64"), lines), octets);
    EXPECT_EQ(encode_base64_lines(""), "");
}

// Around every border between what is coded at once.
TEST(TransferEncoding, PiecesMakeTheSameLines) {
    for (const std::size_t size : {0UL, 1UL, 56UL, 57UL, 58UL, 58'368UL, 58'369UL, 200'003UL}) {
        std::string octets;
        for (std::size_t i = 0; i < size; ++i) octets += static_cast<char>(i * 7919 >> 4U);
        const std::string lines = encode_base64_lines(octets);
        for (const std::size_t piece : {1UL, 57UL, 1000UL, 100'000UL}) {
            base::StringSink sink;
            Base64LineWriter writer(sink);
            for (std::size_t at = 0; at < size; at += piece) {
                ASSERT_TRUE(writer.append(std::string_view(octets).substr(at, piece)));
            }
            ASSERT_TRUE(writer.finish());
            ASSERT_EQ(sink.text, lines) << size << " in pieces of " << piece;
        }
        EXPECT_EQ(decoded(with("base64"), lines), octets) << size;
    }
}

TEST(TransferEncoding, PaddingEndsEvenALongText) {
    // 65536 letters are decoded at once; there the padding is at their end.
    const std::string text = std::string(65'532, 'A') + "AA==";
    EXPECT_EQ(decoded(with("base64"), text).size(), 65'532U / 4 * 3 + 1);
    EXPECT_EQ(decoded(with("base64"), text + "AAAA"), "imf.transfer-encoding.base64");
    EXPECT_EQ(decoded(with("base64"), "AA==" + text), "imf.transfer-encoding.base64");
}

TEST(TransferEncoding, WhatIsNoBase64IsPassedOver) {
    EXPECT_EQ(decoded(with("base64"), "aGk*\t=\r\n"), "hi");
    EXPECT_EQ(decoded(with("base64"), "aGk"), "imf.transfer-encoding.base64");
    EXPECT_EQ(decoded(with("base64"), "aGk=aGk="), "imf.transfer-encoding.base64");
}

TEST(TransferEncoding, OthersAreAsTheyAre) {
    EXPECT_EQ(decoded(with("8bit"), "\xe9"), "\xe9");
    EXPECT_EQ(decoded({}, "x"), "x");
    EXPECT_EQ(decoded(with("uuencode"), "x"), "imf.transfer-encoding.unknown");
    const auto quoted = with("Quoted-Printable");
    EXPECT_EQ(decoded(quoted, "a=3Db=c3=BC =\r\nc \t\r\n=\r\nd"), "a=b\xc3\xbc c\r\nd");
    EXPECT_EQ(decoded(quoted, "=\r\n"), "");
    EXPECT_EQ(decoded(quoted, "=4 =zz ="), "=4 =zz ");
}

}  // namespace
}  // namespace mailassay::imf
