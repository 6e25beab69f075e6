#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// TLSA records (RFC 6698 section 2.1) and which of them SMTP can use (RFC 7672 section 3.1).
namespace mailassay::requiretls {

struct TlsaRecord {
    std::uint8_t usage = 0;          // 2 DANE-TA, 3 DANE-EE are usable
    std::uint8_t selector = 0;       // 0 certificate, 1 SubjectPublicKeyInfo
    std::uint8_t matching_type = 0;  // 0 whole, 1 SHA-256, 2 SHA-512
    std::string data;                // octets

    friend bool operator==(const TlsaRecord&, const TlsaRecord&) = default;
};

// The RDATA of one record. Error: requiretls.tlsa.too-short.
[[nodiscard]] Result<TlsaRecord> parse_tlsa(std::string_view rdata);

// Usage 2 or 3, a known selector and matching type, and data of the length of its digest. Usages 0
// and 1 can't be used with SMTP (RFC 7672 section 3.1.3).
[[nodiscard]] bool is_usable(const TlsaRecord& record);

// The usable ones, in order.
[[nodiscard]] std::vector<TlsaRecord> usable(std::span<const TlsaRecord> records);

}  // namespace mailassay::requiretls
