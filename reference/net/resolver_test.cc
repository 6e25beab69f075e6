#include "net/resolver.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/test_certificates.h"
#include "net/test_dns_server.h"

// Against a name server that does not sign: what validation says of signed zones is shown by the
// lab, where there are some.
namespace mailassay::net {
namespace {

using crypto::TestFolder;

using requiretls::DnsSecurity;

class Lookups : public testing::Test {
  protected:
    TestDnsServer server_{{
        {{"to.example", RecordType::Mx}, {mx_rdata(10, "MX1.to.example"), mx_rdata(20, "b.test")}},
        {{"mx1.to.example", RecordType::A}, {a_rdata("192.0.2.1")}},
        {{"b.test", RecordType::A}, {a_rdata("192.0.2.2")}},
        {{"alias.example", RecordType::Cname}, {wire_name("Second.example")}},
        {{"second.example", RecordType::Cname}, {wire_name("MX1.to.example")}},
        {{"1.0.0.127.in-addr.arpa", RecordType::Txt}, {txt_rdata({"here"})}},
        {{"_mta-sts.to.example", RecordType::Txt}, {txt_rdata({"v=STSv1; ", "id=1"})}},
    }};
    Resolver resolver_ = Resolver::create({.forwarder = server_.forwarder()}).value();
};

TEST_F(Lookups, Records) {
    const Answer answer = resolver_.look_up("to.example", RecordType::Mx);
    EXPECT_EQ(answer.kind, AnswerKind::Records);
    EXPECT_EQ(answer.security, DnsSecurity::Insecure);
    ASSERT_EQ(answer.rdata.size(), 2U);
    EXPECT_EQ(resolver_.look_up("MX1.To.Example", RecordType::A).rdata,
              std::vector<std::string>{a_rdata("192.0.2.1")});
}

TEST_F(Lookups, Absence) {
    EXPECT_EQ(resolver_.look_up("mx1.to.example", RecordType::Aaaa).kind, AnswerKind::NoData);
    EXPECT_EQ(resolver_.look_up("nowhere.example", RecordType::Mx).kind, AnswerKind::NoName);
}

TEST_F(Lookups, TheNameBehindAliases) {
    const Answer address = resolver_.look_up("Alias.example", RecordType::A);
    EXPECT_EQ(address.rdata, std::vector<std::string>{a_rdata("192.0.2.1")});
    EXPECT_EQ(address.canonical_name, "mx1.to.example");
    EXPECT_EQ(resolver_.look_up("alias.example", RecordType::Aaaa).canonical_name,
              "mx1.to.example");
    EXPECT_EQ(resolver_.look_up("MX1.To.example", RecordType::A).canonical_name, "");
    EXPECT_EQ(resolver_.look_up("alias.example", RecordType::Cname).canonical_name, "");
}

TEST_F(Lookups, Failure) {
    EXPECT_EQ(resolver_.look_up("fail.example", RecordType::Mx).kind, AnswerKind::Failure);
}

TEST_F(Lookups, NoNameOfDnsIsNoName) {
    for (const std::string& name : {std::string(300, 'a'), std::string(64, 'a') + ".example",
                                    std::string("a..example"), std::string(".example")}) {
        EXPECT_EQ(resolver_.look_up(name, RecordType::Mx).kind, AnswerKind::NoName) << name;
    }
}

TEST_F(Lookups, NamesThatLibunboundWouldAnswerItself) {
    EXPECT_EQ(resolver_.look_up("b.test", RecordType::A).kind, AnswerKind::Records);
    EXPECT_EQ(resolver_.look_up("1.0.0.127.in-addr.arpa", RecordType::Txt).kind,
              AnswerKind::Records);
}

TEST_F(Lookups, FromSeveralThreads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this] {
            for (int j = 0; j < 20; ++j) {
                EXPECT_EQ(resolver_.look_up("to.example", RecordType::Mx).kind,
                          AnswerKind::Records);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

TEST(ResolverSettings, WhatCanGoWrong) {
    const TestFolder folder;
    const auto fault_of = [](const ResolverConfig& config) {
        const auto resolver = Resolver::create(config);
        return resolver ? std::string_view("none") : resolver.error().id;
    };
    EXPECT_EQ(fault_of({.forwarder = "not an address"}), "net.resolver.forwarder");
    EXPECT_EQ(fault_of({.forwarder = "127.0.0.1@53", .trust_anchor_file = folder.path("missing")}),
              "net.resolver.trust-anchor");
    EXPECT_EQ(fault_of({.forwarder = "127.0.0.1@53",
                        .trust_anchor_file = folder.write("junk", "this is no zone file\n")}),
              "net.resolver.trust-anchor");
    EXPECT_EQ(fault_of({.forwarder = "127.0.0.1@53",
                        .trust_anchor_file = folder.write("empty", "; . IN DS nothing\n\n")}),
              "net.resolver.trust-anchor");
    EXPECT_EQ(fault_of({.forwarder = "127.0.0.1@53",
                        .trust_anchor_file = folder.write(
                            "root",
                            ". IN DS 20326 8 2 "
                            "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
                            "\n")}),
              "none");
    EXPECT_EQ(fault_of({.forwarder = "127.0.0.1@53"}), "none");
}

TEST(NameFromWire, Names) {
    EXPECT_EQ(name_from_wire(wire_name("MX1.Example")), "mx1.example");
    EXPECT_EQ(name_from_wire(wire_name("")), "");
}

TEST(NameFromWire, Nonsense) {
    EXPECT_EQ(name_from_wire(""), "");
    EXPECT_EQ(name_from_wire("\x03"
                             "ab"),
              "");
    EXPECT_EQ(name_from_wire("\x02"
                             "ab"),
              "");                                                       // no end
    EXPECT_EQ(name_from_wire(std::string_view("\xc0\x0c\x00", 3)), "");  // a pointer
    EXPECT_EQ(name_from_wire(std::string_view("\x03"
                                              "a.b\x00",
                                              5)),
              "");
    EXPECT_EQ(name_from_wire(std::string_view("\x03"
                                              "a\x00"
                                              "b\x00",
                                              5)),
              "");
}

}  // namespace
}  // namespace mailassay::net
