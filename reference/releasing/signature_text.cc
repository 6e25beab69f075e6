#include "releasing/signature_text.h"

#include <utility>

#include "base/octets.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {

Result<std::string> with_signature(std::string_view message, std::string_view content_info) {
    base::StringSink after;
    if (auto done = secureheaders::replace_signature(message, content_info, after); !done) {
        return std::unexpected(std::move(done.error()));
    }
    return std::move(after.text);
}

}  // namespace mailassay::releasing
