#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/encapsulation.h"
#include "crypto/handles.h"
#include "crypto/signed_data.h"
#include "crypto/signed_data_pieces.h"

namespace mailassay::crypto {

namespace {

// Certificates are added apart: CMS_add1_signer() fails when one is there already, as with two
// signatures of one signer.
constexpr unsigned partial = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_NOCERTS;

void add_certificate(CMS_ContentInfo* cms, const Certificate& certificate) {
    CMS_add1_cert(cms, certificate.get());
    ERR_clear_error();  // of one that is there already
}

const EVP_MD* digest_of(const Signer& signer) {
    switch (signer.digest) {
        case Digest::Sha256:
            return EVP_sha256();
        case Digest::Sha384:
            return EVP_sha384();
        case Digest::Sha512:
            return EVP_sha512();
    }
    std::unreachable();
}

Result<void> add_attribute(CMS_SignerInfo* info, const Attribute& attribute) {
    const ObjectHandle type(OBJ_txt2obj(attribute.oid.c_str(), 1));
    // V_ASN1_SEQUENCE, like V_ASN1_SET, takes the octets as they are, header included.
    const bool added = type && CMS_signed_add1_attr_by_OBJ(
                                   info, type.get(), V_ASN1_SEQUENCE, attribute.value.data(),
                                   static_cast<int>(attribute.value.size())) == 1;
    bool all = added;
    for (const std::string& each : attribute.others) {
        X509_ATTRIBUTE* made = CMS_signed_get_attr(info, CMS_signed_get_attr_count(info) - 1);
        all = all && X509_ATTRIBUTE_set1_data(made, V_ASN1_SEQUENCE, each.data(),
                                              static_cast<int>(each.size())) == 1;
    }
    if (all) return {};
    return std::unexpected(openssl_error("crypto.sign.attribute"));
}

Result<void> set_signing_time(CMS_SignerInfo* info, base::TimePoint time) {
    const TimeHandle utc(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
    const bool added = utc && CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, utc->type,
                                                          utc.get(), -1) == 1;
    if (added) return {};
    return std::unexpected(openssl_error("crypto.sign.attribute"));
}

// The salt is as long as the digest, as RFC 4056 section 3 recommends: GnuTLS and gpgsm refuse the
// longest that fits, which is OpenSSL's own choice.
bool use_pss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// Why a signature could not be made: the key's kind, where it is none that OpenSSL signs CMS with.
Error signing_fault(const Signer& signer) {
    if (is_for_cms(signer.key.get())) return openssl_error("crypto.sign.failed");
    ERR_clear_error();
    return {.id = "crypto.sign.unsupported-key",
            .detail = EVP_PKEY_get0_type_name(signer.key.get())};
}

// A signerInfo with everything but its signature.
Result<CMS_SignerInfo*> prepare_signer(CMS_ContentInfo* cms, const Signer& signer, unsigned flags) {
    if (!signer.key.belongs_to(signer.certificate)) {
        return std::unexpected(Error{.id = "crypto.sign.key-mismatch"});
    }
    const bool pss =
        EVP_PKEY_get_base_id(signer.key.get()) == EVP_PKEY_RSA && signer.padding == RsaPadding::Pss;
    CMS_SignerInfo* info = CMS_add1_signer(cms, signer.certificate.get(), signer.key.get(),
                                           digest_of(signer), flags | (pss ? CMS_KEY_PARAM : 0U));
    if (info == nullptr) return std::unexpected(signing_fault(signer));
    add_certificate(cms, signer.certificate);
    if (pss && !use_pss(CMS_SignerInfo_get0_pkey_ctx(info))) {
        return std::unexpected(openssl_error("crypto.sign.failed"));
    }
    if (signer.signing_time) {
        if (auto done = set_signing_time(info, *signer.signing_time); !done) {
            return std::unexpected(done.error());
        }
    }
    for (const Attribute& attribute : signer.attributes) {
        if (auto done = add_attribute(info, attribute); !done) {
            return std::unexpected(done.error());
        }
    }
    return info;
}

// What a SignedData with only that one of its signers would be written as.
std::string written_alone(CMS_ContentInfo* cms, CMS_SignerInfo* only) {
    STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms);
    std::vector<CMS_SignerInfo*> all;
    while (sk_CMS_SignerInfo_num(infos) > 0) all.push_back(sk_CMS_SignerInfo_pop(infos));
    sk_CMS_SignerInfo_push(infos, only);
    std::string written = der_of(cms);
    sk_CMS_SignerInfo_pop(infos);
    for (CMS_SignerInfo* info : all | std::views::reverse) sk_CMS_SignerInfo_push(infos, info);
    return written;
}

// OpenSSL writes the others anew, which breaks one that is not in DER: only what is new is taken.
Result<std::string> with_signer_of(std::string_view content_info, CMS_ContentInfo* made,
                                   CMS_SignerInfo* info, const Certificate& certificate,
                                   std::span<const Certificate> chain) {
    auto pieces = take_apart(content_info);
    const auto alone = take_apart(written_alone(made, info));
    if (!pieces || !alone || alone->signers.all().size() != 1) {
        return std::unexpected(Error{.id = "crypto.cms.malformed"});
    }
    pieces->signers.add(alone->signers.all().front());
    for (const std::string& digest : alone->digests.all()) {
        if (!pieces->digests.has(digest)) pieces->digests.add(digest);
    }
    add_certificate(*pieces, certificate);
    for (const Certificate& each : chain) add_certificate(*pieces, each);
    return pieces->whole();
}

}  // namespace

