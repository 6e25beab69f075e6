#include "secureheaders/sign.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "imf/header.h"
#include "imf/transfer_encoding.h"

namespace mailassay::secureheaders {

namespace {

bool describes_content(const imf::HeaderField& field) {
    return base::starts_with_ignore_case(field.name, "Content-");
}

bool has_bare_line_end(std::string_view octets) {
    for (std::size_t at = 0; at < octets.size(); ++at) {
        if (octets[at] == '\n' && (at == 0 || octets[at - 1] != '\r')) return true;
        if (octets[at] == '\r' && (at + 1 == octets.size() || octets[at + 1] != '\n')) return true;
    }
    return false;
}

std::string_view micalg_of(crypto::Digest digest) {
    switch (digest) {
        case crypto::Digest::Sha256:
            return "sha-256";
        case crypto::Digest::Sha384:
            return "sha-384";
        case crypto::Digest::Sha512:
            return "sha-512";
    }
    std::unreachable();
}

// All digests that are used, each once (RFC 8551 section 3.5.3.2).
std::string micalgs_of(const std::vector<crypto::Signer>& signers) {
    std::vector<std::string_view> names;
    std::string listed;
    for (const crypto::Signer& signer : signers) {
        const std::string_view name = micalg_of(signer.digest);
        if (std::ranges::find(names, name) != names.end()) continue;
        names.push_back(name);
        listed += (listed.empty() ? "" : ",") + std::string(name);
    }
    return listed;
}

// What is signed: the message's MIME entity, as pieces of the message.
std::vector<std::string_view> entity_of(const imf::MessageView& message) {
    std::vector<std::string_view> entity;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (describes_content(field)) entity.emplace_back(field.raw);
    }
    entity.emplace_back("\r\n");
    entity.push_back(message.body);
    return entity;
}

// The fields of the message that are not about its content.
std::string outer_header_of(const imf::MessageView& message) {
    std::string outer;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (!describes_content(field)) outer += field.raw;
    }
    if (message.header.count("MIME-Version") == 0) outer += "MIME-Version: 1.0\r\n";
    return outer;
}

Result<void> write(base::Sink& out, std::initializer_list<std::string_view> pieces) {
    for (const std::string_view piece : pieces) {
        if (auto done = out.append(piece); !done) return done;
    }
    return {};
}

Result<void> write_detached(base::Sink& out, std::string_view header,
                            std::span<const std::string_view> entity, std::string_view cms,
                            std::string_view micalgs, std::string_view boundary) {
    auto done = write(out, {header, "Content-Type: multipart/signed; ",
                            "protocol=\"application/pkcs7-signature\";\r\n micalg=\"", micalgs,
                            "\"; boundary=\"", boundary, "\"\r\n\r\n--", boundary, "\r\n"});
    for (const std::string_view piece : entity) {
        if (done) done = out.append(piece);
    }
    if (!done) return done;
    return write(out, {"\r\n--", boundary,
                       "\r\n"
                       "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                       "Content-Transfer-Encoding: base64\r\n"
                       "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"
                       "\r\n",
                       imf::encode_base64_lines(cms), "\r\n--", boundary, "--\r\n"});
}

Result<void> write_opaque(base::Sink& out, std::string_view header,
                          const crypto::SignedPieces& cms) {
    auto done = write(
        out, {header,
              "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
              "\r\n"});
    imf::Base64LineWriter lines(out);
    if (done) done = lines.append(cms.before);
    for (const std::string_view piece : cms.content) {
        if (done) done = lines.append(piece);
    }
    if (done) done = lines.append(cms.behind);
    if (done) done = lines.finish();
    return done;
}

// A boundary that no line of the entity has; each piece of it is whole lines.
std::string boundary_for(std::span<const std::string_view> entity, base::Random& random) {
    for (;;) {
        std::string boundary = "=_" + base::random_token(random);
        const auto has_it = [&boundary](std::string_view piece) {
            return piece.contains(boundary);
        };
        if (std::ranges::none_of(entity, has_it)) return boundary;
    }
}

}  // namespace

Result<SecureHeaderFields> structure_for(const imf::HeaderSection& header, const Policy& policy,
                                         const Rules& rules) {
    for (const auto& [name, status] : policy.secured) {
        if (base::starts_with_ignore_case(name, "Content-") ||
            base::equals_ignore_case(name, "MIME-Version")) {
            return std::unexpected(Error{.id = "secureheaders.sign.mime-field",
                                         .requirement = "rfc7508/4.5.1",
                                         .detail = name});
        }
    }
    SecureHeaderFields structure = rules.select(header, policy);
    if (structure.fields.empty()) {
        return std::unexpected(
            Error{.id = "secureheaders.sign.nothing-to-secure", .requirement = "rfc7508/4.1"});
    }
    return structure;
}

// The six steps. [rfc7508/4.5.1/8]
Result<void> sign_message(std::string_view octets, const Signing& signing, const Rules& rules,
                          base::Random& random, base::Sink& out) {
    if (has_bare_line_end(octets)) {
        return std::unexpected(
            Error{.id = "secureheaders.sign.line-ends", .requirement = "rfc8551/3.1.1"});
    }
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto structure = structure_for(message->header, signing.policy, rules);
    if (!structure) return std::unexpected(structure.error());
    // The same structure in each signerInfo. [rfc7508/4.5.1/1] [rfc7508/4.5.1/6]
    std::vector<crypto::Signer> signers = signing.signers;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        auto attributes = rules.attributes(*structure, signing.edition, i);
        if (!attributes) return std::unexpected(attributes.error());
        std::ranges::move(*attributes, std::back_inserter(signers[i].attributes));
    }
    const std::vector<std::string_view> entity = entity_of(*message);
    const auto cms = crypto::sign_pieces(entity, signers, signing.chain, signing.encapsulation);
    if (!cms) return std::unexpected(cms.error());
    const std::string header = outer_header_of(*message);
    if (signing.encapsulation == crypto::Encapsulation::Opaque) {
        return write_opaque(out, header, *cms);
    }
    return write_detached(out, header, entity, cms->before, micalgs_of(signing.signers),
                          boundary_for(entity, random));
}

Result<std::string> sign_message(std::string_view octets, const Signing& signing,
                                 const Rules& rules, base::Random& random) {
    base::StringSink out;
    if (auto done = sign_message(octets, signing, rules, random, out); !done) {
        return std::unexpected(done.error());
    }
    return std::move(out.text);
}

}  // namespace mailassay::secureheaders
