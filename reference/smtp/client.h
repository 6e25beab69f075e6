#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"
#include "smtp/types.h"

// The client side of SMTP and LMTP as a state machine without I/O: octets in, octets and events
// out. The result depends on the octets alone, never on how they were split.
//
// The driver's loop:
//   1. write take_output() to the peer;
//   2. next_event(): on NeedData read octets and receive() them; on Ready, StartTlsRefused,
//      TransactionDone and AuthenticationDone choose what comes next (start_tls(), authenticate(),
//      send(), quit()); on StartTlsGo do the handshake and call tls_established(), or give up on
//      the connection; on Refused call quit() or close; on Violation and Closed close.
// Time-outs are the driver's: it just closes.
namespace mailassay::smtp {

enum class Pipelining : std::uint8_t { WhenOffered, Never };

struct ClientConfig {
    std::string helo;  // our name in EHLO; a domain or an address literal
    Protocol protocol = Protocol::Smtp;
    Channel channel = Channel::Plaintext;  // Tls for implicit TLS
    Pipelining pipelining = Pipelining::WhenOffered;
    ReplyLimits reply_limits = {};
};

// What to send. Parameters go out as they are: whether their extension is offered is for the
// caller to judge (offered_parameters()), since what to do when it is not differs by extension.
struct Transaction {
    Path reverse_path;
    std::vector<Parameter> mail_parameters;
    std::vector<Recipient> recipients;  // at least one
    // The message, lines ended by CRLF; the last CRLF is added when missing. Transparency dots are
    // added here. A bare CR or bare LF goes out as a space (RFC 5321 section 2.3.8 forbids to send
    // it), so that no later server can take it for the end of a line, a field or the message.
    std::string data;
};

// Which command a reply decided about.
enum class Stage : std::uint8_t { Mail, Rcpt, Data, Final };

// The fate of one recipient.
struct RecipientOutcome {
    Stage stage = Stage::Final;
    // The reply that decided. At Stage::Final with a 2xx code the server took responsibility.
    Reply reply;

    [[nodiscard]] bool accepted() const { return stage == Stage::Final && reply.is_completion(); }

    friend bool operator==(const RecipientOutcome&, const RecipientOutcome&) = default;
};

struct TransactionOutcome {
    Reply mail;                                // reply to MAIL
    std::vector<RecipientOutcome> recipients;  // one for each, in order
    std::optional<Reply> data;                 // reply to DATA, when that was sent
    // Replies after the final dot: one in SMTP, one per accepted recipient in LMTP; empty when no
    // message was sent.
    std::vector<Reply> final_replies;

    friend bool operator==(const TransactionOutcome&, const TransactionOutcome&) = default;
};

// RFC 4616.
struct PlainCredentials {
    std::string user;
    std::string password;
};

// More octets are needed before anything else can happen.
struct ClientNeedData {
    friend bool operator==(const ClientNeedData&, const ClientNeedData&) = default;
};
// Greeting and EHLO are done, on this channel. After HELO (a server that does not know EHLO) the
// capabilities are empty. Also after tls_established().
struct Ready {
    Capabilities capabilities;
    Channel channel = Channel::Plaintext;
    friend bool operator==(const Ready&, const Ready&) = default;
};
// STARTTLS was answered by 220. Octets that came behind it are discarded (RFC 3207 section 4.2).
struct StartTlsGo {
    friend bool operator==(const StartTlsGo&, const StartTlsGo&) = default;
};
// Anything but 220. The session goes on in plaintext if the caller wants.
struct StartTlsRefused {
    Reply reply;
    friend bool operator==(const StartTlsRefused&, const StartTlsRefused&) = default;
};
struct AuthenticationDone {
    Reply reply;  // 235 when it succeeded
    friend bool operator==(const AuthenticationDone&, const AuthenticationDone&) = default;
};
// The session is ready for the next transaction, unless a reply was 421: then Closed is next.
struct TransactionDone {
    TransactionOutcome outcome;
    friend bool operator==(const TransactionDone&, const TransactionDone&) = default;
};
// The greeting was not 220, or EHLO (and HELO) was refused. Only quit() makes sense now.
struct Refused {
    Reply reply;
    friend bool operator==(const Refused&, const Refused&) = default;
};
// The peer broke the protocol: an unreadable reply (smtp.reply.*), a reply of a class that the
// command can't have (smtp.client.reply-unexpected), a reply to no command
// (smtp.client.reply-unsolicited). The session is over. During a transaction whose final dot had
// gone out it is unknown whether the server took the message.
struct Violation {
    Error error;
    friend bool operator==(const Violation&, const Violation&) = default;
};
// The session is over: after QUIT, 421, or the peer's end of input.
struct Closed {
    std::optional<Reply> farewell;  // the reply to QUIT, or the 421
    friend bool operator==(const Closed&, const Closed&) = default;
};
using ClientEvent = std::variant<ClientNeedData, Ready, StartTlsGo, StartTlsRefused,
                                 AuthenticationDone, TransactionDone, Refused, Violation, Closed>;

// Methods that say something to the peer throw Misuse when the state does not allow them:
// start_tls, authenticate and send need the session ready and idle; quit also goes after Refused.
class Client {
  public:
    explicit Client(ClientConfig config);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    void receive(std::string_view octets);
    // The peer closed its side, or the connection broke: Closed is next, after the replies that
    // stand complete in the buffer.
    void end_of_input();
    // Works through the buffered octets up to the next event. Violation and Closed repeat for ever.
    [[nodiscard]] ClientEvent next_event();
    [[nodiscard]] std::string take_output();

    // Sends STARTTLS. Never pipelined: nothing follows it before the reply. Misuse within TLS.
    void start_tls();
    // The handshake is done; sends EHLO again, and all capabilities known before are forgotten
    // (RFC 3207 section 4.2). Misuse unless the last event was StartTlsGo.
    void tls_established();
    // AUTH PLAIN (RFC 4954). Misuse in plaintext: credentials never go out unprotected.
    void authenticate(const PlainCredentials& credentials);
    // Misuse when there is no recipient, or a path, keyword or value holds what no command can.
    void send(Transaction transaction);
    void quit();

    [[nodiscard]] Channel channel() const;
    // Plaintext octets discarded at STARTTLS so far.
    [[nodiscard]] std::size_t discarded_octets() const;

  private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace mailassay::smtp
