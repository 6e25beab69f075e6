#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mailassay::base {

// Where randomness comes from; passed in, so that a test and a generator of vectors own it.
class Random {
  public:
    virtual ~Random() = default;
    // 64 uniformly distributed bits.
    [[nodiscard]] virtual std::uint64_t next() = 0;
};

// The operating system's generator. Safe to call from several threads. Throws std::system_error
// when the system has no randomness to give.
class SystemRandom final : public Random {
  public:
    [[nodiscard]] std::uint64_t next() override;
};

// The same sequence for the same seed, on every platform. Not for secrets, not thread-safe.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    [[nodiscard]] std::uint64_t next() override;

  private:
    std::uint64_t state_;
};

// `length` characters of a-z and 2-7 (5 bits each): a name that needs no quoting anywhere in mail,
// in file names or in DNS.
[[nodiscard]] std::string random_token(Random& random, std::size_t length = 26);

}  // namespace mailassay::base
