#include "shim/material.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mailassay::shim {

Result<std::vector<crypto::Certificate>> take_certificates(Reader& request,
                                                           const std::string& key) {
    const auto items = request.list(key);
    if (!items) return std::unexpected(items.error());
    std::vector<crypto::Certificate> all;
    for (const Json* each : *items) {
        if (!each->is_string()) return wrong("shim.request.wrong-type", key);
        auto certificates = crypto::Certificate::all_from_pem(each->get_ref<const std::string&>());
        if (!certificates) return std::unexpected(certificates.error());
        std::ranges::move(*certificates, std::back_inserter(all));
    }
    return all;
}

Result<std::optional<base::TimePoint>> take_time(Reader& request) {
    if (request.take("time") == nullptr) return std::nullopt;
    const auto text = request.text("time");
    if (!text) return std::unexpected(text.error());
    const auto time = base::from_timestamp(*text);
    if (!time) return wrong("shim.request.wrong-type", "time");
    return *time;
}

Result<crypto::Signer> read_signer(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "signers");
    Reader signer(object);
    const auto certificate = signer.text("certificate");
    if (!certificate) return std::unexpected(certificate.error());
    const auto key = signer.text("key");
    if (!key) return std::unexpected(key.error());
    const auto padding = signer.choice<crypto::RsaPadding>(
        "padding",
        {{"pkcs1-v1.5", crypto::RsaPadding::Pkcs1v15}, {"pss", crypto::RsaPadding::Pss}});
    if (!padding) return std::unexpected(padding.error());
    const auto digest =
        signer.choice<crypto::Digest>("digest", {{"sha-256", crypto::Digest::Sha256},
                                                 {"sha-384", crypto::Digest::Sha384},
                                                 {"sha-512", crypto::Digest::Sha512}});
    if (!digest) return std::unexpected(digest.error());
    if (auto end = signer.end(); !end) return std::unexpected(end.error());
    const auto certificates = crypto::Certificate::all_from_pem(*certificate);
    if (!certificates) return std::unexpected(certificates.error());
    auto opened = crypto::PrivateKey::from_pem(*key);
    if (!opened) return std::unexpected(opened.error());
    return crypto::Signer{.key = std::move(*opened),
                          .certificate = certificates->front(),
                          .digest = *digest,
                          .padding = *padding};
}

}  // namespace mailassay::shim
