// A login: the first line is the initial response, each further one a response.

#include "smtp/sasl.h"

#include <algorithm>

#include "require.h"

using namespace mailassay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::octets_of(data, size);
    if (const auto given = smtp::parse_plain(octets)) {
        const std::string again =
            given->authorization + '\0' + given->identity + '\0' + given->password;
        fuzz::require(again == octets, "PLAIN is read octet by octet");
    }
    for (const auto mechanism : {smtp::SaslMechanism::Plain, smtp::SaslMechanism::Login}) {
        smtp::SaslExchange exchange(mechanism);
        std::string_view rest = octets;
        bool first = true;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            const std::string_view line = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const auto step = first ? exchange.begin(std::string(line)) : exchange.respond(line);
            first = false;
            if (!step) break;
            if (const auto* given = std::get_if<smtp::Credentials>(&*step)) {
                fuzz::require(!given->identity.empty() && !given->password.empty(),
                              "whoever logs in has a name and a password");
                break;
            }
        }
    }
    return 0;
}
