#include "vectors/ber_forms.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "der/string_types.h"

namespace mailassay::vectors {

namespace {

std::string tag_octets(const der::Value& value) {
    std::string octets = der::write({.tag = value.tag, .form = value.form});
    octets.pop_back();  // the length of nothing
    return octets;
}

bool is_string(const der::Value& value) {
    return value.form == der::Form::Primitive && value.content.size() > 1 &&
           (value.tag.cls == der::Class::ContextSpecific || der::is_string(value.tag));
}

}  // namespace

std::string write_indefinite(const der::Value& value) {
    if (value.form == der::Form::Primitive) return der::write(value);
    std::string octets = tag_octets(value) + '\x80';
    for (const der::Value& member : value.members) octets += write_indefinite(member);
    return octets.append(2, '\0');
}

std::string write_long_lengths(const der::Value& value) {
    std::string content = value.content;
    for (const der::Value& member : value.members) content += write_long_lengths(member);
    std::string octets = tag_octets(value) + '\x84';
    for (int shift = 24; shift >= 0; shift -= 8) {
        octets += static_cast<char>((content.size() >> shift) & 0xff);
    }
    return octets + content;
}

der::Value in_segments(der::Value value) {
    if (!is_string(value)) {
        for (der::Value& member : value.members) member = in_segments(std::move(member));
        return value;
    }
    const std::size_t half = value.content.size() / 2;
    value.members = {der::make_primitive(der::tag_octet_string, value.content.substr(0, half)),
                     der::make_primitive(der::tag_octet_string, value.content.substr(half))};
    value.content.clear();
    value.form = der::Form::Constructed;
    return value;
}

der::Value in_reverse(der::Value value, const std::vector<der::Tag>& sets) {
    for (der::Value& member : value.members) member = in_reverse(std::move(member), sets);
    if (std::ranges::find(sets, value.tag) != sets.end()) std::ranges::reverse(value.members);
    return value;
}

}  // namespace mailassay::vectors
