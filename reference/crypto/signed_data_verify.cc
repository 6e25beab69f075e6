#include <openssl/err.h>

#include "crypto/chain_judge.h"
#include "crypto/countersignature.h"
#include "crypto/encapsulation.h"
#include "crypto/handles.h"
#include "crypto/signed_data.h"

namespace mailassay::crypto {

namespace {

Result<CmsHandle> parse(std::string_view content_info) {
    const auto* octets = reinterpret_cast<const unsigned char*>(content_info.data());
    CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &octets, static_cast<long>(content_info.size())));
    if (!cms) return std::unexpected(openssl_error("crypto.cms.malformed"));
    if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        return std::unexpected(Error{.id = "crypto.cms.not-signed-data"});
    }
    return cms;
}

SignatureState judge_signature(CMS_SignerInfo* info, BIO* digested) {
    EVP_PKEY* key = nullptr;
    CMS_SignerInfo_get0_algs(info, &key, nullptr, nullptr, nullptr);
    if (key != nullptr && !is_for_cms(key)) return SignatureState::Unsupported;
    // Over the signed attributes; without any it is over the content and judged with it.
    const bool has_attributes = CMS_signed_get_attr_count(info) > 0;
    if (has_attributes && CMS_SignerInfo_verify(info) != 1) return SignatureState::WrongSignature;
    if (CMS_SignerInfo_verify_content(info, digested) == 1) return SignatureState::Good;
    return has_attributes ? SignatureState::WrongDigest : SignatureState::WrongSignature;
}

SignerReport judge_signer(CMS_SignerInfo* info, BIO* digested, ChainJudge& chains,
                          STACK_OF(X509) * others) {
    SignerReport report;
    report.attributes = attributes_of(info);
    X509* certificate = nullptr;
    X509_ALGOR* digest = nullptr;
    X509_ALGOR* signature = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, &certificate, &digest, &signature);
    report.digest_algorithm = short_name(digest);
    report.signature_algorithm = short_name(signature);
    if (certificate == nullptr) return report;
    X509_up_ref(certificate);
    report.certificate = Certificate(std::shared_ptr<X509>(certificate, Release<X509_free>{}));
    report.signature = judge_signature(info, digested);
    ERR_clear_error();
    report.chain = chains.judge(certificate, others);
    report.countersignatures = judge_countersignatures(info, chains, others);
    return report;
}

// Reads the content once, through the digests of all signers.
Result<BioHandle> digest_content(CMS_ContentInfo* cms, std::span<const std::string_view> content) {
    BioHandle digests = digests_of(cms);
    if (!digests || !write_to(digests.get(), content)) {
        return std::unexpected(openssl_error("crypto.cms.unsupported"));
    }
    return digests;
}

std::vector<SignerReport> judge_signers(CMS_ContentInfo* cms, BIO* digested, const Trust& trust) {
    const auto chains = trust.judge ? trust.judge : std::make_shared<ChainJudge>(trust);
    const std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) {
                              sk_X509_pop_free(stack, X509_free);
                          })>
        others(CMS_get1_certs(cms));
    STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms);
    std::vector<SignerReport> reports;
    for (int i = 0; i < sk_CMS_SignerInfo_num(infos); ++i) {
        reports.push_back(
            judge_signer(sk_CMS_SignerInfo_value(infos, i), digested, *chains, others.get()));
    }
    return reports;
}

// A SignedData with its content apart from the rest.
struct SignedData {
    CmsHandle cms;
    std::optional<Encapsulated> apart;
    std::vector<std::string_view> content;  // what the signatures are over, in pieces
    bool is_opaque = false;
    bool is_strange = false;  // the content is in `cms`, in a shape that take_out() does not know

    // Of an opaque one, in one piece.
    [[nodiscard]] Result<std::optional<base::Octets>> whole(base::Scratch& scratch) const {
        if (!is_opaque) return std::nullopt;
        if (is_strange) return base::Octets::owned(std::string(content.front()));
        auto octets = joined(content, scratch);
        if (!octets) return std::unexpected(octets.error());
        return std::move(*octets);
    }
};

