#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "requiretls/mta_sts.h"
#include "requiretls/tlsa.h"

// What is known about a message, a next hop and a session, as plain values. The rules decide over
// these; how they came to be known is the business of net.
namespace mailassay::requiretls {

// Which text applies: draft-ietf-uta-smtp-require-tls-03 or RFC 8689.
enum class Edition { Draft, Rfc };

// How a message wants to be sent. [rfc8689/4.1/1] [rfc8689/4.1/2]
enum class Tag {
    None,      // ordinary mail
    Required,  // REQUIRETLS
    Optional,  // the header field says that TLS is not required
};

// Bounces have the null reverse-path.
enum class ReversePath { Sender, Null };

// What validation said of a DNS answer.
enum class DnsSecurity {
    Secure,    // a chain of signatures from a trust anchor
    Insecure,  // provably, or for want of a trust anchor, not signed
    Bogus,     // ought to be signed, and the signatures do not hold
};

// How a candidate host was found. [rfc8689/4.2.1/1]
enum class Lookup {
    Mx,       // an MX record of the domain
    Address,  // no MX record: the domain is its own host
};

// What a domain's MTA-STS policy says of one host (RFC 8461 section 4.1).
enum class StsMatch {
    NoPolicy,     // none published, or mode none
    Unavailable,  // published, but could not be fetched or read
    Listed,       // a pattern of the policy matches the host
    NotListed,
};

struct StsFacts {
    StsMatch match = StsMatch::NoPolicy;
    StsMode mode = StsMode::None;  // of the policy, when there is one

    friend bool operator==(const StsFacts&, const StsFacts&) = default;
};

// What there is at _25._tcp.<host> (RFC 7672 section 2.2).
enum class TlsaState {
    None,          // none, or not secure: DANE does not apply
    Unusable,      // secure records, none of which can be used: TLS without authentication
    Usable,        // DANE applies
    LookupFailed,  // bogus or unanswered: the host can't be used by a DANE client
};

// One candidate host, with all that is known before a connection.
struct HostFacts {
    std::string domain;  // of the recipient
    std::string host;    // name, lower case; the domain itself for Lookup::Address
    std::uint16_t preference = 0;
    Lookup lookup = Lookup::Mx;
    DnsSecurity mx_security = DnsSecurity::Insecure;  // of the MX answer, or of its absence
    StsFacts sts;
    TlsaState tlsa = TlsaState::None;
    std::vector<TlsaRecord> tlsa_records;  // the usable ones, when tlsa is Usable
    std::vector<std::string> addresses;    // IPv4 and IPv6, to be tried in order

    friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

// Why no candidate host is known.
enum class LookupFailure {
    Temporary,     // no answer, SERVFAIL, bogus
    NoSuchDomain,  // neither MX nor address
    NullMx,        // the domain takes no mail (RFC 7505)
};

enum class TlsVersion { None, Tls10, Tls11, Tls12, Tls13 };

// How far TLS came.
enum class TlsOutcome {
    NotTried,         // the plan was not to
    NotOffered,       // no STARTTLS in the EHLO reply
    Refused,          // STARTTLS was not answered 220
    HandshakeFailed,  // no session; the connection is unusable
    Established,
};

// What vouches for the certificate of an established session.
enum class Authentication { None, Pkix, Dane };

// The first reason why PKIX (or DANE, where it applied) did not.
enum class CertificateFault {
    None,
    UnknownAuthority,
    SelfSigned,
    Expired,
    NotYetValid,
    WrongName,
    NoTlsaMatch,
    Other,
};

struct TlsFacts {
    TlsOutcome outcome = TlsOutcome::NotTried;
    TlsVersion version = TlsVersion::None;
    std::string cipher = {};
    Authentication authentication = Authentication::None;
    CertificateFault fault = CertificateFault::None;
    std::string detail = {};  // for a person; may quote hostile octets

    friend bool operator==(const TlsFacts&, const TlsFacts&) = default;
};

}  // namespace mailassay::requiretls
