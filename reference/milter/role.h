#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/octets.h"
#include "imf/header.h"

// What a role of `mailassay milter` sees of a message and what it may answer. A role does no I/O
// and knows nothing of libmilter, so it is tested as a function of values.
namespace mailassay::milter {

// What the MTA says beside the protocol, by name without braces: "i" (the queue's name of the
// message), "j", "daemon_name", "auth_authen", "tls_version", "client_addr", "mail_addr" and so on.
using Macros = std::map<std::string, std::string, std::less<>>;

struct Connection {
    std::string host;     // as the MTA found it by the address, or the address in brackets
    std::string address;  // an IP address without brackets, or the path of a UNIX socket
    std::string helo;
};

// A path of SMTP as it was given, with its angle brackets where the client wrote them, and the
// parameters behind it, each as "NAME=VALUE".
struct Path {
    std::string address;
    std::vector<std::string> parameters;

    // Without the angle brackets.
    [[nodiscard]] std::string_view bare() const;
    friend bool operator==(const Path&, const Path&) = default;
};

struct Envelope {
    Path reverse_path;
    std::vector<Path> recipients;  // those that were taken

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

// What is seen before the message: of MAIL, the recipients are empty.
struct Session {
    Connection connection;
    Envelope envelope;
    Macros macros;
};

// A whole message, octet for octet as the MTA has it, with CRLF at line ends. The MTA's own
// Received field is not in it (Postfix writes one on top of what it shows).
struct Message {
    const Session& session;
    std::string_view octets;    // header, empty line, body
    imf::HeaderSection header;  // the fields of it
    std::string_view body;      // within `octets`
};

// One reply of SMTP: code 4xx or 5xx with its status code (RFC 3463), and printable lines, of which
// `text` is the last. At most eight are given to the MTA: the last, and the first of the others.
struct Reply {
    std::string code;
    std::string status;
    std::string text;
    std::vector<std::string> first_lines = {};
};

[[nodiscard]] bool is_temporary(const Reply& reply);

// How a message goes on. What is absent stays as it is.
struct Changes {
    // The whole section as it shall be; Conversation finds out what that changes. Fields that are
    // to stay must be there with the same octets.
    std::optional<imf::HeaderSection> header = std::nullopt;
    std::optional<base::Octets> body = std::nullopt;
    std::optional<std::string> reverse_path = std::nullopt;
    std::vector<std::string> added_recipients = {};
    std::vector<std::string> removed_recipients = {};
    // Why the MTA shall hold the message. Postfix puts it into its hold queue.
    std::optional<std::string> quarantine = std::nullopt;
};

struct Deliver {
    Changes changes = {};
};
struct Refuse {
    Reply reply;
};
// The MTA says that it took the message, and drops it.
struct Discard {};

// Why, for the log: names and values. Never what the role is there to hide.
using Notes = std::vector<std::pair<std::string_view, std::string>>;

struct Answer {
    std::variant<Deliver, Refuse, Discard> verdict = Deliver{};
    Notes notes = {};
};

// What a role may want to do, so that the MTA is asked whether it can.
enum class Action : std::uint8_t { ChangeHeader, ChangeBody, ChangeEnvelope, Quarantine };

// One instance serves all connections, each in a thread of its own.
class Role {
  public:
    virtual ~Role() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::vector<Action> actions() const = 0;

    // Whether the sender, or one more recipient, is taken: nothing, or the reply to refuse by. The
    // recipient is not yet one of the envelope's.
    [[nodiscard]] virtual std::optional<Reply> refuses_sender(const Session&) const {
        return std::nullopt;
    }
    [[nodiscard]] virtual std::optional<Reply> refuses_recipient(const Session&,
                                                                 const Path&) const {
        return std::nullopt;
    }
    // What becomes of the message. Whatever it throws is answered with a temporary failure.
    [[nodiscard]] virtual Answer judge(const Message& message) const = 0;
};

}  // namespace mailassay::milter
