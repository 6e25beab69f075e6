#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/certificate.h"
#include "crypto/signed_data.h"

// The test keys and certificates that vectors are made with (vectors/secure-headers/keys).
namespace mailassay::vectors {

struct Material {
    // By name, "alice-rsa".
    std::map<std::string, crypto::Certificate, std::less<>> certificates = {};
    std::map<std::string, crypto::PrivateKey, std::less<>> keys = {};

    // A signer by name, with options behind it: "alice-rsa+pss+sha-384". Throws Misuse for what is
    // not there: names are the authors' own.
    [[nodiscard]] crypto::Signer signer(std::string_view words) const;
};

// From the texts of the files, by file name: NAME.pem and NAME.key.pem; others are left alone.
// Errors: those of reading certificates and keys; the detail names the file.
[[nodiscard]] Result<Material> read_material(const std::map<std::string, std::string>& files);

}  // namespace mailassay::vectors
