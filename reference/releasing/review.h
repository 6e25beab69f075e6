#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "crypto/signed_data.h"

// A review signature as a layer around the whole message: it covers the header, the field included,
// and leaves every octet of what was signed before as it is.
namespace mailassay::releasing {

// The message, signed as multipart/signed with itself as a message/rfc822 in it, beneath its own
// header without the MIME fields. `random` makes the boundary.
// Errors: releasing.review.line-ends (a bare CR or LF), those of imf::parse_message() and
// crypto::sign().
[[nodiscard]] Result<std::string> review(std::string_view message, const crypto::Signer& signer,
                                         base::Random& random);

}  // namespace mailassay::releasing
