#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "imf/address.h"
#include "mixer/or_address.h"

// Internet addresses as O/R addresses and back (RFC 2156 sections 4.3.4 and 4.3.5). Equivalences of
// domains and O/R addresses (MCGAMs, section 4.2) are not used: without one the text has all
// addresses of X.400 in the local part and all of the Internet in domain-defined attributes.
namespace mailassay::mixer {

// One gateway, as both sides know it.
struct Gateway {
    // The attributes that lead to it from X.400, beside which the domain-defined ones stand.
    OrAddress route;
    // Its domain in the Internet.
    std::string domain;

    // C=XX, ADMD= , PRMD=GATEWAY and gateway.example, which are nobody's.
    [[nodiscard]] static Gateway example();
};

// The gateway at that domain, with that text form of its route.
// Errors: those of parse_text() and check(), which the route has to pass with one domain-defined
// attribute more; mixer.gateway.route-has-domain-defined, mixer.gateway.domain-invalid.
[[nodiscard]] Result<Gateway> make_gateway(std::string_view domain, std::string_view route);

// What a local part says in O/R attributes, else the attributes RFC-822, RFC822C1, ... that hold
// the address. Errors: mixer.address.too-long (512 characters), mixer.string.not-ascii.
[[nodiscard]] Result<OrAddress> to_or_address(const imf::Mailbox& mailbox, const Gateway& gateway);

// The Internet address that its domain-defined attributes hold; nullopt: they hold none that can be
// read as one, or its two forms differ.
[[nodiscard]] std::optional<imf::Mailbox> held_mailbox(const OrAddress& address);

// held_mailbox(), else the address's text form at the gateway's domain; nullopt for an address
// without any attribute that has a text form. The mailbox has no display name.
[[nodiscard]] std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                                     const Gateway& gateway);

}  // namespace mailassay::mixer
