#include "dca/wrapped.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mailassay::dca {

using secureheaders::Inside;
using secureheaders::MessageResult;

Result<MessageResult> verify_wrapped(std::string_view message,
                                     const secureheaders::Verification& verification,
                                     const Decryption& decryption,
                                     const secureheaders::Rules& secure_headers,
                                     const Rules& rules) {
    auto result = secureheaders::verify_message(message, verification, secure_headers);
    if (!result || result->inside == Inside::Plain) return result;
    Decryption opening = decryption;
    opening.within_broken = WithinBroken::Open;  // the layers tell of it
    const auto opened = verification.scratch->keep([&](base::Sink& out) -> Result<void> {
        auto report = decrypt_message(message, opening, rules, *verification.scratch, out);
        if (!report) return std::unexpected(std::move(report.error()));
        return {};
    });
    if (!opened) return std::unexpected(opened.error());
    auto inner = secureheaders::verify_message(opened->view(), verification, secure_headers);
    if (!inner) return std::unexpected(inner.error());
    std::ranges::move(inner->layers, std::back_inserter(result->layers));
    result->inside = inner->inside;
    return result;
}

}  // namespace mailassay::dca
