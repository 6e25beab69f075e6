#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/facts.h"
#include "requiretls/rules.h"

// What the facts mean for mail that is sent with REQUIRETLS. Whether it may go to a host is for
// requiretls::Rules to say; here stands why not, and what an administrator can do about it.
namespace mailassay::probe {

enum class Outcome : std::uint8_t {
    GetsThrough,
    DoesNot,
    Undetermined,  // something was not answered, or in time: another attempt may tell
};

// The one thing that stands in the way; in the order in which mail comes upon them, so that what is
// further down can only be reached once everything above is in order.
enum class Finding : std::uint8_t {
    // About the domain.
    NoSuchDomain,
    NullMx,
    MxBogus,
    MxUnanswered,
    TimeLimit,  // about a host, too
    // About a host, before a connection.
    NotValidatedHere,
    AddressBogus,
    AddressUnanswered,
    MxUnsigned,
    PolicyRecordFaulty,
    PolicyRecordBogus,
    PolicyUnanswered,
    PolicyUnavailable,
    PolicyTesting,
    PolicyNotListing,
    TlsaBogus,
    TlsaUnanswered,
    AddressMissing,
    // About the session.
    ConnectionFailed,
    SessionRefused,
    SessionSilent,
    SessionBroken,
    StarttlsNotOffered,
    StarttlsRefused,
    HandshakeFailed,
    TlsTooOld,
    TlsaMismatch,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    CertificateSelfSigned,
    CertificateUnknownAuthority,
    CertificateUnfit,
    RequiretlsOnlyInPlaintext,
    RequiretlsNotOffered,
    None,
};

// A stable name for machines, such as "mx-unsigned".
[[nodiscard]] std::string_view name_of(Finding finding);
[[nodiscard]] std::string_view name_of(Outcome outcome);
// Every finding, in order.
[[nodiscard]] std::vector<Finding> all_findings();

struct HostAssessment {
    Outcome outcome = Outcome::Undetermined;
    Finding finding = Finding::TimeLimit;
};

struct DomainAssessment {
    Outcome outcome = Outcome::Undetermined;
    // About the domain itself, when no host is known; None otherwise.
    Finding finding = Finding::None;
    std::vector<HostAssessment> hosts = {};  // as in the facts
    // The first host that mail gets through to.
    std::optional<std::size_t> through = {};
    // When it does not: the host that is nearest to it.
    std::optional<std::size_t> nearest = {};
};

[[nodiscard]] HostAssessment assess_host(const requiretls::Rules& rules, const DomainProbe& domain,
                                         const HostProbe& host);
[[nodiscard]] DomainAssessment assess(const requiretls::Rules& rules, const DomainProbe& domain);

}  // namespace mailassay::probe
