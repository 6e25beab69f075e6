#include "logging/log.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

namespace mailassay::logging {

void Log::event(std::string_view name, std::span<const LogField> fields) {
    if (!sink_) return;
    nlohmann::ordered_json line;
    line["time"] = base::to_millisecond_timestamp(clock_.now());
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

}  // namespace mailassay::logging
