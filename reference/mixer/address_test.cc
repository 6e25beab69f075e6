#include <gtest/gtest.h>

#include <string>

#include "mixer/address_mapping.h"

namespace mailassay::mixer {
namespace {

OrAddress parsed(std::string_view text) {
    auto address = parse_text(text);
    EXPECT_TRUE(address) << text << ": " << to_string(address.error());
    return address.value_or(OrAddress{});
}

imf::Mailbox mailbox(std::string_view text) {
    auto read = imf::parse_mailbox(text);
    EXPECT_TRUE(read) << text;
    return read.value_or(imf::Mailbox{});
}

OrAddress mapped(std::string_view text) {
    auto address = to_or_address(mailbox(text), Gateway::example());
    EXPECT_TRUE(address) << text;
    return address.value_or(OrAddress{});
}

TEST(AddressText, WhatIsWrittenIsReadAgain) {
    for (const std::string text :
         {"/I=J/S=Linnimouth/GQ=5/OU=Marketing/O=Widget/ADMD=BTT/C=TC/",
          "/RFC-822=jimmy(a)widget.example/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
          "/DD.X$/Y=a$=b/PRMD=P/ADMD=A/C=GB/", "/CN=Andr*Andr{233}/ADMD=A/C=FR/",
          "/OU=Lower/OU=Upper/O=Org/ADMD= /C=GB/", "/UA-ID=12/ADMD=A/C=GB/", "/T-ID=1/X121=234/"}) {
        EXPECT_EQ(to_text(parsed(text)), text);
    }
}

TEST(AddressText, OtherSpellings) {
    const OrAddress address = parsed("/s=Kille;ou1=Top;OU2=Below/o=ISODE;p=X;a=Y;c=GB");
    EXPECT_EQ(to_text(address), "/S=Kille/OU=Below/OU=Top/O=ISODE/PRMD=X/ADMD=Y/C=GB/");
}

TEST(AddressText, PostalAndNetworkAttributes) {
    const std::string text =
        "/T-TY=g3fax(5)/NET-SUB=12/NET-NUM=44181/PD-STREET=a*a{233}/PD-ADDRESS=The Dome|The "
        "Square*x{165}/PD-CODE=12345/PD-C=GB/PD-SERVICE=P$/S/ADMD=A/C=GB/";
    EXPECT_EQ(to_text(parsed(text)), text);
    EXPECT_EQ(to_text(parsed("/PD-A2=b/PD-A1=a/pd-ofn=3/E.164=44/T-TY=fax(5)/ADMD=A/C=GB/")),
              "/T-TY=g3fax(5)/NET-NUM=44/PD-ADDRESS=a|b/PD-OFFICE-NUM=3/ADMD=A/C=GB/");
    for (const auto& [wrong, id] : {std::pair{"/PD-A1=a/PD-A=b/", "mixer.address.order-mixed"},
                                    {"/T-TY=fax/", "mixer.address.characters"},
                                    {"/NET-NUM=x/", "mixer.address.characters"},
                                    {"/PD-BOX=a|b/", "mixer.address.characters"},
                                    {"/S=a|b/", "mixer.address.characters"},
                                    {"/PD-BOX=a/PD-B=b/", "mixer.address.repeated-key"}}) {
        const auto address = parse_text(wrong);
        ASSERT_FALSE(address) << wrong;
        EXPECT_EQ(address.error().id, id) << wrong;
    }
    EXPECT_TRUE(check(parsed("/PD-CODE=1/PD-C=GB/ADMD=A/C=GB/")));
    EXPECT_TRUE(check(parsed("/NET-NUM=44/")));
    EXPECT_FALSE(check(parsed("/PD-CODE=1/ADMD=A/C=GB/")));
    EXPECT_FALSE(check(parsed("/NET-SUB=1/S=a/ADMD=A/C=GB/")));
    EXPECT_EQ(check(parsed("/NET-NUM=1234567890123456/")).error().id,
              "mixer.address.bound-exceeded");
}

TEST(AddressText, Personal) {
    EXPECT_EQ(to_text(parsed("/PN=Marshall.M.T.Rose/ADMD=A/C=US/")),
              "/G=Marshall/I=MT/S=Rose/ADMD=A/C=US/");
}

TEST(AddressText, MissingAdmdIsASpace) {
    EXPECT_EQ(parsed("/S=A/PRMD=P/C=GB/").admd, " ");
}

TEST(AddressText, Wrong) {
    for (const auto& [text, id] : {std::pair{"", "mixer.address.syntax"},
                                   {"/", "mixer.address.syntax"},
                                   {"/S", "mixer.address.syntax"},
                                   {"/S=a=b/", "mixer.address.syntax"},
                                   {"/QQ=a/", "mixer.address.unknown-key"},
                                   {"/S=a/S=b/", "mixer.address.repeated-key"},
                                   {"/S=a@b/", "mixer.address.characters"},
                                   {"/X121=abc/", "mixer.address.characters"},
                                   {"/OU=a/OU1=b/", "mixer.address.order-mixed"}}) {
        const auto address = parse_text(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().id, id) << text;
    }
    EXPECT_EQ(parse_text("/S=" + std::string(9000, 'a') + "/").error().id,
              "mixer.address.too-large");
}

TEST(AddressMapping, InternetAddressIsWrapped) {
    EXPECT_EQ(to_text(mapped("drafter@example.mil")),
              "/RFC-822=drafter(a)example.mil/PRMD=GATEWAY/ADMD= /C=XX/");
    EXPECT_EQ(held_mailbox(mapped("\"odd one\"@example.mil")), mailbox("\"odd one\"@example.mil"));
}

TEST(AddressMapping, LongOnesGoOnInFurtherAttributes) {
    const std::string local(300, 'a');
    const OrAddress address = mapped(local + "@example.mil");
    ASSERT_EQ(address.domain_defined.size(), 3u);
    EXPECT_EQ(address.domain_defined[0].value.printable->size(), 128u);
    EXPECT_EQ(address.domain_defined[1].type.printable, "RFC822C1");
    EXPECT_EQ(held_mailbox(address)->local_part, local);
    EXPECT_EQ(
        to_or_address(mailbox(std::string(520, 'a') + "@b.example"), Gateway::example()).error().id,
        "mixer.address.too-long");
}

TEST(AddressMapping, AttributesInTheLocalPart) {
    EXPECT_EQ(mapped("\"/S=Kille/O=ISODE/PRMD=ISODE/ADMD= /C=GB/\"@gateway.example"),
              parsed("/S=Kille/O=ISODE/PRMD=ISODE/ADMD= /C=GB/"));
    // Incomplete, beyond a bound, two spaces.
    for (const char* text : {"/S=Kille/@a.example", "/GQ=abcd/S=x/ADMD=a/C=GB/@a.example",
                             "\"/S=a  b/ADMD=a/C=GB/\"@a.example"}) {
        EXPECT_TRUE(held_mailbox(mapped(text))) << text;
    }
}

TEST(AddressMapping, OtherAddressesStandInTheLocalPart) {
    const auto address = parsed("/S=Kille/O=ISODE/PRMD=ISODE/ADMD= /C=GB/");
    EXPECT_EQ(to_mailbox(address, Gateway::example())->address(),
              "\"/S=Kille/O=ISODE/PRMD=ISODE/ADMD= /C=GB/\"@gateway.example");
    EXPECT_FALSE(to_mailbox({}, Gateway::example()));
}

TEST(AddressMapping, NothingIsMadeUpOfAttributesThatHoldNoAddress) {
    for (const char* text :
         {"/RFC-822=no address/ADMD=A/C=GB/", "/RFC-822=a(a)b(044)c(a)d/ADMD=A/C=GB/",
          "/RFC-822=x(013)(010)y(a)b/ADMD=A/C=GB/", "/DD.RFC822C1=a(a)b.example/ADMD=A/C=GB/",
          "/RFC-822=a(a)b.example/RFC-822=c(a)d.example/ADMD=A/C=GB/",
          "/RFC-822=Boss (060)a(a)b.example(062)/ADMD=A/C=GB/",
          "/DD.RFC-822*RFC-822=a(a)b.example*c{064}d.example/ADMD=A/C=GB/"}) {
        const OrAddress address = parsed(text);
        EXPECT_FALSE(held_mailbox(address)) << text;
        EXPECT_EQ(to_mailbox(address, Gateway::example())->domain, "gateway.example") << text;
    }
}

TEST(AddressMapping, TeletexForm) {
    OrAddress address;
    address.domain_defined = {{{.teletex = "rfc-822"}, {.teletex = "a(a)b.example"}}};
    EXPECT_EQ(held_mailbox(address)->address(), "a@b.example");
    address.domain_defined = {{{.teletex = "rfc-822"}, {.teletex = "a_(b)@b.example"}}};
    EXPECT_FALSE(held_mailbox(address)->local_part.contains('('));
    address.domain_defined = {{{.teletex = "RFC-822"}, {.teletex = "a_b@b.example"}}};
    EXPECT_EQ(held_mailbox(address)->address(), "a_b@b.example");
}

}  // namespace
}  // namespace mailassay::mixer
