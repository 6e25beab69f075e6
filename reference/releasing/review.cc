#include "releasing/review.h"

#include <fmt/format.h>

#include "imf/header.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"

namespace mailassay::releasing {

namespace {

bool has_bare_line_end(std::string_view octets) {
    for (std::size_t at = octets.find_first_of("\r\n"); at != std::string_view::npos;
         at = octets.find_first_of("\r\n", at + 2)) {
        if (octets.substr(at, 2) != "\r\n") return true;
    }
    return false;
}

// One that the entity does not have, whatever signatures are in it.
std::string boundary_for(std::string_view entity, base::Random& random) {
    while (true) {
        std::string boundary = "=_" + base::random_token(random);
        if (!entity.contains(boundary)) return boundary;
    }
}

}  // namespace

Result<std::string> review(std::string_view message, const crypto::Signer& signer,
                           base::Random& random) {
    if (has_bare_line_end(message)) {
        return std::unexpected(Error{.id = "releasing.review.line-ends"});
    }
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    std::string header;
    for (const imf::HeaderField& field : parsed->header.fields()) {
        if (!imf::is_mime_field(field)) header += field.raw;
    }
    const std::string entity = fmt::format("Content-Type: message/rfc822\r\n\r\n{}", message);
    const auto cms = crypto::sign(entity, {&signer, 1}, {}, crypto::Encapsulation::Detached);
    if (!cms) return std::unexpected(cms.error());
    const std::string boundary = boundary_for(entity, random);
    return fmt::format(
        "{}MIME-Version: 1.0\r\n"
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
        " micalg=\"{}\"; boundary=\"{}\"\r\n"
        "\r\n"
        "--{}\r\n{}\r\n--{}\r\n"
        "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n{}\r\n--{}--\r\n",
        header, crypto::micalg_of(signer.digest), boundary, boundary, entity, boundary,
        imf::encode_base64_lines(*cms), boundary);
}

}  // namespace mailassay::releasing
