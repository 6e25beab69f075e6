#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/resolver.h"
#include "requiretls/facts.h"

namespace mailassay::net {

// The addresses of a host.
struct HostAddresses {
    std::vector<std::string> found;  // IPv4 first
    // Failure: neither type was answered with records, and at least one not at all. NoName and
    // NoData: there are none.
    AnswerKind kind = AnswerKind::Failure;
    // Secure when every answer that came was.
    requiretls::DnsSecurity security = requiretls::DnsSecurity::Insecure;
    // The worse of what went wrong with either type; None where both were answered.
    requiretls::LookupFault fault = requiretls::LookupFault::None;
    std::string canonical_name = {};  // what the host is an alias of; empty: it is none
};

// Asks for A and AAAA. Blocks.
[[nodiscard]] HostAddresses addresses_of(const Dns& dns, const std::string& host);

// The address in an address literal, `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321
// section 4.1.3); nullopt for anything else.
[[nodiscard]] std::optional<std::string> address_in_literal(std::string_view literal);

}  // namespace mailassay::net
