#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "requiretls/rules.h"

namespace mailassay::net {

struct HttpsRequest {
    std::string host = {};
    std::uint16_t port = 443;
    std::string path = {};  // begins with '/'
    // Of the host; nothing else is asked for its addresses.
    std::vector<std::string> addresses = {};
    std::string ca_file = {};  // PEM; empty: the system's trusted certificates
    requiretls::PolicyServerTrust trust = requiretls::PolicyServerTrust::Verify;
    std::chrono::milliseconds timeout = std::chrono::seconds(30);
    std::size_t max_octets = 65'536;
    std::string media_type = {};  // that the answer must have, for example "text/plain"
};

// GET over HTTPS. No redirect is followed, no proxy used, no cookie kept. A status
// other than 200 is an error.
// Errors: net.https.address, net.https.timeout, net.https.transport (detail: why),
// net.https.status, net.https.media-type, net.https.too-large, net.https.library.
[[nodiscard]] Result<std::string> https_get(const HttpsRequest& request);

}  // namespace mailassay::net
