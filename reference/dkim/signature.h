#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "imf/address.h"
#include "imf/canonicalization.h"

// A DKIM-Signature field (RFC 6376 section 3.5).
namespace mailassay::dkim {

inline constexpr std::string_view signature_field = "DKIM-Signature";

enum class Algorithm : std::uint8_t { RsaSha256, Ed25519Sha256 };

struct Signature {
    Algorithm algorithm = Algorithm::RsaSha256;
    imf::Canonicalization of_header = imf::Canonicalization::Simple;
    imf::Canonicalization of_body = imf::Canonicalization::Simple;
    std::string domain;    // d=
    std::string selector;  // s=
    // i=: for whom it was made; the local part may be empty, the domain is d= or beneath it.
    imf::Mailbox agent;
    std::vector<std::string> fields;      // h=, as written, From among them
    std::string body_hash;                // octets
    std::string value;                    // octets
    std::optional<std::uint64_t> length;  // l=
    std::optional<base::TimePoint> made;  // t=
    std::optional<base::TimePoint> expires;
};

// The body of a field. Errors: those of parse_tags(), dkim.signature.missing, .version, .algorithm,
// .canonicalization, .domain, .selector, .agent, .fields (From is not covered, among others),
// .octets (no base64), .number, .query; the detail names the tag.
[[nodiscard]] Result<Signature> parse_signature(std::string_view body);

// Where its key is found: SELECTOR._domainkey.DOMAIN.
[[nodiscard]] std::string key_name(const Signature& signature);

}  // namespace mailassay::dkim
