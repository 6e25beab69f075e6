#include "base/error.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace mailassay::base {

std::string to_string(const Error& error) {
    std::string text = fmt::format("{} at octet {}", error.id, error.offset);
    if (!error.requirement.empty()) text += fmt::format(" [{}]", error.requirement);
    if (!error.detail.empty()) text += fmt::format(": {}", escape(error.detail));
    return text;
}

}  // namespace mailassay::base
