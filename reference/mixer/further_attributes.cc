#include "mixer/further_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "der/string_types.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

using der::context;
using der::Value;
using enum FurtherForm;

constexpr std::int64_t type_network = 22;
constexpr std::string_view net_number = "NET-NUM";
constexpr std::string_view net_sub = "NET-SUB";

// Bounds of X.411. PD-ADDRESS has six lines of thirty characters.
constexpr std::array<FurtherKind, 18> kinds{{
    {"T-TY", 23, Terminal, 3},
    {net_sub, type_network, Numeric, 40},
    {net_number, type_network, Numeric, 15},
    {"PD-LOCAL", 21, Dual, 30},
    {"PD-UNIQUE", 20, Dual, 30},
    {"PD-RESTANTE", 19, Dual, 30},
    {"PD-BOX", 18, Dual, 30},
    {"PD-STREET", 17, Dual, 30},
    {"PD-ADDRESS", 16, Lines, 180},
    {"PD-EXT-DELIVERY", 15, Dual, 30},
    {"PD-O", 14, Dual, 30},
    {"PD-PN", 13, Dual, 30},
    {"PD-EXT-ADDRESS", 12, Dual, 30},
    {"PD-OFFICE-NUM", 11, Dual, 30},
    {"PD-OFFICE", 10, Dual, 30},
    {"PD-CODE", 9, Choice, 16},
    {"PD-C", 8, Choice, 3},
    {"PD-SERVICE", 7, Printable, 16},
}};

// [rfc2156/4.1.1/1]: the values that X.400 recommends.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> terminals{
    {{"3", "tlx"}, {"4", "ttx"}, {"5", "g3fax"}, {"6", "g4fax"}, {"7", "ia5"}, {"8", "vtx"}}};

bool is_numeric(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return base::is_digit(c) || c == ' '; });
}

bool is_lines(std::string_view text) {
    return std::ranges::all_of(base::split(text, '|'), is_printable_string);
}

Value printable(std::string_view text) {
    return der::make_primitive(der::tag_printable_string, std::string(text));
}

Value encoded(const FurtherKind& kind, const DualString& value) {
    const std::string text = value.printable.value_or("");
    if (kind.form == Printable) return printable(text);
    if (kind.form == Choice) {
        const bool digits = !text.empty() && std::ranges::all_of(text, base::is_digit);
        return der::make_primitive(digits ? der::tag_numeric_string : der::tag_printable_string,
                                   text);
    }
    if (kind.form == Terminal) {
        return der::make_integer(
            static_cast<std::int64_t>(base::parse_decimal(text, 3).value_or(0)));
    }
    std::vector<Value> members;
    if (value.printable && kind.form == Lines) {
        std::vector<Value> lines;
        for (const std::string_view line : base::split(text, '|')) lines.push_back(printable(line));
        members.push_back(der::make_sequence(std::move(lines)));
    } else if (value.printable) {
        members.push_back(printable(text));
    }
    if (value.teletex) {
        members.push_back(der::make_primitive(der::tag_teletex_string, *value.teletex));
    }
    return der::make_set(std::move(members));
}

std::optional<std::string> printable_in(const Value& value) {
    const bool is_text =
        value.tag == der::tag_printable_string || value.tag == der::tag_numeric_string;
    if (!is_text || !is_printable_string(value.content)) return std::nullopt;
    return value.content;
}

std::optional<std::string> lines_in(const Value& sequence) {
    std::string lines;
    for (const Value& member : sequence.members) {
        const auto line = printable_in(member);
        if (!line) return std::nullopt;
        lines += (&member == sequence.members.data() ? "" : "|") + *line;
    }
    return lines;
}

std::optional<DualString> dual_in(const FurtherKind& kind, const Value& set) {
    DualString value;
    if (set.tag != der::tag_set) return std::nullopt;
    for (const Value& member : set.members) {
        const bool teletex = member.tag == der::tag_teletex_string;
        auto& field = teletex ? value.teletex : value.printable;
        if (field) return std::nullopt;
        if (teletex) {
            field = member.content;
        } else {
            const bool lines = kind.form == Lines && member.tag == der::tag_sequence;
            field = lines ? lines_in(member) : printable_in(member);
            if (!field || lines != (kind.form == Lines)) return std::nullopt;
        }
    }
    if (value.empty()) return std::nullopt;
    return value;
}

