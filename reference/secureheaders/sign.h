#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "base/random.h"
#include "crypto/signed_data.h"
#include "imf/header.h"
#include "secureheaders/policy.h"
#include "secureheaders/rules.h"

// The signature generation process (section 4.5.1) on a whole message.
namespace mailassay::secureheaders {

struct Signing {
    Policy policy;
    Edition edition = Edition::Rfc;
    crypto::Encapsulation encapsulation = crypto::Encapsulation::Detached;
    // Each gets the attribute, with the same structure.
    std::vector<crypto::Signer> signers;
    std::vector<crypto::Certificate> chain = {};
};

// The message, signed: its header with the MIME fields replaced, and its body as the signed entity.
// `random` makes the boundary. The message must have CRLF line ends.
//
// Errors: secureheaders.sign.line-ends (a bare CR or LF, which no detached signature survives),
// secureheaders.sign.nothing-to-secure (no field of the policy is in the message),
// secureheaders.sign.mime-field (the policy names a field that signing replaces), and those of
// imf::parse_message(), encode() and crypto::sign().
[[nodiscard]] Result<std::string> sign_message(std::string_view message, const Signing& signing,
                                               const Rules& rules, base::Random& random);

// The same into `out`, which takes the message in pieces, so that no copy of it is made. After an
// error `out` may hold a part. Errors: those above and of `out`.
[[nodiscard]] Result<void> sign_message(std::string_view message, const Signing& signing,
                                        const Rules& rules, base::Random& random, base::Sink& out);

// The structure that a policy makes of a header: steps 1 to 4. Errors:
// secureheaders.sign.nothing-to-secure, secureheaders.sign.mime-field.
[[nodiscard]] Result<SecureHeaderFields> structure_for(const imf::HeaderSection& header,
                                                       const Policy& policy, const Rules& rules);

}  // namespace mailassay::secureheaders
