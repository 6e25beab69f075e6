#pragma once

#include <optional>
#include <string>
#include <string_view>

// Values of BER as the octets they stand in, for whoever changes what is around them and nothing in
// them. Only for the .cc files of this module.
namespace mailassay::crypto {

// Identifier octets of what CMS is made of (RFC 5652).
inline constexpr char sequence = 0x30;
inline constexpr char set = 0x31;
inline constexpr char explicit_0 = static_cast<char>(0xa0);
inline constexpr char constructed_1 = static_cast<char>(0xa1);
inline constexpr char implicit_0 = static_cast<char>(0x80);
inline constexpr char octet_string = 0x04;
inline constexpr char octet_string_in_segments = 0x24;

// One value of BER with a tag of one octet, in the octets that it was taken from.
struct Piece {
    char identifier = 0;
    std::string_view contents;
    std::string_view whole;
};

// The value at the start of `octets`, which are left behind it; nullopt: there is none, or it is
// nested deeper than 32 values in indefinite lengths.
[[nodiscard]] std::optional<Piece> take(std::string_view& octets, int depth = 0);
// Likewise, where it has that identifier; otherwise nullopt.
[[nodiscard]] std::optional<Piece> take_as(std::string_view& octets, char identifier);

// The header of a value in DER, and the value.
[[nodiscard]] std::string header_of(char identifier, std::size_t size);
[[nodiscard]] std::string value_of(char identifier, std::string_view contents);

// What stands in a ContentInfo.
struct Holder {
    std::string_view type;
    std::string_view members;  // of the SEQUENCE
};

// nullopt: it holds no SEQUENCE, or is no ContentInfo.
[[nodiscard]] std::optional<Holder> holder_of(std::string_view octets);

}  // namespace mailassay::crypto
