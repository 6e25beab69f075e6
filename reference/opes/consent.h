#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// Who has agreed to which services (RFC 3238 section 2.1, RFC 3835 section 2.1), and which mail
// people have asked to be let through without them, elsewhere than in mail (RFC 4902 section 3.2).
namespace mailassay::opes {

// Whether the one who sends, or who asks for a bypass, is known to be who he says.
enum class Requester : std::uint8_t { Authenticated, Unknown };

// Which end of a message somebody is at.
enum class Side : std::uint8_t { Sender, Recipient };

// A side's agreement. `who` are addresses, domains as "@example.org", or "*"; `services` their
// URIs, the system's for all of them, or "*".
struct Consent {
    Side side = Side::Recipient;
    std::vector<std::string> who = {};
    std::vector<std::string> services = {};

    friend bool operator==(const Consent&, const Consent&) = default;
};

// The two ends of a message, for one recipient. Addresses are bare; empty where they are not known
// yet, or the reverse-path is.
struct Parties {
    std::string_view sender;
    std::string_view recipient;
    Requester requester = Requester::Unknown;
};

// Mail of this pair is let through without these services, for whoever receives it has asked so on
// a page or from a quarantine. Either may be a domain, "@example.org"; no services are all.
struct Allowance {
    std::string sender;
    std::string recipient;
    std::vector<std::string> services = {};

    friend bool operator==(const Allowance&, const Allowance&) = default;
};

// A list of them: a line each, "SENDER RECIPIENT [SERVICE]...", and comments behind "#". A line
// that can't be read allows nothing, and is told in `faults` by the number that it has.
struct AllowList {
    std::vector<Allowance> allowances = {};
    std::vector<std::size_t> faults = {};
};
inline constexpr std::size_t allow_list_lines = 100'000;
inline constexpr std::size_t allow_line_octets = 8'192;
[[nodiscard]] AllowList parse_allow_list(std::string_view text);

// Whether `who` ("*", "@domain" or an address) is whose address this is. Domains are the same in
// any case, and so are local parts, as people write them. Nobody but "*" is whoever is not known.
[[nodiscard]] bool is_meant(std::string_view who, std::string_view address);

// Whether it is about the service: its URI, its system's, or "*".
[[nodiscard]] bool is_about(std::string_view listed, std::string_view service,
                            std::string_view system);

// Whether a side may write it so: an address with one "@" between two parts, a domain or "*".
[[nodiscard]] bool is_who(std::string_view who);

}  // namespace mailassay::opes
