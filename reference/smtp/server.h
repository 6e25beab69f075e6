#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smtp/reply.h"
#include "smtp/sasl.h"
#include "smtp/types.h"

// The server side of SMTP and LMTP as a state machine without I/O: octets in, octets and events
// out. The result depends on the octets alone, never on how they were split.
//
// The driver's loop:
//   1. write take_output() to the peer;
//   2. next_event(): on NeedData read octets and receive() them; on StartTls write take_output()
//      first, then do the handshake and call tls_established() (or close the connection when it
//      fails); on MessageReceived make the message durable, then call message_answered(); on Close
//      write take_output() and close.
namespace mailassay::smtp {

// Whether the EHLO reply names an extension.
enum class Announce : std::uint8_t {
    Yes,
    // Its parameters are understood, so that the policy answers them instead of the general
    // 555 5.5.4, but the EHLO reply is silent about it.
    No,
};

// An extension that the policy adds to those of the server itself.
struct Extension {
    std::string keyword;        // EHLO keyword
    std::string argument = {};  // text behind it in the EHLO reply, may be empty
    std::vector<std::string> mail_parameters = {};  // keywords that it adds to MAIL
    std::vector<std::string> rcpt_parameters = {};  // keywords that it adds to RCPT
    Announce announce = Announce::Yes;
};

// What becomes of octets that arrived in plaintext behind the STARTTLS command.
enum class Residue : std::uint8_t {
    Discard,  // RFC 3207 section 4.2: nothing learnt before the handshake counts
    Process,  // as if they had come through TLS: the injection flaw, for a deviant only
};

// Whether a client may log in now.
enum class AuthOffer : std::uint8_t {
    None,      // AUTH is not known here: 502
    NeedsTls,  // known, but not in plaintext: 538
    Now,       // the policy's extensions name AUTH and its mechanisms
};

// Decisions that are not the protocol's. The server calls these synchronously from next_event().
// A returned Reply refuses and must have a 4xx or 5xx code; nullopt accepts.
class ServerPolicy {
  public:
    virtual ~ServerPolicy() = default;

    // Extensions beyond the server's own on this channel. Asked for every EHLO reply, MAIL and
    // RCPT.
    [[nodiscard]] virtual std::vector<Extension> extensions(Channel channel) const = 0;

    // A MAIL command that the protocol has no objection to. `parameters` holds all of them, the
    // server's own included, in order; keywords of the policy's extensions may stand twice and may
    // have any value or none: their meaning is the policy's to judge.
    [[nodiscard]] virtual std::optional<Reply> on_mail(const Path& reverse_path,
                                                       const std::vector<Parameter>& parameters,
                                                       Channel channel) = 0;

    // A RCPT command; `envelope` is the transaction so far, with the recipients accepted before.
    [[nodiscard]] virtual std::optional<Reply> on_rcpt(const Recipient& recipient,
                                                       const Envelope& envelope) = 0;

    // AUTH (RFC 4954). The extension itself is one of extensions().
    [[nodiscard]] virtual AuthOffer auth_offer(Channel) const { return AuthOffer::None; }
    // A client that claims to be somebody; nullopt lets it in.
    [[nodiscard]] virtual std::optional<Reply> on_credentials(const Credentials&) {
        return make_reply(535, {5, 7, 8}, "Nobody is known here");
    }

