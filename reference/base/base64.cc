#include "base/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace mailassay::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNoValue = 0xff;
constexpr std::uint8_t kNotALetter = 0xc0;  // bits that no value has

// The value of each octet, since most of what is decoded is megabytes of a message.
constexpr std::array<std::uint8_t, 256> kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoValue);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

}  // namespace

std::string encode_base64(std::string_view octets) {
    std::string text;
    text.reserve((octets.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const std::string_view group = octets.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= group.size() ? kAlphabet[(bits >> (18 - 6 * i)) & 0x3fU] : '=';
        }
    }
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    text.remove_suffix(padding);

    std::string octets(text.size() * 6 / 8, '\0');
    auto out = octets.begin();
    // No branch depends on what is read: letters are as good as random, and each wrong guess of a
    // branch would cost more than a group of four does.
    std::uint32_t any = 0;
    while (text.size() >= 4) {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::uint8_t value = kValues[static_cast<unsigned char>(text[i])];
            any |= value;
            bits = (bits << 6U) | (value & 0x3fU);
        }
        *out++ = static_cast<char>(bits >> 16U);
        *out++ = static_cast<char>(bits >> 8U);
        *out++ = static_cast<char>(bits);
        text.remove_prefix(4);
    }
    std::uint32_t bits = 0;
    for (const char c : text) {
        const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
        any |= value;
        bits = (bits << 6U) | (value & 0x3fU);
    }
    if ((any & kNotALetter) != 0) return std::nullopt;
    // Of two letters four bits belong to no octet, of three two; one is no octet at all.
    const std::size_t left = text.size() * 6 % 8;
    // Bits of the padding that are not zero would give one value two spellings.
    if (text.size() == 1 || (bits & ((1U << left) - 1)) != 0) return std::nullopt;
    bits >>= left;
    for (std::size_t size = text.size() * 6 / 8; size > 0; --size) {
        *out++ = static_cast<char>(bits >> (8 * (size - 1)));
    }
    return octets;
}

}  // namespace mailassay::base
