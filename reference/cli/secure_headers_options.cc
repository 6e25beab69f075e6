#include "cli/secure_headers_options.h"

#include <algorithm>
#include <utility>

#include "cli/message_io.h"

namespace mailassay::cli {

namespace {

// Says in which file it was.
template <class Value>
Result<Value> located(Result<Value> read, const std::string& path) {
    if (read) return read;
    std::string& detail = read.error().detail;
    detail = detail.empty() ? path : path + ": " + detail;
    return read;
}

}  // namespace

Result<secureheaders::Policies> read_policies(const std::string& path) {
    const auto toml = read_input(path);
    if (!toml) return std::unexpected(toml.error());
    return located(secureheaders::parse_policies(*toml), path);
}

Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path) {
    const auto pem = read_input(path);
    if (!pem) return std::unexpected(pem.error());
    return located(crypto::Certificate::all_from_pem(*pem), path);
}

Result<KeyHolder> read_key_holder(const std::string& certificate, const std::string& key,
                                  const std::string& password) {
    auto certificates = read_certificates(certificate);
    if (!certificates) return std::unexpected(certificates.error());
    const auto pem = read_input(key);
    if (!pem) return std::unexpected(pem.error());
    auto opened = located(crypto::PrivateKey::from_pem(*pem, password), key);
    if (!opened) return std::unexpected(opened.error());
    if (!opened->belongs_to(certificates->front())) {
        return std::unexpected(
            Error{.id = "cli.key.mismatch", .detail = key + " is not the key of " + certificate});
    }
    return KeyHolder{.key = std::move(*opened), .certificates = std::move(*certificates)};
}

Result<std::string> read_password(const std::string& path) {
    if (path.empty()) return std::string();
    auto text = read_input(path);
    if (text) text->resize(std::min(text->find_first_of("\r\n"), text->size()));
    return text;
}

}  // namespace mailassay::cli