// A presentation address is tagged otherwise.
bool decode_network(OrAddress& address, const Value& value) {
    if (value.tag != der::tag_sequence) return false;
    std::map<std::string_view, DualString> found;
    for (const Value& member : value.members) {
        const bool sub = member.tag == context(1);
        const std::string_view key = sub ? net_sub : net_number;
        if ((!sub && member.tag != context(0)) || !is_numeric(member.content)) return false;
        if (!found.emplace(key, DualString{.printable = member.content}).second) return false;
    }
    if (!found.contains(net_number)) return false;
    address.further.merge(found);
    return true;
}

}  // namespace

std::span<const FurtherKind> further_kinds() {
    return kinds;
}

const FurtherKind* further_kind(std::string_view key) {
    const auto* found = std::ranges::find(kinds, key, &FurtherKind::key);
    return found == kinds.end() ? nullptr : found;
}

std::optional<DualString> further_of_text(const FurtherKind& kind, std::string_view text) {
    if (kind.form == Terminal) {
        const std::size_t open = text.find('(');
        if (open == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
        const std::string_view number = text.substr(open + 1, text.size() - open - 2);
        if (!base::parse_decimal(number, 3)) return std::nullopt;
        return DualString{.printable = std::string(number)};
    }
    if (kind.form == Dual || kind.form == Lines) {
        const std::size_t star = text.find('*');
        const std::string_view first = text.substr(0, star);
        if (kind.form == Lines ? !is_lines(first) : !is_printable_string(first)) {
            return std::nullopt;
        }
        if (star == std::string_view::npos) return DualString{.printable = std::string(first)};
        auto teletex = from_teletex_text(text.substr(star + 1));
        if (!teletex) return std::nullopt;
        DualString both{.teletex = std::move(*teletex)};
        if (!first.empty()) both.printable = std::string(first);
        return both;
    }
    const bool fits = kind.form == Numeric ? is_numeric(text) : is_printable_string(text);
    return fits ? std::optional(DualString{.printable = std::string(text)}) : std::nullopt;
}

std::string further_text(const FurtherKind& kind, const DualString& value) {
    const std::string text = value.printable.value_or("");
    if (kind.form != Terminal) return text;
    const auto* label =
        std::ranges::find(terminals, text, &std::pair<std::string_view, std::string_view>::first);
    return fmt::format("{}({})", label == terminals.end() ? "" : label->second, text);
}

std::vector<std::pair<std::int64_t, Value>> encode_further(const OrAddress& address) {
    std::vector<std::pair<std::int64_t, Value>> all;
    for (const FurtherKind& kind : kinds) {
        const auto found = address.further.find(kind.key);
        if (found == address.further.end() || kind.key == net_sub) continue;
        if (kind.key != net_number) {
            all.emplace_back(kind.type, encoded(kind, found->second));
            continue;
        }
        std::vector<Value> parts{
            der::make_primitive(context(0), found->second.printable.value_or(""))};
        if (const auto sub = address.further.find(net_sub); sub != address.further.end()) {
            parts.push_back(der::make_primitive(context(1), sub->second.printable.value_or("")));
        }
        all.emplace_back(type_network, der::make_sequence(std::move(parts)));
    }
    return all;
}

bool decode_further(OrAddress& address, std::int64_t type, const Value& value) {
    if (type == type_network) return decode_network(address, value);
    const auto* kind = std::ranges::find(kinds, type, &FurtherKind::type);
    if (kind == kinds.end()) return false;
    std::optional<DualString> read;
    if (kind->form == Terminal) {
        const auto number = der::to_integer(value);
        if (number && *number >= 0 && *number <= 256) {
            read = DualString{.printable = std::to_string(*number)};
        }
    } else if (kind->form == Dual || kind->form == Lines) {
        read = dual_in(*kind, value);
    } else if (auto text = printable_in(value)) {
        read = DualString{.printable = std::move(*text)};
    }
    if (!read) return false;
    address.further.emplace(kind->key, std::move(*read));
    return true;
}

}  // namespace mailassay::mixer
