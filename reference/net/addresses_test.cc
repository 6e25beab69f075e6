#include "net/addresses.h"

#include <gtest/gtest.h>

#include "net/test_dns_server.h"

namespace mailassay::net {
namespace {

using requiretls::DnsSecurity;

const std::string six("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);

TEST(Addresses, BothFamiliesOldOneFirst) {
    MadeUpDns dns;
    dns.add("mx.example", RecordType::Aaaa, {six});
    dns.add("mx.example", RecordType::A, {a_rdata("192.0.2.1"), a_rdata("192.0.2.2")});
    const HostAddresses addresses = addresses_of(dns, "mx.example");
    EXPECT_EQ(addresses.found, (std::vector<std::string>{"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
    EXPECT_EQ(addresses.kind, AnswerKind::Records);
    EXPECT_EQ(addresses.security, DnsSecurity::Secure);
}

TEST(Addresses, OneInsecureAnswerMakesAllInsecure) {
    MadeUpDns dns;
    dns.add("mx.example", RecordType::A, {a_rdata("192.0.2.1")});
    dns.set("mx.example", RecordType::Aaaa, AnswerKind::NoData, DnsSecurity::Insecure);
    EXPECT_EQ(addresses_of(dns, "mx.example").security, DnsSecurity::Insecure);
}

TEST(Addresses, AFailureIsNotAnAbsence) {
    MadeUpDns dns;
    EXPECT_EQ(addresses_of(dns, "mx.example").kind, AnswerKind::NoName);
    dns.set("mx.example", RecordType::A, AnswerKind::Failure);
    dns.set("mx.example", RecordType::Aaaa, AnswerKind::NoData);
    EXPECT_EQ(addresses_of(dns, "mx.example").kind, AnswerKind::Failure);
}

TEST(Addresses, RdataOfOtherLengthsIsPassedOver) {
    MadeUpDns dns;
    dns.add("mx.example", RecordType::A, {"", "abc", std::string(17, 'x'), a_rdata("192.0.2.1")});
    EXPECT_EQ(addresses_of(dns, "mx.example").found, std::vector<std::string>{"192.0.2.1"});
}

TEST(AddressLiterals, Both) {
    EXPECT_EQ(address_in_literal("[192.0.2.1]"), "192.0.2.1");
    EXPECT_EQ(address_in_literal("[IPv6:2001:DB8::1]"), "2001:db8::1");
    EXPECT_EQ(address_in_literal("[ipv6:::1]"), "::1");
}

TEST(AddressLiterals, Nonsense) {
    for (const char* text : {"", "[", "[]", "192.0.2.1", "[192.0.2]", "[192.0.2.1", "[::1]",
                             "[IPv6:192.0.2.1]", "[tag:x]", "[192.0.2.1:25]"}) {
        EXPECT_FALSE(address_in_literal(text)) << text;
    }
}

}  // namespace
}  // namespace mailassay::net
