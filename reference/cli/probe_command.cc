#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "mta/net_links.h"
#include "net/addresses.h"
#include "net/https.h"
#include "net/next_hops.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "probe/assess.h"
#include "probe/gather.h"
#include "probe/render.h"

namespace mailassay::cli {

namespace {

using std::chrono::milliseconds;

constexpr const char* footer =
    R"(Looks up the domain's mail servers with DNSSEC, its MTA-STS policy and their TLSA
records, connects to each server, says EHLO, STARTTLS, EHLO and QUIT, and tells which
of them mail with REQUIRETLS would get through to, and for each of the others the one
thing to fix first. No mail is sent, or begun to be sent.

Example:
  mailassay probe example.org

Exit codes: 0 mail with REQUIRETLS gets through, 1 it does not, 2 bad arguments,
4 could not be determined (no answer from DNS, no connection, time limit).)";

struct Options {
    std::string domain;
    bool json = false;
    double timeout = 60;
    std::string resolver;
    std::string ca_file;
    std::string trust_anchor_file;
    std::uint16_t port = 25;
    std::string helo;
    std::optional<requiretls::Edition> edition;
};

void declare(CommandLine& line, Options& options) {
    line.text({"domain", "DOMAIN", "A mail domain, or an address in brackets"}, options.domain,
              Presence::Required);
    line.flag({"--json", "", "For machines: vectors/schema/probe.schema.json"}, options.json);
    line.number({"--timeout", "SECONDS", "For all of it, in seconds; 60 unless given"},
                {.least = 0.1, .most = 3600}, options.timeout);
    line.text({"--resolver", "ADDRESS@PORT", "Ask this name server; the system's unless given"},
              options.resolver);
    line.text({"--ca-file", "FILE", "Certificates to trust, PEM; the system's unless given"},
              options.ca_file);
    line.text({"--trust-anchor-file", "FILE",
               "What DNSSEC is validated from; the system's root key unless given"},
              options.trust_anchor_file);
    line.number({"--port", "PORT", "Of the mail servers; 25 unless given"},
                {.least = 1, .most = 65535}, options.port);
    line.text({"--helo", "NAME", "Our name in EHLO; this host's unless given"}, options.helo);
    line.edition("Whose rules are applied; rfc unless given", options.edition);
    line.footer(footer);
}

int fail(int code, std::string_view what) {
    fmt::print(stderr, "mailassay probe: {}\n", base::escape(what, 1000));
    return code;
}

bool is_host_name(std::string_view name) {
    const auto is_label = [](std::string_view label) {
        return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, [](char c) {
            return base::is_alnum(c) || c == '-' || c == '_';
        });
    };
    return name.size() <= 253 && std::ranges::all_of(base::split(name, '.'), is_label);
}

// As the look-ups want it; nullopt for what is no domain.
std::optional<std::string> domain_from(std::string_view text) {
    if (text.starts_with('[')) {
        if (!net::address_in_literal(text)) return std::nullopt;
        return std::string(text);
    }
    if (text.ends_with('.')) text.remove_suffix(1);
    if (!is_host_name(text)) return std::nullopt;
    return base::to_lower(text);
}

// Where Debian and unbound keep the root's keys. Empty: nowhere.
std::string trust_anchors_of_the_system() {
    for (const char* file : {"/usr/share/dns/root.key", "/var/lib/unbound/root.key"}) {
        if (::access(file, R_OK) == 0) return file;
    }
    return {};
}

// Whether a signed zone can be told from another. Where even the root seems forged, it is most
// likely the resolver that strips signatures. Trust anchors of other zones alone say nothing of it.
probe::Validation validation_for(const std::string& domain, const net::Dns& dns,
                                 const std::string& anchors) {
    if (domain.starts_with('[')) return probe::Validation::On;  // DNS has no say in it
    if (anchors.empty()) return probe::Validation::NoTrustAnchor;
    const net::Answer root = dns.look_up(".", net::RecordType::Ns);
    return root.security == requiretls::DnsSecurity::Bogus ? probe::Validation::NoSignatures
                                                           : probe::Validation::On;
}

std::string own_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || !is_host_name(name.data())) {
        return "localhost";
    }
    return name.data();
}

mta::ClientSettings settings_for(const Options& options, milliseconds limit) {
    mta::ClientSettings settings;
    settings.helo = options.helo.empty() ? own_name() : options.helo;
    settings.ca_file = options.ca_file;
    settings.port = options.port;
    settings.connect_timeout = std::min(milliseconds(10'000), limit);
    settings.command_timeout = std::min(milliseconds(30'000), limit);
    return settings;
}

int exit_code_for(probe::Outcome outcome) {
    switch (outcome) {
        case probe::Outcome::GetsThrough:
            return exit_ok;
        case probe::Outcome::DoesNot:
            return exit_does_not;
        case probe::Outcome::Undetermined:
            break;
    }
    return exit_undetermined;
}

}  // namespace

int run_probe(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay probe",
                     "Would mail with REQUIRETLS get through to a domain, and if not, why not?");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    const milliseconds limit(std::llround(options.timeout * 1000));
    const net::Deadline deadline = net::after(limit);
    const auto domain = domain_from(options.domain);
    if (!domain) {
        return fail(exit_usage, options.domain +
                                    ": no domain (names of other scripts are written "
                                    "as xn--...)");
    }
    const mta::ClientSettings settings = settings_for(options, limit);
    if (!std::ranges::all_of(settings.helo, base::is_visible)) {
        return fail(exit_usage, "--helo " + options.helo + ": no name");
    }
    const mta::Decisions parts =
        implementation.decisions(options.edition.value_or(requiretls::Edition::Rfc));
    auto tls = net::TlsClient::create(options.ca_file);
    if (!tls) return fail(exit_usage, "--ca-file: " + to_string(tls.error()));
    const std::string anchors = options.trust_anchor_file.empty() ? trust_anchors_of_the_system()
                                                                  : options.trust_anchor_file;
    auto made = net::Resolver::create({.forwarder = options.resolver,
                                       .trust_anchor_file = anchors,
                                       .bogus_answers = parts.rules->bogus_answers()});
    if (!made) return fail(exit_usage, to_string(made.error()));
    const auto dns = std::make_shared<const net::Resolver>(std::move(*made));
    // A peer that has gone shows in the result of a write.
    std::signal(SIGPIPE, SIG_IGN);

    const base::SystemClock clock;
    base::SystemRandom random;
    const net::DnsNextHops next_hops(dns, net::https_get,
                                     {.ca_file = options.ca_file,
                                      .policy_server_trust = parts.rules->policy_server_trust(),
                                      .port = options.port},
                                     clock, random);
    mta::LinkRegistry links;
    mta::NetConnector connector(settings, std::move(*tls), links);
    probe::Gathering gathering(
        {.next_hops = next_hops,
         .policy_of = [&](const std::string& name) { return next_hops.policy_of(name); },
         .validation = [&] { return validation_for(*domain, *dns, anchors); },
         .connector = connector,
         .links = links},
        settings, *domain);
    probe::DomainProbe found = gathering.until(deadline);
    found.port = options.port;

    const probe::DomainAssessment assessment = probe::assess(*parts.rules, found);
    fmt::print("{}", options.json ? probe::to_json(found, assessment, parts.rules->edition())
                                  : probe::to_text(found, assessment));
    const int code = exit_code_for(assessment.outcome);
    if (!gathering.is_complete()) {
        // A look-up can't be interrupted, and the limit is for the whole command.
        std::fflush(stdout);
        std::_Exit(code);
    }
    return code;
}

}  // namespace mailassay::cli
