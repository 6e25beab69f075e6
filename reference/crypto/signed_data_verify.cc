#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>

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

std::shared_ptr<X509_STORE> store_of(const Trust& trust) {
    if (trust.store) return trust.store;
    std::shared_ptr<X509_STORE> store(X509_STORE_new(), Release<X509_STORE_free>{});
    for (const Certificate& anchor : trust.anchors) X509_STORE_add_cert(store.get(), anchor.get());
    X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(trust.at));
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SMIME_SIGN);
    return store;
}

void judge_chain(SignerReport& report, X509_STORE* store, STACK_OF(X509) * others) {
    const StoreContextHandle context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store, report.certificate->get(), others);
    if (X509_verify_cert(context.get()) == 1) {
        report.chain = ChainState::Trusted;
        return;
    }
    const int why = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    report.chain = why == X509_V_ERR_CERT_HAS_EXPIRED     ? ChainState::Expired
                   : why == X509_V_ERR_CERT_NOT_YET_VALID ? ChainState::NotYetValid
                                                          : ChainState::NotTrusted;
    report.chain_reason = X509_verify_cert_error_string(why);
}

SignatureState judge_signature(CMS_SignerInfo* info, BIO* digested) {
    // Over the signed attributes; without any it is over the content and judged with it.
    const bool has_attributes = CMS_signed_get_attr_count(info) > 0;
    if (has_attributes && CMS_SignerInfo_verify(info) != 1) return SignatureState::WrongSignature;
    if (CMS_SignerInfo_verify_content(info, digested) == 1) return SignatureState::Good;
    return has_attributes ? SignatureState::WrongDigest : SignatureState::WrongSignature;
}

SignerReport judge_signer(CMS_SignerInfo* info, BIO* digested, X509_STORE* store,
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
    judge_chain(report, store, others);
    return report;
}

// Reads the content once, through the digests of all signers; what passes by goes to `content`.
Result<BioHandle> digest_content(CMS_ContentInfo* cms, BioHandle detached, std::string* content) {
    BioHandle digested(CMS_dataInit(cms, detached.get()));
    if (!digested) return std::unexpected(openssl_error("crypto.cms.unsupported"));
    // It ends the chain of digests now, which owns it.
    static_cast<void>(detached.release());
    std::array<char, 16384> buffer{};
    int size = 0;
    while ((size = BIO_read(digested.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0) {
        if (content != nullptr) content->append(buffer.data(), static_cast<std::size_t>(size));
    }
    return digested;
}

}  // namespace

std::vector<const FoundAttribute*> SignerReport::find_all(std::string_view oid) const {
    std::vector<const FoundAttribute*> found;
    for (const FoundAttribute& attribute : attributes) {
        if (attribute.oid == oid) found.push_back(&attribute);
    }
    return found;
}

void Trust::prepare() {
    store = nullptr;
    store = store_of(*this);
}

Result<SignedDataReport> verify(std::string_view content_info,
                                std::optional<std::string_view> detached, const Trust& trust) {
    const auto cms = parse(content_info);
    if (!cms) return std::unexpected(cms.error());
    ASN1_OCTET_STRING** inside = CMS_get0_content(cms->get());
    const bool opaque = inside != nullptr && *inside != nullptr;
    if (!opaque && !detached) return std::unexpected(Error{.id = "crypto.cms.no-content"});
    if (opaque && detached) return std::unexpected(Error{.id = "crypto.cms.two-contents"});
    STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms->get());
    if (sk_CMS_SignerInfo_num(infos) <= 0) {
        return std::unexpected(Error{.id = "crypto.cms.no-signer"});
    }
    CMS_set1_signers_certs(cms->get(), nullptr, 0);

    SignedDataReport report;
    if (opaque) report.content.emplace();
    const auto digested = digest_content(cms->get(), detached ? read_from(*detached) : nullptr,
                                         opaque ? &*report.content : nullptr);
    if (!digested) return std::unexpected(digested.error());

    const std::shared_ptr<X509_STORE> store = store_of(trust);
    const std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) {
                              sk_X509_pop_free(stack, X509_free);
                          })>
        others(CMS_get1_certs(cms->get()));
    for (int i = 0; i < sk_CMS_SignerInfo_num(infos); ++i) {
        report.signers.push_back(judge_signer(sk_CMS_SignerInfo_value(infos, i), digested->get(),
                                              store.get(), others.get()));
    }
    return report;
}

}  // namespace mailassay::crypto
