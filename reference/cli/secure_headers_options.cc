#include "cli/secure_headers_options.h"

#include "cli/message_io.h"

namespace mailassay::cli {

namespace {

// Says in which file it was.
template <class Value>
Result<Value> located(Result<Value> read, const std::string& path) {
    if (!read) read.error().detail = path + ": " + read.error().detail;
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

}  // namespace mailassay::cli
