#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/certificate.h"
#include "imf/canonicalization.h"
#include "imf/header.h"

// A signature of DKIM, made (RFC 6376 section 5).
namespace mailassay::dkim {

struct Signing {
    const crypto::PrivateKey& key;  // RSA or Ed25519
    std::string domain;
    std::string selector;
    std::string agent = {};  // i=; empty: none
    std::vector<std::string> fields;
    imf::Canonicalization of_header = imf::Canonicalization::Relaxed;
    imf::Canonicalization of_body = imf::Canonicalization::Relaxed;
    std::optional<base::TimePoint> at = std::nullopt;     // t=
    std::optional<base::TimePoint> until = std::nullopt;  // x=
    std::optional<std::uint64_t> length = std::nullopt;   // l=, of the canonical body
};

// The field, to be put on top. Errors: those of crypto::bare_signature() and parse_signature(),
// for names that are none.
[[nodiscard]] Result<imf::HeaderField> sign(const imf::HeaderSection& header, std::string_view body,
                                            const Signing& signing);

}  // namespace mailassay::dkim
