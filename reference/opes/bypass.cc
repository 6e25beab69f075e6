#include "opes/bypass.h"

#include <algorithm>

#include "base/ascii.h"
#include "dsn/xtext.h"
#include "opes/entry.h"

namespace mailassay::opes {

namespace {

std::unexpected<Error> wrong(std::string_view id, std::string_view detail) {
    return std::unexpected(
        Error{.id = id, .offset = 0, .requirement = "rfc4236/5", .detail = std::string(detail)});
}

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

Result<BypassRequest> parse_bypass(std::string_view body) {
    const std::string text = imf::unfold(body);
    if (base::trim(text) == "*") return BypassRequest{.all = true};
    BypassRequest request;
    for (const std::string_view element : base::split(text, ',')) {
        const std::string_view agent = base::trim(element);
        if (agent.empty()) continue;
        if (!is_agent(agent)) {
            return wrong("opes.bypass.agent", agent.substr(0, 80));
        }
        if (request.agents.size() == entries_of_a_field) return wrong("opes.bypass.too-many", "");
        request.agents.emplace_back(agent);
    }
    // One entry at least: a list of empty elements asks nothing that can be heeded.
    if (request.agents.empty()) return wrong("opes.bypass.empty", "");
    return request;
}

std::string to_string(const BypassRequest& request) {
    if (request.all) return "*";
    std::string text;
    for (const std::string& agent : request.agents) {
        if (!text.empty()) text += ", ";
        text += encoded(agent);
    }
    return text;
}

Result<BypassRequest> parse_bypass_parameter(std::string_view value) {
    auto text = dsn::decode_xtext(value);
    if (!text) return std::unexpected(std::move(text.error()));
    const auto stands_in_no_path = [](char c) { return base::is_control(c) || is_space(c); };
    if (std::ranges::any_of(*text, stands_in_no_path)) return wrong("opes.bypass.agent", "");
    return parse_bypass(*text);
}

std::string to_parameter(const BypassRequest& request) {
    std::string text = to_string(request);
    std::erase(text, ' ');
    return std::string(bypass_keyword) + "=" + dsn::encode_xtext(text);
}

// [rfc4902/3.2/1] [rfc4902/4/3]
HeaderRequest requested_by(const imf::HeaderSection& header) {
    HeaderRequest found;
    for (const imf::HeaderField* field : header.find_all(bypass_field)) {
        auto request = parse_bypass(field->body);
        if (request) {
            found.request = both(found.request, *request);
        } else {
            found.faults.push_back(std::move(request.error()));
        }
    }
    return found;
}

// [rfc4902/3.2/1] [rfc4902/4/4]
Result<std::optional<BypassRequest>> requested_by(const std::vector<std::string>& parameters) {
    std::optional<BypassRequest> found;
    for (const std::string_view parameter : parameters) {
        const std::size_t equals = parameter.find('=');
        if (!base::equals_ignore_case(parameter.substr(0, equals), bypass_keyword)) continue;
        if (found) return wrong("opes.bypass.repeated", "");
        if (equals == std::string_view::npos) return wrong("opes.bypass.empty", "");
        auto request = parse_bypass_parameter(parameter.substr(equals + 1));
        if (!request) return std::unexpected(std::move(request.error()));
        found = std::move(*request);
    }
    return found;
}

std::optional<BypassRequest> both(const std::optional<BypassRequest>& one,
                                  const std::optional<BypassRequest>& other) {
    if (!one) return other;
    if (!other) return one;
    if (one->all || other->all) return BypassRequest{.all = true};
    BypassRequest request = *one;
    for (const std::string& agent : other->agents) {
        const bool known = std::ranges::any_of(
            request.agents, [&](const std::string& each) { return same_agent(each, agent); });
        if (!known) request.agents.push_back(agent);
    }
    return request;
}

}  // namespace mailassay::opes
