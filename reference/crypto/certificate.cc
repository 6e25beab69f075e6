#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/handles.h"

namespace mailassay::crypto {

namespace {

int give_password(char* buffer, int size, int, void* password) {
    const auto& text = *static_cast<const std::string_view*>(password);
    if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::ranges::copy(text, buffer);
    return static_cast<int>(text.size());
}

using NamesHandle = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;

// SmtpUTF8Mailbox (RFC 8398), which X509_get1_email() of OpenSSL 3.0 passes over.
bool is_utf8_mailbox(const OTHERNAME& name) {
    return OBJ_obj2nid(name.type_id) == NID_id_on_SmtpUTF8Mailbox && name.value != nullptr &&
           name.value->type == V_ASN1_UTF8STRING;
}

}  // namespace

Result<std::vector<Certificate>> Certificate::all_from_pem(std::string_view pem) {
    const BioHandle in = read_from(pem);
    std::vector<Certificate> found;
    while (X509* x509 = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
        found.emplace_back(std::shared_ptr<X509>(x509, Release<X509_free>{}));
    }
    // At the end of the text this is what OpenSSL says too.
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!ended) return std::unexpected(openssl_error("crypto.certificate.malformed"));
    ERR_clear_error();
    if (found.empty()) return std::unexpected(Error{.id = "crypto.certificate.none"});
    return found;
}

std::string Certificate::subject() const {
    return name_text(X509_get_subject_name(get()));
}

std::string Certificate::issuer() const {
    return name_text(X509_get_issuer_name(get()));
}

std::string Certificate::serial() const {
    return number_text(X509_get0_serialNumber(get()));
}

std::vector<std::string> Certificate::mail_addresses() const {
    std::vector<std::string> addresses;
    const auto add = [&addresses](const ASN1_STRING* string, int type) {
        const std::string_view text = view_of(string);
        // What has a NUL in it is an address to nobody but those who stop at it.
        if (ASN1_STRING_type(string) != type || text.empty() || text.contains('\0')) return;
        if (std::ranges::find(addresses, text) == addresses.end()) addresses.emplace_back(text);
    };
    const X509_NAME* subject = X509_get_subject_name(get());
    // [rfc8550/3/4]
    for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, i)) >= 0;) {
        add(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), V_ASN1_IA5STRING);
    }
    const NamesHandle names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(get(), NID_subject_alt_name, nullptr, nullptr)));
    // [rfc8550/3/3]
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_EMAIL) add(name->d.rfc822Name, V_ASN1_IA5STRING);
        if (name->type == GEN_OTHERNAME && is_utf8_mailbox(*name->d.otherName)) {
            add(name->d.otherName->value->value.utf8string, V_ASN1_UTF8STRING);
        }
    }
    ERR_clear_error();  // of an extension that is none
    return addresses;
}

std::vector<NameAttribute> Certificate::subject_attributes() const {
    std::vector<NameAttribute> attributes;
    const X509_NAME* name = X509_get_subject_name(get());
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        unsigned char* utf8 = nullptr;
        const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
        std::string value;
        if (size >= 0) value.assign(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
        OPENSSL_free(utf8);
        attributes.push_back(
            {.type = dotted(X509_NAME_ENTRY_get_object(entry)), .value = std::move(value)});
    }
    ERR_clear_error();  // of a value that is no string
    return attributes;
}

std::string Certificate::to_pem() const {
    const BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), get());
    return std::string(written_to(out.get()));
}

bool Certificate::same_as(const Certificate& other) const {
    return X509_cmp(get(), other.get()) == 0;
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view password) {
    const BioHandle in = read_from(pem);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(in.get(), nullptr, give_password, &password);
    if (key != nullptr) {
        return PrivateKey(std::shared_ptr<EVP_PKEY>(key, Release<EVP_PKEY_free>{}));
    }
    if (!pem.contains("PRIVATE KEY-----")) {
        ERR_clear_error();
        return std::unexpected(Error{.id = "crypto.key.none"});
    }
    const bool locked = pem.contains("ENCRYPTED");
    return std::unexpected(openssl_error(locked ? "crypto.key.password" : "crypto.key.malformed"));
}

std::string PrivateKey::to_pem() const {
    const BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), get(), nullptr, nullptr, 0, nullptr, nullptr);
    return std::string(written_to(out.get()));
}

bool PrivateKey::belongs_to(const Certificate& certificate) const {
    const bool fits = X509_check_private_key(certificate.get(), get()) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace mailassay::crypto
