#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/edition.h"
#include "requiretls/mta_sts.h"
#include "requiretls/tlsa.h"

// What is known about a message, a next hop and a session, as plain values. The rules decide over
// these; how they came to be known is the business of net.
namespace mailassay::requiretls {

// draft-ietf-uta-smtp-require-tls-03 or RFC 8689.
using base::Edition;

// How a message wants to be sent. [rfc8689/4.1/1] [rfc8689/4.1/2]
enum class Tag : std::uint8_t {
    None,      // ordinary mail
    Required,  // REQUIRETLS
    Optional,  // the header field says that TLS is not required
};

// Bounces have the null reverse-path.
enum class ReversePath : std::uint8_t { Sender, Null };

// What validation said of a DNS answer.
enum class DnsSecurity : std::uint8_t {
    Secure,    // a chain of signatures from a trust anchor
    Insecure,  // provably, or for want of a trust anchor, not signed
    Bogus,     // ought to be signed, and the signatures do not hold
};

// How a candidate host was found. [rfc8689/4.2.1/1]
enum class Lookup : std::uint8_t {
    Mx,       // an MX record of the domain
    Address,  // no MX record: the domain is its own host
};

// What a domain's MTA-STS policy says of one host (RFC 8461 section 4.1).
enum class StsMatch : std::uint8_t {
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
enum class TlsaState : std::uint8_t {
    None,          // none, or not secure: DANE does not apply
    Unusable,      // secure records, none of which can be used: TLS without authentication
    Usable,        // DANE applies
    LookupFailed,  // bogus or unanswered: the host can't be used by a DANE client
};

// Why a lookup about a host gave nothing. The rules need no more than its effect; a person who has
// to mend it does.
enum class LookupFault : std::uint8_t {
    None,
    Missing,     // there is no such record
    Unanswered,  // time ran out, SERVFAIL
    Bogus,       // signatures that do not hold
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
    std::vector<TlsaRecord> tlsa_records;           // the usable ones, when tlsa is Usable
    std::vector<std::string> addresses;             // IPv4 and IPv6, to be tried in order
    LookupFault address_fault = LookupFault::None;  // of either kind of address
    LookupFault tlsa_fault = LookupFault::None;     // behind TlsaState::LookupFailed
    std::string canonical_domain = {};  // what `domain` is an alias of; empty: it is none
    std::string canonical_name = {};    // what `host` is an alias of; empty: it is none
    // The TLSA base domain, below which the records are (RFC 7672 section 2.2.3): `host` or
    // `canonical_name`; empty: there are no records.
    std::string tlsa_base = {};

    friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

// Why no candidate host is known.
enum class LookupFailure : std::uint8_t {
    Temporary,     // no answer, SERVFAIL
    Bogus,         // an answer whose signatures do not hold
    NoSuchDomain,  // neither MX nor address
    NullMx,        // the domain takes no mail (RFC 7505)
};

enum class TlsVersion : std::uint8_t { None, Tls10, Tls11, Tls12, Tls13 };

// How far TLS came.
enum class TlsOutcome : std::uint8_t {
    NotTried,         // the plan was not to
    NotOffered,       // no STARTTLS in the EHLO reply
    Refused,          // STARTTLS was not answered 220
    HandshakeFailed,  // no session; the connection is unusable
    Established,
};

// What vouches for the certificate of an established session.
enum class Authentication : std::uint8_t { None, Pkix, Dane };

// The first reason why PKIX (or DANE, where it applied) did not.
enum class CertificateFault : std::uint8_t {
    None,
    UnknownAuthority,
    SelfSigned,
    Expired,
    NotYetValid,
    WrongName,
    NoTlsaMatch,
    Other,
};

// Why a session ended before something could be sent.
enum class SessionEnd : std::uint8_t {
    None,          // it did not: a command could be given
    NoConnection,  // none of the addresses answered, or there was none
    Refused,       // a reply said that there is no service
    Silent,        // an answer took too long
    Broken,        // closed, reset, no SMTP, or the handshake failed
};

// What a certificate says of itself. The words are the peer's own and may be hostile.
struct CertificateFacts {
    std::vector<std::string> names = {};  // dNSName of subjectAltName, the first few
    std::string issuer = {};
    std::optional<std::chrono::sys_seconds> not_before = {};
    std::optional<std::chrono::sys_seconds> not_after = {};

    friend bool operator==(const CertificateFacts&, const CertificateFacts&) = default;
};

struct TlsFacts {
    TlsOutcome outcome = TlsOutcome::NotTried;
    TlsVersion version = TlsVersion::None;
    std::string cipher = {};
    Authentication authentication = Authentication::None;
    CertificateFault fault = CertificateFault::None;
    std::string detail = {};  // for a person; may quote hostile octets
    std::optional<CertificateFacts> certificate = {};

    friend bool operator==(const TlsFacts&, const TlsFacts&) = default;
};

}  // namespace mailassay::requiretls
