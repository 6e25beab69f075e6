#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/certificate.h"
#include "secureheaders/policy.h"

// What `mailassay sign` and `mailassay verify` have in common.
namespace mailassay::cli {

// A file with policies in TOML.
[[nodiscard]] Result<secureheaders::Policies> read_policies(const std::string& path);

// All certificates of a PEM file.
[[nodiscard]] Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path);

}  // namespace mailassay::cli
