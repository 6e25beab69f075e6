#pragma once

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/edition.h"
#include "base/error.h"

// How requests are read, for the files of this module.
namespace mailassay::shim {

using Json = nlohmann::json;

inline std::unexpected<Error> wrong(std::string_view id, std::string detail) {
    return std::unexpected(Error{.id = id, .detail = std::move(detail)});
}

// A JSON object whose members are taken one by one; what nobody took is unknown.
class Reader {
  public:
    explicit Reader(const Json& object) : object_(object) {}

    const Json* take(const std::string& key) {
        taken_.push_back(key);
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }

    [[nodiscard]] bool has(const std::string& key) const { return object_.contains(key); }

    Result<std::string> text(const std::string& key) {
        const Json* value = take(key);
        if (value == nullptr) return wrong("shim.request.missing", key);
        if (!value->is_string()) return wrong("shim.request.wrong-type", key);
        return value->get<std::string>();
    }

    // Octets, in base64.
    Result<std::string> octets(const std::string& key) {
        const auto coded = text(key);
        if (!coded) return coded;
        auto decoded = base::decode_base64(*coded);
        if (!decoded) return wrong("shim.request.wrong-type", key);
        return std::move(*decoded);
    }

    // Not given: the first of them.
    template <class Value>
    Result<Value> choice(const std::string& key,
                         std::initializer_list<std::pair<std::string_view, Value>> choices) {
        const Json* value = take(key);
        if (value == nullptr) return choices.begin()->second;
        for (const auto& [word, meaning] : choices) {
            if (*value == word) return meaning;
        }
        return wrong("shim.request.wrong-type", key);
    }

    Result<std::vector<std::string>> texts(const std::string& key) {
        const auto items = list(key);
        if (!items) return std::unexpected(items.error());
        std::vector<std::string> all;
        for (const Json* each : *items) {
            if (!each->is_string()) return wrong("shim.request.wrong-type", key);
            all.push_back(each->get<std::string>());
        }
        return all;
    }

    Result<std::vector<const Json*>> list(const std::string& key) {
        std::vector<const Json*> items;
        const Json* value = take(key);
        if (value == nullptr) return items;
        if (!value->is_array()) return wrong("shim.request.wrong-type", key);
        for (const Json& each : *value) items.push_back(&each);
        return items;
    }

    // Not given: all empty.
    Result<std::vector<std::pair<std::string, std::string>>> pairs(const std::string& key) {
        std::vector<std::pair<std::string, std::string>> all;
        const Json* value = take(key);
        if (value == nullptr) return all;
        if (!value->is_object()) return wrong("shim.request.wrong-type", key);
        for (const auto& [name, text] : value->items()) {
            if (!text.is_string()) return wrong("shim.request.wrong-type", key);
            all.emplace_back(name, text.get<std::string>());
        }
        return all;
    }

    // Error: shim.request.unknown-key.
    Result<void> end() const {
        for (const auto& [key, value] : object_.items()) {
            if (std::ranges::find(taken_, key) == taken_.end()) {
                return wrong("shim.request.unknown-key", key);
            }
        }
        return {};
    }

  private:
    const Json& object_;
    std::vector<std::string> taken_;
};

inline Result<base::Edition> take_edition(Reader& request) {
    return request.choice<base::Edition>(
        "edition", {{"rfc", base::Edition::Rfc}, {"draft", base::Edition::Draft}});
}

}  // namespace mailassay::shim
