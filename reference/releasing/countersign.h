#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "crypto/signed_data.h"

// What an authorizing user does when he countersigns: RFC 7912 section 3.3.2 names no one form, and
// there are three. None of them changes an octet of what was signed before.
namespace mailassay::releasing {

enum class Reading : std::uint8_t {
    Review,  // a layer around the message (RFC 3183): binds the header, the field included
    Countersignature,  // an attribute (RFC 5652 section 11.4): binds the drafter's signature alone
    SignerInfo,        // a further signer beside the drafter: binds what he signed, the field not
};

// The message with the user's signature on it. The forms that need a signature to stand on take the
// outermost: of several signers each gets a countersignature.
// Errors: those of review(); with the other two also releasing.countersign.not-signed, and those of
// secureheaders::replace_signature(), crypto::countersign_all() and crypto::add_signer().
[[nodiscard]] Result<std::string> countersign(std::string_view message, Reading reading,
                                              const crypto::Signer& signer, base::Random& random);

}  // namespace mailassay::releasing
