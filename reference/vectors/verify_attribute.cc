#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "der/value.h"
#include "imf/header.h"
#include "secureheaders/codec.h"
#include "vectors/author.h"

// The octets of the attribute itself: what is not DER, what is of another dialect, what means
// nothing. The message's CMS layer is sound in all of them.
namespace mailassay::vectors {

namespace {

using der::Value;

// The structure of the usual message as ASN.1 values, to be spoiled.
class Structure {
  public:
    explicit Structure(const Author& author) : author_(author) {
        const Draft draft = Author::usual();
        const auto header = imf::parse_message(draft.octets())->header;
        for (const SecuredField& field :
             secureheaders::StandardRules().select(header, draft.policy).fields) {
            std::vector<Value> members{der::make_primitive(der::tag_visible_string, field.name),
                                       der::make_primitive(value_type(), field.value)};
            if (field.status != Status::Duplicated) {
                members.push_back(der::make_integer(static_cast<int>(field.status)));
            }
            fields.push_back(der::make_sequence(std::move(members)));
        }
    }

    [[nodiscard]] der::Tag value_type() const {
        return author_.is_draft() ? der::tag_ia5_string : der::tag_utf8_string;
    }
    [[nodiscard]] der::Tag list_type() const {
        return author_.is_draft() ? der::tag_set : der::tag_sequence;
    }

    // In DER, but for what the members are.
    [[nodiscard]] std::string octets() const {
        Value list = author_.is_draft() && sorted
                         ? der::make_set_of(fields, list_tag.value_or(list_type()))
                         : der::make_constructed(list_tag.value_or(list_type()), fields);
        std::vector<Value> members;
        if (algorithm) members.push_back(*algorithm);
        if (with_list) members.push_back(std::move(list));
        for (const Value& each : behind) members.push_back(each);
        return der::write(der::make_constructed(der::tag_set, std::move(members)));
    }

    std::optional<Value> algorithm = der::make_enumerated(1);
    std::vector<Value> fields;
    std::vector<Value> behind;
    std::optional<der::Tag> list_tag;
    bool with_list = true;
    bool sorted = true;

  private:
    const Author& author_;
};

// A value with a header of its own making.
std::string tlv(int tag, const std::string& content) {
    std::string octets(1, static_cast<char>(tag));
    if (content.size() < 128) {
        octets += static_cast<char>(content.size());
    } else if (content.size() < 256) {
        octets += "\x81";
        octets += static_cast<char>(content.size());
    } else {
        octets += "\x82";
        octets += static_cast<char>(content.size() >> 8U);
        octets += static_cast<char>(content.size() & 0xffU);
    }
    return octets + content;
}

// What stands within the outermost value of DER octets shorter than 64 KiB.
std::string content_of(const std::string& octets) {
    const auto length = static_cast<unsigned char>(octets[1]);
    return octets.substr(length < 128 ? 2 : 2 + (length & 0x7fU));
}

class Group {
  public:
    Group(const Author& author, std::string slug, std::string requirement)
        : author_(author), slug_(std::move(slug)), requirement_(std::move(requirement)) {}

    // The same group, about another clause.
    [[nodiscard]] Group about(std::string requirement) const {
        return {author_, slug_, std::move(requirement)};
    }

    void add(const std::string& name, const std::string& value, Expected expected,
             std::string reason, std::string note, std::vector<std::string> flags = {}) const {
        add(name, std::vector{author_.raw_attribute(value)}, std::move(expected), std::move(reason),
            std::move(note), std::move(flags));
    }

    void add(const std::string& name, std::vector<crypto::Attribute> attributes, Expected expected,
             std::string reason, std::string note, std::vector<std::string> flags = {}) const {
        Draft draft = Author::usual();
        draft.attributes = {{std::move(attributes)}};
        author_.add(VerifyVector{.common = {.name = slug_ + "/" + name,
                                            .case_slug = slug_,
                                            .requirement = requirement_,
                                            .flags = std::move(flags),
                                            .expected = std::move(expected),
                                            .reason = std::move(reason),
                                            .note = std::move(note)},
                                 .message = author_.sign(draft),
                                 .policies = not_shared(draft.policy)});
    }

