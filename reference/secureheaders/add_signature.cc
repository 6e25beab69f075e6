#include "secureheaders/add_signature.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "imf/header.h"
#include "secureheaders/compare.h"
#include "secureheaders/signed_message.h"
#include "secureheaders/verify.h"

namespace mailassay::secureheaders {

namespace {

std::unexpected<Error> refused(std::string_view id, std::string detail = {}) {
    return std::unexpected(
        Error{.id = id, .requirement = "rfc7508/4.5.1", .detail = std::move(detail)});
}

std::optional<crypto::Digest> digest_named(std::string_view name) {
    if (name == "SHA256") return crypto::Digest::Sha256;
    if (name == "SHA384") return crypto::Digest::Sha384;
    if (name == "SHA512") return crypto::Digest::Sha512;
    return std::nullopt;
}

// The digest of the content that a signer is put beside, whose value is taken over: the new
// signer's own where one of the others has it, else the first that can be signed with.
std::optional<crypto::Digest> digest_for(const crypto::Signer& signer,
                                         const std::vector<crypto::SignerReport>& others) {
    std::optional<crypto::Digest> first;
    for (const crypto::SignerReport& other : others) {
        const auto digest = digest_named(other.digest_algorithm);
        if (digest == signer.digest) return digest;
        if (!first) first = digest;
    }
    return first;
}

// What the message's header is that the structure says it is, or why it is not.
Result<void> judge_header(const SecureHeaderFields& structure, const imf::HeaderSection& header,
                          const Signing& signing, const Rules& rules) {
    const Comparison comparison =
        compare(structure, header, signing.policy, rules, signing.edition);
    if (rules.vouches(comparison)) return {};
    const auto& warnings = comparison.warnings;
    const auto found = std::ranges::find_if(warnings, [&rules](const WarningReport& warning) {
        return rules.invalidates(warning.warning);
    });
    return refused("secureheaders.add.header-changed",
                   found == warnings.end()
                       ? std::string()
                       : found->name + " (" + std::string(to_string(found->warning)) + ")");
}

// The structure for whoever comes to those signers.
Result<SecureHeaderFields> structure_beside(std::string_view octets,
                                            const imf::HeaderSection& header,
                                            const Signing& signing, const Rules& rules) {
    Verification reading;
    reading.edition = signing.edition;
    const auto layers = read_structures(octets, reading, rules);
    if (!layers) return std::unexpected(layers.error());
    const auto theirs = agreed_structure(layers->front(), "secureheaders.add.signers-disagree");
    if (!theirs) return std::unexpected(theirs.error());
    if (!*theirs) return structure_for(header, signing.policy, rules);
    if (auto done = judge_header(**theirs, header, signing, rules); !done) {
        return std::unexpected(done.error());
    }
    return rules.beside(**theirs, header, signing.policy);
}

}  // namespace

// [rfc7508/6/1] [rfc7508/6/3]
Result<void> add_signature(std::string_view octets, const Signing& signing, const Rules& rules,
                           base::Sink& out) {
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto parts = find_signature(message->header, message->body);
    if (!parts) return std::unexpected(parts.error());
    if (!*parts) return refused("secureheaders.add.not-signed");
    const auto report = crypto::verify((*parts)->cms.view(), (*parts)->content, crypto::Trust{});
    if (!report) return std::unexpected(report.error());
    const bool holds = std::ranges::all_of(report->signers, [](const crypto::SignerReport& each) {
        return each.signature == crypto::SignatureState::Good;
    });
    if (!holds) return refused("secureheaders.add.broken");
    const auto structure = structure_beside(octets, message->header, signing, rules);
    if (!structure) return std::unexpected(structure.error());

    std::string cms((*parts)->cms.view());
    for (std::size_t i = 0; i < signing.signers.size(); ++i) {
        crypto::Signer signer = signing.signers[i];
        const auto digest = digest_for(signer, report->signers);
        if (!digest) return refused("secureheaders.add.digest");
        signer.digest = *digest;
        auto attributes = rules.attributes(*structure, signing.edition, report->signers.size() + i);
        if (!attributes) return std::unexpected(attributes.error());
        std::ranges::move(*attributes, std::back_inserter(signer.attributes));
        auto made = crypto::add_signer(cms, signer, signing.chain);
        if (!made) return std::unexpected(made.error());
        cms = std::move(*made);
    }
    return replace_signature(octets, cms, out);
}

Result<std::string> add_signature(std::string_view octets, const Signing& signing,
                                  const Rules& rules) {
    base::StringSink out;
    if (auto done = add_signature(octets, signing, rules, out); !done) {
        return std::unexpected(done.error());
    }
    return std::move(out.text);
}

}  // namespace mailassay::secureheaders
