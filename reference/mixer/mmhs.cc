#include "mixer/mmhs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "imf/date.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

using der::Value;

constexpr std::string_view oid_other_recipients = "1.3.26.0.4406.0.2.11";
constexpr std::size_t max_military_string = 69;
constexpr std::int64_t max_number = 999'999'999;

// [rfc6477/3.8/2]
constexpr std::array<std::string_view, 6> precedences{"deferred",  "routine", "priority",
                                                      "immediate", "flash",   "override"};
constexpr std::array<std::string_view, 4> message_types{"exercise", "operation", "project",
                                                        "drill"};

using Words = std::span<const std::string_view>;

// -- parts -------------------------------------------------------------------------------------

// Without comments; a bracket within quotes opens none.
std::string without_comments(std::string_view value) {
    std::string kept;
    int depth = 0;
    bool quoted = false;
    for (const char c : value) {
        if (depth == 0 && c == '"') quoted = !quoted;
        if (!quoted && c == '(') ++depth;
        if (depth == 0) kept += c;
        if (!quoted && c == ')' && depth > 0) --depth;
    }
    return kept;
}

std::optional<std::int64_t> number_of(std::string_view text, Words words = {}) {
    text = base::trim(text);
    const auto word = std::ranges::find_if(
        words, [&](std::string_view each) { return base::equals_ignore_case(each, text); });
    if (word != words.end()) return word - words.begin();
    const auto number = base::parse_decimal(text, 9);
    if (!number) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

std::string number_text(std::int64_t number, Words words) {
    if (number >= std::ssize(words)) return fmt::format("{}", number);
    return fmt::format("{} ({})", number, words[static_cast<std::size_t>(number)]);
}

std::optional<std::int64_t> to_number(const Value& value, der::Tag tag = der::tag_integer) {
    const auto number = der::to_integer(value, tag);
    if (!number || *number < 0 || *number > max_number) return std::nullopt;
    return *number;
}

// [rfc6477/4/1]
bool is_military_string(std::string_view text) {
    return !text.empty() && text.size() <= max_military_string && is_printable_string(text);
}

std::optional<Value> string_value(std::string_view text, der::Tag tag = der::tag_printable_string) {
    text = base::trim(text);
    if (!is_military_string(text)) return std::nullopt;
    return der::make_primitive(tag, std::string(text));
}

std::optional<std::string> to_military_string(const Value& value,
                                              der::Tag tag = der::tag_printable_string) {
    // A semicolon, which would part two of them, is no character of a printable string.
    if (value.tag != tag || !is_military_string(value.content)) return std::nullopt;
    return value.content;
}

// All parts between semicolons, or none.
std::optional<std::vector<Value>> string_values(std::string_view text) {
    std::vector<Value> all;
    for (const std::string_view part : base::split(text, ';')) {
        auto value = string_value(part);
        if (!value) return std::nullopt;
        all.push_back(std::move(*value));
    }
    return all;
}

std::optional<std::string> joined(const std::vector<Value>& strings) {
    std::string all;
    for (const Value& each : strings) {
        const auto text = to_military_string(each);
        if (!text) return std::nullopt;
        all += (all.empty() ? "" : "; ") + *text;
    }
    if (all.empty()) return std::nullopt;
    return all;
}

// -- kinds of values ---------------------------------------------------------------------------

std::optional<Value> read_number(std::string_view text) {
    const auto number = number_of(text);
    if (!number) return std::nullopt;
    return der::make_integer(*number);
}

std::optional<std::string> write_number(const Value& value) {
    const auto number = to_number(value);
    if (!number) return std::nullopt;
    return number_text(*number, {});
}

std::optional<Value> read_precedence(std::string_view text) {
    // A comment may say the number in words.
    const auto number = number_of(without_comments(text), precedences);
    if (!number) return std::nullopt;
    return der::make_integer(*number);
}

std::optional<std::string> write_precedence(const Value& value) {
    const auto number = to_number(value);
    if (!number) return std::nullopt;
    return number_text(*number, precedences);
}

std::optional<Value> read_string(std::string_view text) {
    return string_value(text);
}

std::optional<std::string> write_string(const Value& value) {
    return to_military_string(value);
}

std::optional<Value> read_strings(std::string_view text) {
    auto values = string_values(text);
    if (!values) return std::nullopt;
    return der::make_sequence(std::move(*values));
}

std::optional<std::string> write_strings(const Value& value) {
    return joined(value.members);
}

// DistributionCodes, of which the fields have the codes ([rfc6477/6/4]).
std::optional<Value> read_codes(std::string_view text) {
    auto values = string_values(text);
    const auto fits = [](const Value& code) {
        return code.content.size() >= 3 && code.content.size() <= 8;
    };
    if (!values || !std::ranges::all_of(*values, fits)) return std::nullopt;
    return der::make_set({der::make_constructed(der::context(0), std::move(*values))});
}

std::optional<std::string> write_codes(const Value& value) {
    const auto codes = std::ranges::find(value.members, der::context(0), &Value::tag);
    if (codes == value.members.end()) return std::nullopt;
    return joined(codes->members);
}

// MessageType: a number, and a name that a semicolon goes before.
std::optional<Value> read_message_type(std::string_view text) {
    const std::string bare = without_comments(text);
    const std::size_t semicolon = bare.find(';');
    const auto number = number_of(bare.substr(0, semicolon), message_types);
    if (!number) return std::nullopt;
    std::vector<Value> members{der::make_integer(*number, der::context(0))};
    if (semicolon != std::string::npos) {
        const std::string_view parameter = std::string_view(bare).substr(semicolon + 1);
        const std::size_t equals = parameter.find('=');
        const std::string_view key = base::trim(parameter.substr(0, equals));
        if (equals == std::string_view::npos || !base::equals_ignore_case(key, "identifier")) {
            return std::nullopt;
        }
        const std::string_view quoted = base::trim(parameter.substr(equals + 1));
        if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
        auto name = string_value(quoted.substr(1, quoted.size() - 2), der::context(1));
        if (!name) return std::nullopt;
        members.push_back(std::move(*name));
    }
    return der::make_set(std::move(members));
}

std::optional<std::string> write_message_type(const Value& value) {
    std::optional<std::int64_t> number;
    std::string name;
    for (const Value& member : value.members) {
        if (member.tag == der::context(0)) number = to_number(member, der::context(0));
        if (member.tag != der::context(1)) continue;
        const auto text = to_military_string(member, der::context(1));
        if (!text) return std::nullopt;
        name = fmt::format("; identifier=\"{}\"", *text);
    }
    if (!number) return std::nullopt;
    return number_text(*number, message_types) + name;
}

// Those who get the message by other means, 0 in To and 1 in Cc.
template <std::int64_t Kind>
std::optional<Value> read_designators(std::string_view text) {
    const auto names = string_values(text);
    if (!names) return std::nullopt;
    std::vector<Value> all;
    for (const Value& name : *names) {
        all.push_back(der::make_set({der::make_integer(Kind, der::context(0)),
                                     der::make_primitive(der::context(1), name.content)}));
    }
    return der::make_sequence(std::move(all));
}

template <std::int64_t Kind>
std::optional<std::string> write_designators(const Value& value) {
    std::string all;
    for (const Value& each : value.members) {
        const auto kind = std::ranges::find(each.members, der::context(0), &Value::tag);
        const auto name = std::ranges::find(each.members, der::context(1), &Value::tag);
        if (kind == each.members.end() || name == each.members.end()) return std::nullopt;
        const auto text = to_military_string(*name, der::context(1));
        if (!text) return std::nullopt;
        if (to_number(*kind, der::context(0)) != Kind) continue;
        all += (all.empty() ? "" : "; ") + *text;
    }
    if (all.empty()) return std::nullopt;
    return all;
}

// -- UTCTime -----------------------------------------------------------------------------------

std::optional<Value> read_time(std::string_view text) {
    const auto time = imf::parse_date(text);
    if (!time) return std::nullopt;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(seconds - day);
    const int year = static_cast<int>(date.year());
    if (year < 1950 || year > 2049) return std::nullopt;
    return der::make_primitive(
        der::tag_utc_time,
        fmt::format("{:02}{:02}{:02}{:02}{:02}{:02}Z", year % 100,
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    clock.hours().count(), clock.minutes().count(), clock.seconds().count()));
}

// YYMMDDhhmm, seconds or none, and Z or an offset.
std::optional<std::string> write_time(const Value& value) {
    const std::string_view text = value.content;
    const std::size_t zone = text.find_first_of("Z+-");
    if (value.tag != der::tag_utc_time || (zone != 10 && zone != 12)) return std::nullopt;
    std::array<int, 6> parts{};
    for (std::size_t at = 0; at < zone; at += 2) {
        const auto part = base::parse_decimal(text.substr(at, 2), 2);
        if (!part) return std::nullopt;
        parts[at / 2] = static_cast<int>(*part);
    }
    const auto [year, month, day, hour, minute, second] = parts;
    const std::chrono::year_month_day date{std::chrono::year(year < 50 ? 2000 + year : 1900 + year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    auto time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                std::chrono::minutes(minute) + std::chrono::seconds(second);
    if (text[zone] == 'Z') {
        if (text.size() != zone + 1) return std::nullopt;
    } else {
        const auto offset = base::parse_decimal(text.substr(zone + 1), 4);
        if (text.size() != zone + 5 || !offset || *offset % 100 > 59) return std::nullopt;
        const auto east = std::chrono::minutes(*offset / 100 * 60 + *offset % 100);
        time += text[zone] == '+' ? -east : east;
    }
    return imf::format_date(time);
}

struct Kind {
    std::string_view field;
    std::string_view oid;
    std::optional<Value> (*read)(std::string_view);
    std::optional<std::string> (*write)(const Value&);
};

// [rfc6477/6/2]
constexpr std::array<Kind, 13> kinds{{
    {"MMHS-Primary-Precedence", "1.3.26.0.4406.0.2.0", read_precedence, write_precedence},
    {"MMHS-Copy-Precedence", "1.3.26.0.4406.0.2.1", read_precedence, write_precedence},
    {"MMHS-Message-Type", "1.3.26.0.4406.0.2.2", read_message_type, write_message_type},
    {authorisation_field, oid_authorisation, read_time, write_time},
    {"MMHS-Subject-Indicator-Codes", "1.3.26.0.4406.0.2.6", read_codes, write_codes},
    {"MMHS-Handling-Instructions", "1.3.26.0.4406.0.2.7", read_strings, write_strings},
    {"MMHS-Message-Instructions", "1.3.26.0.4406.0.2.8", read_strings, write_strings},
    {"MMHS-Codress-Message-Indicator", "1.3.26.0.4406.0.2.9", read_number, write_number},
    {"MMHS-Originator-Reference", "1.3.26.0.4406.0.2.10", read_string, write_string},
    {"MMHS-Other-Recipients-Indicator-To", oid_other_recipients, read_designators<0>,
     write_designators<0>},
    {"MMHS-Other-Recipients-Indicator-CC", oid_other_recipients, read_designators<1>,
     write_designators<1>},
    {"MMHS-Acp127-Message-Identifier", "1.3.26.0.4406.0.2.13", read_string, write_string},
    {"MMHS-Originator-PLAD", "1.3.26.0.4406.0.2.14", read_string, write_string},
}};

const Kind* kind_of(std::string_view field) {
    const auto* known = std::ranges::find_if(
        kinds, [&](const Kind& each) { return base::equals_ignore_case(each.field, field); });
    return known == kinds.end() ? nullptr : known;
}

}  // namespace

bool is_mmhs_field(std::string_view name) {
    return kind_of(name) != nullptr || base::equals_ignore_case(name, exempted_address_field);
}

std::optional<Extension> to_extension(const imf::HeaderField& field) {
    const Kind* kind = kind_of(field.name);
    if (kind == nullptr) return std::nullopt;
    auto value = kind->read(field.value());
    if (!value) return std::nullopt;
    return Extension{.oid = std::string(kind->oid), .value = std::move(*value)};
}

std::vector<imf::HeaderField> to_fields(const Extension& extension) {
    std::vector<imf::HeaderField> fields;
    if (!extension.value) return fields;
    for (const Kind& kind : kinds) {
        if (kind.oid != extension.oid) continue;
        const auto value = kind.write(*extension.value);
        auto field = value ? imf::make_field(kind.field, *value) : Result<imf::HeaderField>();
        if (value && field) fields.push_back(std::move(*field));
    }
    return fields;
}

std::optional<Extension> to_authorisation(std::string_view date) {
    auto time = read_time(date);
    if (!time) return std::nullopt;
    return Extension{.oid = std::string(oid_authorisation), .value = std::move(*time)};
}

void add(std::vector<Extension>& to, Extension extension) {
    const auto same = std::ranges::find(to, extension.oid, &Extension::oid);
    if (extension.oid != oid_other_recipients || same == to.end()) {
        to.push_back(std::move(extension));
        return;
    }
    std::ranges::move(extension.value->members, std::back_inserter(same->value->members));
}

}  // namespace mailassay::mixer
