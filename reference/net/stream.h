#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/socket.h"
#include "net/tls.h"
#include "requiretls/facts.h"

namespace mailassay::net {

// A connection in plaintext that may change to TLS once. Calls block up to their deadline. Not to
// be used from two threads at once. The process must ignore SIGPIPE: OpenSSL writes without asking.
class Stream {
  public:
    explicit Stream(Socket socket);
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;

    // Some octets, at least one; an empty string at the end of the input. In TLS an end without
    // close_notify is an error, since it may be an attacker's.
    // Errors: net.timeout, net.read, net.tls.read, net.tls.truncated.
    [[nodiscard]] Result<std::string> read(Deadline deadline);
    // All of the octets. Errors: net.timeout, net.write, net.tls.write.
    [[nodiscard]] Result<void> write(std::string_view octets, Deadline deadline);

    // The client's handshake. A failure is a fact, not an error: the outcome is then
    // HandshakeFailed and the stream is of no more use. An unauthenticated certificate does not
    // fail the handshake; the facts say what vouches for it, and if nothing, why.
    [[nodiscard]] requiretls::TlsFacts start_tls(const TlsClient& client, const ServerIdentity& who,
                                                 Deadline deadline);
    // The server's handshake. Errors: net.timeout, net.tls.handshake.
    [[nodiscard]] Result<void> start_tls(const TlsServer& server, Deadline deadline);

    // Says close_notify where TLS stands, and closes. The destructor closes without saying it.
    void close();

  private:
    struct TlsSession;
    // Repeats an OpenSSL call until it is done, waiting as it asks. SSL_ERROR_NONE, or why not.
    template <class Call>
    int repeat(Call call, Deadline deadline);

    Socket socket_;
    std::unique_ptr<TlsSession> tls_;
};

}  // namespace mailassay::net
