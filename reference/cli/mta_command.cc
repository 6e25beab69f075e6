#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "mta/config.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer = R"(The configuration is TOML:

  [server]
  hostname = "mx.example.org"          needed; names this host in greetings
  listen = ["127.0.0.25:25"]           needed; port 0: the system chooses one
  protocol = "smtp"                    or "lmtp"
  tls_certificate = "chain.pem"        with tls_key: STARTTLS is offered
  tls_key = "key.pem"
  relay_from = ["127.0.0.0/8", "::1"]  who may relay
  size_limit = 67108864                octets a message
  max_connections = 256
  command_timeout_seconds = 300

  [submission]                         for users who log in (AUTH PLAIN or LOGIN, inside TLS)
  listen = ["127.0.0.1:587"]
  [users]
  roger = "secret"

  [lmtp]                               as [server], in LMTP
  listen = ["127.0.0.1:24"]

  [aliases]                            mail to a name goes to all of its targets
  postmaster = ["admin@example.org"]
  "team@example.org" = ["a@example.net", "b@example.net"]

  [lists."staff@example.org"]          mail to it goes to the members, from the owner;
  owner = "ann@example.org"            mail to staff-request@example.org is answered
  members = ["a@example.net"]
  posting = "open"                     or "moderated": the owner is shown each post
  [vacations."ann@example.org"]        the deputy gets the mail, its sender a notice
  deputy = "bob@example.org"
  text = "Back in May."
  [forwards]                           as the user's own mail, with REQUIRETLS
  "bob@example.org" = "bob@example.net"

  [stores."users.example.org"]         mail of the domain is handed over by LMTP
  host = "store.example.org"           the name that its certificate proves
  address = "127.0.0.1:24"

  [client]
  helo = "mx.example.org"              server.hostname unless given
  ca_file = "ca.pem"                   the system's certificates unless given
  port = 25
  connect_timeout_seconds = 30
  command_timeout_seconds = 300
  max_deliveries = 64                  next hops served at the same time

  [dns]
  resolver = "127.0.0.53@53"           the system's unless given
  trust_anchor_file = "root.key"       without it no answer counts as signed

  [queue]
  directory = "spool"                  needed; messages survive here
  retry_seconds = 900
  lifetime_seconds = 432000

  [policy]
  edition = "rfc"                      or "draft"

Prints `listening ADDRESS:PORT` for each listener once it accepts connections, and logs
JSON lines to standard error. Ends on SIGTERM; what is not delivered stays in the spool.

Exit codes: 0 ended as asked, 2 bad arguments or configuration, 4 could not start (port or
queue directory in use).)";

int report(const Error& error, int code) {
    fmt::print(stderr, "mailassay mta: {}\n", base::escape(error.detail, 1000));
    return code;
}

}  // namespace

int run_mta(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay mta",
                     "The reference relay: receives, spools durably, relays and bounces.");
    std::string path;
    std::optional<requiretls::Edition> edition;
    bool check_only = false;
    line.text({"--config", "FILE", "The configuration to run with"}, path, Presence::Required);
    line.edition("Overrides policy.edition of the configuration", edition);
    line.flag({"--check", "", "Only check the configuration, then end"}, check_only);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;

    auto config = mta::load_config(path);
    if (!config) return report(config.error(), exit_usage);
    if (edition) config->edition = *edition;
    if (check_only) return exit_ok;

    const mta::Decisions parts = implementation.decisions(config->edition);
    const auto ended = mta::run(*config, parts);
    if (ended) return exit_ok;
    const bool bad_setting = ended.error().id == "mta.tls";
    return report(ended.error(), bad_setting ? exit_usage : exit_cannot_start);
}

}  // namespace mailassay::cli
