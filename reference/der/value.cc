#include "der/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <ranges>
#include <utility>

#include "base/ascii.h"

namespace mailassay::der {

namespace {

std::string universal_name(std::uint32_t number) {
    switch (number) {
        case 1:
            return "BOOLEAN";
        case 2:
            return "INTEGER";
        case 3:
            return "BIT STRING";
        case 4:
            return "OCTET STRING";
        case 5:
            return "NULL";
        case 6:
            return "OBJECT IDENTIFIER";
        case 10:
            return "ENUMERATED";
        case 12:
            return "UTF8String";
        case 16:
            return "SEQUENCE";
        case 17:
            return "SET";
        case 18:
            return "NumericString";
        case 19:
            return "PrintableString";
        case 20:
            return "TeletexString";
        case 22:
            return "IA5String";
        case 23:
            return "UTCTime";
        case 24:
            return "GeneralizedTime";
        case 26:
            return "VisibleString";
        default:
            return fmt::format("[UNIVERSAL {}]", number);
    }
}

void append_base128(std::string& out, std::uint64_t number) {
    std::array<char, 10> groups{};
    std::size_t count = 0;
    do {
        groups.at(count++) = static_cast<char>(number & 0x7f);
        number >>= 7;
    } while (number != 0);
    while (count > 1) out += static_cast<char>(groups.at(--count) | 0x80);
    out += groups.at(0);
}

std::optional<std::uint64_t> parse_arc(std::string_view digits) {
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    return base::parse_decimal(digits);
}

std::unexpected<Error> wrong_tag(const Value& value, Tag wanted) {
    return std::unexpected(Error{
        .id = "der.value.unexpected-tag",
        .offset = value.offset,
        .detail = fmt::format("{} where {} is wanted", to_string(value.tag), to_string(wanted))});
}

}  // namespace

std::string to_string(const Tag& tag) {
    switch (tag.cls) {
        case Class::Universal:
            return universal_name(tag.number);
        case Class::Application:
            return fmt::format("[APPLICATION {}]", tag.number);
        case Class::ContextSpecific:
            return fmt::format("[{}]", tag.number);
        case Class::Private:
            return fmt::format("[PRIVATE {}]", tag.number);
    }
    std::unreachable();
}

Result<Value> make_oid(std::string_view dotted) {
    const auto wrong = [dotted](std::size_t at) {
        return std::unexpected(
            Error{.id = "der.oid.syntax", .offset = at, .detail = std::string(dotted)});
    };
    std::vector<std::uint64_t> arcs;
    for (std::size_t at = 0; at <= dotted.size();) {
        const std::size_t end = std::min(dotted.find('.', at), dotted.size());
        const auto arc = parse_arc(dotted.substr(at, end - at));
        if (!arc) return wrong(at);
        arcs.push_back(*arc);
        at = end + 1;
    }
    constexpr std::uint64_t most_second = std::numeric_limits<std::uint64_t>::max() - 80;
    if (arcs.size() < 2 || arcs[0] > 2 || arcs[1] > (arcs[0] < 2 ? 39 : most_second)) {
        return wrong(0);
    }
    std::string content;
    append_base128(content, arcs[0] * 40 + arcs[1]);
    for (const std::uint64_t arc : arcs | std::views::drop(2)) append_base128(content, arc);
    return make_primitive(tag_oid, std::move(content));
}

Value make_boolean(bool value) {
    return make_primitive(tag_boolean, std::string(1, value ? '\xff' : '\0'));
}

Value make_integer(std::int64_t value, Tag tag) {
    std::string content;
    for (int shift = 56; shift >= 0; shift -= 8) {
        content += static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff);
    }
    // Nine equal bits at the start say nothing that eight would not (X.690 8.3.2).
    std::size_t needless = 0;
    while (needless + 1 < content.size()) {
        const bool negative = (content[needless + 1] & 0x80) != 0;
        if (content[needless] != (negative ? '\xff' : '\0')) break;
        ++needless;
    }
    return make_primitive(tag, content.substr(needless));
}

Value make_enumerated(std::int64_t value) {
    return make_integer(value, tag_enumerated);
}

Value make_null() {
    return make_primitive(tag_null, "");
}

Value make_primitive(Tag tag, std::string content) {
    return {.tag = tag, .form = Form::Primitive, .content = std::move(content)};
}

Value make_constructed(Tag tag, std::vector<Value> members) {
    return {.tag = tag, .form = Form::Constructed, .members = std::move(members)};
}

Value make_sequence(std::vector<Value> members) {
    return make_constructed(tag_sequence, std::move(members));
}

Value make_set(std::vector<Value> members) {
    std::ranges::stable_sort(members, {}, &Value::tag);
    return make_constructed(tag_set, std::move(members));
}

Value make_set_of(std::vector<Value> members, Tag tag) {
    std::vector<std::pair<std::string, Value>> encoded;
    encoded.reserve(members.size());
    for (Value& member : members) encoded.emplace_back(write(member), std::move(member));
    std::ranges::stable_sort(encoded, {}, &std::pair<std::string, Value>::first);
    members.clear();
    for (auto& [octets, member] : encoded) members.push_back(std::move(member));
    return make_constructed(tag, std::move(members));
}

Result<bool> to_boolean(const Value& value) {
    if (value.tag != tag_boolean) return wrong_tag(value, tag_boolean);
    return value.content != std::string_view("\0", 1);
}

Result<std::int64_t> to_integer(const Value& value, Tag tag) {
    if (value.tag != tag || value.form != Form::Primitive) return wrong_tag(value, tag);
    if (value.content.empty() || value.content.size() > 8) {
        return std::unexpected(Error{.id = "der.value.out-of-range", .offset = value.offset});
    }
    std::uint64_t number = (value.content.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const char c : value.content) number = (number << 8) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(number);
}

Result<std::string> to_dotted(const Value& value) {
    if (value.tag != tag_oid) return wrong_tag(value, tag_oid);
    std::string dotted;
    std::uint64_t arc = 0;
    for (const char c : value.content) {
        if (arc > (std::numeric_limits<std::uint64_t>::max() >> 7)) {
            return std::unexpected(Error{.id = "der.value.out-of-range", .offset = value.offset});
        }
        arc = (arc << 7) | (static_cast<unsigned char>(c) & 0x7f);
        if ((c & 0x80) != 0) continue;
        if (dotted.empty()) {
            const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
            dotted = fmt::format("{}.{}", first, arc - first * 40);
        } else {
            dotted += fmt::format(".{}", arc);
        }
        arc = 0;
    }
    return dotted;
}

const Value* Members::take(Tag tag) {
    if (at_ == of_->members.size() || of_->members[at_].tag != tag) return nullptr;
    return &of_->members[at_++];
}

Result<const Value*> Members::need(Tag tag) {
    if (at_ == of_->members.size()) {
        return std::unexpected(Error{.id = "der.value.missing",
                                     .offset = of_->offset,
                                     .detail = to_string(tag) + " is missing"});
    }
    if (const Value* member = take(tag)) return member;
    return wrong_tag(of_->members[at_], tag);
}

const Value* Members::next() {
    return at_ == of_->members.size() ? nullptr : &of_->members[at_++];
}

Result<void> Members::end() const {
    if (at_ == of_->members.size()) return {};
    const Value& more = of_->members[at_];
    return std::unexpected(Error{.id = "der.value.unexpected-member",
                                 .offset = more.offset,
                                 .detail = to_string(more.tag) + " is one too many"});
}

}  // namespace mailassay::der
