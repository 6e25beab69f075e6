#include "base/octets.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

TEST(Octets, StayWhereTheyAreWhileACopyLives) {
    Octets octets = Octets::owned("short");
    const std::string_view view = octets.view();
    const Octets copy = std::move(octets);
    EXPECT_EQ(copy.view().data(), view.data());
    EXPECT_EQ(copy.view(), "short");
    Octets part;
    {
        const Octets whole = Octets::owned("a part of them");
        part = whole.part(whole.view().substr(2, 4));
    }
    EXPECT_EQ(part.view(), "part");
    EXPECT_EQ(Octets().view(), "");
}

TEST(Octets, MemoryKeepsWhatIsWritten) {
    const auto kept = memory().keep([](Sink& sink) {
        auto done = sink.append("one ");
        return done ? sink.append("two") : done;
    });
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->view(), "one two");
    const auto failed = memory().keep(
        [](Sink&) { return Result<void>(std::unexpected(Error{.id = "test.fault"})); });
    EXPECT_EQ(failed.error().id, "test.fault");
}

}  // namespace
}  // namespace mailassay::base
