#include "mta/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace mailassay::mta {

namespace {

std::string timestamp(base::TimePoint now) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds),
                       (milliseconds - seconds).count());
}

}  // namespace

void Log::event(std::string_view name, std::initializer_list<LogField> fields) {
    if (!sink_) return;
    nlohmann::ordered_json line;
    line["time"] = timestamp(clock_.now());
    line["event"] = name;
    for (const auto& [key, value] : fields) line[std::string(key)] = value;
    const std::string octets =
        line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    const std::lock_guard lock(mutex_);
    sink_(octets);
}

Log::Sink standard_error_sink() {
    return [](std::string_view line) {
        while (!line.empty()) {
            const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
            if (written <= 0) return;
            line.remove_prefix(static_cast<std::size_t>(written));
        }
    };
}

}  // namespace mailassay::mta
