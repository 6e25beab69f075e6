#include "secureheaders/signed_message.h"

#include "base/ascii.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"

namespace mailassay::secureheaders {

namespace {

// The registered types, and those of before registration that old software still writes
// (RFC 8551 section 3.2).
bool is_signature_type(const imf::ContentType& type) {
    return type.is("application", "pkcs7-signature") || type.is("application", "x-pkcs7-signature");
}

bool is_cms_type(const imf::ContentType& type) {
    return type.is("application", "pkcs7-mime") || type.is("application", "x-pkcs7-mime");
}

bool is_opaque_type(const imf::ContentType& type) {
    if (!is_cms_type(type)) return false;
    const auto kind = type.parameter("smime-type");
    return !kind || base::equals_ignore_case(*kind, "signed-data");
}

Result<std::optional<SignedParts>> in_multipart(const imf::ContentType& type, std::string_view body,
                                                base::Scratch& scratch) {
    const auto boundary = type.parameter("boundary");
    const auto parts = imf::split_multipart(body, boundary.value_or(""));
    if (!parts) return std::unexpected(parts.error());
    if (parts->size() != 2) {
        return std::unexpected(
            Error{.id = "secureheaders.message.parts", .requirement = "rfc1847/2.1"});
    }
    const auto signature = imf::view_message(parts->at(1));
    if (!signature) return std::unexpected(signature.error());
    const auto signature_type = imf::content_type_of(signature->header);
    if (!signature_type) return std::unexpected(signature_type.error());
    if (!is_signature_type(*signature_type)) return std::nullopt;  // OpenPGP, for example
    auto cms = imf::decode_body(signature->header, signature->body, scratch);
    if (!cms) return std::unexpected(cms.error());
    return SignedParts{.cms = std::move(*cms), .content = parts->at(0)};
}

bool is_base64(const imf::HeaderSection& header) {
    const imf::HeaderField* field = header.find_first("Content-Transfer-Encoding");
    return field != nullptr && base::equals_ignore_case(base::trim(field->body), "base64");
}

// Where the outermost signature stands in the message, in base64.
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
    if (!is_fit) return std::unexpected(Error{.id = "secureheaders.message.encoding"});
    return text;
}

}  // namespace

Result<std::optional<SignedParts>> find_signature(const imf::HeaderSection& header,
                                                  std::string_view body, base::Scratch& scratch) {
    const auto type = imf::content_type_of(header);
    if (!type) return std::unexpected(type.error());
    if (type->is("multipart", "signed")) return in_multipart(*type, body, scratch);
    if (!is_opaque_type(*type)) return std::nullopt;
    auto cms = imf::decode_body(header, body, scratch);
    if (!cms) return std::unexpected(cms.error());
    return SignedParts{.cms = std::move(*cms), .content = std::nullopt};
}

bool is_envelope(const imf::HeaderSection& header) {
    const auto type = imf::content_type_of(header);
    if (!type || !is_cms_type(*type)) return false;
    const auto kind = type->parameter("smime-type");
    return !kind || base::equals_ignore_case(*kind, "enveloped-data") ||
           base::equals_ignore_case(*kind, "authEnveloped-data");
}

Result<void> replace_signature(std::string_view octets, std::string_view content_info,
                               base::Sink& out) {
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto text = encoded_signature(*message);
    if (!text) return std::unexpected(text.error());
    const auto begin = static_cast<std::size_t>(text->data() - octets.data());
    auto done = out.append(octets.substr(0, begin));
    imf::Base64LineWriter lines(out);
    if (done) done = lines.append(content_info);
    if (done) done = lines.finish();
    if (done) done = out.append(octets.substr(begin + text->size()));
    return done;
}

}  // namespace mailassay::secureheaders
