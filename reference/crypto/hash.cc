#include "crypto/hash.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace mailassay::crypto {

std::string sha256_hex(std::string_view octets) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
    std::string text;
    for (const unsigned char octet : digest) text += fmt::format("{:02x}", octet);
    return text;
}

}  // namespace mailassay::crypto
