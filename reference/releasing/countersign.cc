#include "releasing/countersign.h"

#include "base/ascii.h"
#include "imf/header.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "releasing/review.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {

namespace {

bool is_base64(const imf::HeaderSection& header) {
    const imf::HeaderField* field = header.find_first("Content-Transfer-Encoding");
    return field != nullptr && base::equals_ignore_case(base::trim(field->body), "base64");
}

// Where the signature stands in the message, in base64.
Result<std::string_view> encoded_signature(const imf::MessageView& message) {
    const auto type = imf::content_type_of(message.header);
    if (!type) return std::unexpected(type.error());
    std::string_view text = message.body;
    bool is_fit = is_base64(message.header);
    if (type->is("multipart", "signed")) {
        const auto parts =
            imf::split_multipart(message.body, type->parameter("boundary").value_or(""));
        if (!parts) return std::unexpected(parts.error());
        const auto signature = imf::view_message(parts->back());
        if (!signature) return std::unexpected(signature.error());
        text = signature->body;
        is_fit = is_base64(signature->header);
    }
    if (!is_fit) return std::unexpected(Error{.id = "releasing.countersign.encoding"});
    return text;
}

}  // namespace

Result<std::string> countersign(std::string_view message, Reading reading,
                                const crypto::Signer& signer, base::Random& random) {
    if (reading == Reading::Review) return review(message, signer, random);
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
    if (!parts) return std::unexpected(parts.error());
    if (!*parts) return std::unexpected(Error{.id = "releasing.countersign.not-signed"});
    const auto text = encoded_signature(*parsed);
    if (!text) return std::unexpected(text.error());
    const std::string_view cms = (*parts)->cms.view();
    const auto made = reading == Reading::Countersignature ? crypto::countersign(cms, 0, signer)
                                                           : crypto::add_signer(cms, signer);
    if (!made) return std::unexpected(made.error());
    std::string after(message);
    after.replace(static_cast<std::size_t>(text->data() - message.data()), text->size(),
                  imf::encode_base64_lines(*made));
    return after;
}

}  // namespace mailassay::releasing
