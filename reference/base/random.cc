#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace mailassay::base {

std::uint64_t SystemRandom::next() {
    std::uint64_t value = 0;
    for (;;) {
        const ssize_t got = getrandom(&value, sizeof value, 0);
        if (got == static_cast<ssize_t>(sizeof value)) return value;
        if (got < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
    }
}

// SplitMix64: every seed, zero included, gives a full-period sequence.
std::uint64_t SeededRandom::next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

std::string random_token(Random& random, std::size_t length) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr unsigned kBitsEach = 5;
    constexpr unsigned kCharactersEach = 64 / kBitsEach;

    std::string token;
    token.reserve(length);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < length; ++i) {
        if (i % kCharactersEach == 0) bits = random.next();
        token += kAlphabet[bits % kAlphabet.size()];
        bits >>= kBitsEach;
    }
    return token;
}

}  // namespace mailassay::base
