#include "smtp/sasl.h"

#include <utility>

#include "base/ascii.h"
#include "base/base64.h"

namespace mailassay::smtp {
namespace {

std::unexpected<Error> fail(std::string_view id, std::string_view requirement) {
    return std::unexpected(Error{id, 0, requirement});
}

bool is_word(std::string_view text) {
    return !text.empty() && text.find('\0') == std::string_view::npos && base::is_utf8(text);
}

}  // namespace

std::optional<SaslMechanism> find_mechanism(std::string_view name) {
    if (base::equals_ignore_case(name, "PLAIN")) return SaslMechanism::Plain;
    if (base::equals_ignore_case(name, "LOGIN")) return SaslMechanism::Login;
    return std::nullopt;
}

Result<Credentials> parse_plain(std::string_view message) {
    const std::size_t first = message.find('\0');
    const std::size_t second =
        first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos) return fail("smtp.sasl.plain", "rfc4616/2");
    const std::string_view authorization = message.substr(0, first);
    const std::string_view identity = message.substr(first + 1, second - first - 1);
    const std::string_view password = message.substr(second + 1);
    if (!base::is_utf8(authorization) || !is_word(identity) || !is_word(password)) {
        return fail("smtp.sasl.plain", "rfc4616/2");
    }
    return Credentials{std::string(authorization), std::string(identity), std::string(password)};
}

Result<SaslExchange::Step> SaslExchange::begin(const std::optional<std::string>& initial_response) {
    if (initial_response) {
        return *initial_response == "=" ? take(std::string()) : respond(*initial_response);
    }
    return Challenge{mechanism_ == SaslMechanism::Plain ? "" : "Username:"};
}

Result<SaslExchange::Step> SaslExchange::respond(std::string_view line) {
    if (line == "*") return fail("smtp.sasl.cancelled", "rfc4954/4");
    auto response = base::decode_base64(line);
    if (!response) return fail("smtp.sasl.base64", "rfc4954/4");
    return take(std::move(*response));
}

Result<SaslExchange::Step> SaslExchange::take(std::string response) {
    if (mechanism_ == SaslMechanism::Plain) {
        auto credentials = parse_plain(response);
        if (!credentials) return std::unexpected(credentials.error());
        return std::move(*credentials);
    }
    if (!is_word(response)) return fail("smtp.sasl.login", "rfc4954/4");
    if (!identity_) {
        identity_ = std::move(response);
        return Challenge{"Password:"};
    }
    return Credentials{"", *identity_, std::move(response)};
}

}  // namespace mailassay::smtp
