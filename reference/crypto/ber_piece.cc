#include "crypto/ber_piece.h"

namespace mailassay::crypto {

namespace {

// As deep as OpenSSL follows the end of values in indefinite lengths.
constexpr int max_depth = 32;

constexpr std::string_view end_of_contents("\0\0", 2);

constexpr bool is_constructed(char identifier) {
    return (static_cast<unsigned char>(identifier) & 0x20U) != 0;
}

// The contents of a value in indefinite length that stand at the start of `octets`.
std::optional<std::string_view> contents_up_to_their_end(std::string_view octets, int depth) {
    std::string_view left = octets;
    while (!left.starts_with(end_of_contents)) {
        if (!take(left, depth + 1)) return std::nullopt;
    }
    return octets.substr(0, octets.size() - left.size());
}

}  // namespace

std::optional<Piece> take(std::string_view& octets, int depth) {
    constexpr unsigned char long_tag = 0x1f;
    if (depth > max_depth || octets.size() < 2) return std::nullopt;
    const std::string_view all = octets;
    const char identifier = all[0];
    if ((static_cast<unsigned char>(identifier) & long_tag) == long_tag) return std::nullopt;
    const auto first = static_cast<unsigned char>(all[1]);
    std::size_t header = 2;
    std::size_t size = first;
    if (first == 0x80) {
        if (!is_constructed(identifier)) return std::nullopt;
        const auto contents = contents_up_to_their_end(all.substr(header), depth);
        if (!contents) return std::nullopt;
        const std::size_t end = header + contents->size() + end_of_contents.size();
        octets.remove_prefix(end);
        return Piece{identifier, *contents, all.substr(0, end)};
    }
    if (first > 0x80) {
        const std::size_t count = first & 0x7fU;
        if (all.size() < header + count) return std::nullopt;
        size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            size = size << 8U | static_cast<unsigned char>(all[header + i]);
            if (size > all.size()) return std::nullopt;
        }
        header += count;
    }
    if (size > all.size() - header) return std::nullopt;
    octets.remove_prefix(header + size);
    return Piece{identifier, all.substr(header, size), all.substr(0, header + size)};
}

std::optional<Piece> take_as(std::string_view& octets, char identifier) {
    auto piece = take(octets);
    return piece && piece->identifier == identifier ? piece : std::nullopt;
}

std::string header_of(char identifier, std::size_t size) {
    std::string header(1, identifier);
    if (size < 0x80) return header + static_cast<char>(size);
    std::string length;
    for (std::size_t left = size; left > 0; left >>= 8U) {
        length.insert(length.begin(), static_cast<char>(left & 0xffU));
    }
    return header + static_cast<char>(0x80U | length.size()) + length;
}

std::string value_of(char identifier, std::string_view contents) {
    std::string value = header_of(identifier, contents.size());
    return value.append(contents);
}

std::optional<Holder> holder_of(std::string_view octets) {
    const auto info = take_as(octets, sequence);
    if (!info) return std::nullopt;
    std::string_view left = info->contents;
    const auto type = take(left);
    const auto holder = type ? take_as(left, explicit_0) : std::nullopt;
    if (!holder || !left.empty()) return std::nullopt;
    left = holder->contents;
    const auto held = take_as(left, sequence);
    if (!held || !left.empty()) return std::nullopt;
    return Holder{.type = type->whole, .members = held->contents};
}

}  // namespace mailassay::crypto
