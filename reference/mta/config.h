#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "requiretls/facts.h"
#include "smtp/types.h"

namespace mailassay::mta {

// A range of addresses, IPv4 or IPv6, as "127.0.0.0/8" or "::1".
class Network {
  public:
    // Error: mta.config.network.
    [[nodiscard]] static Result<Network> parse(std::string_view text);

    // `address` without port or brackets. False for what is no address.
    [[nodiscard]] bool contains(std::string_view address) const;

  private:
    std::string octets_;  // 4 or 16
    std::size_t prefix_bits_ = 0;
};

// Where to listen or to send: "127.0.0.25:25", "[::1]:25".
struct Endpoint {
    std::string address;  // an IP address without brackets
    std::uint16_t port = 0;

    // Error: mta.config.endpoint.
    [[nodiscard]] static Result<Endpoint> parse(std::string_view text);

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

[[nodiscard]] std::string to_string(const Endpoint& endpoint);

// [server]: the side that receives.
struct ServerSettings {
    std::string hostname;
    std::vector<Endpoint> listen;  // port 0: the system chooses one
    smtp::Protocol protocol = smtp::Protocol::Smtp;
    // PEM files. Either both or neither; without them STARTTLS is not offered.
    std::string tls_certificate;
    std::string tls_key;
    std::vector<Network> relay_from;  // who may relay; others are refused
    std::uint64_t size_limit = std::uint64_t{64} * 1024 * 1024;  // octets a message
    std::size_t max_connections = 256;
    std::chrono::milliseconds command_timeout = std::chrono::minutes(5);
};

// [client]: the side that sends.
struct ClientSettings {
    std::string helo;     // server.hostname unless given
    std::string ca_file;  // PEM; empty: the system's trusted certificates
    std::uint16_t port = 25;
    smtp::Protocol protocol = smtp::Protocol::Smtp;  // no key of its own
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds command_timeout = std::chrono::minutes(5);
    std::size_t max_deliveries = 64;  // next hops served at the same time
};

// [dns]: where facts about next hops come from.
struct DnsSettings {
    std::string resolver;           // "ADDRESS@PORT"; empty: the system's
    std::string trust_anchor_file;  // empty: no answer is secure
};

// [queue]
struct QueueSettings {
    std::string directory;
    std::chrono::milliseconds retry = std::chrono::minutes(15);
    std::chrono::milliseconds lifetime = std::chrono::hours(5 * 24);
};

// One line of [aliases]: "team@example.org" = ["a@example.net", "b@example.net"]. Mail to the name
// goes to all of the targets, whoever hands it in. "postmaster" alone stands for the postmaster of
// this host (RFC 5321 section 4.5.1), for whom there is no mailbox here.
struct Alias {
    smtp::Path name;
    std::vector<smtp::Path> targets;  // at least one

    // Names ignore case, which is for this host to say.
    [[nodiscard]] bool is(const smtp::Path& path, std::string_view hostname) const;
};

// Whether a list takes posts as they come, or its owner is asked first.
enum class Posting : std::uint8_t { Open, Moderated };

// A table of [lists], named after the list's address: mail to it goes to all members, as mail of
// the owner's, who so gets the reports of what does not arrive. Mail to NAME-request asks to become
// a member and is answered with a request for confirmation.
struct List {
    smtp::Path name;
    smtp::Path owner;
    std::vector<smtp::Path> members;  // at least one
    Posting posting = Posting::Open;
};

// One line of [forwards]: mail to the name is sent on by its user, as the user's own, to an address
// of which the user knows that it can be reached with REQUIRETLS.
struct Forward {
    smtp::Path name;
    smtp::Path target;
};

// A table of [vacations], named after the absent user's address: mail to it goes to the deputy, and
// its sender is told.
struct Vacation {
    smtp::Path name;
    smtp::Path deputy;
    std::string text;
};

// A table of [stores], named after a domain: its mail is handed to a server by LMTP.
struct Store {
    std::string domain;
    std::string host;  // the name that its certificate has to prove
    Endpoint address;
};

// Local names ignore case, which is for this host to say.
[[nodiscard]] bool same_address(const smtp::Path& one, const smtp::Path& other);

// One line of [users]: who may log in, with a password in clear.
struct User {
    std::string name;
    std::string password;
};

struct Config {
    ServerSettings server;
    // [submission] and [lmtp]: listeners of their own beside the relay's.
    std::vector<Endpoint> submission;
    std::vector<Endpoint> lmtp;
    std::vector<User> users;
    std::vector<Alias> aliases;
    std::vector<List> lists;
    std::vector<Forward> forwards;
    std::vector<Vacation> vacations;
    std::vector<Store> stores;
    ClientSettings client;
    DnsSettings dns;
    QueueSettings queue;
    requiretls::Edition edition = requiretls::Edition::Rfc;
};

// nullptr: the domain's mail goes where DNS says.
[[nodiscard]] const Store* find_store(const Config& config, std::string_view domain);

// Reads a configuration in TOML. `name` stands in error text for where it came from. An unknown
// key, a wrong type and a value out of range are errors, with one line of detail that names the
// place: "relay.toml:4: server.listen: ...".
// Errors: mta.config.syntax, mta.config.unknown-key, mta.config.type, mta.config.value,
// mta.config.missing.
[[nodiscard]] Result<Config> parse_config(std::string_view toml, std::string_view name);

// The same from a file. Error besides: mta.config.unreadable.
[[nodiscard]] Result<Config> load_config(const std::string& path);

}  // namespace mailassay::mta
