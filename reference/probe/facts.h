#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "requiretls/facts.h"
#include "requiretls/mta_sts.h"
#include "requiretls/rules.h"
#include "smtp/reply.h"

// What a probe learnt of a domain, as values. Whatever peers said in it may be hostile.
namespace mailassay::probe {

// What came of connecting to a host.
struct SessionFacts {
    requiretls::SessionEnd end = requiretls::SessionEnd::NoConnection;
    std::string address = {};  // that answered; empty: none did
    requiretls::Greetings greetings = {};
    requiretls::TlsFacts tls = {};
    std::optional<smtp::Reply> refusal = {};  // for SessionEnd::Refused
    std::string detail = {};                  // why it ended, for a person

    [[nodiscard]] bool is_alive() const { return end == requiretls::SessionEnd::None; }
};

struct HostProbe {
    requiretls::HostFacts facts = {};
    std::optional<SessionFacts> session = {};  // nullopt: the time limit came first
};

// The domain's MTA-STS policy.
struct PolicyFacts {
    std::optional<requiretls::StsPolicy> policy = {};
    // Why there is none although one is, or seems to be, announced: the errors of
    // net::DomainPolicy.
    std::optional<Error> fault = {};
};

// Whether this program could tell a signed answer from another.
enum class Validation : std::uint8_t {
    On,
    NoTrustAnchor,  // nothing seems signed
    NoSignatures,   // the resolver strips them: everything seems forged
};

struct DomainProbe {
    std::string domain = {};
    std::uint16_t port = 25;
    Validation validation = Validation::On;
    // Best host first; or why none is known. nullopt: the time limit came first.
    std::optional<std::expected<std::vector<HostProbe>, requiretls::LookupFailure>> hosts = {};
    PolicyFacts policy = {};
};

}  // namespace mailassay::probe
