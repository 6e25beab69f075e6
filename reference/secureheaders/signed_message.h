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

// Whether what stands below the header is encrypted, by its Content-Type (RFC 8551 section 3.3).
// One whose type can't be read is none.
[[nodiscard]] bool is_envelope(const imf::HeaderSection& header);

// The message with another ContentInfo where its outermost signature stands; every other octet
// stays. After an error `out` may hold a part. Errors: secureheaders.message.encoding (what stands
// there is not in base64), those of find_signature() and of `out`.
[[nodiscard]] Result<void> replace_signature(std::string_view message,
                                             std::string_view content_info, base::Sink& out);

}  // namespace mailassay::secureheaders
