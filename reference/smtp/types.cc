#include "smtp/types.h"

#include <algorithm>

#include "base/ascii.h"
#include "imf/address.h"

namespace mailassay::smtp {

bool Parameter::is(std::string_view other_keyword) const {
    return base::equals_ignore_case(keyword, other_keyword);
}

const Parameter* find_parameter(const std::vector<Parameter>& parameters,
                                std::string_view keyword) {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [keyword](const Parameter& one) { return one.is(keyword); });
    return found == parameters.end() ? nullptr : &*found;
}

std::string to_string(const Parameter& parameter) {
    return parameter.value ? parameter.keyword + "=" + *parameter.value : parameter.keyword;
}

bool Path::needs_utf8() const {
    return !base::is_ascii(local_part) || !base::is_ascii(domain);
}

std::string Path::address() const {
    if (is_null()) return {};
    const std::string local = imf::quote_local_part(local_part);
    return domain.empty() ? local : local + "@" + domain;
}

std::string to_string(const Path& path) {
    return "<" + path.address() + ">";
}

}  // namespace mailassay::smtp
