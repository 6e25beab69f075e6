#include "smtp/capabilities.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"

namespace mailassay::smtp {
namespace {

// ehlo-keyword of RFC 5321 section 4.1.1.1.
bool is_keyword(std::string_view text) {
    return !text.empty() && base::is_alnum(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return base::is_alnum(c) || c == '-'; });
}

const Capabilities::Entry* find_entry(const std::vector<Capabilities::Entry>& entries,
                                      std::string_view keyword) {
    const auto found = std::find_if(entries.begin(), entries.end(), [keyword](const auto& entry) {
        return base::equals_ignore_case(entry.keyword, keyword);
    });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace

Capabilities Capabilities::from_ehlo(const Reply& reply) {
    Capabilities capabilities;
    for (std::size_t i = 1; i < reply.lines.size(); ++i) {
        Entry entry;
        for (const std::string_view word : base::split(base::trim(reply.lines[i]), ' ')) {
            if (entry.keyword.empty()) {
                if (!is_keyword(word)) break;
                entry.keyword = word;
            } else if (!word.empty()) {
                entry.parameters.emplace_back(word);
            }
        }
        if (!entry.keyword.empty()) capabilities.entries_.push_back(std::move(entry));
    }
    return capabilities;
}

bool Capabilities::has(std::string_view keyword) const {
    return find_entry(entries_, keyword) != nullptr;
}

std::vector<std::string> Capabilities::parameters(std::string_view keyword) const {
    const Entry* entry = find_entry(entries_, keyword);
    return entry == nullptr ? std::vector<std::string>() : entry->parameters;
}

std::optional<std::uint64_t> Capabilities::size_limit() const {
    const auto words = parameters("SIZE");
    if (words.empty()) return std::nullopt;
    const auto limit = base::parse_decimal(words.front());
    return limit && *limit > 0 ? limit : std::nullopt;
}

std::string extension_of(std::string_view parameter_keyword) {
    const std::string keyword = base::to_upper(parameter_keyword);
    if (keyword == "BODY") return "8BITMIME";
    for (const std::string_view own : {"RET", "ENVID", "NOTIFY", "ORCPT"}) {
        if (keyword == own) return "DSN";
    }
    return keyword;
}

std::vector<Parameter> offered_parameters(const std::vector<Parameter>& parameters,
                                          const Capabilities& capabilities) {
    std::vector<Parameter> offered;
    std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(offered),
                 [&capabilities](const Parameter& parameter) {
                     return capabilities.has(extension_of(parameter.keyword));
                 });
    return offered;
}

}  // namespace mailassay::smtp
