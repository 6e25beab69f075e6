#include "releasing/countersign.h"

#include "base/octets.h"
#include "imf/header.h"
#include "releasing/review.h"
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
    const auto made = reading == Reading::Countersignature ? crypto::countersign(cms, 0, signer)
                                                           : crypto::add_signer(cms, signer);
    if (!made) return std::unexpected(made.error());
    base::StringSink after;
    if (auto done = secureheaders::replace_signature(message, *made, after); !done) {
        return std::unexpected(done.error());
    }
    return std::move(after.text);
}

}  // namespace mailassay::releasing
