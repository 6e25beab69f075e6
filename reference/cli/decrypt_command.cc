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
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "cli/secure_headers_options.h"
#include "dca/message.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Decrypts a message as a Domain Confidentiality Authority does, or as an end recipient. If
what comes out is signed with secured header fields, those that were deleted are written into
the header again and those that were modified are rewritten, so that the signature verifies as
it did before. What became of the header is said on standard error.

Signatures around the envelope come off, and are said with what they are worth: whether they
hold, by --ca-file, and what is wrong with a domain's name (RFC 3183). Within one that is broken
nothing is decrypted.

Example:
  mailassay decrypt --certificate dca.pem --key dca.key < encrypted.eml > message.eml

Exit codes: 0 decrypted, 1 this message can't be decrypted, and nothing is written, 2 bad
arguments, certificate or key, 3 decrypted and written, but its header could not be restored.)";

struct Options {
    std::string input = "-";
    std::string output = "-";
    std::string certificate;
    std::string key;
    std::string password_file;
    std::vector<std::string> addresses;
    std::string ca_file;
    std::optional<base::Edition> edition;
    bool tolerant = false;
};

void declare(CommandLine& line, Options& options) {
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.text({"--certificate", "FILE", "Who decrypts, PEM"}, options.certificate,
              Presence::Required);
    line.text({"--key", "FILE", "The private key, PEM"}, options.key, Presence::Required);
    line.text({"--password-file", "FILE", "Its first line opens the key"}, options.password_file);
    line.texts({"--address", "ADDRESS", "A recipient, for the name of the authority"},
               options.addresses);
    line.text({"--ca-file", "FILE", "By what signatures around the envelope are trusted, PEM"},
              options.ca_file);
    line.edition("Whose attribute is read; rfc unless given", options.edition);
    line.flag({"--tolerant", "", "Take BER and the other dialects of the attribute"},
              options.tolerant);
    line.footer(footer);
}

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay decrypt: {}\n", base::escape(what, 1000));
    return code;
}

Result<dca::Decryption> read_decryption(const Options& options) {
    const auto password = read_password(options.password_file);
    if (!password) return std::unexpected(password.error());
    auto holder = read_key_holder(options.certificate, options.key, *password);
    if (!holder) return std::unexpected(holder.error());
    dca::Decryption decryption{.key = std::move(holder->key),
                               .certificate = holder->certificates.front(),
                               .addresses = options.addresses};
    decryption.edition = options.edition.value_or(base::Edition::Rfc);
    if (options.tolerant) decryption.strictness = secureheaders::Strictness::Tolerant;
    if (!options.ca_file.empty()) {
        auto anchors = read_certificates(options.ca_file);
        if (!anchors) return std::unexpected(anchors.error());
        decryption.trust.anchors = std::move(*anchors);
    }
    decryption.trust.at = base::SystemClock().now();
    return decryption;
}

}  // namespace

int run_decrypt(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay decrypt", "Decrypts a message and restores its header.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    const auto decryption = read_decryption(options);
    if (!decryption) return fail(exit_usage, to_string(decryption.error()));
    auto input = open_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));
    const auto message = as_mail(std::move(*input));
    if (!message) return fail(exit_usage, to_string(message.error()));
    buffer::Scratch scratch;
    buffer::Collector out;
    const auto made = dca::decrypt_message(message->view(), *decryption,
                                           *implementation.confidentiality, scratch, out);
    if (!made) return fail(exit_refused, to_string(made.error()));
    const auto octets = out.finish();
    if (!octets) return fail(exit_usage, to_string(octets.error()));
    const auto written = write_output(options.output, octets->view());
    if (!written) return fail(exit_usage, to_string(written.error()));
    print_dca_report("decrypt", made->changes, made->unchanged, made->flags);
    print_outer_signatures("decrypt", made->outer);
    return made->fault ? fail(exit_not_restored, to_string(*made->fault)) : exit_ok;
}

}  // namespace mailassay::cli
