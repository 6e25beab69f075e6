#include "secureheaders/policy.h"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "imf/header.h"

namespace mailassay::secureheaders {

namespace {

constexpr std::size_t max_octets = std::size_t{1024} * 1024;

std::unexpected<Error> wrong(std::string_view id, std::string detail) {
    return std::unexpected(Error{.id = id, .detail = std::move(detail)});
}

std::optional<Status> status_from(std::string_view word) {
    for (const Status status : {Status::Duplicated, Status::Deleted, Status::Modified}) {
        if (word == to_string(status)) return status;
    }
    return std::nullopt;
}

Result<void> read_secured(const toml::node& node, Policy& policy) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) return wrong("secureheaders.policy.wrong-type", "secured");
    for (const auto& [key, value] : *fields) {
        const std::string name(key.str());
        if (!imf::is_field_name(name)) return wrong("secureheaders.policy.field-name", name);
        const auto status = status_from(value.value_or(std::string_view{}));
        if (!status) return wrong("secureheaders.policy.wrong-type", "secured." + name);
        policy.secured[name] = *status;
    }
    return {};
}

Result<void> read_mandatory(const toml::node& node, Policy& policy) {
    const toml::array* names = node.as_array();
    if (names == nullptr) return wrong("secureheaders.policy.wrong-type", "mandatory");
    for (const toml::node& each : *names) {
        const auto name = each.value<std::string>();
        if (!name) return wrong("secureheaders.policy.wrong-type", "mandatory");
        if (!imf::is_field_name(*name)) return wrong("secureheaders.policy.field-name", *name);
        policy.mandatory.push_back(*name);
    }
    return {};
}

Result<void> read_algorithm(const toml::node& node, Policy& policy) {
    const auto word = node.value<std::string_view>();
    if (word != "simple" && word != "relaxed") {
        return wrong("secureheaders.policy.wrong-type", "algorithm");
    }
    policy.algorithm =
        *word == "simple" ? imf::Canonicalization::Simple : imf::Canonicalization::Relaxed;
    return {};
}

Result<void> read_shared(const toml::node& node, Policy& policy) {
    const auto shared = node.value_exact<bool>();
    if (!shared) return wrong("secureheaders.policy.wrong-type", "shared");
    policy.sharing = *shared ? Sharing::Shared : Sharing::NotShared;
    return {};
}

Result<Policy> read_policy(const toml::table& table) {
    Policy policy;
    for (const auto& [key, node] : table) {
        Result<void> done;
        if (key == "algorithm") {
            done = read_algorithm(node, policy);
        } else if (key == "shared") {
            done = read_shared(node, policy);
        } else if (key == "mandatory") {
            done = read_mandatory(node, policy);
        } else if (key == "secured") {
            done = read_secured(node, policy);
        } else if (key != "outer") {
            done = wrong("secureheaders.policy.unknown-key", std::string(key.str()));
        }
        if (!done) return std::unexpected(done.error());
    }
    // A policy that lists nothing is none (section 4).
    if (policy.secured.empty()) return wrong("secureheaders.policy.nothing-secured", "secured");
    return policy;
}

Result<toml::table> parse_toml(std::string_view octets) {
    if (octets.size() > max_octets) return wrong("secureheaders.policy.too-large", "");
    try {
        return toml::parse(octets);
    } catch (const toml::parse_error& problem) {
        return wrong("secureheaders.policy.syntax",
                     "line " + std::to_string(problem.source().begin.line) + ": " +
                         std::string(problem.description()));
    }
}

}  // namespace

bool Policy::is_mandatory(std::string_view name) const {
    return std::ranges::any_of(mandatory, [name](const std::string& each) {
        return base::equals_ignore_case(each, name);
    });
}

Result<Policies> parse_policies(std::string_view toml) {
    const auto table = parse_toml(toml);
    if (!table) return std::unexpected(table.error());
    auto inner = read_policy(*table);
    if (!inner) return std::unexpected(inner.error());
    Policies policies{.inner = *inner, .outer = *inner};
    if (const toml::node* outer = table->get("outer")) {
        const toml::table* own = outer->as_table();
        if (own == nullptr || own->contains("outer")) {
            return wrong("secureheaders.policy.wrong-type", "outer");
        }
        auto read = read_policy(*own);
        if (!read) return std::unexpected(read.error());
        policies.outer = std::move(*read);
    }
    return policies;
}

std::string_view to_string(Layer layer) {
    return layer == Layer::Inner ? "inner" : "outer";
}

}  // namespace mailassay::secureheaders
