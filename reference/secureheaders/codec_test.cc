#include "secureheaders/codec.h"

#include <gtest/gtest.h>

#include "der/read.h"
#include "der/value.h"

namespace mailassay::secureheaders {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

using der::make_enumerated;
using der::make_integer;
using der::make_primitive;
using der::make_sequence;
using der::make_set;
using der::make_set_of;
using der::Value;

Value field(std::string name, std::string value, der::Tag name_type = der::tag_visible_string,
            der::Tag value_type = der::tag_utf8_string) {
    return make_sequence(
        {make_primitive(name_type, std::move(name)), make_primitive(value_type, std::move(value))});
}

std::string structure(Value list, std::int64_t algorithm = 1) {
    return write(make_set({make_enumerated(algorithm), std::move(list)}));
}

std::string_view refusal(const std::string& octets, Edition edition = Edition::Rfc) {
    const auto decoded = decode(octets, edition, Strictness::Strict);
    return decoded ? "accepted" : decoded.error().id;
}

// What a tolerant reading notes, in order.
std::vector<std::string_view> tolerated(const std::string& octets, Edition edition = Edition::Rfc) {
    const auto decoded = decode(octets, edition, Strictness::Tolerant);
    if (!decoded) return {decoded.error().id};
    std::vector<std::string_view> ids;
    for (const Error& error : decoded->tolerated) ids.push_back(error.id);
    return ids;
}

using Ids = std::vector<std::string_view>;

const SecureHeaderFields two{
    .algorithm = imf::Canonicalization::Relaxed,
    .fields = {{.name = "subject", .value = "This is a test", .status = Status::Deleted},
               {.name = "from", .value = "jdoe <jdoe@example.com>"}}};

TEST(Codec, TheRfcKeepsTheOrder) {
    const auto octets = encode(two, Edition::Rfc);
    ASSERT_TRUE(octets.has_value());
    EXPECT_EQ(*octets,
              "\x31\x44\x0a\x01\x01\x30\x3f"
              "\x30\x1c\x1a\x07subject\x0c\x0eThis is a test\x02\x01\x01"
              "\x30\x1f\x1a\x04"
              "from\x0c\x17jdoe <jdoe@example.com>"sv);
    EXPECT_EQ(decode(*octets, Edition::Rfc, Strictness::Strict)->structure, two);
}

TEST(Codec, TheDraftSortsTheFields) {
    const auto octets = encode(two, Edition::Draft);
    ASSERT_TRUE(octets.has_value());
    const auto decoded = decode(*octets, Edition::Draft, Strictness::Strict);
    ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
    // By their encodings: the shorter sequence comes first.
    EXPECT_EQ(decoded->structure.fields[0].name, "subject");
    EXPECT_EQ((*octets)[5], '\x31');
    auto reversed = two;
    std::swap(reversed.fields[0], reversed.fields[1]);
    EXPECT_EQ(encode(reversed, Edition::Draft), octets);
    EXPECT_NE(encode(reversed, Edition::Rfc), encode(two, Edition::Rfc));
}

TEST(Codec, EditionsDoNotReadEachOther) {
    const std::string rfc = *encode(two, Edition::Rfc);
    const std::string draft = *encode(two, Edition::Draft);
    EXPECT_EQ(refusal(rfc, Edition::Draft), "secureheaders.structure.list-type");
    EXPECT_EQ(refusal(draft, Edition::Rfc), "secureheaders.structure.list-type");
    EXPECT_EQ(tolerated(draft),
              (Ids{"secureheaders.structure.list-type", "secureheaders.field.value-type",
                   "secureheaders.field.value-type"}));
    EXPECT_EQ(decode(rfc, Edition::Draft, Strictness::Tolerant)->structure, two);
}

TEST(Codec, EachFaultHasItsId) {
    EXPECT_EQ(refusal(structure(make_sequence({}))), "secureheaders.structure.no-fields");
    EXPECT_EQ(refusal(structure(make_sequence({field("to", "x")}), 2)),
              "secureheaders.structure.unknown-algorithm");
    EXPECT_EQ(refusal(structure(make_sequence({field("to", "x")}), -1)),
              "secureheaders.structure.unknown-algorithm");
    EXPECT_EQ(refusal(structure(make_sequence({field("a:b", "x")}))),
              "secureheaders.field.name-characters");
    EXPECT_EQ(refusal(structure(make_sequence({field("", "x")}))),
              "secureheaders.field.name-characters");
    EXPECT_EQ(refusal(structure(make_sequence({field("a b", "x")}))),
              "secureheaders.field.name-characters");
    EXPECT_EQ(refusal(structure(make_sequence({field("to", "x", der::tag_ia5_string)}))),
              "secureheaders.field.name-type");
    EXPECT_EQ(refusal(structure(
                  make_sequence({field("to", "x", der::tag_visible_string, der::tag_ia5_string)}))),
              "secureheaders.field.value-type");
    EXPECT_EQ(refusal(structure(make_sequence({field("to", "\xe9")}))), "der.string.characters");
    EXPECT_EQ(refusal(structure(make_sequence({make_integer(1)}))), "der.value.unexpected-tag");
    EXPECT_EQ(refusal(write(make_set({make_enumerated(1)}))), "der.value.missing");
    EXPECT_EQ(refusal(write(make_sequence({make_enumerated(1)}))), "der.value.unexpected-tag");
    Value status = field("to", "x");
    status.members.push_back(make_integer(0));
    EXPECT_EQ(refusal(structure(make_sequence({status}))), "secureheaders.field.explicit-default");
    status.members[2] = make_integer(3);
    EXPECT_EQ(refusal(structure(make_sequence({status}))), "secureheaders.field.unknown-status");
    status.members[2] = make_integer(2);
    EXPECT_EQ(refusal(structure(make_sequence({status}))), "accepted");
    status.members.push_back(der::make_null());
    EXPECT_EQ(refusal(structure(make_sequence({status}))), "der.value.unexpected-member");
    EXPECT_EQ(refusal(structure(make_sequence({field("to", "x")})) + "x"),
              "der.input.trailing-octets");
}

TEST(Codec, TheDraftsStringHoldsNoTab) {
    const auto with = [](std::string value) {
        return SecureHeaderFields{.fields = {{.name = "to", .value = std::move(value)}}};
    };
    EXPECT_EQ(encode(with("a\tb"), Edition::Draft).error().id,
              "secureheaders.field.value-characters");
    EXPECT_EQ(encode(with("\xc3\xa9"), Edition::Draft).error().id,
              "secureheaders.field.value-characters");
    EXPECT_TRUE(encode(with("a\r\n b"), Edition::Draft).has_value());
    EXPECT_TRUE(encode(with("a\tb\xc3\xa9"), Edition::Rfc).has_value());
    EXPECT_EQ(encode(with("\xe9"), Edition::Rfc).error().id,
              "secureheaders.field.value-characters");
    const std::string tab =
        structure(make_set_of({field("to", "a\tb", der::tag_visible_string, der::tag_ia5_string)}));
    EXPECT_EQ(refusal(tab, Edition::Draft), "secureheaders.field.value-characters");
    EXPECT_EQ(tolerated(tab, Edition::Draft), Ids{"secureheaders.field.value-characters"});
}

// As Trustedbird writes it: an ENUMERATED of four octets, IA5String for names.
TEST(Codec, TrustedbirdsDialectIsToleratedAndExplained) {
    const Value list =
        make_set_of({field("to", "mary@example.com", der::tag_ia5_string, der::tag_ia5_string)});
    const std::string octets =
        write(make_set({make_primitive(der::tag_enumerated, "\0\0\0\x01"s), list}));
    EXPECT_EQ(refusal(octets, Edition::Draft), "der.integer.not-minimal");
    EXPECT_EQ(tolerated(octets, Edition::Draft),
              (Ids{"der.integer.not-minimal", "secureheaders.field.name-type"}));
}

TEST(Codec, NothingToSecureIsNoStructure) {
    EXPECT_EQ(encode({}, Edition::Rfc).error().id, "secureheaders.structure.no-fields");
}

}  // namespace
}  // namespace mailassay::secureheaders
