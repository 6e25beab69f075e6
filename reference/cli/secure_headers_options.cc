#include "cli/secure_headers_options.h"

#include <cstdio>

#include "cli/message_io.h"

namespace mailassay::cli {

namespace {

// Says in which file it was.
template <class Value>
Result<Value> located(Result<Value> read, const std::string& path) {
    if (!read) read.error().detail = path + ": " + read.error().detail;
    return read;
}

}  // namespace

Result<secureheaders::Policies> read_policies(const std::string& path) {
    const auto toml = read_input(path);
    if (!toml) return std::unexpected(toml.error());
    return located(secureheaders::parse_policies(*toml), path);
}

Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path) {
    const auto pem = read_input(path);
    if (!pem) return std::unexpected(pem.error());
    return located(crypto::Certificate::all_from_pem(*pem), path);
}

std::optional<base::TimePoint> parse_time(const std::string& text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    char end = '\0';
    const int read = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &year, &month, &day,
                                 &hour, &minute, &second, &end);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (read != 7 || end != 'Z' || text.size() != 20 || !date.ok()) return std::nullopt;
    const base::TimePoint time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                 std::chrono::minutes(minute) + std::chrono::seconds(second);
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    // Refuses 25 o'clock and signs within the digits: it must be written back as it was.
    return base::to_timestamp(whole) == text ? std::optional(time) : std::nullopt;
}

}  // namespace mailassay::cli
