#include "releasing/countersign.h"

#include "imf/header.h"
#include "releasing/review.h"
#include "releasing/signature_text.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {

Result<std::string> countersign(std::string_view message, Reading reading,
                                const crypto::Signer& signer, base::Random& random) {
    if (reading == Reading::Review) return review(message, signer, random);
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
    if (!parts) return std::unexpected(parts.error());
    if (!*parts) return std::unexpected(Error{.id = "releasing.countersign.not-signed"});
    const std::string_view cms = (*parts)->cms.view();
    // [rfc7912/3.3.2/2]
    const auto made = reading == Reading::Countersignature ? crypto::countersign_all(cms, signer)
                                                           : crypto::add_signer(cms, signer);
    if (!made) return std::unexpected(made.error());
    return with_signature(message, *made);
}

}  // namespace mailassay::releasing
