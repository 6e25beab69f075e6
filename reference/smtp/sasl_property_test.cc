#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/base64.h"
#include "smtp/sasl.h"

namespace mailassay::smtp {
namespace {

std::string word() {
    return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '~')));
}

RC_GTEST_PROP(SaslProperty, BothMechanismsYieldWhatWasGiven, ()) {
    const Credentials plain{*rc::gen::element(std::string(), word()), word(), word()};
    const std::string message = plain.authorization + '\0' + plain.identity + '\0' + plain.password;
    SaslExchange by_plain(SaslMechanism::Plain);
    RC_ASSERT(std::get<Credentials>(*by_plain.begin(base::encode_base64(message))) == plain);

    SaslExchange by_login(SaslMechanism::Login);
    RC_ASSERT(by_login.begin(base::encode_base64(plain.identity)).has_value());
    const Credentials expected{"", plain.identity, plain.password};
    RC_ASSERT(std::get<Credentials>(*by_login.respond(base::encode_base64(plain.password))) ==
              expected);
}

// Whatever a client says: at most two challenges, then an end; no part of it is empty.
RC_GTEST_PROP(SaslProperty, AnyLinesComeToAnEnd, (const std::vector<std::string>& lines)) {
    SaslExchange exchange(*rc::gen::element(SaslMechanism::Plain, SaslMechanism::Login));
    RC_ASSERT(exchange.begin(std::nullopt).has_value());
    std::size_t challenges = 0;
    for (const std::string& line : lines) {
        const auto step = exchange.respond(*rc::gen::element(line, base::encode_base64(line)));
        if (!step) return;
        if (const auto* given = std::get_if<Credentials>(&*step)) {
            RC_ASSERT(!given->identity.empty() && !given->password.empty());
            return;
        }
        RC_ASSERT(++challenges <= 1U);
    }
}

}  // namespace
}  // namespace mailassay::smtp
