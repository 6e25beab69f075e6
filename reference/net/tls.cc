#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace mailassay::net {
namespace {

// The last thing that OpenSSL complained about, for a person.
std::string last_words() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return reason == nullptr ? std::string("no reason given") : std::string(reason);
}

std::unexpected<Error> fault(std::string_view id, std::string detail) {
    return std::unexpected(Error{id, 0, {}, std::move(detail)});
}

TlsContext new_context(const SSL_METHOD* method) {
    return {SSL_CTX_new(method), SSL_CTX_free};
}

}  // namespace

Result<TlsClient> TlsClient::create(const std::string& ca_file) {
    TlsContext context = new_context(TLS_client_method());
    if (!context) return fault("net.tls.library", last_words());
    // A client that insists on nothing speaks even to old servers: encryption that is weak is
    // better than none (RFC 7435). What a message that requires TLS gets is judged by the rules.
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    // What vouches for a certificate is judged by today's standard all the same: 112 bits, so no
    // RSA below 2048 (RFC 7525 section 4.3).
    X509_VERIFY_PARAM_set_auth_level(SSL_CTX_get0_param(context.get()), 2);
    // The handshake goes on whatever the certificate is worth; the result is a fact.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (SSL_CTX_dane_enable(context.get()) <= 0) return fault("net.tls.library", last_words());
    const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                       : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
    if (loaded != 1) return fault("net.tls.ca-file", ca_file + ": " + last_words());
    return TlsClient(std::move(context));
}

Result<TlsServer> TlsServer::create(const std::string& chain_file, const std::string& key_file) {
    TlsContext context = new_context(TLS_server_method());
    if (!context) return fault("net.tls.library", last_words());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(context.get(), chain_file.c_str()) != 1) {
        return fault("net.tls.certificate", chain_file + ": " + last_words());
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return fault("net.tls.key", key_file + ": " + last_words());
    }
    return TlsServer(std::move(context));
}

}  // namespace mailassay::net
