#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/clock.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "imf/header.h"
#include "logging/log.h"
#include "mta/files.h"
#include "mta/hop_session.h"
#include "mta/net_links.h"
#include "mta/outgoing.h"
#include "net/addresses.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "requiretls/header_field.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Reads the message from standard input; line ends may be LF or CRLF.

Without --require-tls TLS is used where the server offers it. With it nothing is sent
unless TLS stands, the certificate proves the server's name, and the server offers
REQUIRETLS.

Example:
  mailassay sendmail --server mail.example.org:587 --from me@example.org \
      --to you@example.net --require-tls < message.eml

Exit codes: 0 the server took the message for every recipient, 1 refused for good,
2 bad arguments, 3 not now (the same call may go through later).)";

constexpr Bounds<double> seconds_allowed{.least = 0.1, .most = 3600};
constexpr std::size_t max_message = std::size_t{64} * 1024 * 1024;

struct Options {
    std::string server;
    std::string server_name;
    std::string from;
    std::vector<std::string> to;
    bool require_tls = false;
    bool tls_optional = false;
    std::optional<requiretls::Edition> edition;
    std::string ca_file;
    std::string helo = "localhost";
    std::string user;
    std::string password_file;
    std::string resolver;
    double timeout = 60;
    bool verbose = false;
};

void declare(CommandLine& line, Options& options) {
    line.text({"--server", "HOST:PORT", "Where to hand the message in"}, options.server,
              Presence::Required);
    line.text(
        {"--server-name", "NAME", "The name that the certificate must prove; HOST unless given"},
        options.server_name);
    line.text({"--from", "ADDRESS", "The reverse-path; <> for none"}, options.from,
              Presence::Required);
    line.texts({"--to", "ADDRESS", "A recipient; may be given several times"}, options.to,
               Presence::Required);
    line.flag({"--require-tls", "", "REQUIRETLS: only over verified TLS, on every hop"},
              options.require_tls);
    line.flag({"--tls-optional", "", "Add the header field that says TLS is not required"},
              options.tls_optional);
    line.excludes("--tls-optional", "--require-tls");
    line.edition("Whose header field --tls-optional adds; rfc unless given", options.edition);
    line.text({"--ca-file", "FILE", "Certificates to trust, PEM; the system's unless given"},
              options.ca_file);
    line.text({"--helo", "NAME", "Our name in EHLO"}, options.helo);
    line.text({"--user", "NAME", "Log in, over verified TLS only"}, options.user);
    line.text({"--password-file", "FILE", "Its first line is the password"}, options.password_file);
    line.needs("--password-file", "--user");
    line.needs("--user", "--password-file");
    line.text({"--resolver", "ADDRESS@PORT", "Ask this name server; the system's unless given"},
              options.resolver);
    line.number({"--timeout", "SECONDS", "How long to wait for an answer, in seconds"},
                seconds_allowed, options.timeout);
    line.flag({"--verbose", "", "Log what happens to standard error, as JSON lines"},
              options.verbose);
    line.footer(footer);
}

int fail(int code, std::string_view what) {
    fmt::print(stderr, "mailassay sendmail: {}\n", base::escape(what, 1000));
    return code;
}

struct Server {
    std::string host;  // lower case, or an address
    std::uint16_t port = 0;
};

std::optional<Server> parse_server(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto port = base::parse_decimal(text.substr(colon + 1), 5);
    if (!port || *port == 0 || *port > 65'535 || host.empty()) return std::nullopt;
    return Server{.host = base::to_lower(host), .port = static_cast<std::uint16_t>(*port)};
}

bool is_address(const std::string& host) {
    std::array<char, 16> octets{};
    return ::inet_pton(AF_INET, host.c_str(), octets.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), octets.data()) == 1;
}

std::optional<std::string> read_standard_input() {
    std::string octets;
    std::array<char, 65536> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), stdin)) {
        octets.append(block.data(), count);
        if (octets.size() > max_message) return std::nullopt;
    }
    return octets;
}

std::string with_crlf(std::string_view text) {
    std::string lines;
    lines.reserve(text.size() + text.size() / 32);
    char previous = '\0';
    for (const char c : text) {
        if (c == '\n' && previous != '\r') lines += '\r';
        lines += c;
        previous = c;
    }
    return lines;
}

// The envelope and the data, tagged by the rules as any receiver would tag them.
std::expected<mta::Message, std::string> make_message(const Options& options,
                                                      const requiretls::Rules& rules,
                                                      std::string data) {
    mta::Message message;
    const auto from = options.from == "<>" ? smtp::parse_reverse_path(options.from)
                                           : smtp::parse_address(options.from);
    if (!from) return std::unexpected(fmt::format("--from {}: no address", options.from));
    message.envelope.reverse_path = *from;
    for (const std::string& text : options.to) {
        const auto to = smtp::parse_address(text);
        if (!to) return std::unexpected(fmt::format("--to {}: no address", text));
        message.envelope.recipients.push_back({.forward_path = *to, .parameters = {}});
    }
    if (options.require_tls) {
        // [rfc8689/4.3/1]
        message.envelope.mail_parameters = {{.keyword = "REQUIRETLS", .value = std::nullopt}};
    }
    auto parsed = imf::parse_message(data);
    if (!parsed) return std::unexpected("standard input: " + to_string(parsed.error()));
    const std::string_view field = requiretls::field_name(rules.edition());
    if (options.tls_optional && parsed->header.count(field) == 0) {
        parsed->header.prepend(imf::make_field(field, "No").value());  // [rfc8689/4.3/2]
    }
    message.tag = rules.tag(message.envelope.mail_parameters, parsed->header);
    message.data = parsed->to_octets();
    return message;
}

