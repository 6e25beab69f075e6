#include "net/certificate.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>

namespace mailassay::net {
namespace {

constexpr std::size_t max_names = 20;
constexpr std::size_t max_text = 300;  // octets

std::string text_of(const ASN1_STRING* string) {
    const auto length = static_cast<std::size_t>(ASN1_STRING_length(string));
    const auto* octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
    return {octets, std::min(length, max_text)};
}

std::vector<std::string> dns_names_in(const X509& certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    if (!all) return names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()) && names.size() < max_names; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    }
    return names;
}

std::string issuer_of(const X509& certificate) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> buffer(BIO_new(BIO_s_mem()), BIO_free);
    if (!buffer) return {};
    X509_NAME_print_ex(buffer.get(), X509_get_issuer_name(&certificate), 0, XN_FLAG_RFC2253);
    char* octets = nullptr;
    const long length = BIO_get_mem_data(buffer.get(), &octets);
    if (length <= 0) return {};
    return {octets, std::min(static_cast<std::size_t>(length), max_text)};
}

std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

requiretls::CertificateFacts read_certificate(const x509_st& certificate) {
    return {.names = dns_names_in(certificate),
            .issuer = issuer_of(certificate),
            .not_before = time_of(X509_get0_notBefore(&certificate)),
            .not_after = time_of(X509_get0_notAfter(&certificate))};
}

}  // namespace mailassay::net
