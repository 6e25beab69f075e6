#include <array>

#include "der/value.h"

namespace mailassay::der {

namespace {

void append_identifier(std::string& out, const Value& value) {
    const auto cls = static_cast<unsigned>(value.tag.cls) << 6;
    const unsigned form = value.form == Form::Constructed ? 0x20 : 0;
    if (value.tag.number < 31) {
        out += static_cast<char>(cls | form | value.tag.number);
        return;
    }
    out += static_cast<char>(cls | form | 31);
    for (int shift = 28; shift >= 0; shift -= 7) {
        const std::uint32_t rest = value.tag.number >> shift;
        if (rest == 0) continue;
        out += static_cast<char>((rest & 0x7f) | (shift == 0 ? 0U : 0x80U));
    }
}

void append_length(std::string& out, std::size_t length) {
    if (length < 0x80) {
        out += static_cast<char>(length);
        return;
    }
    std::array<char, sizeof length> octets{};
    std::size_t count = 0;
    for (; length != 0; length >>= 8) octets.at(count++) = static_cast<char>(length & 0xff);
    out += static_cast<char>(0x80 | count);
    while (count != 0) out += octets.at(--count);
}

}  // namespace

std::string write(const Value& value) {
    std::string content;
    if (value.form == Form::Primitive) {
        content = value.content;
    } else {
        for (const Value& member : value.members) content += write(member);
    }
    std::string out;
    out.reserve(content.size() + 8);
    append_identifier(out, value);
    append_length(out, content.size());
    return out += content;
}

}  // namespace mailassay::der
