#include "base/random.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

TEST(Random, ASeedIsASequence) {
    SeededRandom a(1);
    SeededRandom b(1);
    SeededRandom c(2);
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
    EXPECT_NE(first, a.next());
    // The sequence is part of generated vectors, so it may never change.
    SeededRandom zero(0);
    EXPECT_EQ(zero.next(), 0xe220a8397b1dcdafU);
}

TEST(Random, TheSystemGivesDifferentNumbers) {
    SystemRandom random;
    EXPECT_NE(random.next(), random.next());
}

TEST(Random, TokensNeedNoQuoting) {
    SeededRandom random(7);
    const std::string token = random_token(random, 40);
    EXPECT_EQ(token.size(), 40U);
    EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
    EXPECT_NE(token, random_token(random, 40));
    EXPECT_EQ(random_token(random, 0), "");
}

}  // namespace
}  // namespace mailassay::base
