#include "der/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "der/string_types.h"

namespace mailassay::der {

namespace {

// One reader for both encodings: where the octets are BER and not DER it asks deviation(), which
// ends a strict reading and makes a note in a tolerant one.
enum class Encoding : std::uint8_t { Der, Ber };

struct Header {
    Tag tag;
    Form form = Form::Primitive;
    // nullopt: indefinite.
    std::optional<std::size_t> length;
};

using Done = Result<void>;

std::unexpected<Error> fault(std::string_view id, std::size_t offset,
                             std::string_view clause = {}) {
    return std::unexpected(Error{.id = id, .offset = offset, .requirement = clause});
}

class Reader {
  public:
    Reader(std::string_view octets, Encoding encoding, const Limits& limits)
        : octets_(octets), encoding_(encoding), limits_(limits) {}

    Result<Value> read_all();
    std::vector<Error> take_tolerated() { return std::move(tolerated_); }

  private:
    Done deviation(std::string_view id, std::size_t offset, std::string_view clause);
    Result<std::uint8_t> octet(std::string_view truncated);
    Result<Header> header();
    Result<Tag> long_tag(Class cls, std::size_t begun);
    Result<std::optional<std::size_t>> length();
    // The value at at_, which ends at or before `end`.
    Result<Value> value(std::size_t end, std::size_t depth);
    Done members(Value& parent, const Header& head, std::size_t end, std::size_t depth);
    [[nodiscard]] bool at_end_of_contents(std::size_t end) const;
    Done judge_primitive(Value& value, std::size_t content_at);
    Done judge_constructed(Value& value);
    Done judge_integer(Value& value, std::size_t at);
    Done judge_oid(Value& value, std::size_t at);
    Done judge_bit_string(Value& value, std::size_t at);
    Done join_segments(Value& value);
    Done judge_set(Value& value);