std::string_view micalg_of(Digest digest) {
    switch (digest) {
        case Digest::Sha256:
            return "sha-256";
        case Digest::Sha384:
            return "sha-384";
        case Digest::Sha512:
            return "sha-512";
    }
    std::unreachable();
}

Result<SignedPieces> sign_pieces(std::span<const std::string_view> content,
                                 std::span<const Signer> signers,
                                 std::span<const Certificate> chain, Encapsulation encapsulation) {
    if (signers.empty()) return std::unexpected(Error{.id = "crypto.sign.no-signer"});
    constexpr unsigned flags = partial | CMS_DETACHED;
    const CmsHandle cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
    if (!cms) return std::unexpected(openssl_error("crypto.sign.failed"));
    for (const Certificate& certificate : chain) add_certificate(cms.get(), certificate);
    for (const Signer& signer : signers) {
        if (auto info = prepare_signer(cms.get(), signer, flags); !info) {
            return std::unexpected(info.error());
        }
    }
    const BioHandle digests = digests_of(cms.get());
    if (!digests || !write_to(digests.get(), content) ||
        CMS_dataFinal(cms.get(), digests.get()) != 1) {
        const auto odd = std::ranges::find_if_not(
            signers, [](const Signer& signer) { return is_for_cms(signer.key.get()); });
        return std::unexpected(signing_fault(odd == signers.end() ? signers.front() : *odd));
    }
    std::string detached = der_of(cms.get());
    if (encapsulation == Encapsulation::Detached) {
        return SignedPieces{.before = std::move(detached), .content = {}, .behind = {}};
    }
    std::size_t size = 0;
    for (const std::string_view piece : content) size += piece.size();
    auto around = around_content(detached, size);
    if (!around) return std::unexpected(Error{.id = "crypto.sign.failed"});
    return SignedPieces{.before = std::move(around->before),
                        .content = content,
                        .behind = std::move(around->behind)};
}

Result<std::string> sign(std::string_view content, std::span<const Signer> signers,
                         std::span<const Certificate> chain, Encapsulation encapsulation) {
    auto pieces = sign_pieces({&content, 1}, signers, chain, encapsulation);
    if (!pieces) return std::unexpected(pieces.error());
    std::string whole = std::move(pieces->before);
    for (const std::string_view piece : pieces->content) whole += piece;
    return whole + pieces->behind;
}

Result<std::string> add_signer(std::string_view content_info, const Signer& signer,
                               std::span<const Certificate> chain) {
    const BioHandle in = read_from(content_info);
    const CmsHandle cms(in ? d2i_CMS_bio(in.get(), nullptr) : nullptr);
    if (!cms) return std::unexpected(openssl_error("crypto.cms.malformed"));
    if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        return std::unexpected(Error{.id = "crypto.cms.not-signed-data"});
    }
    const auto info = prepare_signer(cms.get(), signer, partial | CMS_REUSE_DIGEST);
    if (!info) return std::unexpected(info.error());
    if (CMS_SignerInfo_sign(*info) != 1) return std::unexpected(signing_fault(signer));
    return with_signer_of(content_info, cms.get(), *info, signer.certificate, chain);
}

}  // namespace mailassay::crypto
