#include "dkim/signature.h"

#include <gtest/gtest.h>

#include <map>

namespace mailassay::dkim {
namespace {

using Parts = std::map<std::string, std::string>;

std::string body_with(const Parts& other) {
    Parts parts{{"v", "1"},         {"a", "rsa-sha256"}, {"b", "YWJj"}, {"bh", "YWJj"},
                {"d", "a.example"}, {"h", "From:To"},    {"s", "s"}};
    for (const auto& [name, value] : other) parts[name] = value;
    std::string text;
    for (const auto& [name, value] : parts) {
        if (value != "absent") text += " " + name + "=" + value + ";\r\n\t";
    }
    return text;
}

std::string_view fault_of(const Parts& other) {
    const auto read = parse_signature(body_with(other));
    return read ? "none" : read.error().id;
}

TEST(DkimSignature, IsRead) {
    const auto read = parse_signature(body_with({{"c", "relaxed"},
                                                 {"i", "ann@sub.a.example"},
                                                 {"t", "1"},
                                                 {"x", "2"},
                                                 {"l", "0"},
                                                 {"q", "dns/txt:other"},
                                                 {"z", "From:x|To:y"},
                                                 {"b", "YW\r\n Jj"}}));
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_EQ(read->of_header, imf::Canonicalization::Relaxed);
    EXPECT_EQ(read->of_body, imf::Canonicalization::Simple);
    EXPECT_EQ(read->agent.address(), "ann@sub.a.example");
    EXPECT_EQ(read->value, "abc");
    EXPECT_EQ(read->length, 0U);
    EXPECT_EQ(key_name(*read), "s._domainkey.a.example");
}

TEST(DkimSignature, HasAnAgentInItsDomain) {
    EXPECT_EQ(parse_signature(body_with({}))->agent.local_part, "");
    EXPECT_EQ(parse_signature(body_with({{"i", "@a.example"}}))->agent.domain, "a.example");
    EXPECT_EQ(fault_of({{"i", "ann@b.example"}}), "dkim.signature.agent");
    EXPECT_EQ(fault_of({{"i", "ann@xa.example"}}), "dkim.signature.agent");
    EXPECT_EQ(fault_of({{"i", "ann"}}), "dkim.signature.agent");
}

TEST(DkimSignature, HasToBeWhole) {
    for (const std::string tag : {"v", "a", "b", "bh", "d", "h", "s"}) {
        EXPECT_EQ(fault_of({{tag, "absent"}}), "dkim.signature.missing") << tag;
    }
    EXPECT_EQ(fault_of({{"v", "2"}}), "dkim.signature.version");
    EXPECT_EQ(fault_of({{"a", "rsa-sha1"}}), "dkim.signature.algorithm");
    EXPECT_EQ(fault_of({{"c", "strict"}}), "dkim.signature.canonicalization");
    EXPECT_EQ(fault_of({{"d", "a..example"}}), "dkim.signature.domain");
    EXPECT_EQ(fault_of({{"s", "s/t"}}), "dkim.signature.selector");
    EXPECT_EQ(fault_of({{"h", "To"}}), "dkim.signature.fields");
    EXPECT_EQ(fault_of({{"h", "From:"}}), "dkim.signature.fields");
    EXPECT_EQ(fault_of({{"b", "%"}}), "dkim.signature.octets");
    EXPECT_EQ(fault_of({{"l", "-1"}}), "dkim.signature.number");
    EXPECT_EQ(fault_of({{"t", "2"}, {"x", "2"}}), "dkim.signature.number");
    EXPECT_EQ(fault_of({{"x", "999999999999"}}), "dkim.signature.number");
    EXPECT_EQ(fault_of({{"q", "http"}}), "dkim.signature.query");
    EXPECT_EQ(parse_signature(body_with({}) + "v=1").error().id, "dkim.tags.twice");
    EXPECT_EQ(parse_signature(body_with({}) + "\x01=1").error().id, "dkim.tags.syntax");
    EXPECT_EQ(parse_signature(std::string(100'000, 'x')).error().id, "dkim.tags.too-large");
}

}  // namespace
}  // namespace mailassay::dkim
