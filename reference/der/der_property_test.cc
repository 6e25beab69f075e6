#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "der/read.h"

namespace mailassay::der {
namespace {

Value a_string() {
    const auto tag = *rc::gen::element(tag_octet_string, tag_utf8_string, tag_ia5_string,
                                       tag_visible_string, context(2));
    return make_primitive(tag, *rc::gen::container<std::string>(rc::gen::inRange(' ', '~')));
}

Value a_value(int depth) {
    switch (*rc::gen::inRange(0, depth == 0 ? 5 : 9)) {
        case 0:
            return make_boolean(*rc::gen::arbitrary<bool>());
        case 1:
            return make_integer(*rc::gen::arbitrary<std::int64_t>());
        case 2:
            return *make_oid("1.2." + std::to_string(*rc::gen::arbitrary<std::uint32_t>()));
        case 3:
            return make_null();
        case 4:
            return a_string();
        default:
            break;
    }
    std::vector<Value> members;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) members.push_back(a_value(depth - 1));
    switch (*rc::gen::inRange(0, 3)) {
        case 0:
            return make_set_of(std::move(members));
        case 1:
            return make_constructed(context(*rc::gen::inRange(0U, 100'000U)), std::move(members));
        default:
            return make_sequence(std::move(members));
    }
}

RC_GTEST_PROP(DerProperty, WhatIsWrittenIsReadAgain, ()) {
    const Value value = a_value(4);
    const auto read = read_der(write(value));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == value);
}

// Whatever the strict reader takes has no second encoding; whatever it refuses, the tolerant one
// refuses too or says why.
void one_encoding(const std::string& octets) {
    const auto strict = read_der(octets);
    const auto tolerant = read_ber(octets);
    if (strict) {
        RC_ASSERT(write(*strict) == octets);
        RC_ASSERT(tolerant.has_value());
        RC_ASSERT(tolerant->tolerated.empty());
        RC_ASSERT(tolerant->value == *strict);
    } else if (tolerant) {
        RC_ASSERT(!tolerant->tolerated.empty());
        RC_ASSERT(tolerant->tolerated.front() == strict.error());
    }
}

RC_GTEST_PROP(DerProperty, NoSecondEncodingIsTaken, ()) {
    std::string octets = write(a_value(3));
    const auto at = *rc::gen::inRange<std::size_t>(0, octets.size());
    octets[at] = *rc::gen::arbitrary<char>();
    one_encoding(octets);
}

RC_GTEST_PROP(DerProperty, AnyOctetsAtAll, (const std::string& octets)) {
    one_encoding(octets);
}

}  // namespace
}  // namespace mailassay::der
