#include "mixer/rfc822_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace mailassay::mixer {

namespace {

constexpr std::array<std::string_view, 17> placed{"From",
                                                  "Sender",
                                                  "To",
                                                  "Cc",
                                                  "Bcc",
                                                  "Reply-To",
                                                  "Subject",
                                                  "Message-ID",
                                                  "References",
                                                  "Date",
                                                  "Received",
                                                  "In-Reply-To",
                                                  "Return-Path",
                                                  "MIME-Version",
                                                  "X400-Received",
                                                  "Discarded-X400-IPMS-Extensions",
                                                  "Discarded-X400-MTS-Extensions"};

}  // namespace

bool has_own_place(std::string_view name) {
    const auto begins = [&](std::string_view prefix) {
        return base::equals_ignore_case(name.substr(0, prefix.size()), prefix);
    };
    if (begins("Content-") || begins("MMHS-")) return true;
    return std::ranges::any_of(
        placed, [&](std::string_view each) { return base::equals_ignore_case(each, name); });
}

bool can_be_carried(const imf::HeaderField& field) {
    return !field.is_opaque() && base::is_ascii(field.raw) &&
           imf::make_field(field.name, field.value()).has_value();
}

// [rfc2156/5.1.2/1] [rfc2156/5.1.3/15]
Extension carry(std::span<const imf::HeaderField> fields) {
    std::vector<der::Value> members;
    for (const imf::HeaderField& field : fields) {
        members.push_back(der::make_primitive(der::tag_ia5_string,
                                              fmt::format("{}: {}", field.name, field.value())));
    }
    return {.oid = std::string(oid_rfc_822_fields),
            .value = der::make_sequence(std::move(members))};
}

// [rfc2156/5.3.4/10]
Carried carried(const Extension& extension) {
    Carried result;
    if (!extension.value) return result;
    for (const der::Value& member : extension.value->members) {
        const std::string& text = member.content;
        const std::size_t colon = text.find(':');
        const std::string name(base::trim(std::string_view(text).substr(0, colon)));
        if (member.tag != der::tag_ia5_string || colon == std::string::npos ||
            has_own_place(name)) {
            result.left_out.push_back(name);
            continue;
        }
        auto field = imf::make_field(name, base::trim(std::string_view(text).substr(colon + 1)));
        if (field && can_be_carried(*field)) {
            result.fields.push_back(std::move(*field));
        } else {
            result.left_out.push_back(name);
        }
    }
    return result;
}

}  // namespace mailassay::mixer
