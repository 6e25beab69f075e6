#include "mixer/directory_name.h"

#include <array>
#include <string_view>
#include <utility>

#include "der/read.h"

namespace mailassay::mixer {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> short_names{
    {{"2.5.4.3", "CN"},
     {"2.5.4.4", "SN"},
     {"2.5.4.6", "C"},
     {"2.5.4.7", "L"},
     {"2.5.4.8", "ST"},
     {"2.5.4.10", "O"},
     {"2.5.4.11", "OU"}}};

std::string attribute_text(const der::Value& attribute) {
    if (attribute.members.size() != 2) return "?";
    const auto oid = der::to_dotted(attribute.members[0]);
    if (!oid) return "?";
    std::string key = *oid;
    for (const auto& [dotted, name] : short_names) {
        if (*oid == dotted) key = name;
    }
    const der::Value& value = attribute.members[1];
    const bool is_text = value.form == der::Form::Primitive && !value.content.empty();
    return key + "=" + (is_text ? value.content : "?");
}

}  // namespace

std::string directory_name_text(const der::Value& name) {
    std::string text;
    for (auto part = name.members.rbegin(); part != name.members.rend(); ++part) {
        for (const der::Value& attribute : part->members) {
            text += (text.empty() ? "" : ", ") + attribute_text(attribute);
        }
    }
    return text;
}

}  // namespace mailassay::mixer
