#include "imf/date.h"

#include <gtest/gtest.h>

namespace mailassay::imf {
namespace {

using namespace std::chrono_literals;

base::TimePoint at(std::chrono::year_month_day day, std::chrono::seconds time) {
    return std::chrono::sys_days(day) + time;
}

TEST(Date, IsFormattedInUtc) {
    EXPECT_EQ(format_date(at(2019y / 12 / 3, 10h + 11min + 12s)),
              "Tue, 03 Dec 2019 10:11:12 +0000");
    EXPECT_EQ(format_date(base::TimePoint{} - 1s), "Wed, 31 Dec 1969 23:59:59 +0000");
}

TEST(Date, IsReadInItsForms) {
    const auto time = at(2019y / 12 / 3, 10h + 11min + 12s);
    EXPECT_EQ(parse_date("Tue, 03 Dec 2019 10:11:12 +0000"), time);
    EXPECT_EQ(parse_date(" 3 dec 2019 12:11:12 +0200 (CEST)"), time);
    EXPECT_EQ(parse_date("Tue,\r\n 3 Dec 19 05:11:12 EST"), time);
    EXPECT_EQ(parse_date("3 Dec 119 10:11:12 GMT"), time);
    EXPECT_EQ(parse_date("3 Dec 2019 10:11 -0000"), time - 12s);
    EXPECT_EQ(parse_date("3 Dec 2019 00:41:12 -0930"), time);
}

TEST(Date, IsRefused) {
    for (const auto* text :
         {"", "Tue", "Tue 3 Dec 2019 10:11:12 +0000", "3 Foo 2019 10:11:12 +0000",
          "3 Dec 2019 10:11:12", "3 Dec 2019 1:11:12 +0000", "3 Dec 2019 10:11:12 +00000",
          "3 Dec 2019 10:11:12 +0000 x", "3 Dec 20190 10:11:12 +0000",
          "Xxx, 3 Dec 2019 10:11 GMT"}) {
        const auto parsed = parse_date(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().id, "imf.date.syntax") << text;
    }
    for (const auto* text :
         {"30 Feb 2019 10:11:12 +0000", "3 Dec 2019 24:11:12 +0000", "3 Dec 2019 10:60:12 +0000",
          "3 Dec 2019 10:11:61 +0000", "3 Dec 2019 10:11:12 +0060", "3 Dec 9999 10:11:12 +0000"}) {
        const auto parsed = parse_date(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().id, "imf.date.range") << text;
    }
}

}  // namespace
}  // namespace mailassay::imf
