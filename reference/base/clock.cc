#include "base/clock.h"

#include <fmt/format.h>

#include <cstdio>

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

std::optional<TimePoint> from_timestamp(std::string_view text) {
    if (text.size() != 20) return std::nullopt;
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    char end = '\0';
    const int read = std::sscanf(std::string(text).c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &year,
                                 &month, &day, &hour, &minute, &second, &end);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (read != 7 || end != 'Z' || !date.ok()) return std::nullopt;
    const std::chrono::sys_seconds time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                          std::chrono::minutes(minute) +
                                          std::chrono::seconds(second);
    // Refuses 25 o'clock and signs within the digits: it must be written back as it was.
    if (to_timestamp(time) != text) return std::nullopt;
    // A TimePoint counts nanoseconds, and reaches from 1677 to 2262.
    using std::chrono::floor;
    using Seconds = std::chrono::seconds;
    if (time <= floor<Seconds>(TimePoint::min()) || time >= floor<Seconds>(TimePoint::max())) {
        return std::nullopt;
    }
    return time;
}

TimePoint SystemClock::now() const {
    return std::chrono::system_clock::now();
}

}  // namespace mailassay::base
