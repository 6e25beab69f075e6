#include "imf/transfer_encoding.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

HeaderSection with(std::string_view encoding) {
    return HeaderSection({*make_field("Content-Transfer-Encoding", encoding)});
}

TEST(TransferEncoding, Base64GoesInLinesAndComesBack) {
    const std::string octets(200, '\xff');
    const std::string lines = encode_base64_lines(octets);
    EXPECT_EQ(lines.find("\r\n"), 76U);
    EXPECT_TRUE(lines.ends_with("\r\n"));
    EXPECT_EQ(decode_body(with("BASE64"), lines), octets);
    EXPECT_EQ(encode_base64_lines(""), "");
}

TEST(TransferEncoding, WhatIsNoBase64IsPassedOver) {
    EXPECT_EQ(decode_body(with("base64"), "aGk*\t=\r\n"), "hi");
    EXPECT_EQ(decode_body(with("base64"), "aGk").error().id, "imf.transfer-encoding.base64");
    EXPECT_EQ(decode_body(with("base64"), "aGk=aGk=").error().id, "imf.transfer-encoding.base64");
}

TEST(TransferEncoding, OthersAreAsTheyAre) {
    EXPECT_EQ(decode_body(with("8bit"), "\xe9"), "\xe9");
    EXPECT_EQ(decode_body({}, "x"), "x");
    EXPECT_EQ(decode_body(with("uuencode"), "x").error().id, "imf.transfer-encoding.unknown");
}

}  // namespace
}  // namespace mailassay::imf
