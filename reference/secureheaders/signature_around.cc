#include "secureheaders/signature_around.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "imf/transfer_encoding.h"

namespace mailassay::secureheaders {

namespace {

// All digests that are used, each once (RFC 8551 section 3.5.3.2).
std::string micalgs_of(std::span<const crypto::Signer> signers) {
    std::vector<std::string_view> names;
    std::string listed;
    for (const crypto::Signer& signer : signers) {
        const std::string_view name = crypto::micalg_of(signer.digest);
        if (std::ranges::find(names, name) != names.end()) continue;
        names.push_back(name);
        listed += (listed.empty() ? "" : ",") + std::string(name);
    }
    return listed;
}

Result<void> write(base::Sink& out, std::initializer_list<std::string_view> pieces) {
    for (const std::string_view piece : pieces) {
        if (auto done = out.append(piece); !done) return done;
    }
    return {};
}

// A boundary that no line of the entity has.
std::string boundary_for(std::span<const std::string_view> entity, base::Random& random) {
    for (;;) {
        std::string boundary = "=_" + base::random_token(random);
        const auto has_it = [&boundary](std::string_view piece) {
            return piece.contains(boundary);
        };
        if (std::ranges::none_of(entity, has_it)) return boundary;
    }
}

imf::HeaderField field_of(std::string name, std::string body) {
    std::string raw = name + ":" + body + "\r\n";
    return {.name = std::move(name), .body = std::move(body), .raw = std::move(raw)};
}

std::vector<imf::HeaderField> fields_of_opaque() {
    return {field_of("Content-Type",
                     " application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\""),
            field_of("Content-Transfer-Encoding", " base64"),
            field_of("Content-Disposition", " attachment; filename=\"smime.p7m\"")};
}

std::vector<imf::HeaderField> fields_of_detached(std::string_view micalgs,
                                                 std::string_view boundary) {
    return {field_of("Content-Type",
                     fmt::format(" multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
                                 " micalg=\"{}\"; boundary=\"{}\"",
                                 micalgs, boundary))};
}

}  // namespace

Result<SignatureAround> SignatureAround::make(std::span<const std::string_view> entity,
                                              std::span<const crypto::Signer> signers,
                                              std::span<const crypto::Certificate> chain,
                                              crypto::Encapsulation encapsulation,
                                              base::Random& random) {
    auto cms = crypto::sign_pieces(entity, signers, chain, encapsulation);
    if (!cms) return std::unexpected(cms.error());
    SignatureAround made;
    made.entity_ = entity;
    made.cms_ = std::move(*cms);
    if (encapsulation == crypto::Encapsulation::Opaque) {
        made.fields_ = fields_of_opaque();
    } else {
        made.boundary_ = boundary_for(entity, random);
        made.fields_ = fields_of_detached(micalgs_of(signers), made.boundary_);
    }
    return made;
}

Result<void> SignatureAround::write_body(base::Sink& out, std::string_view preamble) const {
    return boundary_.empty() ? write_opaque(out) : write_detached(out, preamble);
}

Result<void> SignatureAround::write_detached(base::Sink& out, std::string_view preamble) const {
    auto done = write(out, {preamble, "--", boundary_, "\r\n"});
    for (const std::string_view piece : entity_) {
        if (done) done = out.append(piece);
    }
    if (!done) return done;
    return write(out, {"\r\n--", boundary_,
                       "\r\n"
                       "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                       "Content-Transfer-Encoding: base64\r\n"
                       "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"
                       "\r\n",
                       imf::encode_base64_lines(cms_.before), "\r\n--", boundary_, "--\r\n"});
}

Result<void> SignatureAround::write_opaque(base::Sink& out) const {
    imf::Base64LineWriter lines(out);
    auto done = lines.append(cms_.before);
    for (const std::string_view piece : cms_.content) {
        if (done) done = lines.append(piece);
    }
    if (done) done = lines.append(cms_.behind);
    if (done) done = lines.finish();
    return done;
}

}  // namespace mailassay::secureheaders