    std::string_view octets_;
    Encoding encoding_;
    Limits limits_;
    std::size_t at_ = 0;
    // Values end here; within a value of definite length, its own end.
    std::size_t values_ = 0;
    std::vector<Error> tolerated_;
};

Done Reader::deviation(std::string_view id, std::size_t offset, std::string_view clause) {
    if (encoding_ == Encoding::Der) return fault(id, offset, clause);
    tolerated_.push_back({.id = id, .offset = offset, .requirement = clause});
    return {};
}

Result<Value> Reader::read_all() {
    if (octets_.size() > limits_.octets) return fault("der.input.too-large", limits_.octets);
    auto root = value(octets_.size(), 0);
    if (!root) return root;
    if (at_ != octets_.size()) {
        if (auto done = deviation("der.input.trailing-octets", at_, {}); !done) {
            return std::unexpected(done.error());
        }
    }
    return root;
}

Result<std::uint8_t> Reader::octet(std::string_view truncated) {
    if (at_ == octets_.size()) return fault(truncated, at_);
    return static_cast<std::uint8_t>(octets_[at_++]);
}

Result<Tag> Reader::long_tag(Class cls, std::size_t begun) {
    std::uint32_t number = 0;
    bool first = true;
    while (true) {
        const auto next = octet("der.tag.truncated");
        if (!next) return std::unexpected(next.error());
        if (first && *next == 0x80) {
            // Not even BER allows it (X.690 8.1.2.4.2), so nothing is tolerated here.
            return fault("der.tag.not-minimal", begun, "x690/8.1.2.4.2");
        }
        if (number > (std::numeric_limits<std::uint32_t>::max() >> 7)) {
            return fault("der.tag.number-too-large", begun);
        }
        number = (number << 7) | (*next & 0x7fU);
        first = false;
        if ((*next & 0x80) == 0) break;
    }
    if (number < 31) return fault("der.tag.not-minimal", begun, "x690/8.1.2.2");
    return Tag{cls, number};
}

Result<std::optional<std::size_t>> Reader::length() {
    const std::size_t begun = at_;
    const auto first = octet("der.length.truncated");
    if (!first) return std::unexpected(first.error());
    if (*first < 0x80) return *first;
    if (*first == 0x80) return std::nullopt;
    if (*first == 0xff) return fault("der.length.reserved", begun, "x690/8.1.3.5");
    std::size_t length = 0;
    bool minimal = true;
    for (int i = 0; i < (*first & 0x7f); ++i) {
        const auto next = octet("der.length.truncated");
        if (!next) return std::unexpected(next.error());
        if (i == 0 && *next == 0) minimal = false;
        if (length > (std::numeric_limits<std::size_t>::max() >> 8)) {
            return fault("der.content.truncated", begun);
        }
        length = (length << 8) | *next;
    }
    if (!minimal || length < 0x80) {
        if (auto done = deviation("der.length.not-minimal", begun, "x690/10.1"); !done) {
            return std::unexpected(done.error());
        }
    }
    return length;
}

Result<Header> Reader::header() {
    const std::size_t begun = at_;
    const auto first = octet("der.tag.truncated");
    if (!first) return std::unexpected(first.error());
    Header head;
    head.tag = {static_cast<Class>(*first >> 6), *first & 0x1fU};
    head.form = (*first & 0x20) != 0 ? Form::Constructed : Form::Primitive;
    if (head.tag.number == 31) {
        const auto tag = long_tag(head.tag.cls, begun);
        if (!tag) return std::unexpected(tag.error());
        head.tag = *tag;
    }
    if (head.tag == Tag{Class::Universal, 0}) {
        return fault("der.tag.unexpected-end-of-contents", begun, "x690/8.1.5");
    }
    const std::size_t length_at = at_;
    const auto found = length();
    if (!found) return std::unexpected(found.error());
    head.length = *found;
    if (head.length) return head;
    if (head.form == Form::Primitive) {
        return fault("der.length.indefinite", length_at, "x690/8.1.3.2");
    }
    if (auto done = deviation("der.length.indefinite", length_at, "x690/10.1"); !done) {
        return std::unexpected(done.error());
    }
    return head;
}

Result<Value> Reader::value(std::size_t end, std::size_t depth) {
    const std::size_t begun = at_;
    if (depth > limits_.depth) return fault("der.input.too-deep", begun);
    if (++values_ > limits_.values) return fault("der.input.too-many-values", begun);
    const auto head = header();
    if (!head) return std::unexpected(head.error());
    if (at_ > end || (head->length && *head->length > end - at_)) {
        return fault("der.content.truncated", begun);
    }
    Value read{.tag = head->tag, .form = head->form, .offset = begun};
    Done judged;
    if (head->form == Form::Primitive) {
        const std::size_t content_at = at_;
        read.content = octets_.substr(at_, *head->length);
        at_ += *head->length;
        judged = judge_primitive(read, content_at);
    } else {
        judged = members(read, *head, head->length ? at_ + *head->length : end, depth);
        if (judged) judged = judge_constructed(read);
    }
    if (!judged) return std::unexpected(judged.error());
    return read;
}

bool Reader::at_end_of_contents(std::size_t end) const {
    return end - at_ >= 2 && octets_[at_] == '\0' && octets_[at_ + 1] == '\0';
}

Done Reader::members(Value& parent, const Header& head, std::size_t end, std::size_t depth) {
    while (head.length ? at_ < end : !at_end_of_contents(end)) {
        if (at_ >= end) return fault("der.content.truncated", parent.offset);
        auto member = value(end, depth + 1);
        if (!member) return std::unexpected(member.error());
        parent.members.push_back(std::move(*member));
    }
    if (!head.length) at_ += 2;
    return {};
}

Done Reader::judge_primitive(Value& value, std::size_t content_at) {
    if (value.tag.cls != Class::Universal) return {};
    if (value.tag == tag_sequence || value.tag == tag_set) {
        return fault("der.tag.form-wrong", value.offset, "x690/8.9.1");
    }
    if (value.tag == tag_boolean) {
        if (value.content.size() != 1) return fault("der.boolean.length", value.offset);
        if (value.content[0] == '\0' || value.content[0] == '\xff') return {};
        value.content = '\xff';
        return deviation("der.boolean.not-ff", content_at, "x690/11.1");
    }
    if (value.tag == tag_integer || value.tag == tag_enumerated) {
        return judge_integer(value, content_at);
    }
    if (value.tag == tag_bit_string) return judge_bit_string(value, content_at);
    if (value.tag == tag_oid) return judge_oid(value, content_at);
    if (value.tag == tag_null && !value.content.empty()) {
        return fault("der.null.not-empty", value.offset);
    }
    if (const auto wrong = first_wrong_character(value.tag, value.content)) {
        return deviation("der.string.characters", content_at + *wrong, "x690/8.23");
    }
    return {};
}

Done Reader::judge_integer(Value& value, std::size_t at) {
    std::string& content = value.content;
    if (content.empty()) return fault("der.integer.empty", value.offset, "x690/8.3.1");
    std::size_t needless = 0;
    while (needless + 1 < content.size()) {
        const bool negative = (content[needless + 1] & 0x80) != 0;
        if (content[needless] != (negative ? '\xff' : '\0')) break;
        ++needless;
    }
    if (needless == 0) return {};
    content.erase(0, needless);
    return deviation("der.integer.not-minimal", at, "x690/8.3.2");
}

Done Reader::judge_oid(Value& value, std::size_t at) {
    std::string& content = value.content;
    if (content.empty()) return fault("der.oid.empty", value.offset, "x690/8.19.2");
    if ((content.back() & 0x80) != 0) return fault("der.oid.truncated", value.offset);
    std::string minimal;
    std::optional<std::size_t> padded;
    bool arc_begins = true;
    for (std::size_t i = 0; i < content.size(); ++i) {
        const bool padding = arc_begins && content[i] == '\x80';
        if (padding && !padded) padded = i;
        if (!padding) minimal += content[i];
        arc_begins = padding || (content[i] & 0x80) == 0;
    }
    if (!padded) return {};
    content = std::move(minimal);
    return deviation("der.oid.not-minimal", at + *padded, "x690/8.19.2");
}

Done Reader::judge_bit_string(Value& value, std::size_t at) {
    std::string& content = value.content;
    const unsigned unused = content.empty() ? 8 : static_cast<unsigned char>(content[0]);
    if (unused > 7 || (content.size() == 1 && unused != 0)) {
        return fault("der.bit-string.unused-bits", value.offset, "x690/8.6.2");
    }
    const auto mask = static_cast<char>(0xffU << unused);
    if (content.size() == 1 || (content.back() & ~mask) == 0) return {};
    content.back() = static_cast<char>(content.back() & mask);
    return deviation("der.bit-string.unused-bits-not-zero", at + content.size() - 1, "x690/11.2.1");
}

Done Reader::judge_constructed(Value& value) {
    if (value.tag.cls != Class::Universal) return {};
    if (value.tag == tag_set) return judge_set(value);
    if (is_string(value.tag)) return join_segments(value);
    const bool primitive_only = value.tag == tag_boolean || value.tag == tag_integer ||
                                value.tag == tag_null || value.tag == tag_oid ||
                                value.tag == tag_enumerated;
    if (primitive_only) return fault("der.tag.form-wrong", value.offset, "x690/8.1.2.5");
    return {};
}

// A string in segments (X.690 8.6.4, 8.7.3, 8.23.6) becomes one without.
Done Reader::join_segments(Value& value) {
    const bool bits = value.tag == tag_bit_string;
    // The segments of a character string are octet strings.
    const Tag wanted = bits ? tag_bit_string : tag_octet_string;
    std::string joined(bits ? 1 : 0, '\0');
    for (const Value& segment : value.members) {
        const bool fits = segment.tag == wanted || segment.tag == value.tag;
        if (!fits || segment.form != Form::Primitive) {
            return fault("der.tag.form-wrong", segment.offset, "x690/8.7.3.2");
        }
        if (!bits) {
            joined += segment.content;
            continue;
        }
        // Only the last segment may have unused bits.
        if (joined[0] != '\0') return fault("der.bit-string.unused-bits", segment.offset);
        joined[0] = segment.content[0];
        joined.append(segment.content, 1);
    }
    value.form = Form::Primitive;
    value.members.clear();
    value.content = std::move(joined);
    if (auto done = deviation("der.string.constructed", value.offset, "x690/10.2"); !done) {
        return done;
    }
    if (first_wrong_character(value.tag, value.content)) {
        return deviation("der.string.characters", value.offset, "x690/8.23");
    }
    return {};
}

// Without a schema a SET and a SET OF look the same. In DER the one is in the order of its tags,
// which all differ, the other in the order of its encodings; here either will do, and who knows
// the schema looks again.
Done Reader::judge_set(Value& value) {
    std::vector<Value>& members = value.members;
    const auto not_rising = [](const Value& a, const Value& b) { return a.tag >= b.tag; };
    if (std::ranges::adjacent_find(members, not_rising) == members.end()) return {};
    std::vector<std::string> encoded;
    encoded.reserve(members.size());
    std::ranges::transform(members, std::back_inserter(encoded), write);
    if (std::ranges::is_sorted(encoded)) return {};
    std::vector<Tag> tags;
    std::ranges::transform(members, std::back_inserter(tags), &Value::tag);
    std::ranges::sort(tags);
    const bool all_differ = std::ranges::adjacent_find(tags) == tags.end();
    value.members =
        all_differ ? make_set(std::move(members)).members : make_set_of(std::move(members)).members;
    return deviation("der.set.unsorted", value.offset, all_differ ? "x690/10.3" : "x690/11.6");
}

}  // namespace

Result<Value> read_der(std::string_view octets, const Limits& limits) {
    return Reader(octets, Encoding::Der, limits).read_all();
}

Result<Reading> read_ber(std::string_view octets, const Limits& limits) {
    Reader reader(octets, Encoding::Ber, limits);
    auto value = reader.read_all();
    if (!value) return std::unexpected(value.error());
    return Reading{.value = std::move(*value), .tolerated = reader.take_tolerated()};
}

}  // namespace mailassay::der
