#include "crypto/countersignature.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/ber_piece.h"
#include "crypto/signed_data_pieces.h"
#include "der/read.h"

namespace mailassay::crypto {

namespace {

constexpr std::string_view content_type_oid = "1.2.840.113549.1.9.3";
constexpr std::string_view message_digest_oid = "1.2.840.113549.1.9.4";

using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using TypeHandle = std::unique_ptr<ASN1_TYPE, Release<ASN1_TYPE_free>>;
using PssHandle = std::unique_ptr<RSA_PSS_PARAMS, Release<RSA_PSS_PARAMS_free>>;

const unsigned char* octets_in(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// The signerInfo in a SignedData of its own, by which OpenSSL reads it; nullptr: it is none.
CmsHandle read_alone(std::string_view signer_info) {
    // Version 1, no digest algorithms, id-data without content.
    constexpr std::string_view before(
        "\x02\x01\x01\x31\x00\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 18);
    constexpr std::string_view signed_data("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
    const std::string members = std::string(before) + value_of(set, signer_info);
    const std::string held = value_of(explicit_0, value_of(sequence, members));
    const std::string info = value_of(sequence, std::string(signed_data) + held);
    const unsigned char* at = octets_in(info);
    CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(info.size())));
    if (cms && sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.get())) != 1) return nullptr;
    return cms;
}

// The signed attributes as a SET OF in DER, which is what is signed (RFC 5652 section 5.4).
std::optional<std::string> attributes_as_signed(std::string_view signer_info) {
    const auto pieces = take_apart_signer(signer_info);
    if (!pieces) return std::nullopt;
    auto read = der::read_ber(pieces->signed_attributes);
    if (!read) return std::nullopt;
    return der::write(der::make_set_of(std::move(read->value.members)));
}

bool is_digest_of(std::string_view octets, const FoundAttribute& attribute, const EVP_MD* type) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (attribute.values.size() != 1 ||
        EVP_Digest(octets.data(), octets.size(), digest.data(), &size, type, nullptr) != 1) {
        return false;
    }
    const std::string_view made(reinterpret_cast<const char*>(digest.data()), size);
    return attribute.values.front() == value_of(octet_string, made);
}

// RFC 4056 section 3: the digest of the parameters is that of the signerInfo.
bool has_digest(const X509_ALGOR* pss, const EVP_MD* type) {
    const PssHandle parameters(static_cast<RSA_PSS_PARAMS*>(
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), pss->parameter)));
    return parameters && parameters->hashAlgorithm != nullptr &&
           OBJ_obj2nid(parameters->hashAlgorithm->algorithm) == EVP_MD_get_type(type);
}

// A signature by PSS, whose parameters OpenSSL reads for what it takes to be an ASN.1 value.
bool holds_by_pss(std::string_view octets, EVP_PKEY* key, const EVP_MD* digest,
                  const X509_ALGOR* algorithm, const ASN1_OCTET_STRING* signature) {
    ASN1_STRING* raw = ASN1_STRING_new();
    const TypeHandle value(ASN1_TYPE_new());
    if (raw == nullptr || !value ||
        ASN1_STRING_set(raw, octets.data(), static_cast<int>(octets.size())) != 1) {
        ASN1_STRING_free(raw);
        return false;
    }
    ASN1_TYPE_set(value.get(), V_ASN1_OTHER, raw);
    return has_digest(algorithm, digest) &&
           ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), algorithm, signature, value.get(), key) == 1;
}

bool holds(std::string_view octets, EVP_PKEY* key, const EVP_MD* digest,
           const X509_ALGOR* algorithm, const ASN1_OCTET_STRING* signature) {
    const int type = OBJ_obj2nid(algorithm->algorithm);
    if (type == NID_rsassaPss) return holds_by_pss(octets, key, digest, algorithm, signature);
    int digest_type = NID_undef;
    const bool names_digest = OBJ_find_sigid_algs(type, &digest_type, nullptr) == 1;
    if (names_digest && digest_type != EVP_MD_get_type(digest)) return false;
    const DigestContext context(EVP_MD_CTX_new());
    const std::string_view value = view_of(signature);
    return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), octets_in(value), value.size(), octets_in(octets),
                            octets.size()) == 1;
}

