#pragma once

#include <string_view>

#include "base/error.h"
#include "dca/message.h"
#include "dca/rules.h"
#include "secureheaders/rules.h"
#include "secureheaders/verify.h"

// Verification of what is signed within an envelope: with triple wrapping (RFC 2634 section 1.1,
// RFC 7508 section 5) behind the signatures around it.
namespace mailassay::dca {

// As secureheaders::verify_message(), and where that ends at an envelope, opens it, restores the
// header and goes on: outer signatures are held against the header that crossed the wire, inner
// ones against the one that was restored. One envelope is opened. `decryption` has the edition and
// strictness of `verification`.
// Errors: those of secureheaders::verify_message() and decrypt_message().
[[nodiscard]] Result<secureheaders::MessageResult> verify_wrapped(
    std::string_view message, const secureheaders::Verification& verification,
    const Decryption& decryption, const secureheaders::Rules& secure_headers, const Rules& rules);

}  // namespace mailassay::dca
