#include "base/clock.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST(Clock, WritesTimesInUtc) {
    // From `date -u -d @N +%FT%TZ`.
    EXPECT_EQ(to_timestamp(sys_seconds(seconds(0))), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_timestamp(sys_seconds(seconds(-1))), "1969-12-31T23:59:59Z");
    EXPECT_EQ(to_timestamp(sys_seconds(seconds(951'782'400))), "2000-02-29T00:00:00Z");
    EXPECT_EQ(to_timestamp(sys_seconds(seconds(1'795'440'896))), "2026-11-23T13:34:56Z");
    EXPECT_EQ(to_day(sys_seconds(seconds(253'402'300'799))), "9999-12-31");
}

TEST(Clock, MillisecondsAreRoundedDown) {
    const TimePoint time = sys_seconds(seconds(1)) + std::chrono::microseconds(7'999);
    EXPECT_EQ(to_millisecond_timestamp(time), "1970-01-01T00:00:01.007Z");
    EXPECT_EQ(to_millisecond_timestamp(TimePoint(std::chrono::microseconds(-1))),
              "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ReadsTimesThatItCanHold) {
    EXPECT_EQ(from_timestamp("1970-01-01T00:00:01Z"), sys_seconds(seconds(1)));
    EXPECT_EQ(from_timestamp("2262-04-11T23:47:15Z"), sys_seconds(seconds(9'223'372'035)));
    EXPECT_EQ(from_timestamp("2262-04-11T23:47:17Z"), std::nullopt);
    EXPECT_EQ(from_timestamp("8850-05-01T12:00:00Z"), std::nullopt);
    EXPECT_EQ(from_timestamp("1677-09-21T00:12:43Z"), std::nullopt);
    EXPECT_EQ(from_timestamp("2026-01-31T25:00:00Z"), std::nullopt);
}

}  // namespace
}  // namespace mailassay::base
