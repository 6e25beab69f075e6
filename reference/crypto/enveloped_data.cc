#include "crypto/enveloped_data.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <array>
#include <optional>
#include <utility>

#include "crypto/encapsulation.h"
#include "crypto/handles.h"

namespace mailassay::crypto {

namespace {

const EVP_CIPHER* cipher_of(ContentCipher cipher) {
    switch (cipher) {
        case ContentCipher::Aes128Cbc:
            return EVP_aes_128_cbc();
        case ContentCipher::Aes256Cbc:
            return EVP_aes_256_cbc();
        case ContentCipher::Aes128Gcm:
            return EVP_aes_128_gcm();
        case ContentCipher::Aes256Gcm:
            return EVP_aes_256_gcm();
    }
    std::unreachable();
}

bool add_recipient(CMS_ContentInfo* cms, const Certificate& recipient) {
    const EVP_PKEY* key = X509_get0_pubkey(recipient.get());
    if (key == nullptr) return false;
    const bool curve = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    CMS_RecipientInfo* info =
        CMS_add1_recipient_cert(cms, recipient.get(), curve ? CMS_KEY_PARAM : 0U);
    if (info == nullptr || !curve) return info != nullptr;
    // SHA-1 unless told otherwise.
    return EVP_PKEY_CTX_set_ecdh_kdf_md(CMS_RecipientInfo_get0_pkey_ctx(info), EVP_sha256()) == 1;
}

std::string hexadecimal(const ASN1_OCTET_STRING* octets) {
    const std::unique_ptr<char, decltype([](char* text) { OPENSSL_free(text); })> text(
        OPENSSL_buf2hexstr(ASN1_STRING_get0_data(octets), ASN1_STRING_length(octets)));
    std::string found(text ? text.get() : "");
    std::erase(found, ':');
    return found;
}

void name_by(RecipientReport& report, const ASN1_OCTET_STRING* key_identifier,
             const X509_NAME* issuer, const ASN1_INTEGER* serial) {
    if (key_identifier != nullptr) report.key_identifier = hexadecimal(key_identifier);
    if (issuer != nullptr) report.issuer = name_text(issuer);
    if (serial != nullptr) report.serial = number_text(serial);
}

RecipientReport of_transport(CMS_RecipientInfo* info) {
    RecipientReport report{.management = KeyManagement::Transport};
    ASN1_OCTET_STRING* key_identifier = nullptr;
    X509_NAME* issuer = nullptr;
    ASN1_INTEGER* serial = nullptr;
    X509_ALGOR* algorithm = nullptr;
    CMS_RecipientInfo_ktri_get0_signer_id(info, &key_identifier, &issuer, &serial);
    CMS_RecipientInfo_ktri_get0_algs(info, nullptr, nullptr, &algorithm);
    name_by(report, key_identifier, issuer, serial);
    if (algorithm != nullptr) report.algorithm = short_name(algorithm);
    return report;
}

// Several recipients may share one agreement.
std::vector<RecipientReport> of_agreement(CMS_RecipientInfo* info) {
    std::vector<RecipientReport> reports;
    X509_ALGOR* algorithm = nullptr;
    CMS_RecipientInfo_kari_get0_alg(info, &algorithm, nullptr);
    STACK_OF(CMS_RecipientEncryptedKey)* keys = CMS_RecipientInfo_kari_get0_reks(info);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); ++i) {
        RecipientReport report{.management = KeyManagement::Agreement};
        ASN1_OCTET_STRING* key_identifier = nullptr;
        X509_NAME* issuer = nullptr;
        ASN1_INTEGER* serial = nullptr;
        CMS_RecipientEncryptedKey_get0_id(sk_CMS_RecipientEncryptedKey_value(keys, i),
                                          &key_identifier, nullptr, nullptr, &issuer, &serial);
        name_by(report, key_identifier, issuer, serial);
        if (algorithm != nullptr) report.algorithm = short_name(algorithm);
        reports.push_back(std::move(report));
    }
    return reports;
}