int report(const mta::HostOutcome& outcome, const mta::Message& message, const Server& server) {
    if (!outcome.results) {
        const bool later = outcome.verdict.fitness == requiretls::Fitness::NotForNow;
        const std::string detail = outcome.detail.empty() ? "" : " (" + outcome.detail + ")";
        return fail(later ? exit_try_later : exit_refused,
                    fmt::format("not sent to {}: {}{}", server.host,
                                mta::describe(outcome.verdict.reason), detail));
    }
    const mta::RecipientResult* worst = nullptr;
    std::size_t taken = 0;
    std::size_t worst_recipient = 0;
    for (std::size_t index = 0; index < outcome.results->size(); ++index) {
        const mta::RecipientResult& result = outcome.results->at(index);
        if (result.outcome == mta::Outcome::Relayed) {
            ++taken;
        } else if (worst == nullptr || result.outcome == mta::Outcome::Failed) {
            worst = &result;
            worst_recipient = index;
        }
    }
    if (worst == nullptr) {
        const auto& reply = outcome.results->front().reply;
        fmt::print("accepted by {} for {} recipient{}: {}\n", server.host, taken,
                   taken == 1 ? "" : "s",
                   base::escape(reply ? smtp::to_string(*reply) : std::string(), 400));
        return exit_ok;
    }
    const smtp::Path& path = message.envelope.recipients.at(worst_recipient).forward_path;
    return fail(
        worst->outcome == mta::Outcome::Failed ? exit_refused : exit_try_later,
        fmt::format("not accepted for {}, {} of {} recipients were: {}", smtp::to_string(path),
                    taken, outcome.results->size(), worst->explanation));
}

// The server as a host that was named, not looked up.
requiretls::HostFacts facts_of(const Options& options, const Server& server,
                               const net::Resolver& resolver) {
    requiretls::HostFacts host;
    host.host = options.server_name.empty() ? server.host : base::to_lower(options.server_name);
    host.domain = host.host;
    host.lookup = requiretls::Lookup::Address;
    host.addresses = is_address(server.host) ? std::vector{server.host}
                                             : net::addresses_of(resolver, server.host).found;
    return host;
}

int hand_in(const Options& options, const mta::Message& message, const Server& server,
            const requiretls::HostFacts& host, net::TlsClient tls, const requiretls::Rules& rules,
            const std::optional<smtp::PlainCredentials>& credentials) {
    const base::SystemClock clock;
    logging::Log log(
        clock, options.verbose ? logging::standard_error_sink() : [](std::string_view) {});
    mta::ClientSettings settings;
    settings.helo = options.helo;
    settings.port = server.port;
    settings.command_timeout = std::chrono::milliseconds(std::llround(options.timeout * 1000));
    settings.connect_timeout = settings.command_timeout;
    mta::LinkRegistry links;
    mta::NetConnector connector(settings, std::move(tls), links);
    mta::HopSession hop(settings, rules, connector, log);
    if (credentials) hop.log_in_with(*credentials);
    std::signal(SIGPIPE, SIG_IGN);
    std::vector<std::size_t> everybody(message.envelope.recipients.size());
    std::iota(everybody.begin(), everybody.end(), std::size_t{0});
    return report(hop.attempt(message, everybody, host), message, server);
}

Result<net::Resolver> make_resolver(const Options& options) {
    net::ResolverConfig config;
    config.forwarder = options.resolver;
    return net::Resolver::create(config);
}

std::optional<std::string> read_password(const std::string& path) {
    const auto octets = mta::read_whole_file(path, 65'536);
    if (!octets) return std::nullopt;
    return octets->substr(0, octets->find_first_of("\r\n"));
}

}  // namespace

int run_sendmail(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay sendmail", "Hands one message to a server.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    const auto server = parse_server(options.server);
    if (!server) return fail(exit_usage, "--server " + options.server + ": not HOST:PORT");
    std::optional<smtp::PlainCredentials> credentials;
    if (!options.user.empty()) {
        const auto password = read_password(options.password_file);
        if (!password) return fail(exit_usage, options.password_file + ": can't be read");
        credentials = {.user = options.user, .password = *password};
    }
    const mta::Decisions parts =
        implementation.decisions(options.edition.value_or(requiretls::Edition::Rfc));
    auto tls = net::TlsClient::create(options.ca_file);
    if (!tls) return fail(exit_usage, options.ca_file + ": " + to_string(tls.error()));
    const auto resolver = make_resolver(options);
    if (!resolver) return fail(exit_usage, to_string(resolver.error()));
    auto input = read_standard_input();
    if (!input) return fail(exit_usage, "standard input: the message is too large");
    const auto message = make_message(options, *parts.rules, with_crlf(*input));
    if (!message) return fail(exit_usage, message.error());

    return hand_in(options, *message, *server, facts_of(options, *server, *resolver),
                   std::move(*tls), *parts.rules, credentials);
}

}  // namespace mailassay::cli
