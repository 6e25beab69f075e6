#include "cli/role_config.h"

#include <algorithm>

#include "cli/message_io.h"

namespace mailassay::cli {

namespace {

std::unexpected<Error> wrong(std::string_view id, std::string detail) {
    return std::unexpected(Error{.id = id, .detail = std::move(detail)});
}

}  // namespace

Result<void> RoleConfig::knows(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, node] : table_) {
        if (std::ranges::find(known, key.str()) == known.end()) {
            return wrong("cli.config.unknown-key", std::string(key.str()));
        }
    }
    return {};
}

Result<RoleConfig> RoleConfig::read(const std::string& path,
                                    std::initializer_list<std::string_view> known) {
    const auto octets = read_input(path);
    if (!octets) return std::unexpected(octets.error());
    try {
        RoleConfig config(toml::parse(*octets), std::filesystem::path(path).parent_path());
        if (auto good = config.knows(known); !good) return std::unexpected(good.error());
        return config;
    } catch (const toml::parse_error& problem) {
        return wrong("cli.config.syntax", "line " + std::to_string(problem.source().begin.line) +
                                              ": " + std::string(problem.description()));
    }
}

Result<RoleConfig> RoleConfig::part(const toml::table& table,
                                    std::initializer_list<std::string_view> known) const {
    RoleConfig config(table, folder_);
    if (auto good = config.knows(known); !good) return std::unexpected(good.error());
    return config;
}

bool RoleConfig::flag(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return false;
    const auto value = node->value_exact<bool>();
    if (!value) complain("cli.config.wrong-type", key);
    return value.value_or(false);
}

std::string RoleConfig::text(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::string>();
    if (!value) complain("cli.config.wrong-type", key);
    return value.value_or(std::string());
}

std::string RoleConfig::path(std::string_view key) {
    const std::string name = text(key);
    return name.empty() ? name : beside(name);
}

std::vector<std::string> RoleConfig::texts(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    std::vector<std::string> found;
    if (const toml::array* array = node->as_array()) {
        for (const toml::node& each : *array) {
            const auto value = each.value_exact<std::string>();
            if (!value) break;
            found.push_back(*value);
        }
        if (found.size() == array->size()) return found;
    }
    complain("cli.config.wrong-type", key);
    return {};
}

std::vector<const toml::table*> RoleConfig::tables(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    std::vector<const toml::table*> found;
    if (const toml::array* array = node->as_array()) {
        for (const toml::node& each : *array) {
            if (each.is_table()) found.push_back(each.as_table());
        }
        if (found.size() == array->size()) return found;
    }
    complain("cli.config.wrong-type", key);
    return {};
}

int RoleConfig::number(std::string_view key, int standard, int most) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return standard;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= 1 && *value <= most) return static_cast<int>(*value);
    complain("cli.config.wrong-type", key);
    return standard;
}

const toml::table* RoleConfig::table(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node != nullptr && !node->is_table()) complain("cli.config.wrong-type", key);
    return node == nullptr ? nullptr : node->as_table();
}

}  // namespace mailassay::cli
