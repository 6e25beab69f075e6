#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "base/ascii.h"
#include "base/clock.h"
#include "cli/command_line.h"
#include "cli/dca_roles.h"
#include "cli/exit_codes.h"
#include "cli/opes_role.h"
#include "cli/program.h"
#include "cli/release_role.h"
#include "logging/log.h"
#include "milter/server.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Serves an MTA over the milter protocol, Postfix's and sendmail's alike. The roles:

  dca-out   encrypts mail to configured domains as their Domain Confidentiality Authority wants
            it, and hides the header fields that its signature says
  dca-in    decrypts mail that came for the own domain, and restores its header
  opes      calls other milters as services, leaves a trace of them, and leaves them out for
            those who may ask (OPES for SMTP, in the profile of reference/opes/README.md)
  release   brings drafts to those who may authorize them, lets out what they have released, and
            stops the rest (Draft and Release)

The configuration is TOML; names of files are relative to it. For dca-out:

  on_fault = "temporary"               or "permanent": the reply where mail can't be encrypted
  cipher = "aes-256-cbc"               or aes-128-cbc, aes-128-gcm, aes-256-gcm; "as-they-can":
                                       by the S/MIME capabilities in the certificates
  edition = "rfc"                      or "draft"
  tolerant = false                     take BER and the other dialects of the attribute
  [replace]                            what to put in place of a hidden field
  Subject = "..."
  [domains]                            certificates to encrypt to, PEM; needed
  "example.org" = ["dca.example.org.pem"]
  [outer]                              signs the envelope in turn (triple wrapping); not given: no
  as = "domain"                        or "review", "user"
  certificate = "signer.pem"           needed; "domain" wants the name of RFC 3183 in it
  key = "signer.key"                   needed; password_file as below
  form = "detached"                    or "opaque"
  trust = ["root.pem"]                 by what the originator's signature must hold first

For dca-in:

  certificate = "dca.pem"              needed
  key = "dca.key"                      needed
  password_file = "password"           its first line opens the key
  on_fault = "temporary"               or "permanent": the reply where mail can't be decrypted
  on_foreign = "deliver"               or "temporary", "permanent": mail encrypted to others only
  trust = ["root.pem"]                 by what signatures around an envelope are trusted
  edition = "rfc"
  tolerant = false

For opes:

  uri = "https://opes.example.org/"    of the system; needed
  policy = "https://..."               its privacy policy, if the URI does not lead there
  responsible = "mailto:..."           who sets and enforces the policy; needed
  own_clients = ["192.0.2.1"]          may ask for a bypass; who logs in may as well
  timeout = 30                         seconds for one call of a service
  allow_list = "allowed"               pairs whose mail needs no service that can be left out, a
                                       line each: SENDER RECIPIENT [SERVICE]...; read when changed
  [[consent]]                          who has agreed; a service without it is not called
  side = "recipient"                   or "sender"
  who = ["*"]                          addresses, "@example.org"; needed
  services = ["*"]                     their URIs; needed
  [handling]                           what becomes of mail here, for `mailassay statement`
  sees = "content"                     or "header", "envelope"
  kept_days = 1                        not kept unless given
  shared_with = ["..."]                outside of the system
  references = "untouched"             or "addresses", "links": what it rewrites
  [[service]]                          in the order of the calls
  uri = "https://opes.example.org/spam"   needed, each its own
  socket = "unix:/run/spam.sock"       needed; or inet:PORT@ADDRESS
  stage = "message"                    or "sender", "recipient": called for that command
  indispensable = false                true: called whatever is asked
  on_failure = "temporary"             or "go-on": without it, unless it is indispensable
  on_refusal = "reply"                 or "quarantine": the message is held by the mail server
  handling = { sees = "header" }       as above

For release: see `mailassay authorize --help`; both read the one file.

Prints `listening SOCKET` once the MTA may connect, and logs a JSON line a message to standard
error. Ends on SIGTERM.

Example, with smtpd_milters = unix:/run/dca.sock in Postfix:
  mailassay milter --role dca-out --config dca.toml --socket unix:/run/dca.sock

Exit codes: 0 ended as asked, 2 bad arguments or configuration, 4 the socket can't be used.)";

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay milter: {}\n", base::escape(what, 1000));
    return code;
}

using RoleMaker = Result<std::unique_ptr<milter::Role>> (*)(const std::string& config,
                                                            const Implementation&);

struct NamedRole {
    std::string_view name;
    RoleMaker make;
};

constexpr std::array named_roles{NamedRole{"dca-out", make_dca_out},
                                 NamedRole{"dca-in", make_dca_in}, NamedRole{"opes", make_opes},
                                 NamedRole{"release", make_release}};

RoleMaker maker_of(std::string_view name) {
    for (const NamedRole& role : named_roles) {
        if (role.name == name) return role.make;
    }
    return nullptr;
}

}  // namespace

int run_milter(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay milter",
                     "Serves a mail server in a role, over the milter protocol.");
    std::string role_name;
    std::string config;
    milter::Settings settings;
    line.text({"--role", "ROLE", "dca-out, dca-in, opes or release"}, role_name,
              Presence::Required);
    line.text({"--config", "FILE", "The role's configuration"}, config, Presence::Required);
    line.text({"--socket", "SOCKET", "unix:PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS"},
              settings.socket, Presence::Required);
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    const RoleMaker make = maker_of(role_name);
    if (make == nullptr) return fail(exit_usage, "--role " + role_name + " is not known");
    const auto role = make(config, implementation);
    if (!role) return fail(exit_usage, to_string(role.error()));

    const base::SystemClock clock;
    logging::Log log(clock, logging::standard_error_sink());
    const auto served = milter::serve(**role, settings, log, [&settings] {
        fmt::print("listening {}\n", settings.socket);
        std::fflush(stdout);
    });
    if (served) return exit_ok;
    const bool usage = served.error().id == "milter.socket.syntax";
    return fail(usage ? exit_usage : exit_cannot_start, to_string(served.error()));
}

}  // namespace mailassay::cli