EnvelopeReport report_on(CMS_ContentInfo* cms) {
    EnvelopeReport report{.type = OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_enveloped
                                      ? EnvelopeType::EnvelopedData
                                      : EnvelopeType::AuthEnvelopedData};
    STACK_OF(CMS_RecipientInfo)* infos = CMS_get0_RecipientInfos(cms);
    for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); ++i) {
        CMS_RecipientInfo* info = sk_CMS_RecipientInfo_value(infos, i);
        const int kind = CMS_RecipientInfo_type(info);
        if (kind == CMS_RECIPINFO_TRANS) {
            report.recipients.push_back(of_transport(info));
        } else if (kind == CMS_RECIPINFO_AGREE) {
            for (RecipientReport& each : of_agreement(info)) {
                report.recipients.push_back(std::move(each));
            }
        } else {
            report.recipients.push_back({.management = KeyManagement::Other});
        }
    }
    STACK_OF(X509)* certificates = CMS_get1_certs(cms);
    for (int i = 0; i < sk_X509_num(certificates); ++i) {
        // The stack's reference becomes ours.
        report.originators.emplace_back(
            std::shared_ptr<X509>(sk_X509_value(certificates, i), Release<X509_free>{}));
    }
    sk_X509_free(certificates);
    ERR_clear_error();
    return report;
}

// An envelope with its content apart from the rest, so that OpenSSL makes no copy of it.
struct Envelope {
    CmsHandle cms;
    std::optional<Encapsulated> apart;  // without one the content is in `cms`
};

Result<Envelope> parse(std::string_view content_info) {
    auto apart = take_out(content_info, ContentForm::Encrypted);
    const std::string_view octets = apart ? std::string_view(apart->rest) : content_info;
    const BioHandle in = read_from(octets);
    CmsHandle cms(in ? d2i_CMS_bio(in.get(), nullptr) : nullptr);
    if (!cms) return std::unexpected(openssl_error("crypto.cms.malformed"));
    const int type = OBJ_obj2nid(CMS_get0_type(cms.get()));
    if (type != NID_pkcs7_enveloped && type != NID_id_smime_ct_authEnvelopedData) {
        return std::unexpected(Error{.id = "crypto.cms.not-enveloped-data"});
    }
    return Envelope{.cms = std::move(cms), .apart = std::move(apart)};
}

bool is_for(CMS_RecipientInfo* info, X509* certificate) {
    const int kind = CMS_RecipientInfo_type(info);
    if (kind == CMS_RECIPINFO_TRANS) {
        return CMS_RecipientInfo_ktri_cert_cmp(info, certificate) == 0;
    }
    if (kind != CMS_RECIPINFO_AGREE) return false;
    STACK_OF(CMS_RecipientEncryptedKey)* keys = CMS_RecipientInfo_kari_get0_reks(info);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); ++i) {
        CMS_RecipientEncryptedKey* key = sk_CMS_RecipientEncryptedKey_value(keys, i);
        if (CMS_RecipientEncryptedKey_cert_cmp(key, certificate) == 0) return true;
    }
    return false;
}

bool is_recipient(CMS_ContentInfo* cms, const Certificate& certificate) {
    STACK_OF(CMS_RecipientInfo)* infos = CMS_get0_RecipientInfos(cms);
    for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); ++i) {
        if (is_for(sk_CMS_RecipientInfo_value(infos, i), certificate.get())) return true;
    }
    return false;
}

Result<CmsHandle> envelope_for(std::span<const Certificate> recipients, ContentCipher cipher) {
    if (recipients.empty()) return std::unexpected(Error{.id = "crypto.encrypt.no-recipient"});
    CmsHandle cms(type_made_with(cipher) == EnvelopeType::EnvelopedData
                      ? CMS_EnvelopedData_create(cipher_of(cipher))
                      : CMS_AuthEnvelopedData_create(cipher_of(cipher)));
    if (!cms) return std::unexpected(openssl_error("crypto.encrypt.failed"));
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (add_recipient(cms.get(), recipients[i])) continue;
        Error error = openssl_error("crypto.encrypt.recipient");
        error.offset = i;
        return std::unexpected(std::move(error));
    }
    return cms;
}

// What the content becomes goes to `out`; all else is in the ContentInfo afterwards.
Result<void> encrypt_into(CMS_ContentInfo* cms, std::span<const std::string_view> content,
                          base::Sink& out) {
    std::optional<Error> fault;
    BioHandle end = write_into(out, fault);
    const BioHandle cipher(end ? CMS_dataInit(cms, end.get()) : nullptr);
    if (!cipher) return std::unexpected(openssl_error("crypto.encrypt.failed"));
    static_cast<void>(end.release());  // it ends the chain now, which owns it
    const bool done = write_to(cipher.get(), content) && BIO_flush(cipher.get()) == 1 &&
                      CMS_dataFinal(cms, cipher.get()) == 1;
    if (fault) return std::unexpected(std::move(*fault));
    if (!done) return std::unexpected(openssl_error("crypto.encrypt.failed"));
    return {};
}

bool has_content(CMS_ContentInfo* cms) {
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    return content != nullptr && *content != nullptr;
}