    [[nodiscard]] virtual Residue on_starttls_residue() const { return Residue::Discard; }
};

enum class StartTlsOffer : std::uint8_t { Offered, NotOffered };

struct ServerConfig {
    std::string hostname;  // in the greeting and the EHLO reply; a domain or an address literal
    Protocol protocol = Protocol::Smtp;
    // Offered before TLS only (RFC 3207 section 4.2).
    StartTlsOffer starttls = StartTlsOffer::NotOffered;
    // The channel that the connection starts on: Tls for implicit TLS.
    Channel channel = Channel::Plaintext;
    // Octets of a message after removal of the transparency dots; enforced on the SIZE parameter
    // and while receiving. At least 1.
    std::uint64_t size_limit = std::uint64_t{64} * 1024 * 1024;
    std::size_t recipient_limit = 1000;
    // Of a command line with its CRLF. The 512 of RFC 5321 section 4.5.3.1.4 plus what the
    // extensions add: SIZE 26, DSN 107 to MAIL and 528 to RCPT, SMTPUTF8 10, REQUIRETLS 11.
    std::size_t command_line_limit = 2048;
    // Of a line of message data with its CRLF. RFC 5321 section 4.5.3.1.6 has 1000 as the least
    // that must be accepted.
    std::size_t text_line_limit = 65'536;
    // So many commands refused by the protocol itself (syntax, sequence, unknown) end the
    // connection with 421. Refusals by the policy do not count.
    std::size_t error_limit = 20;
};

// More octets are needed before anything else can happen.
struct NeedData {
    friend bool operator==(const NeedData&, const NeedData&) = default;
};
// 220 was put into the output: flush it, then do the handshake.
struct StartTls {
    friend bool operator==(const StartTls&, const StartTls&) = default;
};
// A whole message. Nothing is acknowledged until message_answered().
struct MessageReceived {
    Envelope envelope;
    // The octets between 354 and the final dot, transparency dots removed. Lines end in CRLF; a
    // bare CR or LF is an octet of its line like any other and never ends one, so only CRLF.CRLF
    // ended this.
    std::string data;
    friend bool operator==(const MessageReceived&, const MessageReceived&) = default;
};
// The session is over; flush the output and close the connection.
struct Close {
    friend bool operator==(const Close&, const Close&) = default;
};
using ServerEvent = std::variant<NeedData, StartTls, MessageReceived, Close>;

// The server's own extensions: PIPELINING, 8BITMIME, SIZE, DSN, ENHANCEDSTATUSCODES, SMTPUTF8, and
// STARTTLS where it may be offered. Replies of its own:
//   503 5.5.1  out of sequence (MAIL before EHLO, RCPT before MAIL, DATA before RCPT, STARTTLS
//   twice
//              or within a transaction)
//   555 5.5.4  a MAIL or RCPT parameter that no offered extension has
//   501 5.5.4  a parameter without parameter syntax; one of the server's own with a bad value, or
//              twice; an argument missing or too much
//   501 5.1.7, 501 5.1.3  a bad reverse-path, a bad forward-path
//   553 5.6.7  a path that needs SMTPUTF8 without that parameter
//   552 5.3.4  too large: by its SIZE parameter, or after the data
//   452 4.5.3  too many recipients
//   500 5.5.2  line too long, NUL and other control octets; 500 5.5.1 verb unknown
//   502 5.5.1  EXPN; STARTTLS where it is not offered
//   554 5.6.0  after data with a NUL octet or a line over the limit
//   252 2.0.0  VRFY (RFC 5321 section 7.3); 214 2.0.0 HELP
//   AUTH: 334, 235 2.7.0; 501 5.7.0 cancelled; 501 5.5.2 not base64 or not of the mechanism;
//   504 5.5.4 mechanism unknown; 538 5.7.11 not in plaintext; 503 5.5.1 twice or in a transaction
//   421 4.7.0  too many errors; 421 4.3.4 data that runs on far beyond the limit
class Server {
  public:
    // `policy` must outlive the server. The greeting is in the output at once.
    // Throws Misuse when the host name could not stand in a reply.
    Server(ServerConfig config, ServerPolicy& policy);
    ~Server();
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;

    // Octets from the peer; kept until next_event() gets to them. Between StartTls and
    // tls_established() these are plaintext residue; after Close they are dropped.
    void receive(std::string_view octets);

    // The peer has closed its side. A message not ended is dropped; what stands complete in the
    // buffer is still processed, then comes Close.
    void end_of_input();

    // Works through the buffered octets up to the next event. StartTls is repeated until
    // tls_established(), Close for ever. Throws Misuse while a message waits for its answer.
    [[nodiscard]] ServerEvent next_event();

    // Octets to write to the peer, in order; takes them away.
    [[nodiscard]] std::string take_output();

    // The handshake is done. All that was said before is forgotten (RFC 3207 section 4.2): EHLO is
    // needed again. Throws Misuse unless the last event was StartTls.
    void tls_established();

    // The answer to MessageReceived: 250 only once the message is safe. In LMTP it is given for
    // every recipient. Throws Misuse when no message waits, or on a code that is not 2xx, 4xx, 5xx.
    void message_answered(const Reply& reply);
    // LMTP: one reply per accepted recipient, in order. Throws Misuse on a wrong number of them.
    void message_answered(const std::vector<Reply>& replies);

    // Ends the session from our side, for example with 421 4.4.2 after a time-out or 421 4.3.2 at
    // shut-down. The reply goes to the output; Close is next.
    void close_with(const Reply& reply);

    [[nodiscard]] Channel channel() const;
    // Plaintext octets discarded at STARTTLS so far.
    [[nodiscard]] std::size_t discarded_octets() const;

  private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace mailassay::smtp
