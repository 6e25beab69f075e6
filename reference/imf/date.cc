#include "imf/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/ascii.h"
#include "imf/lexer.h"

namespace mailassay::imf {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <std::size_t Size>
std::optional<unsigned> index_of(const std::array<std::string_view, Size>& names,
                                 std::string_view name) {
    const auto found = std::find_if(names.begin(), names.end(), [name](std::string_view other) {
        return base::equals_ignore_case(other, name);
    });
    if (found == names.end()) return std::nullopt;
    return static_cast<unsigned>(found - names.begin());
}

class DateParser {
  public:
    explicit DateParser(std::string_view text) : lexer_(text, "imf.date.syntax") {}
    Result<base::TimePoint> date_time();

  private:
    Result<void> day_name();
    Result<std::chrono::year_month_day> date();
    Result<std::chrono::seconds> time_of_day();
    Result<std::chrono::minutes> zone();
    Result<unsigned> number(std::size_t min_digits, std::size_t max_digits);
    Result<bool> skip() { return lexer_.skip_cfws(); }
    [[nodiscard]] std::unexpected<Error> out_of_range() const {
        return lexer_.fail("imf.date.range");
    }

    Lexer lexer_;
};

Result<unsigned> DateParser::number(std::size_t min_digits, std::size_t max_digits) {
    if (auto space = skip(); !space) return std::unexpected(space.error());
    const auto digits = lexer_.take_while(base::is_digit);
    if (digits.size() < min_digits || digits.size() > max_digits) return lexer_.fail_syntax();
    return static_cast<unsigned>(base::parse_decimal(digits).value_or(0));
}

Result<void> DateParser::day_name() {
    if (auto space = skip(); !space) return std::unexpected(space.error());
    const auto name = lexer_.take_while(base::is_alpha);
    if (name.empty()) return {};
    if (!index_of(kDays, name)) return lexer_.fail_syntax();
    if (auto space = skip(); !space) return std::unexpected(space.error());
    if (!lexer_.take(',')) return lexer_.fail_syntax();
    return {};
}

// Years of two and three digits are read as RFC 5322 section 4.3 says.
int full_year(unsigned year, std::size_t digits) {
    if (digits == 2) return static_cast<int>(year < 50 ? year + 2000 : year + 1900);
    if (digits == 3) return static_cast<int>(year + 1900);
    return static_cast<int>(year);
}

Result<std::chrono::year_month_day> DateParser::date() {
    const auto day = number(1, 2);
    if (!day) return std::unexpected(day.error());
    if (auto space = skip(); !space) return std::unexpected(space.error());
    const auto month = index_of(kMonths, lexer_.take_while(base::is_alpha));
    if (!month) return lexer_.fail_syntax();
    if (auto space = skip(); !space) return std::unexpected(space.error());
    const std::size_t year_start = lexer_.offset();
    const auto year = number(2, 4);
    if (!year) return std::unexpected(year.error());
    const std::chrono::year_month_day date(
        std::chrono::year(full_year(*year, lexer_.offset() - year_start)),
        std::chrono::month(*month + 1), std::chrono::day(*day));
    // system_clock counts nanoseconds in 64 bits: it ends in 2262.
    if (!date.ok() || date.year() < std::chrono::year(1900) ||
        date.year() > std::chrono::year(2261)) {
        return out_of_range();
    }
    return date;
}

Result<std::chrono::seconds> DateParser::time_of_day() {
    const auto hour = number(2, 2);
    if (!hour) return std::unexpected(hour.error());
    if (auto space = skip(); !space) return std::unexpected(space.error());
    if (!lexer_.take(':')) return lexer_.fail_syntax();
    const auto minute = number(2, 2);
    if (!minute) return std::unexpected(minute.error());
    if (auto space = skip(); !space) return std::unexpected(space.error());
    unsigned second = 0;
    if (lexer_.take(':')) {
        const auto given = number(2, 2);
        if (!given) return std::unexpected(given.error());
        second = *given;
    }
    // 60 is a leap second.
    if (*hour > 23 || *minute > 59 || second > 60) return out_of_range();
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
}

// The offset from UTC. Names without a known offset mean -0000 (RFC 5322 section 4.3).
Result<std::chrono::minutes> DateParser::zone() {
    if (auto space = skip(); !space) return std::unexpected(space.error());
    if (lexer_.at('+') || lexer_.at('-')) {
        const int sign = lexer_.take('-') ? -1 : 1;
        lexer_.take('+');
        const auto digits = lexer_.take_while(base::is_digit);
        if (digits.size() != 4) return lexer_.fail_syntax();
        const auto value = static_cast<int>(base::parse_decimal(digits).value_or(0));
        if (value % 100 > 59) return out_of_range();
        return std::chrono::minutes(sign * (value / 100 * 60 + value % 100));
    }
    const auto name = lexer_.take_while(base::is_alpha);
    if (name.empty()) return lexer_.fail_syntax();
    constexpr std::array<std::string_view, 8> kZones = {"EDT", "EST", "CDT", "CST",
                                                        "MDT", "MST", "PDT", "PST"};
    constexpr std::array<int, 8> kHours = {-4, -5, -5, -6, -6, -7, -7, -8};
    const auto index = index_of(kZones, name);
    return std::chrono::minutes(index ? kHours[*index] * 60 : 0);
}

Result<base::TimePoint> DateParser::date_time() {
    if (auto name = day_name(); !name) return std::unexpected(name.error());
    const auto day = date();
    if (!day) return std::unexpected(day.error());
    const auto time = time_of_day();
    if (!time) return std::unexpected(time.error());
    const auto offset = zone();
    if (!offset) return std::unexpected(offset.error());
    if (auto space = skip(); !space) return std::unexpected(space.error());
    if (!lexer_.at_end()) return lexer_.fail_syntax();
    return std::chrono::sys_days(*day) + *time - *offset;
}

}  // namespace

std::string format_date(base::TimePoint time) {
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
        kDays[std::chrono::weekday(days).c_encoding()], static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<base::TimePoint> parse_date(std::string_view text) {
    return DateParser(text).date_time();
}

}  // namespace mailassay::imf
