#pragma once

#include "requiretls/facts.h"

struct x509_st;

namespace mailassay::net {

// What a certificate says of itself: at most twenty names, text of at most 300 octets each. The
// words are whoever wrote the certificate's.
[[nodiscard]] requiretls::CertificateFacts read_certificate(const x509_st& certificate);

}  // namespace mailassay::net
