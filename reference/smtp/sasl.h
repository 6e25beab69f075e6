#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

// The server's side of an AUTH exchange (RFC 4954 section 4) as a state machine without I/O: the
// client's lines in, challenges out, credentials at the end. Whether they are right is not for
// here.
namespace mailassay::smtp {

enum class SaslMechanism : std::uint8_t {
    Plain,  // RFC 4616
    Login,  // never standardized; submitting clients use it all the same
};

// What a client claims to be.
struct Credentials {
    std::string authorization;  // whom to act as; empty: as `identity`
    std::string identity;
    std::string password;
    friend bool operator==(const Credentials&, const Credentials&) = default;
};

// nullopt: no mechanism of that name is known. Names ignore case.
[[nodiscard]] std::optional<SaslMechanism> find_mechanism(std::string_view name);

// The message of PLAIN, decoded: three parts of well-formed UTF-8 between two NUL octets, of which
// the last two are not empty. Error: smtp.sasl.plain.
[[nodiscard]] Result<Credentials> parse_plain(std::string_view message);

class SaslExchange {
  public:
    explicit SaslExchange(SaslMechanism mechanism) : mechanism_(mechanism) {}

    // What the client has to be asked; goes behind 334 in base64.
    struct Challenge {
        std::string text;
        friend bool operator==(const Challenge&, const Challenge&) = default;
    };
    using Step = std::variant<Challenge, Credentials>;

    // The exchange begins, with the argument behind the mechanism if there was one; "=" is an
    // empty one. Errors: those of respond().
    [[nodiscard]] Result<Step> begin(const std::optional<std::string>& initial_response);
    // A line of the client's. Errors: smtp.sasl.cancelled ("*"), smtp.sasl.base64,
    // smtp.sasl.plain, smtp.sasl.login (empty, or not UTF-8).
    [[nodiscard]] Result<Step> respond(std::string_view line);

  private:
    [[nodiscard]] Result<Step> take(std::string response);

    SaslMechanism mechanism_;
    std::optional<std::string> identity_;  // LOGIN: once it was given
};

}  // namespace mailassay::smtp
