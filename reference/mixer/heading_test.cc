#include "mixer/heading.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "der/read.h"

namespace mailassay::mixer {
namespace {

using der::context;
using der::make_constructed;
using der::make_primitive;
using der::Value;

OrDescriptor user(std::string name) {
    auto address = parse_text("/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD=A/C=XX/");
    EXPECT_TRUE(address);
    return {.address = address.value_or(OrAddress{})};
}

Value identifier() {
    return make_constructed({der::Class::Application, 11},
                            {make_primitive(der::tag_printable_string, "1")});
}

std::string ipm(std::vector<Value> elements) {
    return der::write(make_constructed(
        context(0), {make_constructed(der::tag_set, std::move(elements)), der::make_sequence({})}));
}

std::string_view fault_of(const std::string& octets) {
    const auto reading = decode_ipm(octets);
    return reading ? "read" : reading.error().id;
}

Heading full() {
    Heading heading;
    heading.this_ipm = {.user = user("me").address, .local = "42"};
    heading.originator = user("drafter");
    heading.originator->free_form = "Drafter \xE9";
    heading.originator->telephone = "+44 1";
    heading.authorizing_users = {{user("b"), user("a"), user("b"), {.free_form = "Group"}}};
    heading.primary = {
        {{.descriptor = user("one"), .requests = {make_primitive(context(2), "\xff")}},
         {.descriptor = user("two")}}};
    heading.copy = {std::vector<Recipient>{{.descriptor = user("three")}}};
    heading.blind_copy.emplace();
    heading.subject = "Hello";
    heading.extensions = {{.oid = "1.3.26.0.4406.0.2.0", .value = der::make_integer(3)}};
    heading.others = {make_primitive(context(12), std::string(1, '\1'))};
    return heading;
}

TEST(HeadingCodec, WhatIsWrittenIsDerAndReadAgain) {
    const Heading heading = full();
    const auto octets = encode_ipm(heading);
    ASSERT_TRUE(octets);
    EXPECT_TRUE(der::read_der(*octets)) << to_string(der::read_der(*octets).error());
    const auto reading = decode_ipm(*octets);
    ASSERT_TRUE(reading) << to_string(reading.error());
    EXPECT_EQ(reading->heading, heading);
    ASSERT_EQ(reading->tolerated.size(), 1u);  // the empty list of blind copies
    EXPECT_EQ(reading->tolerated[0].id, "mixer.heading.empty-list");
}

TEST(HeadingCodec, TeletexAttributes) {
    Heading heading{.this_ipm = {.local = "1"}};
    auto address = parse_text(
        "/CN=Andr*Andr{233}/S=M*M{252}/OU=x*{233}/OU=y/O=o*{233}/"
        "DD.T*T=v*v{233}/ADMD=A/C=FR/");
    ASSERT_TRUE(address) << to_string(address.error());
    heading.originator = OrDescriptor{.address = *address};
    const auto reading = decode_ipm(*encode_ipm(heading));
    ASSERT_TRUE(reading);
    ASSERT_TRUE(reading->heading.originator->address);
    EXPECT_EQ(reading->heading.originator->address->common_name, address->common_name);
    EXPECT_EQ(reading->heading.originator->address->domain_defined, address->domain_defined);
    EXPECT_EQ(reading->heading.originator->address->units.size(), 2u);
}

TEST(HeadingCodec, PostalAndNetworkAttributes) {
    Heading heading{.this_ipm = {.local = "1"}};
    const auto address = parse_text(
        "/T-TY=g3fax(5)/NET-SUB=12/NET-NUM=44181/PD-STREET=a*a{233}/PD-BOX=*{233}/PD-ADDRESS=The "
        "Dome|The Square*x{165}/PD-CODE=12345/PD-C=GB/PD-SERVICE=P/S=x/ADMD=A/C=GB/");
    ASSERT_TRUE(address) << to_string(address.error());
    heading.originator = OrDescriptor{.address = *address};
    const auto reading = decode_ipm(*encode_ipm(heading));
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->heading, heading);
    EXPECT_TRUE(reading->tolerated.empty());
}

TEST(HeadingCodec, WhatIsNoSuchAttributeIsKeptAsItIs) {
    const auto number = [](std::int64_t type, Value value) {
        return der::make_sequence({der::make_integer(type, context(0)),
                                   make_constructed(context(1), {std::move(value)})});
    };
    const Value text = make_primitive(der::tag_printable_string, "a");
    OrAddress address = user("a").address.value();
    address.others = {number(7, der::make_null()),
                      number(18, der::make_set({})),
                      number(16, der::make_set({text, text})),
                      number(22, make_constructed(context(0), {})),
                      number(23, der::make_integer(1000)),
                      number(24, der::make_set({})),
                      number(99, text)};
    Heading heading{.this_ipm = {.local = "1"}};
    heading.originator = OrDescriptor{.address = address};
    const auto reading = decode_ipm(*encode_ipm(heading));
    ASSERT_TRUE(reading) << to_string(reading.error());
    EXPECT_EQ(reading->heading.originator->address->others.size(), address.others.size());
    EXPECT_TRUE(reading->heading.originator->address->further.empty());
}

TEST(HeadingCodec, IndefiniteLengthsAreReadAndTold) {
    const std::string octets("\xA0\x80\x31\x80\x6B\x80\x13\x01\x31\x00\x00\x00\x00\x30\x00\x00\x00",
                             17);
    const auto reading = decode_ipm(octets);
    ASSERT_TRUE(reading) << to_string(reading.error());
    EXPECT_EQ(reading->heading.this_ipm.local, "1");
    EXPECT_EQ(reading->tolerated.size(), 3u);
}

TEST(HeadingCodec, EveryTruncationIsRefused) {
    const std::string octets = *encode_ipm(full());
    for (std::size_t length = 0; length < octets.size(); ++length) {
        EXPECT_FALSE(decode_ipm(std::string_view(octets).substr(0, length))) << length;
    }
    EXPECT_EQ(fault_of(octets + "x"), "mixer.ipm.trailing-octets");
}

TEST(HeadingCodec, NotAHeading) {
    const Value originator = make_constructed(context(0), {});
    EXPECT_EQ(fault_of(ipm({identifier(), originator, originator})), "mixer.heading.repeated");
    EXPECT_EQ(fault_of(ipm({originator})), "mixer.heading.missing");
    EXPECT_EQ(fault_of(ipm({identifier(), identifier()})), "mixer.heading.repeated");
    EXPECT_EQ(fault_of(ipm({identifier(), der::make_null()})), "der.value.unexpected-member");
    EXPECT_EQ(fault_of(der::write(make_constructed(context(1), {}))), "mixer.ipm.not-an-ipm");
    EXPECT_EQ(fault_of(der::write(make_constructed(
                  context(0), {der::make_sequence({identifier()}), der::make_sequence({})}))),
              "der.value.unexpected-tag");
    EXPECT_EQ(fault_of(ipm({identifier(), make_constructed(context(1), {der::make_null()})})),
              "der.value.unexpected-tag");
}

TEST(HeadingCodec, BoundsOnWhatIsHostile) {
    const std::vector<Value> many(10'001, der::make_set({}));
    EXPECT_EQ(fault_of(ipm({identifier(), make_constructed(context(1), many)})),
              "mixer.heading.too-many");
    Value deep = der::make_null();
    for (int i = 0; i < 100; ++i) deep = der::make_sequence({deep});
    EXPECT_EQ(fault_of(ipm({identifier(), make_constructed(context(20), {deep})})),
              "der.input.too-deep");
}

TEST(HeadingCodec, AttributeTypesTwice) {
    const auto attribute = [](std::int64_t type) {
        return der::make_sequence(
            {der::make_integer(type, context(0)),
             make_constructed(context(1), {make_primitive(der::tag_printable_string, "a")})});
    };
    const Value name = make_constructed(
        {der::Class::Application, 0},
        {der::make_sequence({}), make_constructed(der::tag_set, {attribute(1), attribute(1)})});
    EXPECT_EQ(fault_of(ipm({identifier(), make_constructed(context(0), {name})})),
              "mixer.address.repeated");
}

}  // namespace
}  // namespace mailassay::mixer
