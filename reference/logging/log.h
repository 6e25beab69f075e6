#pragma once

#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace mailassay::logging {

// One field of a log line.
using LogField = std::pair<std::string_view, std::string>;

// What happened, one JSON object a line: {"time", "event", fields...}. Safe to call from several
// threads; a line is written whole. Values may hold any octets: what is not UTF-8 is replaced and
// control characters are escaped, so that a peer can't forge a line.
class Log {
  public:
    using Sink = std::function<void(std::string_view line)>;

    // `sink` gets each line with its LF. No sink: nothing is logged. The clock
    // must outlive the log.
    Log(const base::Clock& clock, Sink sink) : clock_(clock), sink_(std::move(sink)) {}

    void event(std::string_view name, std::initializer_list<LogField> fields = {}) {
        event(name, std::span(fields.begin(), fields.size()));
    }
    void event(std::string_view name, std::span<const LogField> fields);

  private:
    const base::Clock& clock_;
    std::mutex mutex_;
    Sink sink_;
};

// Writes to standard error, and drops what it does not take.
[[nodiscard]] Log::Sink standard_error_sink();

}  // namespace mailassay::logging
