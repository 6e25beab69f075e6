#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "requiretls/tlsa.h"

struct ssl_ctx_st;

// What TLS sessions are made from. Built on OpenSSL; sessions themselves live in Stream.
namespace mailassay::net {

// Frees an SSL_CTX; the handle is shared by all sessions made from it.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

// The sending side. Usable from several threads.
class TlsClient {
  public:
    // Trusts the certificates of a PEM file, or the system's when the path is empty.
    // Errors: net.tls.ca-file, net.tls.library.
    [[nodiscard]] static Result<TlsClient> create(const std::string& ca_file);
    [[nodiscard]] ssl_ctx_st* context() const { return context_.get(); }

  private:
    explicit TlsClient(TlsContext context) : context_(std::move(context)) {}
    TlsContext context_;
};

// The receiving side. TLS 1.2 or newer. Usable from several threads.
class TlsServer {
  public:
    // PEM files: the certificate with its chain, and its key.
    // Errors: net.tls.certificate, net.tls.key, net.tls.library.
    [[nodiscard]] static Result<TlsServer> create(const std::string& chain_file,
                                                  const std::string& key_file);
    [[nodiscard]] ssl_ctx_st* context() const { return context_.get(); }

  private:
    explicit TlsServer(TlsContext context) : context_(std::move(context)) {}
    TlsContext context_;
};

// Whom a client expects at the other end.
struct ServerIdentity {
    std::string host;  // for SNI, and for the name check where one applies
    // Usable records: with any, DANE decides (RFC 7672), else the trust chain does.
    std::vector<requiretls::TlsaRecord> tlsa;
    // Further names that DANE-TA may be matched with: the domain of the recipient (RFC 7672
    // section 3.2.2).
    std::string domain = {};
    std::string canonical_domain = {};  // what the domain is an alias of; empty: it is none
};

}  // namespace mailassay::net
