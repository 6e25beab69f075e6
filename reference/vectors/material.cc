#include "vectors/material.h"

#include <chrono>

#include "base/clock.h"
#include "vectors/vector.h"

namespace mailassay::vectors {

namespace {

constexpr std::string_view certificate_ending = ".pem";
constexpr std::string_view key_ending = ".key.pem";

std::string without(std::string_view name, std::string_view ending) {
    return std::string(name.substr(0, name.size() - ending.size()));
}

void apply(crypto::Signer& signer, std::string_view option) {
    if (option == "pss") {
        signer.padding = crypto::RsaPadding::Pss;
    } else if (option == "sha-384") {
        signer.digest = crypto::Digest::Sha384;
    } else if (option == "sha-512") {
        signer.digest = crypto::Digest::Sha512;
    } else {
        throw Misuse("no signer has the option " + std::string(option));
    }
}

}  // namespace

crypto::Signer Material::signer(std::string_view words) const {
    const std::string_view name = words.substr(0, words.find('+'));
    const auto certificate = certificates.find(name);
    const auto key = keys.find(name);
    if (certificate == certificates.end() || key == keys.end()) {
        throw Misuse("there is no signer " + std::string(name));
    }
    crypto::Signer signer{.key = key->second, .certificate = certificate->second};
    signer.signing_time = base::from_timestamp(signing_time);
    for (std::size_t at = name.size(); at < words.size();) {
        const std::size_t end = std::min(words.find('+', at + 1), words.size());
        apply(signer, words.substr(at + 1, end - at - 1));
        at = end;
    }
    return signer;
}

Result<Material> read_material(const std::map<std::string, std::string>& files) {
    Material material;
    const auto located = [](Error error, const std::string& name) {
        error.detail = name + ": " + error.detail;
        return std::unexpected(std::move(error));
    };
    for (const auto& [name, text] : files) {
        if (name.ends_with(key_ending)) {
            auto key = crypto::PrivateKey::from_pem(text);
            if (!key) return located(std::move(key.error()), name);
            material.keys.emplace(without(name, key_ending), std::move(*key));
        } else if (name.ends_with(certificate_ending)) {
            auto read = crypto::Certificate::all_from_pem(text);
            if (!read) return located(std::move(read.error()), name);
            material.certificates.emplace(without(name, certificate_ending), read->front());
        }
    }
    return material;
}

}  // namespace mailassay::vectors
