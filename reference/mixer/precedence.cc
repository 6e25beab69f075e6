#include "mixer/precedence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace mailassay::mixer {

namespace {

// [rfc6477/3.8/2]
constexpr std::array<std::string_view, 6> words{"deferred",  "routine", "priority",
                                                "immediate", "flash",   "override"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> fields{
    {{"MMHS-Primary-Precedence", oid_primary_precedence},
     {"MMHS-Copy-Precedence", oid_copy_precedence}}};

std::optional<std::int64_t> precedence_of(std::string_view value) {
    // A comment may say the number in words.
    value = base::trim(value.substr(0, value.find('(')));
    const auto* word = std::ranges::find_if(
        words, [&](std::string_view each) { return base::equals_ignore_case(each, value); });
    if (word != words.end()) return word - words.begin();
    const auto number = base::parse_decimal(value, 3);
    if (!number) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

}  // namespace

std::optional<Extension> to_extension(const imf::HeaderField& field) {
    const auto* known = std::ranges::find_if(
        fields, [&](const auto& each) { return base::equals_ignore_case(each.first, field.name); });
    if (known == fields.end()) return std::nullopt;
    const auto precedence = precedence_of(field.value());
    if (!precedence) return std::nullopt;
    return Extension{.oid = std::string(known->second), .value = der::make_integer(*precedence)};
}

std::optional<imf::HeaderField> to_field(const Extension& extension) {
    const auto* known = std::ranges::find(fields, extension.oid,
                                          &std::pair<std::string_view, std::string_view>::second);
    if (known == fields.end() || !extension.value) return std::nullopt;
    const auto precedence = der::to_integer(*extension.value);
    if (!precedence || *precedence < 0 || *precedence > 999) return std::nullopt;
    const auto number = static_cast<std::size_t>(*precedence);
    auto field = imf::make_field(known->first, number < words.size()
                                                   ? fmt::format("{} ({})", number, words[number])
                                                   : fmt::format("{}", number));
    if (!field) return std::nullopt;
    return std::move(*field);
}

}  // namespace mailassay::mixer
