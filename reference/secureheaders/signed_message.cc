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

bool is_opaque_type(const imf::ContentType& type) {
    if (!type.is("application", "pkcs7-mime") && !type.is("application", "x-pkcs7-mime")) {
        return false;
    }
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

}  // namespace mailassay::secureheaders