  private:
    const Author& author_;
    std::string slug_;
    std::string requirement_;
};

// What can be read and should not have been written: a reader may take it or refuse it.
Expected refused_or_tolerated() {
    Expected expected = is_not_secured();
    for (const std::string_view each : expected.outcomes) expected.readings[each] = "strict";
    expected.outcomes.push_back(outcome::valid);
    expected.readings[outcome::valid] = "tolerant";
    return expected;
}

void add_not_der(const Author& author) {
    const Group group(author, "attribute-not-in-der", "rfc7508/4.1/14");
    const std::string good = Structure(author).octets();
    const std::string algorithm = der::write(der::make_enumerated(1));
    const std::string list = content_of(good).substr(algorithm.size());
    const auto add = [&](const std::string& name, const std::string& value, std::string reason,
                         std::string note) {
        group.add(name, value, refused_or_tolerated(), std::move(reason), std::move(note),
                  {"ber", "reading"});
    };
    add("set-unsorted", tlv(0x31, list + algorithm), "der.set.unsorted",
        "The list stands before the algorithm: the members of a SET go by their tags.");
    add("set-indefinite", "\x31\x80" + algorithm + list + std::string(2, '\0'),
        "der.length.indefinite", "The SET has an indefinite length.");
    add("list-indefinite",
        tlv(0x31, algorithm + list[0] + "\x80" + content_of(list) + std::string(2, '\0')),
        "der.length.indefinite", "The list has an indefinite length.");
    add("length-not-minimal", tlv(0x31, std::string("\x0a\x81\x01\x01", 4) + list),
        "der.length.not-minimal", "A length of one is written in two octets.");
    add("enumerated-of-four-octets", tlv(0x31, std::string("\x0a\x04\0\0\0\x01", 6) + list),
        "der.integer.not-minimal",
        "The algorithm in four octets, as the printed examples have it.");
    {
        Structure structure(author);
        structure.fields[0].members.push_back(der::make_integer(0));
        add("default-written-out", structure.octets(), "secureheaders.field.explicit-default",
            "The status duplicated is written out, though it is the default.");
    }
    {
        Structure structure(author);
        Value& value = structure.fields[0].members[1];
        value = der::make_constructed(
            structure.value_type(),
            {der::make_primitive(der::tag_octet_string, value.content.substr(0, 5)),
             der::make_primitive(der::tag_octet_string, value.content.substr(5))});
        add("string-in-pieces", structure.octets(), "der.string.constructed",
            "A string is put together of two.");
    }
    if (author.is_draft()) {
        Structure structure(author);
        structure.sorted = false;
        add("set-of-unsorted", structure.octets(), "der.set.unsorted",
            "The SET OF has the order of the message: DER sorts it.");
    }
}

void add_other_types(const Author& author) {
    const Group group(author, "attribute-of-other-types", "rfc7508/4.1/20");
    const auto add = [&](const std::string& name, const Structure& structure, std::string reason,
                         std::string note) {
        group.add(name, structure.octets(), refused_or_tolerated(), std::move(reason),
                  std::move(note), {"dialect", "reading"});
    };
    const auto retyped = [&](std::size_t member, der::Tag tag) {
        Structure structure(author);
        for (Value& field : structure.fields) field.members[member].tag = tag;
        return structure;
    };
    add("names-ia5", retyped(0, der::tag_ia5_string), "secureheaders.field.name-type",
        "Names are IA5Strings, as both printed examples of the draft have them.");
    add("names-utf8", retyped(0, der::tag_utf8_string), "secureheaders.field.name-type",
        "Names are UTF8Strings.");
    add("values-of-the-other-edition",
        retyped(1, author.is_draft() ? der::tag_utf8_string : der::tag_ia5_string),
        "secureheaders.field.value-type", "Values have the string type of the other edition.");
    add("values-visible", retyped(1, der::tag_visible_string), "secureheaders.field.value-type",
        "Values are VisibleStrings.");
    Structure list(author);
    list.list_tag = author.is_draft() ? der::tag_sequence : der::tag_set;
    if (!author.is_draft()) {
        std::ranges::sort(list.fields, {}, [](const Value& value) { return der::write(value); });
    }
    add("list-of-the-other-edition", list, "secureheaders.structure.list-type",
        "The list has the type of the other edition.");
    // Trustedbird's own: as the draft, with IA5String for names as well.
    Structure trustedbird(author);
    trustedbird.list_tag = der::tag_set;
    for (Value& field : trustedbird.fields) {
        field.members[0].tag = der::tag_ia5_string;
        field.members[1].tag = der::tag_ia5_string;
    }
    std::ranges::sort(trustedbird.fields, {}, [](const Value& value) { return der::write(value); });
    add("trustedbird", trustedbird,
        author.is_draft() ? "secureheaders.field.name-type" : "secureheaders.structure.list-type",
        "As Trustedbird writes it, but for the algorithm in four octets.");
}

// Something for which the syntax has no place.
Expected with_more_than_there_is() {
    Expected expected = is_not_secured();
    for (const std::string_view each : expected.outcomes) expected.readings[each] = "refused";
    expected.readings[outcome::no_secure_headers] = "passed over";
    expected.outcomes.push_back(outcome::valid);
    expected.readings[outcome::valid] = "left aside";
    return expected;
}

using Spoil = std::function<void(Structure&)>;

void add_meaningless(const Author& author) {
    const Group group(author, "attribute-without-meaning", "rfc7508/4.1/10");
    const auto add = [&](const std::string& name, const Spoil& spoil, std::string reason,
                         std::string note, const char* requirement = "rfc7508/4.1/10") {
        Structure structure(author);
        spoil(structure);
        group.about(requirement)
            .add(name, structure.octets(), is_not_secured(), std::move(reason), std::move(note));
    };
    const auto add_with_more = [&](const std::string& name, const Spoil& spoil, std::string reason,
                                   std::string note) {
        Structure structure(author);
        spoil(structure);
        group.about("rfc7508/4.1/15")
            .add(name, structure.octets(), with_more_than_there_is(), std::move(reason),
                 std::move(note), {"reading"});
    };
    const auto first = [](Structure& structure) -> std::vector<Value>& {
        return structure.fields[0].members;
    };
    add(
        "no-field", [](Structure& s) { s.fields.clear(); }, "secureheaders.structure.no-fields",
        "An empty list: at least one field is wanted.", "rfc7508/4.1/8");
    add(
        "no-list", [](Structure& s) { s.with_list = false; }, "der.value.missing",
        "There is no list.", "rfc7508/4.1/23");
    add(
        "no-algorithm", [](Structure& s) { s.algorithm.reset(); }, "der.value.unexpected-tag",
        "There is no algorithm, so nobody knows how to compare.", "rfc7508/4.1/5");
    add(
        "algorithm-an-integer", [](Structure& s) { s.algorithm = der::make_integer(1); },
        "der.value.unexpected-tag", "The algorithm is an INTEGER.", "rfc7508/4.1/5");
    add_with_more(
        "member-behind", [](Structure& s) { s.behind = {der::make_sequence({})}; },
        "der.set.unsorted", "A third member stands in the structure.");
    add(
        "field-without-value", [&](Structure& s) { first(s).pop_back(); }, "der.value.missing",
        "A field with a name alone.", "rfc7508/4.1/23");
    add(
        "field-empty", [&](Structure& s) { first(s).clear(); }, "der.value.missing",
        "A field without anything.", "rfc7508/4.1/23");
    add_with_more(
        "field-of-four",
        [&](Structure& s) {
            first(s).push_back(der::make_integer(1));
            first(s).push_back(der::make_null());
        },
        "der.value.unexpected-member", "A field with a fourth member.");
    add(
        "field-a-set", [](Structure& s) { s.fields[0].tag = der::tag_set; }, "der.set.unsorted",
        "A field is a SET.");
    add(
        "name-empty", [&](Structure& s) { first(s)[0].content = ""; },
        "secureheaders.field.name-characters", "A field without a name.", "rfc7508/4.1/17");
    add(
        "name-with-colon", [&](Structure& s) { first(s)[0].content = "from:"; },
        "secureheaders.field.name-characters", "A colon belongs to no name.", "rfc7508/4.1/17");
    add(
        "name-with-space", [&](Structure& s) { first(s)[0].content = "from "; },
        "secureheaders.field.name-characters", "A space belongs to no name.", "rfc7508/4.1/17");
    add(
        "name-an-integer", [&](Structure& s) { first(s)[0] = der::make_integer(1); },
        "der.value.unexpected-tag", "A name that is a number.");
    add(
        "value-octets", [&](Structure& s) { first(s)[1].tag = der::tag_octet_string; },
        "der.value.unexpected-tag", "A value that is an OCTET STRING.");
    add_with_more(
        "status-a-string",
        [&](Structure& s) {
            first(s).push_back(der::make_primitive(der::tag_utf8_string, "deleted"));
        },
        "der.value.unexpected-member", "A status in words.");
    for (const auto& [name, number] : {std::pair{"two", 2}, {"seven", 7}, {"minus-one", -1}}) {
        Structure structure(author);
        structure.algorithm = der::make_enumerated(number);
        Group(author, "algorithm-unknown", "rfc7508/4.1/5")
            .add(name, structure.octets(), is_not_secured(),
                 "secureheaders.structure.unknown-algorithm",
                 "An algorithm of a number that nobody knows.");
    }
}

void add_broken_octets(const Author& author) {
    const Group group(author, "attribute-without-meaning", "rfc7508/4.1/10");
    const std::string good = Structure(author).octets();
    const std::string inner = content_of(good);
    group.add("null", std::string("\x05\x00", 2), is_not_secured(), "der.value.unexpected-tag",
              "The value is NULL.");
    group.add("octet-string", tlv(0x04, good), is_not_secured(), "der.value.unexpected-tag",
              "The structure is wrapped in an OCTET STRING.");
    group.add("sequence", tlv(0x30, content_of(good)), is_not_secured(), "der.value.unexpected-tag",
              "A SEQUENCE in the place of the SET.");
    group.about("rfc7508/4.1/15")
        .add("trailing-octets", tlv(0x31, inner + std::string(2, '\0')), with_more_than_there_is(),
             "der.tag.unexpected-end-of-contents", "Two octets of nothing stand behind the list.",
             {"reading"});
    group.add("empty-set", tlv(0x31, ""), is_not_secured(), "der.value.missing",
              "A SET of nothing.");
    group.add("length-too-long", tlv(0x31, inner.substr(0, 3) + inner[3] + "\x7f" + "xy"),
              is_not_secured(), "der.content.truncated",
              "The list says that it is longer than what there is.");
    group.add("length-huge", tlv(0x31, inner.substr(0, 3) + inner[3] + "\x84\x7f\xff\xff\xff"),
              is_not_secured(), "der.content.truncated",
              "The list says that it has two thousand million octets.");
    group.add("cut-off", tlv(0x31, inner.substr(0, 3) + inner[3] + "\x02" + "0"), is_not_secured(),
              "der.content.truncated", "The list ends within a field.");
    std::string deep = std::string("\x05\x00", 2);
    for (int i = 0; i < 60; ++i) deep = tlv(0x30, deep);
    group.add("nested-deeply", tlv(0x31, deep), is_not_secured(), "der.input.too-deep",
              "Sixty values, one in the other.");
    if (!author.is_draft()) {
        Structure structure(author);
        structure.fields[0].members[1].content = "caf\xe9";
        group.about("rfc7508/4.1/20")
            .add("not-utf8", structure.octets(), is_not_secured(), "der.string.characters",
                 "A UTF8String that is none.");
    } else {
        Structure structure(author);
        structure.fields[0].members[1].content = "caf\xc3\xa9";
        group.about("rfc7508/4.1/20")
            .add("not-ia5", structure.octets(), is_not_secured(), "der.string.characters",
                 "An IA5String that is none.");
    }
}

// What the editions print as their examples, in the lengths that they print: an ENUMERATED of four
// octets, and each default written out.
std::string printed(der::Tag list, der::Tag name, der::Tag value,
                    const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string listed;
    for (const auto& [field, content] : fields) {
        listed += der::write(
            der::make_sequence({der::make_primitive(name, field),
                                der::make_primitive(value, content), der::make_integer(0)}));
    }
    const int list_octet = list == der::tag_set ? 0x31 : 0x30;
    return tlv(0x31, std::string("\x0a\x04\0\0\0\x01", 6) + tlv(list_octet, listed));
}

void add_printed_examples(const Author& author) {
    Draft draft{.header = {{"From", " John Doe <jdoe@example.com>"},
                           {"To", " Mary Smith <mary@example.com>"},
                           {"subject", " This is a test of Ext."},
                           {"x-ximf-primary-precedence", " priority"},
                           {"x-ximf-correspondance-type", " official"}},
                .policy = {.secured = {{"Subject", Status::Duplicated}}}};
    std::string value = printed(der::tag_sequence, der::tag_visible_string, der::tag_utf8_string,
                                {{"x-ximf-primary-precedence", "priority"},
                                 {"x-ximf-correspondance-type", "official"},
                                 {"subject", "This is a test of Ext."}});
    Expected expected = refused_or_tolerated();
    if (author.is_draft()) {
        draft.field("subject") = " This is a test";
        value = printed(der::tag_set, der::tag_ia5_string, der::tag_ia5_string,
                        {{"x-ximf-primary-precedence", "priority"},
                         {"to", "mary@example.com"},
                         {"from", "jdoe <jdoe@example.com>"},
                         {"subject", "This is a test"}});
        // Its From and To are not those of the message that is printed beside it.
        expected = is_not_secured();
    }
    draft.attributes = {{author.raw_attribute(std::move(value))}};
    author.add(VerifyVector{.common = {.name = "printed-examples/appendix-b",
                                       .case_slug = "printed-examples",
                                       .requirement = "rfc7508/4.1/14",
                                       .flags = {"ber", "reading"},
                                       .expected = std::move(expected),
                                       .reason = "der.integer.not-minimal",
                                       .note = "The example of Appendix B, octet for octet, under "
                                               "the attribute's type."},
                            .message = author.sign(draft),
                            .policies = not_shared(draft.policy)});
}

void add_counts(const Author& author) {
    const Group group(author, "attribute-count", "rfc7508/4/3");
    const Structure structure(author);
    const crypto::Attribute good = author.raw_attribute(structure.octets());
    Structure other(author);
    other.fields.pop_back();
    const crypto::Attribute fewer = author.raw_attribute(other.octets());
    Expected expected = is_not_secured();
    group.add("twice-the-same", std::vector{good, good}, expected,
              "secureheaders.attribute.repeated", "The attribute stands twice.", {"open"});
    group.add("twice", std::vector{good, fewer}, expected, "secureheaders.attribute.repeated",
              "Two attributes of the type, which differ.");
    crypto::Attribute both = good;
    both.others = {fewer.value};
    group.add("two-values", std::vector{both}, expected, "secureheaders.attribute.values",
              "One attribute with two values, which differ.");
}

void add_statuses(const Author& author) {
    const Group group(author, "status-unknown", "rfc7508/4.1/22");
    for (const auto& [name, number] :
         {std::pair{"three", 3}, {"minus-one", -1}, {"large", 1 << 20}}) {
        Structure structure(author);
        structure.fields[0].members.push_back(der::make_integer(number));
        Expected expected = is_not_secured();
        for (const std::string_view each : expected.outcomes) expected.readings[each] = "refused";
        expected.outcomes.push_back(outcome::valid);
        expected.readings[outcome::valid] = "ignored";
        group.add(name, structure.octets(), std::move(expected),
                  "secureheaders.field.unknown-status", "A status of a number that nobody knows.",
                  {"reading"});
    }
}

// The same octets in another length: many fields, and long ones.
void add_many(const Author& author) {
    for (const std::size_t count : {10UZ, 100UZ, 1000UZ}) {
        for (const bool changed : {false, true}) {
            Draft draft = Author::usual();
            for (std::size_t i = 0; i < count; ++i) {
                draft.header.push_back({fmt::format("X-Field-{}", i), fmt::format(" value {}", i)});
                draft.policy.secured[fmt::format("X-Field-{}", i)] = Status::Duplicated;
            }
            std::string message = author.sign(draft);
            const std::string last = fmt::format("X-Field-{}", count - 1);
            if (changed) {
                message = replaced(message, fmt::format(" value {}\r\n", count - 1), " other\r\n");
            }
            author.add(VerifyVector{
                .common = {.name = fmt::format("many-fields/{}{}", count,
                                               changed ? "-last-changed" : ""),
                           .case_slug = "many-fields",
                           .requirement = changed ? "rfc7508/4.5.2/21" : "rfc7508/4.1/9",
                           .expected =
                               changed ? is_invalid({{Warning::Mismatch, last}}) : is_valid(),
                           .reason = changed ? "mismatch" : "",
                           .note = fmt::format("{} secured fields more than usual{}.", count,
                                               changed ? "; the last was changed" : "")},
                .message = message,
                .policies = not_shared(draft.policy)});
        }
    }
}

}  // namespace

void add_attribute_vectors(const Author& author) {
    add_not_der(author);
    add_other_types(author);
    add_printed_examples(author);
    add_meaningless(author);
    add_broken_octets(author);
    // That there is one value, in one attribute, is said by the RFC alone.
    if (!author.is_draft()) add_counts(author);
    add_statuses(author);
    add_many(author);
}

}  // namespace mailassay::vectors