Result<SignedData> read_signed_data(std::string_view content_info,
                                    std::optional<std::string_view> detached) {
    SignedData read{.cms = nullptr, .apart = take_out(content_info), .content = {}};
    auto cms = parse(read.apart ? read.apart->rest : content_info);
    if (!cms) return std::unexpected(cms.error());
    read.cms = std::move(*cms);
    // Where OpenSSL sees content in a shape that take_out() does not know, OpenSSL is believed.
    ASN1_OCTET_STRING** inside = CMS_get0_content(read.cms.get());
    read.is_strange = inside != nullptr && *inside != nullptr;
    read.is_opaque = read.apart || read.is_strange;
    if (!read.is_opaque && !detached) {
        return std::unexpected(Error{.id = "crypto.cms.no-content"});
    }
    if (read.is_opaque && detached) return std::unexpected(Error{.id = "crypto.cms.two-contents"});
    if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(read.cms.get())) <= 0) {
        return std::unexpected(Error{.id = "crypto.cms.no-signer"});
    }
    read.content = {read.is_strange ? view_of(*inside) : detached.value_or("")};
    if (read.apart) read.content = read.apart->segments;
    return read;
}

}  // namespace

// OpenSSL keeps the octets of a value that it has no type for, and writes the others as it read
// them.
std::string octets_of(ASN1_TYPE* value) {
    unsigned char* octets = nullptr;
    const int size = i2d_ASN1_TYPE(value, &octets);
    if (size <= 0) return {};
    std::string whole(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
    return whole;
}

std::vector<FoundAttribute> attributes_of(const CMS_SignerInfo* info) {
    std::vector<FoundAttribute> found;
    for (int i = 0; i < CMS_signed_get_attr_count(info); ++i) {
        X509_ATTRIBUTE* attribute = CMS_signed_get_attr(info, i);
        FoundAttribute entry{.oid = dotted(X509_ATTRIBUTE_get0_object(attribute)), .values = {}};
        for (int j = 0; j < X509_ATTRIBUTE_count(attribute); ++j) {
            entry.values.push_back(octets_of(X509_ATTRIBUTE_get0_type(attribute, j)));
        }
        found.push_back(std::move(entry));
    }
    return found;
}

std::vector<const FoundAttribute*> SignerReport::find_all(std::string_view oid) const {
    std::vector<const FoundAttribute*> found;
    for (const FoundAttribute& attribute : attributes) {
        if (attribute.oid == oid) found.push_back(&attribute);
    }
    return found;
}

Result<SignedDataReport> verify(std::string_view content_info,
                                std::optional<std::string_view> detached, const Trust& trust,
                                base::Scratch& scratch) {
    const auto read = read_signed_data(content_info, detached);
    if (!read) return std::unexpected(read.error());
    CMS_set1_signers_certs(read->cms.get(), nullptr, 0);
    const auto digested = digest_content(read->cms.get(), read->content);
    if (!digested) return std::unexpected(digested.error());
    auto content = read->whole(scratch);
    if (!content) return std::unexpected(content.error());
    return SignedDataReport{.signers = judge_signers(read->cms.get(), digested->get(), trust),
                            .content = std::move(*content)};
}

Result<SignedDataReport> inspect_signatures(std::string_view content_info,
                                            std::optional<std::string_view> detached,
                                            base::Scratch& scratch) {
    const auto read = read_signed_data(content_info, detached);
    if (!read) return std::unexpected(read.error());
    SignedDataReport report;
    STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(read->cms.get());
    for (int i = 0; i < sk_CMS_SignerInfo_num(infos); ++i) {
        report.signers.push_back({.attributes = attributes_of(sk_CMS_SignerInfo_value(infos, i))});
    }
    auto content = read->whole(scratch);
    if (!content) return std::unexpected(content.error());
    report.content = std::move(*content);
    return report;
}

}  // namespace mailassay::crypto
