#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mailassay::base {

using TimePoint = std::chrono::system_clock::time_point;
using Duration = std::chrono::system_clock::duration;

// In UTC, as RFC 3339 writes them: 2026-01-31, 2026-01-31T12:00:00Z, 2026-01-31T12:00:00.123Z.
// Years before 0 or after 9999 are written with as many digits as they take.
[[nodiscard]] std::string to_day(std::chrono::sys_seconds time);
[[nodiscard]] std::string to_timestamp(std::chrono::sys_seconds time);
[[nodiscard]] std::string to_millisecond_timestamp(TimePoint time);

// `2026-01-31T12:00:00Z` and nothing else; nullopt: it is not written so, or lies outside of what a
// TimePoint can hold (1677 to 2262).
[[nodiscard]] std::optional<TimePoint> from_timestamp(std::string_view text);

// Where time comes from; passed in, so that a test owns it. Implementations are safe to call from
// several threads unless they say otherwise.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
};

// The wall clock (UTC).
class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override;
};

// Stands still until told otherwise. Not safe to advance while another thread reads it.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(TimePoint start = TimePoint{}) : now_(start) {}
    [[nodiscard]] TimePoint now() const override { return now_; }
    void set(TimePoint now) { now_ = now; }
    void advance(Duration by) { now_ += by; }

  private:
    TimePoint now_;
};

}  // namespace mailassay::base
