#include "requiretls/mta_sts.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"

namespace mailassay::requiretls {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && base::is_wsp(text.front())) text.remove_prefix(1);
    while (!text.empty() && base::is_wsp(text.back())) text.remove_suffix(1);
    return text;
}

std::unexpected<Error> fault(std::string_view id, std::size_t offset, std::string_view where,
                             std::string_view detail = {}) {
    return std::unexpected(Error{id, offset, where, std::string(detail)});
}

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > 253) return false;
    while (true) {
        const std::size_t dot = name.find('.');
        const std::string_view label = name.substr(0, dot);
        if (label.empty() || label.size() > 63) return false;
        if (!std::ranges::all_of(label, [](char c) { return base::is_alnum(c) || c == '-'; })) {
            return false;
        }
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool is_pattern(std::string_view pattern) {
    if (pattern.starts_with("*.")) pattern.remove_prefix(2);
    return is_host_name(pattern);
}

// One field of a TXT record: the id, or name=value.
bool is_record_field(std::string_view field) {
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals > 32) return false;
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(equals + 1);
    if (name == "id") {
        return !value.empty() && value.size() <= 32 && std::ranges::all_of(value, base::is_alnum);
    }
    const auto in_name = [](char c) {
        return base::is_alnum(c) || c == '_' || c == '-' || c == '.';
    };
    const auto in_value = [](char c) { return c > ' ' && c <= '~' && c != ';' && c != '='; };
    return base::is_alnum(name.front()) && std::ranges::all_of(name, in_name) && !value.empty() &&
           std::ranges::all_of(value, in_value);
}

std::optional<StsMode> parse_mode(std::string_view value) {
    if (value == "enforce") return StsMode::Enforce;
    if (value == "testing") return StsMode::Testing;
    if (value == "none") return StsMode::None;
    return std::nullopt;
}

std::optional<std::chrono::seconds> parse_max_age(std::string_view value) {
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, problem] = std::from_chars(value.data(), end, number);
    if (value.empty() || value.size() > 10 || problem != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return std::min(std::chrono::seconds(number), max_policy_age);
}

// The keys of a policy as they are read, line by line.
struct Draft {
    bool version = false;
    std::optional<StsMode> mode;
    std::optional<std::chrono::seconds> max_age;
    std::vector<std::string> mx;

    Result<void> take(std::string_view key, std::string_view value, std::size_t offset);
};

// The keys may stand in any order, the version's included.
Result<void> Draft::take(std::string_view key, std::string_view value, std::size_t offset) {
    if (key == "version" && !version) {
        version = value == "STSv1";
        if (!version) return fault("requiretls.sts.version", offset, "rfc8461/3.2", value);
    } else if (key == "mode" && !mode) {
        mode = parse_mode(value);
        if (!mode) return fault("requiretls.sts.mode", offset, "rfc8461/3.2", value);
    } else if (key == "max_age" && !max_age) {
        max_age = parse_max_age(value);
        if (!max_age) return fault("requiretls.sts.max-age", offset, "rfc8461/3.2", value);
    } else if (key == "mx") {
        if (!is_pattern(value) || mx.size() == max_policy_patterns) {
            return fault("requiretls.sts.mx", offset, "rfc8461/3.2", value);
        }
        mx.push_back(base::to_lower(value));
    }
    return {};
}

}  // namespace

Result<std::string> parse_sts_record(std::string_view text) {
    constexpr std::string_view version = "v=STSv1";
    if (!text.starts_with(version)) {
        return fault("requiretls.sts.record-version", 0, "rfc8461/3.1");
    }
    std::size_t at = version.size();
    const std::string_view rest = trimmed(text.substr(at));
    if (!rest.starts_with(';')) {
        // v=STSv10 is another version, whatever it is.
        return fault("requiretls.sts.record-version", at, "rfc8461/3.1");
    }
    std::optional<std::string> id;
    for (at = text.find(';') + 1; at < text.size();) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        const std::string_view field = trimmed(text.substr(at, end - at));
        // Nothing at all may stand behind the last delimiter only.
        if (field.empty() && end == text.size()) break;
        if (!is_record_field(field)) {
            return fault("requiretls.sts.record-syntax", at, "rfc8461/3.1", field);
        }
        if (field.starts_with("id=") && !id) id = field.substr(3);
        at = end + 1;
    }
    if (id) return *std::move(id);
    return fault("requiretls.sts.record-syntax", std::min(at, text.size()), "rfc8461/3.1");
}

Result<StsPolicy> parse_sts_policy(std::string_view text) {
    if (text.size() > max_policy_octets) {
        return fault("requiretls.sts.too-large", max_policy_octets, "");
    }
    Draft draft;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!trimmed(line).empty()) {
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos) {
                return fault("requiretls.sts.line", at, "rfc8461/3.2", line);
            }
            const std::string_view key = line.substr(0, colon);
            const std::string_view value = trimmed(line.substr(colon + 1));
            if (auto taken = draft.take(key, value, at); !taken) {
                return std::unexpected(taken.error());
            }
        }
        at = end + 1;
    }
    if (!draft.version) return fault("requiretls.sts.version", text.size(), "rfc8461/3.2");
    if (!draft.mode) return fault("requiretls.sts.mode", text.size(), "rfc8461/3.2");
    if (!draft.max_age) return fault("requiretls.sts.max-age", text.size(), "rfc8461/3.2");
    if (draft.mx.empty() && *draft.mode != StsMode::None) {
        return fault("requiretls.sts.mx", text.size(), "rfc8461/3.2");
    }
    return StsPolicy{*draft.mode, std::move(draft.mx), *draft.max_age};
}

bool lists_host(const StsPolicy& policy, std::string_view host) {
    std::string name = base::to_lower(host);
    if (name.ends_with('.')) name.pop_back();
    const std::size_t dot = name.find('.');
    return std::ranges::any_of(policy.mx, [&](const std::string& pattern) {
        if (!pattern.starts_with("*.")) return name == pattern;
        // A wildcard stands for exactly one label, the leftmost.
        return dot != std::string::npos && dot > 0 &&
               std::string_view(name).substr(dot + 1) == std::string_view(pattern).substr(2);
    });
}

}  // namespace mailassay::requiretls
