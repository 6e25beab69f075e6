#include "secureheaders/sign.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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

Result<SecureHeaderFields> structure_of(const imf::HeaderSection& header, const Policy& policy,
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

// What is signed: the message's MIME entity.
std::string entity_of(const imf::MessageView& message) {
    std::string entity;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (describes_content(field)) entity += field.raw;
    }
    entity.reserve(entity.size() + 2 + message.body.size());
    entity += "\r\n";
    entity += message.body;
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

std::string detached(const std::string& header, const std::string& entity, const std::string& cms,
                     const std::string& micalgs, const std::string& boundary) {
    return fmt::format(
        "{}Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
        " micalg=\"{}\"; boundary=\"{}\"\r\n"
        "\r\n"
        "--{}\r\n"
        "{}\r\n"
        "--{}\r\n"
        "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"
        "\r\n"
        "{}\r\n"
        "--{}--\r\n",
        header, micalgs, boundary, boundary, entity, boundary, imf::encode_base64_lines(cms),
        boundary);
}

std::string opaque(const std::string& header, const std::string& cms) {
    return fmt::format(
        "{}Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
        "\r\n"
        "{}",
        header, imf::encode_base64_lines(cms));
}

}  // namespace

// The six steps. [rfc7508/4.5.1/8]
Result<std::string> sign_message(std::string_view octets, const Signing& signing,
                                 const Rules& rules, base::Random& random) {
    if (has_bare_line_end(octets)) {
        return std::unexpected(
            Error{.id = "secureheaders.sign.line-ends", .requirement = "rfc8551/3.1.1"});
    }
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto structure = structure_of(message->header, signing.policy, rules);
    if (!structure) return std::unexpected(structure.error());
    // The same structure in each signerInfo. [rfc7508/4.5.1/1] [rfc7508/4.5.1/6]
    std::vector<crypto::Signer> signers = signing.signers;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        auto attributes = rules.attributes(*structure, signing.edition, i);
        if (!attributes) return std::unexpected(attributes.error());
        std::ranges::move(*attributes, std::back_inserter(signers[i].attributes));
    }
    const std::string entity = entity_of(*message);
    const auto cms = crypto::sign(entity, signers, signing.chain, signing.encapsulation);
    if (!cms) return std::unexpected(cms.error());
    const std::string header = outer_header_of(*message);
    if (signing.encapsulation == crypto::Encapsulation::Opaque) return opaque(header, *cms);
    std::string boundary;
    do {
        boundary = "=_" + base::random_token(random);
    } while (entity.contains(boundary));
    return detached(header, entity, *cms, micalgs_of(signing.signers), boundary);
}

}  // namespace mailassay::secureheaders
