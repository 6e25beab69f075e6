#include "buffer/octets.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace mailassay::buffer {
namespace {

// So many octets that no two places of them look alike.
std::string octets(std::size_t count) {
    std::string made;
    for (std::size_t i = 0; made.size() < count; ++i) made += std::to_string(i) + "\n";
    made.resize(count);
    return made;
}

TEST(Collector, WhatIsCollectedIsWholeWhereverItIsKept) {
    for (const std::size_t count : {0U, 1U, 99U, 100U, 101U, 5000U}) {
        for (const std::size_t at_once : {1U, 7U, 100U, 5000U}) {
            const std::string all = octets(count);
            Collector collector(100);
            for (std::size_t at = 0; at < count; at += at_once) {
                ASSERT_TRUE(collector.append(std::string_view(all).substr(at, at_once)));
            }
            EXPECT_EQ(collector.size(), count);
            const auto collected = collector.finish();
            ASSERT_TRUE(collected.has_value());
            EXPECT_EQ(collected->view(), all);
        }
    }
}

TEST(Collector, CollectsAnewAfterwards) {
    Collector collector(10);
    ASSERT_TRUE(collector.append(octets(50)));
    const auto first = collector.finish();
    EXPECT_EQ(collector.size(), 0U);
    ASSERT_TRUE(collector.append("second"));
    EXPECT_EQ(collector.finish()->view(), "second");
    EXPECT_EQ(first->view(), octets(50));
}

TEST(Collector, OctetsOutliveItAndMayBeMoved) {
    auto collected = [] {
        Collector collector(10);
        EXPECT_TRUE(collector.append(octets(500)));
        return collector.finish();
    }();
    const base::Octets moved = std::move(*collected);
    EXPECT_EQ(moved.view(), octets(500));
}

TEST(Scratch, KeepsWhatIsWrittenOrTellsWhyNot) {
    Scratch scratch;
    const std::string all = octets(3 * most_held);
    const auto kept = scratch.keep([&all](base::Sink& sink) { return sink.append(all); });
    ASSERT_TRUE(kept.has_value());
    EXPECT_TRUE(kept->view() == all);
    const auto failed = scratch.keep(
        [](base::Sink&) { return Result<void>(std::unexpected(Error{.id = "test.fault"})); });
    EXPECT_EQ(failed.error().id, "test.fault");
}

TEST(Collector, LeavesNothingBehindAndTellsAFolderItCanNotWrite) {
    const std::string folder = testing::TempDir() + "mailassay_buffer_test";
    std::filesystem::create_directory(folder);
    ASSERT_EQ(::setenv("TMPDIR", folder.c_str(), 1), 0);
    Collector collector(10);
    ASSERT_TRUE(collector.append(octets(500)));
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    std::filesystem::remove(folder);
    const auto refused = Collector(10).append(octets(500));
    ASSERT_EQ(::unsetenv("TMPDIR"), 0);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().id, "buffer.file");
}

}  // namespace
}  // namespace mailassay::buffer
