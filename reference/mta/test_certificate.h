#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "mta/test_directory.h"

namespace mailassay::mta {

// A self-signed certificate for one name, as PEM files that live as long as this.
class TestCertificate {
  public:
    explicit TestCertificate(const std::string& name) {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                      EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
        X509* const x509 = certificate.get();
        X509_set_version(x509, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x509), 86'400);
        X509_set_pubkey(x509, key.get());
        add_name(x509, name);
        X509_sign(x509, key.get(), EVP_sha256());
        write(certificate_file(), [x509](FILE* file) { return PEM_write_X509(file, x509); });
        write(key_file(), [&key](FILE* file) {
            return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    [[nodiscard]] std::string certificate_file() const { return directory_.path() + "/cert.pem"; }
    [[nodiscard]] std::string key_file() const { return directory_.path() + "/key.pem"; }

  private:
    static void add_name(X509* x509, const std::string& name) {
        X509_NAME* subject = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x509, subject);
        const std::string alternative = "DNS:" + name;
        X509_EXTENSION* extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str());
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    template <class Write>
    static void write(const std::string& path, Write write_pem) {
        FILE* const file = std::fopen(path.c_str(), "w");
        if (file == nullptr || write_pem(file) != 1) throw std::runtime_error("write " + path);
        std::fclose(file);
    }

    TestDirectory directory_;
};

}  // namespace mailassay::mta
