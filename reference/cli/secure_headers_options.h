#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/certificate.h"
#include "secureheaders/policy.h"

// What `mailassay sign`, `verify`, `encrypt` and `decrypt` have in common.
namespace mailassay::cli {

// A file with policies in TOML.
[[nodiscard]] Result<secureheaders::Policies> read_policies(const std::string& path);

// All certificates of a PEM file.
[[nodiscard]] Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path);

// A private key, and the certificates of its holder: its own first.
struct KeyHolder {
    crypto::PrivateKey key;
    std::vector<crypto::Certificate> certificates;
};

// Errors: those of both files, and cli.key.mismatch (the key is not that of the first certificate).
[[nodiscard]] Result<KeyHolder> read_key_holder(const std::string& certificate,
                                                const std::string& key,
                                                const std::string& password);

// The first line of a file; empty without a path.
[[nodiscard]] Result<std::string> read_password(const std::string& path);

}  // namespace mailassay::cli
