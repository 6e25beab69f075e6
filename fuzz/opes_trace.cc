// A header section and what a service made of it: the input is two of them, a NUL between.
// Whatever they are, the trace of the first is in what goes on, in its order, and the system's.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "opes/processing.h"
#include "require.h"

namespace {

using mailassay::fuzz::require;
using mailassay::imf::HeaderSection;

const mailassay::opes::System here{
    .uri = "https://opes.example/",
    .parameters = {{"policy", "https://opes.example/privacy"}},
    .services = {{.uri = "https://opes.example/a"}, {.uri = "https://opes.example/b"}},
    .consents = {mailassay::opes::consent_of_all_recipients()}};

bool is_trace(std::string_view name) {
    return mailassay::base::equals_ignore_case(name, "OPES-System") ||
           mailassay::base::equals_ignore_case(name, "OPES-Via");
}

void check_written(const HeaderSection& header) {
    for (const auto& field : header.fields()) {
        if (!is_trace(field.name)) continue;
        const auto entries = mailassay::opes::parse_entries(field.body);
        if (!entries) continue;
        const auto again = mailassay::opes::parse_entries(mailassay::opes::to_string(*entries));
        require(again && *again == *entries, "entries come back as they were written");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 16'384) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = std::min(input.find('\0'), size);
    auto sent = mailassay::imf::parse_message(input.substr(0, middle));
    auto came = mailassay::imf::parse_message(input.substr(std::min(middle + 1, size)));
    if (!sent || !came) return 0;
    check_written(sent->header);
    static_cast<void>(mailassay::opes::requested_by(sent->header));

    const mailassay::opes::StandardRules rules;
    const HeaderSection before = sent->header;
    mailassay::opes::Processing processing(*sent, here, rules);
    for (const auto& service : here.services) {
        processing.returned(service, came->header, came->body);
    }
    require(processing.finished().has_value(), "the system is in the trace");
    const auto& fields = processing.message().header.fields();
    auto at = fields.begin();
    for (const auto& field : before.fields()) {
        if (!is_trace(field.name)) continue;
        at = std::ranges::find_if(at, fields.end(),
                                  [&](const auto& each) { return each.raw == field.raw; });
        require(at != fields.end(), "the trace of others is there, in its order");
        ++at;
    }
    return 0;
}
