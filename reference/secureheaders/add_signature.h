#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/octets.h"
#include "secureheaders/rules.h"
#include "secureheaders/sign.h"

// What a gateway does that inserts signerInfos into a signature (section 6): the generation process
// (section 4.5.1) for signers who come to others.
namespace mailassay::secureheaders {

// The message with `signing.signers` beside those of its outermost signature, over the same content
// and by a digest that is there. Where the others have a structure the new ones get the same one;
// where none has, it is made of `signing.policy`, as for any signature. `signing.encapsulation`
// makes no difference. Every octet of the message but those of its CMS object stays, and in that
// every signerInfo that was there.
//
// Nothing is put to a signature that does not hold, or to a structure that is not what the message
// has: whoever signs it says that it is. Whether the others' chains hold is not asked.
//
// After an error `out` may hold a part. Errors: secureheaders.add.not-signed,
// secureheaders.add.broken (the signature does not hold, or can't be verified),
// secureheaders.add.signers-disagree, secureheaders.add.header-changed (the detail names the
// field), secureheaders.add.digest (none is there that can be signed with),
// secureheaders.sign.nothing-to-secure, secureheaders.sign.mime-field, those of decode() on an
// attribute that can't be read, and those of encode(), find_signature(), crypto::verify(),
// crypto::add_signer(), replace_signature() and `out`.
[[nodiscard]] Result<void> add_signature(std::string_view message, const Signing& signing,
                                         const Rules& rules, base::Sink& out);
[[nodiscard]] Result<std::string> add_signature(std::string_view message, const Signing& signing,
                                                const Rules& rules);

}  // namespace mailassay::secureheaders
