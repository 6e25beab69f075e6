#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/random.h"
#include "buffer/octets.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "cli/secure_headers_options.h"
#include "secureheaders/add_signature.h"
#include "secureheaders/sign.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Signs a message by S/MIME and secures the header fields that the policy lists in a
signed attribute. The policy is TOML:

  algorithm = "relaxed"          or "simple"
  mandatory = ["From", "Date"]   a receiver warns where these are not secured
  shared = true                  with the other side; false unless given
  [secured]
  From = "duplicated"            or "deleted", "modified": what a gateway that
  Subject = "deleted"            encrypts does with the field

  [outer]                        the same keys once more, for the outer signature of
                                 triple wrapping, which --outer makes

With several --certificate and --key, in the same order, each signs. Keys are RSA or of an elliptic
curve (P-256, P-384, P-521); OpenSSL 3.0 signs no S/MIME with Ed25519.

--add is what a gateway does that puts its signature beside those that the message has: it secures
the same fields as they, and changes nothing else. Where they secure none the policy says what. A
message whose signature does not hold, or whose header is not as it was signed, is refused.

Examples:
  mailassay sign --policy policy.toml --certificate me.pem --key me.key \
      < message.eml > signed.eml
  mailassay encrypt --certificate bob.pem < signed.eml |
      mailassay sign --outer --policy policy.toml --certificate me.pem --key me.key > wrapped.eml

Exit codes: 0 signed, 1 this message can't be signed so, 2 bad arguments, keys or policy, or
the result can't be written.)";

struct Options {
    std::string input = "-";
    std::string output = "-";
    std::string policy;
    std::vector<std::string> certificates;
    std::vector<std::string> keys;
    std::string password_file;
    std::string chain;
    std::string time;
    std::optional<base::Edition> edition;
    std::string digest = "sha-256";
    bool opaque = false;
    bool pss = false;
    bool outer = false;
    bool add = false;
};

void declare(CommandLine& line, Options& options) {
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.text({"--policy", "FILE", "What to secure, and how"}, options.policy, Presence::Required);
    line.texts({"--certificate", "FILE", "The signer's, PEM; others behind it are sent along"},
               options.certificates, Presence::Required);
    line.texts({"--key", "FILE", "The signer's private key, PEM"}, options.keys,
               Presence::Required);
    line.text({"--password-file", "FILE", "Its first line opens the keys"}, options.password_file);
    line.text({"--chain", "FILE", "More certificates to send along, PEM"}, options.chain);
    line.text({"--time", "TIME", "The signing time, 2026-01-31T12:00:00Z; now unless given"},
              options.time);
    line.edition("Whose attribute is written; rfc unless given", options.edition);
    line.text({"--digest", "NAME", "sha-256 (the default), sha-384 or sha-512"}, options.digest);
    line.flag({"--opaque", "", "Put the content into the signature"}, options.opaque);
    line.flag({"--pss", "", "Sign with RSASSA-PSS where the key is RSA"}, options.pss);
    line.flag({"--outer", "", "Sign by the policy's [outer] part"}, options.outer);
    line.flag({"--add", "", "Sign beside the signers that the message has"}, options.add);
    line.footer(footer);
}

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay sign: {}\n", base::escape(what, 1000));
    return code;
}

// Reads a signer's files; the certificates behind its own go into the chain.
Result<crypto::Signer> read_signer(const std::string& certificate, const std::string& key,
                                   const std::string& password,
                                   std::vector<crypto::Certificate>& chain) {
    auto holder = read_key_holder(certificate, key, password);
    if (!holder) return std::unexpected(holder.error());
    auto& certificates = holder->certificates;
    chain.insert(chain.end(), certificates.begin() + 1, certificates.end());
    return crypto::Signer{.key = std::move(holder->key), .certificate = certificates.front()};
}

std::optional<crypto::Digest> digest_named(std::string_view name) {
    if (name == "sha-256") return crypto::Digest::Sha256;
    if (name == "sha-384") return crypto::Digest::Sha384;
    if (name == "sha-512") return crypto::Digest::Sha512;
    return std::nullopt;
}

Result<secureheaders::Signing> read_signing(const Options& options,
                                            const secureheaders::Rules& rules) {
    const auto policies = read_policies(options.policy);
    if (!policies) return std::unexpected(policies.error());
    const auto password = read_password(options.password_file);
    if (!password) return std::unexpected(password.error());
    const auto digest = digest_named(options.digest);
    if (!digest) {
        return std::unexpected(Error{.id = "cli.digest.unknown", .detail = options.digest});
    }
    const auto layer = options.outer ? secureheaders::Layer::Outer : secureheaders::Layer::Inner;
    secureheaders::Signing signing{.policy = rules.part(*policies, layer),
                                   .edition = options.edition.value_or(base::Edition::Rfc),
                                   .encapsulation = options.opaque
                                                        ? crypto::Encapsulation::Opaque
                                                        : crypto::Encapsulation::Detached,
                                   .signers = {},
                                   .chain = {}};
    if (!options.chain.empty()) {
        auto chain = read_certificates(options.chain);
        if (!chain) return std::unexpected(chain.error());
        signing.chain = std::move(*chain);
    }
    for (std::size_t i = 0; i < options.keys.size(); ++i) {
        auto signer =
            read_signer(options.certificates[i], options.keys[i], *password, signing.chain);
        if (!signer) return std::unexpected(signer.error());
        signer->digest = *digest;
        if (options.pss) signer->padding = crypto::RsaPadding::Pss;
        if (!options.time.empty()) signer->signing_time = base::from_timestamp(options.time);
        signing.signers.push_back(std::move(*signer));
    }
    return signing;
}

}  // namespace

int run_sign(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay sign", "Signs a message and its header fields.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    if (options.certificates.size() != options.keys.size()) {
        return fail(exit_usage, "as many --certificate as --key are needed");
    }
    if (!options.time.empty() && !base::from_timestamp(options.time)) {
        return fail(exit_usage, options.time + " is no time like 2026-01-31T12:00:00Z");
    }
    const secureheaders::Rules& rules = *implementation.secure_headers;
    const auto signing = read_signing(options, rules);
    if (!signing) return fail(exit_usage, to_string(signing.error()));
    auto input = open_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));
    if (begins_in_mailbox(input->view())) {
        return fail(exit_refused, options.input + " is a mailbox, and one message is signed");
    }
    const auto message = as_mail(std::move(*input));
    if (!message) return fail(exit_usage, to_string(message.error()));
    base::SystemRandom random;
    buffer::Scratch scratch;
    const auto made = scratch.keep([&](base::Sink& out) {
        return options.add
                   ? secureheaders::add_signature(message->view(), *signing, rules, out)
                   : secureheaders::sign_message(message->view(), *signing, rules, random, out);
    });
    if (!made) return fail(exit_refused, to_string(made.error()));
    const auto written = write_output(options.output, made->view());
    return written ? exit_ok : fail(exit_usage, to_string(written.error()));
}

}  // namespace mailassay::cli
