#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/certificate.h"
#include "crypto/signed_data.h"
#include "shim/reader.h"

// Certificates, keys and times in requests, for the files of this module.
namespace mailassay::shim {

// A list of PEM texts; not given: none.
[[nodiscard]] Result<std::vector<crypto::Certificate>> take_certificates(Reader& request,
                                                                         const std::string& key);
[[nodiscard]] Result<std::optional<base::TimePoint>> take_time(Reader& request);
// An object with the certificate and the key in PEM, and how it signs.
[[nodiscard]] Result<crypto::Signer> read_signer(const Json& object);

}  // namespace mailassay::shim
