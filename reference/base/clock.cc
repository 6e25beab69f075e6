#include "base/clock.h"

#include <fmt/format.h>

namespace mailassay::base {

namespace {

// Without fmt/chrono.h, which costs seconds in every file that includes it.
std::string time_of_day(std::chrono::sys_seconds time) {
    const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

}  // namespace

std::string to_day(std::chrono::sys_seconds time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::string to_timestamp(std::chrono::sys_seconds time) {
    return to_day(time) + "T" + time_of_day(time) + "Z";
}

std::string to_millisecond_timestamp(TimePoint time) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
    return fmt::format("{}T{}.{:03}Z", to_day(seconds), time_of_day(seconds),
                       (milliseconds - seconds).count());
}

TimePoint SystemClock::now() const {
    return std::chrono::system_clock::now();
}

}  // namespace mailassay::base