// Whether a countersignature is one over that signature value. OpenSSL's own judgement is no use:
// it wants a content type in the attributes, which this must not have.
SignatureState state_of(CMS_SignerInfo* info, std::string_view signer_info,
                        const SignerReport& report, std::string_view over) {
    EVP_PKEY* key = X509_get0_pubkey(report.certificate->get());
    X509_ALGOR* digest_algorithm = nullptr;
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest_algorithm, &algorithm);
    const EVP_MD* digest = EVP_get_digestbyobj(digest_algorithm->algorithm);
    if (key != nullptr && !is_for_cms(key)) return SignatureState::Unsupported;
    if (key == nullptr || digest == nullptr) return SignatureState::WrongSignature;
    const ASN1_OCTET_STRING* signature = CMS_SignerInfo_get0_signature(info);
    if (report.attributes.empty()) {
        return holds(over, key, digest, algorithm, signature) ? SignatureState::Good
                                                              : SignatureState::WrongSignature;
    }
    const auto octets = attributes_as_signed(signer_info);
    if (!octets || !report.find_all(content_type_oid).empty() ||
        !holds(*octets, key, digest, algorithm, signature)) {
        return SignatureState::WrongSignature;
    }
    const auto digests = report.find_all(message_digest_oid);
    const bool is_over = digests.size() == 1 && is_digest_of(over, *digests.front(), digest);
    return is_over ? SignatureState::Good : SignatureState::WrongDigest;
}

std::optional<Certificate> certificate_of(CMS_ContentInfo* cms, CMS_SignerInfo* info,
                                          STACK_OF(X509) * others) {
    CMS_set1_signers_certs(cms, others, 0);
    X509* certificate = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, &certificate, nullptr, nullptr);
    if (certificate == nullptr) return std::nullopt;
    X509_up_ref(certificate);
    return Certificate(std::shared_ptr<X509>(certificate, Release<X509_free>{}));
}

SignerReport judge_countersignature(std::string_view signer_info, std::string_view over,
                                    ChainJudge& chains, STACK_OF(X509) * others, int depth) {
    SignerReport report{.signature = SignatureState::WrongSignature};
    const CmsHandle cms = depth < max_countersignature_depth ? read_alone(signer_info) : nullptr;
    if (!cms) return report;
    CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
    report.attributes = attributes_of(info);
    X509_ALGOR* digest = nullptr;
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest, &algorithm);
    report.digest_algorithm = short_name(digest);
    report.signature_algorithm = short_name(algorithm);
    report.certificate = certificate_of(cms.get(), info, others);
    if (!report.certificate) {
        report.signature = SignatureState::NoCertificate;
        return report;
    }
    report.signature = state_of(info, signer_info, report, over);
    report.chain = chains.judge(report.certificate->get(), others);
    report.countersignatures = judge_countersignatures(info, chains, others, depth + 1);
    return report;
}

}  // namespace

std::vector<SignerReport> judge_countersignatures(CMS_SignerInfo* on, ChainJudge& chains,
                                                  STACK_OF(X509) * others, int depth) {
    std::vector<SignerReport> reports;
    const std::string_view over = view_of(CMS_SignerInfo_get0_signature(on));
    for (int i = 0; i < CMS_unsigned_get_attr_count(on); ++i) {
        X509_ATTRIBUTE* attribute = CMS_unsigned_get_attr(on, i);
        const ASN1_OBJECT* type = X509_ATTRIBUTE_get0_object(attribute);
        if (OBJ_obj2nid(type) != NID_pkcs9_countersignature) continue;
        for (int j = 0; j < X509_ATTRIBUTE_count(attribute); ++j) {
            const std::string value = octets_of(X509_ATTRIBUTE_get0_type(attribute, j));
            reports.push_back(judge_countersignature(value, over, chains, others, depth));
        }
    }
    ERR_clear_error();
    return reports;
}

}  // namespace mailassay::crypto
