#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/clock.h"
#include "buffer/octets.h"
#include "cli/command_line.h"
#include "cli/dca_report.h"
#include "cli/dca_roles.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "cli/secure_headers_options.h"
#include "dca/message.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Encrypts a message as a Domain Confidentiality Authority does. If it is signed with secured
header fields, those of status "deleted" leave the header and those of status "modified" get
the value that --replace has for them; otherwise the header stays as it is. What became of the
header is said on standard error.

Each --certificate is an authority's or an end recipient's, RSA or elliptic curve. With
--address, an authority of none of these addresses' domains is refused (RFC 3183).

Without --cipher it is aes-256-cbc. With --cipher as-they-can it is encrypted by what the S/MIME
capabilities in all the certificates (RFC 4262) have in common: AuthEnvelopedData (AES-GCM) where
the other side can.

With --sign-outer the envelope is signed in turn, which makes the message a triple-wrapped one
(RFC 2634 section 1.1). A user's signature is one like any other. A domain's (RFC 3183 section 3.2)
goes around a signed message only, whose own signatures hold by --ca-file, and its signer is named
domain-signing-authority of the originator's domain, or of one above it.

Example:
  mailassay encrypt --certificate dca.pem --replace 'Subject=...' --replace 'To=undisclosed:;' \
      < signed.eml > encrypted.eml

Exit codes: 0 encrypted, 1 this message can't be encrypted so, and nothing is written,
2 bad arguments or certificates.)";

struct Options {
    std::string input = "-";
    std::string output = "-";
    std::vector<std::string> certificates;
    std::vector<std::string> addresses;
    std::vector<std::string> replacements;
    std::string cipher = "aes-256-cbc";
    std::string sign_outer;
    std::string signer;
    std::string signer_key;
    std::string signer_password_file;
    std::string ca_file;
    bool opaque = false;
    std::optional<base::Edition> edition;
    bool tolerant = false;
};

void declare(CommandLine& line, Options& options) {
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.texts({"--certificate", "FILE", "Whom to encrypt to, PEM; all that are in it"},
               options.certificates, Presence::Required);
    line.texts({"--address", "ADDRESS", "A recipient, for the names of authorities"},
               options.addresses);
    line.texts({"--replace", "NAME=VALUE", "What to put in place of a hidden field"},
               options.replacements);
    line.text(
        {"--cipher", "NAME", "aes-128-cbc, aes-256-cbc, aes-128-gcm, aes-256-gcm, or as-they-can"},
        options.cipher);
    line.text({"--sign-outer", "WHO", "domain or user: whose signature goes around the envelope"},
              options.sign_outer);
    line.text({"--signer", "FILE", "The certificate for it, PEM; others behind it are sent along"},
              options.signer);
    line.text({"--signer-key", "FILE", "Its private key, PEM"}, options.signer_key);
    line.text({"--signer-password-file", "FILE", "Its first line opens the key"},
              options.signer_password_file);
    line.text({"--ca-file", "FILE", "By what the message's own signatures must hold for it"},
              options.ca_file);
    line.flag({"--opaque", "", "Make that signature opaque, not multipart/signed"}, options.opaque);
    line.needs("--sign-outer", "--signer");
    line.needs("--sign-outer", "--signer-key");
    for (const char* each :
         {"--signer", "--signer-key", "--signer-password-file", "--ca-file", "--opaque"}) {
        line.needs(each, "--sign-outer");
    }
    line.edition("Whose attribute is read; rfc unless given", options.edition);
    line.flag({"--tolerant", "", "Take BER and the other dialects of the attribute"},
              options.tolerant);
    line.footer(footer);
}

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay encrypt: {}\n", base::escape(what, 1000));
    return code;
}

Result<dca::Replacements> read_replacements(const std::vector<std::string>& given) {
    dca::Replacements replacements;
    for (const std::string& each : given) {
        const std::size_t equals = each.find('=');
        const std::string name = each.substr(0, equals);
        if (equals == std::string::npos || !imf::is_field_name(name)) {
            return std::unexpected(Error{.id = "cli.replace.syntax", .detail = each});
        }
        const std::string value = each.substr(equals + 1);
        // So that a value which is none is told before any message is read.
        if (auto field = imf::make_field(name, value); !field) {
            return std::unexpected(field.error());
        }
        replacements[name] = value;
    }
    return replacements;
}

Result<dca::OuterSigning> read_outer_signing(const Options& options) {
    const bool for_domain = options.sign_outer == "domain";
    if (!for_domain && options.sign_outer != "user") {
        return std::unexpected(Error{.id = "cli.signer.unknown", .detail = options.sign_outer});
    }
    const auto password = read_password(options.signer_password_file);
    if (!password) return std::unexpected(password.error());
    auto holder = read_key_holder(options.signer, options.signer_key, *password);
    if (!holder) return std::unexpected(holder.error());
    dca::OuterSigning outer{
        .signer = {.key = std::move(holder->key), .certificate = holder->certificates.front()},
        .chain = {holder->certificates.begin() + 1, holder->certificates.end()}};
    if (!for_domain) outer.as = std::nullopt;
    if (options.opaque) outer.encapsulation = crypto::Encapsulation::Opaque;
    if (!options.ca_file.empty()) {
        auto anchors = read_certificates(options.ca_file);
        if (!anchors) return std::unexpected(anchors.error());
        outer.trust.anchors = std::move(*anchors);
    }
    outer.trust.at = base::SystemClock().now();
    return outer;
}

Result<dca::Encryption> read_encryption(const Options& options) {
    dca::Encryption encryption{.recipients = {}, .addresses = options.addresses};
    encryption.edition = options.edition.value_or(base::Edition::Rfc);
    if (options.tolerant) encryption.strictness = secureheaders::Strictness::Tolerant;
    const auto cipher = cipher_named(options.cipher);
    if (!cipher) return std::unexpected(cipher.error());
    encryption.cipher = *cipher;
    auto replacements = read_replacements(options.replacements);
    if (!replacements) return std::unexpected(replacements.error());
    encryption.replacements = std::move(*replacements);
    for (const std::string& path : options.certificates) {
        auto found = read_certificates(path);
        if (!found) return std::unexpected(found.error());
        for (crypto::Certificate& each : *found) encryption.recipients.push_back(std::move(each));
    }
    if (!options.sign_outer.empty()) {
        auto outer = read_outer_signing(options);
        if (!outer) return std::unexpected(outer.error());
        encryption.outer = std::move(*outer);
    }
    return encryption;
}

}  // namespace

int run_encrypt(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay encrypt", "Encrypts a message and hides header fields.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    const auto encryption = read_encryption(options);
    if (!encryption) return fail(exit_usage, to_string(encryption.error()));
    auto input = open_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));
    const auto message = as_mail(std::move(*input));
    if (!message) return fail(exit_usage, to_string(message.error()));
    buffer::Scratch scratch;
    buffer::Collector out;
    const auto made = dca::encrypt_message(message->view(), *encryption,
                                           *implementation.confidentiality, scratch, out);
    if (!made) return fail(exit_refused, to_string(made.error()));
    const auto octets = out.finish();
    if (!octets) return fail(exit_usage, to_string(octets.error()));
    const auto written = write_output(options.output, octets->view());
    if (!written) return fail(exit_usage, to_string(written.error()));
    print_dca_report("encrypt", made->changes, made->unchanged, made->flags);
    if (made->outer == dca::Wrapped::NothingWithin) {
        fmt::print(stderr, "mailassay encrypt: outer signature: none, as the message has none\n");
    }
    return exit_ok;
}

}  // namespace mailassay::cli
