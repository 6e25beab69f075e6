#pragma once

#include <toml++/toml.h>

#include <array>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

// The configuration of a role of `mailassay milter`.
namespace mailassay::cli {

// A TOML file, or one table of it. The first thing that is wrong with it is the one that is told,
// by fault(): cli.config.wrong-type, cli.config.missing.
class RoleConfig {
  public:
    // Errors: cli.config.syntax, cli.config.unknown-key, and those of read_input().
    [[nodiscard]] static Result<RoleConfig> read(const std::string& path,
                                                 std::initializer_list<std::string_view> known);
    // A table of this file. Error: cli.config.unknown-key.
    [[nodiscard]] Result<RoleConfig> part(const toml::table& table,
                                          std::initializer_list<std::string_view> known) const;

    // One of several words; the first of them unless given.
    template <class Value, std::size_t count>
    Value choice(std::string_view key,
                 const std::array<std::pair<std::string_view, Value>, count>& words) {
        const toml::node* node = table_.get(key);
        if (node == nullptr) return words.front().second;
        const auto word = node->value<std::string_view>();
        for (const auto& [name, value] : words) {
            if (word == name) return value;
        }
        return complain("cli.config.wrong-type", key), words.front().second;
    }
    bool flag(std::string_view key);
    // Empty unless given.
    std::string text(std::string_view key);
    std::string path(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    // The tables of `[[key]]`.
    std::vector<const toml::table*> tables(std::string_view key);
    // Between 1 and `most`; `standard` unless given.
    int number(std::string_view key, int standard, int most);
    const toml::table* table(std::string_view key);

    // A file that the configuration names.
    [[nodiscard]] std::string beside(const std::string& name) const {
        return (folder_ / name).string();
    }
    void complain(std::string_view id, std::string_view key) {
        if (!fault_) fault_ = Error{.id = id, .detail = std::string(key)};
    }
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }

  private:
    RoleConfig(toml::table table, std::filesystem::path folder)
        : table_(std::move(table)), folder_(std::move(folder)) {}
    [[nodiscard]] Result<void> knows(std::initializer_list<std::string_view> known) const;

    toml::table table_;
    std::filesystem::path folder_;
    std::optional<Error> fault_;
};

}  // namespace mailassay::cli
