#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/ascii.h"
#include "base/base64.h"

namespace mailassay::base {
namespace {

RC_GTEST_PROP(BaseProperty, Base64IsUndoneByItsDecoder, (const std::string& octets)) {
    RC_ASSERT(decode_base64(encode_base64(octets)) == octets);
}

RC_GTEST_PROP(BaseProperty, WhatDecodesIsTheOneSpelling, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AQgwZ/+=")));
    if (const auto octets = decode_base64(text)) RC_ASSERT(encode_base64(*octets) == text);
}

RC_GTEST_PROP(BaseProperty, SplitLosesNothing, (const std::string& text)) {
    std::string joined;
    for (const std::string_view piece : split(text, 'a')) {
        RC_ASSERT(piece.find('a') == std::string_view::npos);
        joined += piece;
        joined += 'a';
    }
    RC_ASSERT(joined == text + 'a');
}

RC_GTEST_PROP(BaseProperty, EscapedTextIsPrintable, (const std::string& octets)) {
    for (const char c : escape(octets)) RC_ASSERT(is_visible(c) || c == ' ');
}

RC_GTEST_PROP(BaseProperty, DecimalReadsWhatPrinted, (std::uint64_t value)) {
    RC_ASSERT(parse_decimal(std::to_string(value)) == value);
}

}  // namespace
}  // namespace mailassay::base
