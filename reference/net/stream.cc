#include "net/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "net/certificate.h"

namespace mailassay::net {
namespace {

using requiretls::Authentication;
using requiretls::CertificateFault;
using requiretls::TlsFacts;
using requiretls::TlsOutcome;
using requiretls::TlsVersion;

constexpr std::size_t chunk = 16'384;

std::string reason_of(unsigned long code) {
    const char* reason = ERR_reason_error_string(code);
    return reason == nullptr ? std::string() : std::string(reason);
}

std::unexpected<Error> fault(std::string_view id, std::string detail = {}) {
    return std::unexpected(Error{id, 0, {}, std::move(detail)});
}

TlsVersion version_of(const SSL* session) {
    switch (SSL_version(session)) {
        case TLS1_3_VERSION:
            return TlsVersion::Tls13;
        case TLS1_2_VERSION:
            return TlsVersion::Tls12;
        case TLS1_1_VERSION:
            return TlsVersion::Tls11;
        default:
            return TlsVersion::Tls10;
    }
}

CertificateFault fault_of(long verdict) {
    switch (verdict) {
        case X509_V_OK:
            return CertificateFault::None;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return CertificateFault::Expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return CertificateFault::NotYetValid;
        case X509_V_ERR_HOSTNAME_MISMATCH:
            return CertificateFault::WrongName;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return CertificateFault::SelfSigned;
        case X509_V_ERR_DANE_NO_MATCH:
            return CertificateFault::NoTlsaMatch;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return CertificateFault::UnknownAuthority;
        default:
            return CertificateFault::Other;
    }
}

// Tells a session whom to expect; false when OpenSSL refuses.
bool expect(SSL* session, const ServerIdentity& who) {
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // RFC 7672 section 8.1: SNI is the host name, by DANE and without. An address literal is none.
    const bool has_name = !who.host.starts_with('[');
    if (has_name && SSL_set_tlsext_host_name(session, who.host.c_str()) != 1) return false;
    if (who.tlsa.empty()) return SSL_set1_host(session, who.host.c_str()) == 1;

    if (SSL_dane_enable(session, who.host.c_str()) <= 0) return false;
    // RFC 7672 section 3.1.1: neither names nor dates of a DANE-EE certificate are checked.
    SSL_dane_set_flags(session, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    for (const auto& record : who.tlsa) {
        const auto* data = reinterpret_cast<const unsigned char*>(record.data.data());
        // A record that OpenSSL can't use (a whole certificate that is none) adds nothing.
        SSL_dane_tlsa_add(session, record.usage, record.selector, record.matching_type, data,
                          record.data.size());
    }
    for (const std::string& name : {who.domain, who.canonical_domain}) {
        if (!name.empty() && SSL_add1_host(session, name.c_str()) != 1) return false;
    }
    return true;
}

// By what a chain that verified did verify. Without a record that it could use OpenSSL falls back
// to the trust chain, which is not what DANE means.
Authentication authentication_of(SSL* session) {
    return SSL_get0_dane_authority(session, nullptr, nullptr) >= 0 ? Authentication::Dane
                                                                   : Authentication::Pkix;
}

TlsFacts facts_of(SSL* session) {
    TlsFacts facts;
    facts.outcome = TlsOutcome::Established;
    facts.version = version_of(session);
    facts.cipher = SSL_get_cipher_name(session);
    const long verdict = SSL_get_verify_result(session);
    facts.fault = fault_of(verdict);
    const X509* certificate = SSL_get0_peer_certificate(session);
    if (certificate != nullptr) facts.certificate = read_certificate(*certificate);
    if (certificate == nullptr) {
        facts.fault = CertificateFault::Other;
        facts.detail = "no certificate was presented";
    } else if (verdict == X509_V_OK) {
        facts.authentication = authentication_of(session);
    } else {
        facts.detail = X509_verify_cert_error_string(verdict);
    }
    return facts;
}

}  // namespace

struct Stream::TlsSession {
    explicit TlsSession(SSL_CTX* context) : ssl(SSL_new(context)) {}
    ~TlsSession() { SSL_free(ssl); }
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    SSL* ssl;
};

Stream::Stream(Socket socket) : socket_(std::move(socket)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

template <class Call>
int Stream::repeat(Call call, Deadline deadline) {
    while (true) {
        ERR_clear_error();
        const int result = call();
        if (result > 0) return SSL_ERROR_NONE;
        const int problem = SSL_get_error(tls_->ssl, result);
        Readiness readiness{};
        if (problem == SSL_ERROR_WANT_READ) {
            readiness = Readiness::Readable;
        } else if (problem == SSL_ERROR_WANT_WRITE) {
            readiness = Readiness::Writable;
        } else {
            return problem;
        }
        if (!wait_for(socket_.descriptor(), readiness, deadline)) return problem;
    }
}

Result<std::string> Stream::read(Deadline deadline) {
    std::array<char, chunk> buffer{};
    if (tls_) {
        int count = 0;
        const auto call = [&] {
            return count = SSL_read(tls_->ssl, buffer.data(), static_cast<int>(buffer.size()));
        };
        switch (repeat(call, deadline)) {
            case SSL_ERROR_NONE:
                return std::string(buffer.data(), static_cast<std::size_t>(count));
            case SSL_ERROR_ZERO_RETURN:
                return std::string();
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return fault("net.timeout", "read");
            case SSL_ERROR_SYSCALL:
                return fault("net.tls.truncated");
            default: {
                const unsigned long code = ERR_peek_error();
                if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
                    return fault("net.tls.truncated");
                }
                return fault("net.tls.read", reason_of(code));
            }
        }
    }
    while (true) {
        const ssize_t count = recv(socket_.descriptor(), buffer.data(), buffer.size(), 0);
        if (count >= 0) return std::string(buffer.data(), static_cast<std::size_t>(count));
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fault("net.read", std::generic_category().message(errno));
        if (!wait_for(socket_.descriptor(), Readiness::Readable, deadline)) {
            return fault("net.timeout", "read");
        }
    }
}

Result<void> Stream::write(std::string_view octets, Deadline deadline) {
    while (!octets.empty()) {
        const std::string_view part = octets.substr(0, chunk);
        if (tls_) {
            int count = 0;
            const auto call = [&] {
                return count = SSL_write(tls_->ssl, part.data(), static_cast<int>(part.size()));
            };
            const int problem = repeat(call, deadline);
            if (problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE) {
                return fault("net.timeout", "write");
            }
            if (problem != SSL_ERROR_NONE) {
                return fault("net.tls.write", reason_of(ERR_peek_error()));
            }
            octets.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        const ssize_t count = send(socket_.descriptor(), part.data(), part.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            if (!wait_for(socket_.descriptor(), Readiness::Writable, deadline)) {
                return fault("net.timeout", "write");
            }
        } else if (errno != EINTR) {
            return fault("net.write", std::generic_category().message(errno));
        }
    }
    return {};
}

TlsFacts Stream::start_tls(const TlsClient& client, const ServerIdentity& who, Deadline deadline) {
    TlsFacts failed;
    failed.outcome = TlsOutcome::HandshakeFailed;
    tls_ = std::make_unique<TlsSession>(client.context());
    if (tls_->ssl == nullptr || !expect(tls_->ssl, who) ||
        SSL_set_fd(tls_->ssl, socket_.descriptor()) != 1) {
        failed.detail = reason_of(ERR_peek_error());
        return failed;
    }
    const int problem = repeat([this] { return SSL_connect(tls_->ssl); }, deadline);
    if (problem == SSL_ERROR_NONE) return facts_of(tls_->ssl);
    const bool late = problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE;
    failed.detail = late ? "no handshake within the deadline" : reason_of(ERR_peek_error());
    if (failed.detail.empty()) failed.detail = "the connection was closed in the handshake";
    return failed;
}

Result<void> Stream::start_tls(const TlsServer& server, Deadline deadline) {
    tls_ = std::make_unique<TlsSession>(server.context());
    if (tls_->ssl == nullptr || SSL_set_fd(tls_->ssl, socket_.descriptor()) != 1) {
        return fault("net.tls.handshake", reason_of(ERR_peek_error()));
    }
    const int problem = repeat([this] { return SSL_accept(tls_->ssl); }, deadline);
    if (problem == SSL_ERROR_NONE) return {};
    if (problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE) {
        return fault("net.timeout", "handshake");
    }
    return fault("net.tls.handshake", reason_of(ERR_peek_error()));
}

void Stream::close() {
    if (tls_ && SSL_is_init_finished(tls_->ssl) != 0) {
        ERR_clear_error();
        SSL_shutdown(tls_->ssl);
    }
    socket_.close();
}

}  // namespace mailassay::net
