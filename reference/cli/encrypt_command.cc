#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
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
        {"--cipher", "NAME", "aes-128-cbc, aes-256-cbc (the default), aes-128-gcm, aes-256-gcm"},
        options.cipher);
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

Result<dca::Encryption> read_encryption(const Options& options) {
    dca::Encryption encryption{.recipients = {}, .addresses = options.addresses};
    encryption.edition = options.edition.value_or(base::Edition::Rfc);
    if (options.tolerant) encryption.strictness = secureheaders::Strictness::Tolerant;
    const auto cipher = cipher_named(options.cipher);
    if (!cipher) {
        return std::unexpected(Error{.id = "cli.cipher.unknown", .detail = options.cipher});
    }
    encryption.cipher = *cipher;
    auto replacements = read_replacements(options.replacements);
    if (!replacements) return std::unexpected(replacements.error());
    encryption.replacements = std::move(*replacements);
    for (const std::string& path : options.certificates) {
        auto found = read_certificates(path);
        if (!found) return std::unexpected(found.error());
        for (crypto::Certificate& each : *found) encryption.recipients.push_back(std::move(each));
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
    return exit_ok;
}

}  // namespace mailassay::cli
