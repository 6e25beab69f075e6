// Requests for a bypass: a field's body, the value of a parameter and a list of pairs, a NUL
// between. What is read is written and read again; nothing that is indispensable is left out, nor
// anything for who is not known.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "dsn/xtext.h"
#include "opes/processing.h"
#include "require.h"

namespace {

using namespace mailassay::opes;
using mailassay::fuzz::require;

const Service footer{.uri = "https://opes.example/a"};
const Service early{.uri = "https://opes.example/b", .stage = Stage::Recipient};
const Service scan{.uri = "https://opes.example/c", .necessity = Necessity::Indispensable};
const System here{.uri = "https://opes.example/",
                  .services = {footer, early, scan},
                  .consents = {consent_of_all_recipients()}};
const StandardRules rules;

void comes_back(const BypassRequest& request) {
    const auto field = parse_bypass(to_string(request));
    require(field && *field == request, "a request comes back as it was written");
    const std::string parameter = to_parameter(request);
    require(std::ranges::all_of(parameter, mailassay::base::is_visible), "a parameter is one word");
    const auto read = requested_by(std::vector{parameter});
    require(read && *read && **read == request, "a parameter comes back as it was written");
}

void is_heeded(const mailassay::imf::HeaderSection& header, const std::string& parameter,
               const AllowList& list) {
    for (const auto requester : {Requester::Authenticated, Requester::Unknown}) {
        const Requests requests{.sender = "ann@a.example",
                                .sender_parameters = {parameter},
                                .recipients = {{.address = "bob@b.example"}},
                                .requester = requester,
                                .next_hop = NextHop::Supports,
                                .allowances = list.allowances};
        const auto made = plan(header, requests, here, rules);
        if (!made) {
            require(made.error().id.starts_with("opes.bypass.") ||
                        made.error().id.starts_with("dsn.xtext."),
                    "a fault has its name");
            return;
        }
        const auto& called = made->recipients.front().called;
        require(std::ranges::find(called, scan) != called.end(), "what must be called is");
        const bool is_free = list.allowances.empty() && requester == Requester::Unknown;
        require(!is_free || called.size() == 3, "nobody unknown leaves anything out");
    }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 16'384) return 0;
    const auto parts = mailassay::base::split(mailassay::fuzz::octets_of(data, size), '\0');
    const std::string_view body = parts[0];
    const std::string_view value = parts.size() > 1 ? parts[1] : "";
    const std::string_view pairs = parts.size() > 2 ? parts[2] : "";

    if (const auto request = parse_bypass(body)) comes_back(*request);
    if (const auto request = parse_bypass_parameter(value)) comes_back(*request);
    const std::string coded = mailassay::dsn::encode_xtext(body);
    require(mailassay::dsn::decode_xtext(coded) == std::string(body), "xtext comes back");

    const AllowList list = parse_allow_list(pairs);
    const auto lines = static_cast<std::size_t>(std::ranges::count(pairs, '\n')) + 1;
    require(list.allowances.size() + list.faults.size() <= lines, "a line is one pair at most");
    for (const Allowance& each : list.allowances) {
        require(each.sender.contains('@') && each.recipient.contains('@'), "a pair has two ends");
    }

    const auto message =
        mailassay::imf::parse_message("OPES-Bypass:" + std::string(body) + "\r\n\r\n");
    if (message) is_heeded(message->header, "XOPESBYPASS=" + std::string(value), list);
    return 0;
}
