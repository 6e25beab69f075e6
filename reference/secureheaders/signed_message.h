#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/octets.h"
#include "imf/header.h"

// Where in a message its signature stands (RFC 8551 section 3.5).
namespace mailassay::secureheaders {

struct SignedParts {
    // A ContentInfo of CMS.
    base::Octets cms;
    // The octets that a detached signature is over; nullopt: they are in the ContentInfo.
    std::optional<std::string_view> content;
};

// `body` must outlive the result; what has to be decoded is kept in `scratch`. nullopt: there is no
// signature, which is no error. Errors: secureheaders.message.parts (multipart/signed with other
// than two parts), and those of imf::content_type_of(), imf::split_multipart() and
// imf::decode_body().
[[nodiscard]] Result<std::optional<SignedParts>> find_signature(
    const imf::HeaderSection& header, std::string_view body,
    base::Scratch& scratch = base::memory());

}  // namespace mailassay::secureheaders
