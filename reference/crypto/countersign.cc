#include <openssl/rsa.h>

#include <algorithm>
#include <utility>

#include "crypto/ber_piece.h"
#include "crypto/handles.h"
#include "crypto/signed_data.h"
#include "crypto/signed_data_pieces.h"
#include "der/read.h"

namespace mailassay::crypto {

namespace {

// id-countersignature and id-contentType, as whole values.
constexpr std::string_view countersignature_type("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06",
                                                 11);
constexpr std::string_view content_type_type("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", 11);

using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

Error malformed() {
    return {.id = "crypto.cms.malformed"};
}

const EVP_MD* digest_of(Digest digest) {
    switch (digest) {
        case Digest::Sha256:
            return EVP_sha256();
        case Digest::Sha384:
            return EVP_sha384();
        case Digest::Sha512:
            return EVP_sha512();
    }
    std::unreachable();
}

Result<std::string> raw_signature(std::string_view octets, const Signer& signer) {
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key = nullptr;
    const bool is_pss =
        EVP_PKEY_get_base_id(signer.key.get()) == EVP_PKEY_RSA && signer.padding == RsaPadding::Pss;
    const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
    std::size_t size = 0;
    const bool is_sized =
        context &&
        EVP_DigestSignInit(context.get(), &key, digest_of(signer.digest), nullptr,
                           signer.key.get()) == 1 &&
        (!is_pss || (EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
        EVP_DigestSign(context.get(), nullptr, &size, data, octets.size()) == 1;
    std::string signature(size, '\0');
    if (!is_sized ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       data, octets.size()) != 1) {
        return std::unexpected(openssl_error("crypto.sign.failed"));
    }
    signature.resize(size);
    return signature;
}

// [0] with the attributes that a countersignature has: not the content type, since what is signed
// has none (RFC 5652 section 11.4).
std::optional<std::string> without_content_type(std::string_view signed_attributes) {
    const auto held = take_as(signed_attributes, explicit_0);
    const auto attributes = held ? Elements::in(held->contents) : std::nullopt;
    if (!attributes) return std::nullopt;
    Elements kept;
    for (const std::string& attribute : attributes->all()) {
        std::string_view left = attribute;
        const auto members = take(left);
        if (members && !members->contents.starts_with(content_type_type)) kept.add(attribute);
    }
    return kept.under(explicit_0);
}

// A signerInfo over that signature value: one that sign() makes, but for the content type.
Result<std::string> signer_info_over(std::string_view value, const Signer& signer) {
    const auto made = sign(value, {&signer, 1}, {}, Encapsulation::Detached);
    if (!made) return std::unexpected(made.error());
    const auto pieces = take_apart(*made);
    auto info = pieces ? take_apart_signer(pieces->signers.all().front()) : std::nullopt;
    auto attributes = info ? without_content_type(info->signed_attributes) : std::nullopt;
    if (!attributes) return std::unexpected(malformed());
    info->signed_attributes = std::move(*attributes);
    std::string as_set = info->signed_attributes;
    as_set.front() = set;
    const auto signature = raw_signature(as_set, signer);
    if (!signature) return std::unexpected(signature.error());
    info->signature = value_of(octet_string, *signature);
    return info->whole();
}

std::optional<std::string> signature_value(const SignerInfoPieces& info) {
    const auto read = der::read_ber(info.signature);
    if (!read || read->value.tag != der::tag_octet_string) return std::nullopt;
    return read->value.content;
}

// The signerInfo with a countersignature on it: one more instance of the attribute, which RFC 5652
// section 11.4 allows, so that those that are there keep their octets.
Result<std::string> countersigned(std::string_view signer_info, const Signer& signer) {
    auto info = take_apart_signer(signer_info);
    const auto value = info ? signature_value(*info) : std::nullopt;
    if (!value) return std::unexpected(malformed());
    const auto made = signer_info_over(*value, signer);
    if (!made) return std::unexpected(made.error());
    if (!info->unsigned_attributes) info->unsigned_attributes.emplace();
    info->unsigned_attributes->add(
        value_of(sequence, std::string(countersignature_type) + value_of(set, *made)));
    return info->whole();
}

// The countersignatures in an attribute; nullopt: it is another attribute.
std::optional<Elements> countersignatures_of(std::string_view attribute) {
    std::string_view left = attribute;
    const auto members = take(left);
    if (!members || !members->contents.starts_with(countersignature_type)) return std::nullopt;
    left = members->contents.substr(countersignature_type.size());
    const auto held = take_as(left, set);
    return held ? Elements::in(held->contents) : std::nullopt;
}

std::string attribute_of(const Elements& countersignatures) {
    return value_of(sequence, std::string(countersignature_type) + countersignatures.under(set));
}

// An attribute of countersignatures without those of its values that `doomed` names; they are
// counted from `first` on. nullopt: it has none left.
std::optional<std::string> attribute_without(std::string_view attribute,
                                             std::span<const std::size_t> doomed,
                                             std::size_t& first) {
    const auto values = countersignatures_of(attribute);
    if (!values) return std::string(attribute);
    Elements kept;
    for (const std::string& value : values->all()) {
        const bool stays = std::ranges::find(doomed, first++) == doomed.end();
        if (stays) kept.add(value);
    }
    if (kept.all().size() == values->all().size()) return std::string(attribute);
    if (kept.all().empty()) return std::nullopt;
    return attribute_of(kept);
}

}  // namespace

Result<std::string> countersign(std::string_view content_info, std::size_t index,
                                const Signer& signer) {
    auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    auto info = countersigned(pieces->signers.all()[index], signer);
    if (!info) return info;
    pieces->signers.replace(index, std::move(*info));
    add_certificate(*pieces, signer.certificate);
    return pieces->whole();
}

Result<std::string> countersign_all(std::string_view content_info, const Signer& signer) {
    auto pieces = take_apart(content_info);
    if (!pieces || pieces->signers.all().empty()) return std::unexpected(malformed());
    // Each grows, which can give them another order.
    const std::vector<std::string> before = pieces->signers.all();
    for (const std::string& each : before) {
        auto info = countersigned(each, signer);
        if (!info) return info;
        const auto place = std::ranges::find(pieces->signers.all(), each);
        pieces->signers.replace(static_cast<std::size_t>(place - pieces->signers.all().begin()),
                                std::move(*info));
    }
    add_certificate(*pieces, signer.certificate);
    return pieces->whole();
}

Result<std::string> countersign_countersignature(std::string_view content_info, std::size_t index,
                                                 const Signer& signer) {
    auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    auto info = take_apart_signer(pieces->signers.all()[index]);
    if (!info || !info->unsigned_attributes) return std::unexpected(malformed());
    Elements& attributes = *info->unsigned_attributes;
    for (std::size_t i = 0; i < attributes.all().size(); ++i) {
        auto values = countersignatures_of(attributes.all()[i]);
        if (!values || values->all().empty()) continue;
        auto made = countersigned(values->all().front(), signer);
        if (!made) return made;
        values->replace(0, std::move(*made));
        attributes.replace(i, attribute_of(*values));
        pieces->signers.replace(index, info->whole());
        add_certificate(*pieces, signer.certificate);
        return pieces->whole();
    }
    return std::unexpected(malformed());
}

Result<std::vector<std::string>> countersignatures_in(std::string_view content_info,
                                                      std::size_t index) {
    const auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    const auto info = take_apart_signer(pieces->signers.all()[index]);
    if (!info) return std::unexpected(malformed());
    std::vector<std::string> found;
    const Elements attributes = info->unsigned_attributes.value_or(Elements());
    for (const std::string& attribute : attributes.all()) {
        std::string_view left = attribute;
        const auto members = take(left);
        if (members && members->contents.starts_with(countersignature_type)) {
            found.push_back(attribute);
        }
    }
    return found;
}

Result<std::string> with_countersignatures(std::string_view content_info, std::size_t index,
                                           std::span<const std::string> attributes) {
    auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    auto info = take_apart_signer(pieces->signers.all()[index]);
    if (!info) return std::unexpected(malformed());
    if (!info->unsigned_attributes) info->unsigned_attributes.emplace();
    for (const std::string& each : attributes) info->unsigned_attributes->add(each);
    pieces->signers.replace(index, info->whole());
    return pieces->whole();
}

Result<std::string> without_signer(std::string_view content_info, std::size_t index) {
    auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    pieces->signers.remove(index);
    return pieces->whole();
}

Result<std::string> without_countersignatures(std::string_view content_info, std::size_t index,
                                              std::span<const std::size_t> doomed) {
    auto pieces = take_apart(content_info);
    if (!pieces || index >= pieces->signers.all().size()) return std::unexpected(malformed());
    auto info = take_apart_signer(pieces->signers.all()[index]);
    if (!info) return std::unexpected(malformed());
    if (!info->unsigned_attributes || doomed.empty()) return std::string(content_info);
    Elements kept;
    std::size_t first = 0;
    for (const std::string& attribute : info->unsigned_attributes->all()) {
        if (auto left = attribute_without(attribute, doomed, first)) kept.add(std::move(*left));
    }
    if (kept.all().empty()) {
        info->unsigned_attributes.reset();
    } else {
        info->unsigned_attributes = std::move(kept);
    }
    pieces->signers.replace(index, info->whole());
    return pieces->whole();
}

}  // namespace mailassay::crypto
