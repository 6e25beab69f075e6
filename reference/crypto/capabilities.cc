#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/enveloped_data.h"
#include "der/read.h"
#include "der/value.h"

namespace mailassay::crypto {

namespace {

constexpr std::array<std::pair<std::string_view, ContentCipher>, 4> ciphers{
    {{"2.16.840.1.101.3.4.1.2", ContentCipher::Aes128Cbc},
     {"2.16.840.1.101.3.4.1.42", ContentCipher::Aes256Cbc},
     {"2.16.840.1.101.3.4.1.6", ContentCipher::Aes128Gcm},
     {"2.16.840.1.101.3.4.1.46", ContentCipher::Aes256Gcm}}};

// The extension's value.
std::optional<der::Value> find_capabilities(const Certificate& certificate) {
    const int at = X509_get_ext_by_NID(certificate.get(), NID_SMIMECapabilities, -1);
    if (at < 0) return std::nullopt;
    const ASN1_OCTET_STRING* octets = X509_EXTENSION_get_data(X509_get_ext(certificate.get(), at));
    const auto read = der::read_ber({reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)),
                                     static_cast<std::size_t>(ASN1_STRING_length(octets))});
    if (!read) return std::nullopt;
    return read->value;
}

}  // namespace

std::optional<std::vector<ContentCipher>> capabilities_of(const Certificate& certificate) {
    const auto listed = find_capabilities(certificate);
    if (!listed) return std::nullopt;
    std::vector<ContentCipher> can;
    for (const der::Value& capability : listed->members) {
        if (capability.members.empty()) continue;
        const auto oid = der::to_dotted(capability.members.front());
        if (!oid) continue;
        const auto found =
            std::ranges::find(ciphers, *oid, [](const auto& each) { return each.first; });
        if (found != ciphers.end()) can.push_back(found->second);
    }
    return can;
}

}  // namespace mailassay::crypto
