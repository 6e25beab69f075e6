#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/ascii.h"
#include "imf/address.h"
#include "imf/date.h"
#include "imf/header.h"

namespace mailassay::imf {
namespace {

// Text in which the octets that matter to the parsers are frequent.
rc::Gen<std::string> text_of(const std::string& octets) {
    return rc::gen::container<std::string>(rc::gen::elementOf(octets));
}

rc::Gen<std::string> headerish() {
    const auto piece =
        rc::gen::oneOf(rc::gen::element<std::string>("\r\n", "\r\n ", "A: ", "\r\n\r\n", "TLS: No"),
                       text_of("a: \r\n\t"));
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                        [](const std::vector<std::string>& pieces) {
                            std::string text;
                            for (const auto& one : pieces) text += one;
                            return text;
                        });
}

RC_GTEST_PROP(ImfProperty, AMessageKeepsItsOctets, ()) {
    const auto octets = *headerish();
    const auto message = parse_message(octets);
    RC_ASSERT(message.has_value());
    RC_ASSERT(message->to_octets() == octets);
    for (const HeaderField& field : message->header.fields()) {
        if (!field.is_opaque()) RC_ASSERT(is_field_name(field.name));
        RC_ASSERT(field.raw.find(field.body) != std::string::npos);
    }
}

RC_GTEST_PROP(ImfProperty, AMadeFieldIsOneFieldWithThatValue, ()) {
    const auto value = *text_of("ab \t:,\xc3\xa9");
    const auto field = make_field("X-Field", value);
    RC_ASSERT(field.has_value());
    const auto message = parse_message(field->raw + "\r\n");
    RC_ASSERT(message.has_value());
    RC_ASSERT(message->defects.empty());
    RC_ASSERT(message->header.fields() == std::vector{*field});
    RC_ASSERT(field->value() == std::string(base::trim(value)));
}

RC_GTEST_PROP(ImfProperty, UnfoldingTwiceIsUnfoldingOnce, ()) {
    // Without bare CR and LF, of which unfolding could make a new CRLF.
    auto body = *text_of("a \t");
    const auto folded = make_field("X", body)->body;
    RC_ASSERT(unfold(unfold(folded)) == unfold(folded));
}

RC_GTEST_PROP(ImfProperty, WhatAnAddressListSaysItSaysAgain, ()) {
    const auto text = *text_of("ab.@<>,:;\"\\()[] \xc3\xa9");
    if (const auto list = parse_address_list(text)) {
        const auto again = parse_address_list(to_string(*list));
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *list);
    }
}

RC_GTEST_PROP(ImfProperty, AnyMailboxCanBeWritten, ()) {
    const std::string printable = "ab.@<>,:;\"\\()[] \t";
    const Mailbox mailbox{*text_of(printable), *text_of(printable), "example.org"};
    const auto again = parse_mailbox(to_string(mailbox));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == mailbox);
}

RC_GTEST_PROP(ImfProperty, ADateIsReadAsWritten, ()) {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-2'000'000'000, 9'000'000'000);
    const base::TimePoint time{std::chrono::seconds(seconds)};
    const auto again = parse_date(format_date(time));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == time);
}

}  // namespace
}  // namespace mailassay::imf