// Reads all that the cipher yields; true when it ended well, its tag included.
bool copy_content(BIO* cipher, BIO* out) {
    std::array<char, std::size_t{64} * 1024> octets{};
    for (;;) {
        const int size = BIO_read(cipher, octets.data(), static_cast<int>(octets.size()));
        if (size <= 0) return BIO_get_cipher_status(cipher) == 1;
        if (BIO_write(out, octets.data(), size) != size) return false;
    }
}

// `encrypted`: the content, where it is not in the ContentInfo. CMS_decrypt() would hold all of an
// authenticated content in memory.
Result<void> decrypt_into(CMS_ContentInfo* cms, const PrivateKey& key,
                          const Certificate& certificate, BIO* encrypted, base::Sink& out) {
    std::optional<Error> fault;
    const BioHandle end = write_into(out, fault);
    bool done = end && (encrypted != nullptr || has_content(cms)) &&
                CMS_decrypt_set1_pkey(cms, key.get(), certificate.get()) == 1;
    BIO* chain = done ? CMS_dataInit(cms, encrypted) : nullptr;
    done = chain != nullptr && copy_content(chain, end.get());
    while (chain != nullptr && chain != encrypted) {
        BIO* next = BIO_pop(chain);
        BIO_free(chain);
        chain = next;
    }
    // OpenSSL's reason would tell one failure from another.
    ERR_clear_error();
    if (fault) return std::unexpected(std::move(*fault));
    if (!done) return std::unexpected(Error{.id = "crypto.decrypt.failed"});
    return {};
}

}  // namespace

EnvelopeType type_made_with(ContentCipher cipher) {
    const bool authenticated =
        cipher == ContentCipher::Aes128Gcm || cipher == ContentCipher::Aes256Gcm;
    return authenticated ? EnvelopeType::AuthEnvelopedData : EnvelopeType::EnvelopedData;
}

Result<EnvelopePieces> encrypt_pieces(std::span<const std::string_view> content,
                                      std::span<const Certificate> recipients, ContentCipher cipher,
                                      base::Scratch& scratch) {
    auto cms = envelope_for(recipients, cipher);
    if (!cms) return std::unexpected(cms.error());
    auto encrypted =
        scratch.keep([&](base::Sink& out) { return encrypt_into(cms->get(), content, out); });
    if (!encrypted) return std::unexpected(encrypted.error());
    auto around =
        around_content(der_of(cms->get()), encrypted->view().size(), ContentForm::Encrypted);
    if (!around) return std::unexpected(Error{.id = "crypto.encrypt.failed"});
    return EnvelopePieces{.before = std::move(around->before),
                          .encrypted = std::move(*encrypted),
                          .behind = std::move(around->behind)};
}

Result<std::string> encrypt(std::string_view content, std::span<const Certificate> recipients,
                            ContentCipher cipher) {
    auto pieces = encrypt_pieces({&content, 1}, recipients, cipher, base::memory());
    if (!pieces) return std::unexpected(pieces.error());
    std::string whole = std::move(pieces->before);
    return whole.append(pieces->encrypted.view()).append(pieces->behind);
}

Result<EnvelopeReport> inspect(std::string_view content_info) {
    const auto envelope = parse(content_info);
    if (!envelope) return std::unexpected(envelope.error());
    return report_on(envelope->cms.get());
}

Result<Opened> decrypt(std::string_view content_info, const PrivateKey& key,
                       const Certificate& certificate, base::Scratch& scratch) {
    const auto envelope = parse(content_info);
    if (!envelope) return std::unexpected(envelope.error());
    if (!key.belongs_to(certificate)) {
        return std::unexpected(Error{.id = "crypto.decrypt.key-mismatch"});
    }
    if (!is_recipient(envelope->cms.get(), certificate)) {
        return std::unexpected(Error{.id = "crypto.decrypt.not-a-recipient"});
    }
    base::Octets encrypted;
    if (envelope->apart) {
        auto whole = joined(envelope->apart->segments, scratch);
        if (!whole) return std::unexpected(whole.error());
        encrypted = std::move(*whole);
    }
    const BioHandle in = envelope->apart ? read_from(encrypted.view()) : nullptr;
    auto content = scratch.keep([&](base::Sink& out) {
        return decrypt_into(envelope->cms.get(), key, certificate, in.get(), out);
    });
    if (!content) return std::unexpected(content.error());
    return Opened{.content = std::move(*content), .envelope = report_on(envelope->cms.get())};
}

}  // namespace mailassay::crypto
