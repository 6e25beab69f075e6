#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "buffer/octets.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "cli/secure_headers_options.h"
#include "dca/wrapped.h"
#include "secureheaders/render.h"
#include "secureheaders/verify.h"

namespace mailassay::cli {

namespace {

using secureheaders::MessageResult;
using secureheaders::Outcome;

constexpr const char* footer =
    R"(Verifies a message's S/MIME signature and the header fields secured in it, and shows what
a mail client has to: each secured field with its signed value, its status and whether the
message still has it, the warnings, and the verdict. Without --policy only what is signed is
compared; with it, what should have been signed as well.

Below a signature over an encrypted message (triple wrapping) is looked only with --certificate
and --key of a recipient: the envelope is opened, the header restored, and what is signed inside
verified too. Signatures over an envelope are judged by the policy's [outer] part.

--batch takes any number of files, mailboxes (mbox) among them, and prints a line of JSON
for each message, in order: vectors/schema/verify.schema.json. A file that can't be read has its
line too.

Examples:
  mailassay verify --ca-file ca.pem --policy policy.toml signed.eml
  mailassay verify --ca-file ca.pem --certificate bob.pem --key bob.key wrapped.eml

Exit codes: 0 valid, 1 invalid, 2 bad arguments, keys or policy, or the result can't be written,
3 there is no signature or nothing is secured by it, 4 unreadable. With --batch: of all messages,
the first of 1, 4, 3 and 0 that any of them has.)";

struct Options {
    std::vector<std::string> inputs;
    std::string policy;
    std::string ca_file;
    std::string certificate;
    std::string key;
    std::string password_file;
    std::string time;
    std::optional<base::Edition> edition;
    bool tolerant = false;
    bool json = false;
    bool batch = false;
};

void declare(CommandLine& line, Options& options) {
    line.texts({"message", "MESSAGE", "A file; standard input unless given"}, options.inputs);
    line.text({"--policy", "FILE", "What should be secured"}, options.policy);
    line.text({"--ca-file", "FILE", "Certificates that a signer's chain may end in, PEM"},
              options.ca_file, Presence::Required);
    line.text({"--certificate", "FILE", "Who opens what is encrypted, PEM"}, options.certificate);
    line.text({"--key", "FILE", "The private key, PEM"}, options.key);
    line.text({"--password-file", "FILE", "Its first line opens the key"}, options.password_file);
    line.text({"--time", "TIME", "When chains must hold, 2026-01-31T12:00:00Z; now unless given"},
              options.time);
    line.edition("Whose attribute is read; rfc unless given", options.edition);
    line.flag({"--tolerant", "", "Take BER and the other dialects, and say what was tolerated"},
              options.tolerant);
    line.flag({"--json", "", "For machines: vectors/schema/verify.schema.json"}, options.json);
    line.flag({"--batch", "", "Many files or mailboxes, a line of JSON for each message"},
              options.batch);
    line.footer(footer);
}

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay verify: {}\n", base::escape(what, 1000));
    return code;
}

int code_of(const Result<MessageResult>& result) {
    if (!result) return exit_unreadable;
    switch (result->outcome()) {
        case Outcome::Valid:
            return exit_ok;
        case Outcome::Invalid:
        case Outcome::SignatureInvalid:
            return exit_invalid;
        case Outcome::NoSecureHeaders:
        case Outcome::NotSigned:
            return exit_nothing_secured;
    }
    std::unreachable();
}

// What every message is verified with.
struct Verifier {
    secureheaders::Verification verification;
    std::optional<dca::Decryption> opener;
    const Implementation& implementation;

    [[nodiscard]] Result<MessageResult> verify(std::string_view message) const {
        const secureheaders::Rules& rules = *implementation.secure_headers;
        if (!opener) return secureheaders::verify_message(message, verification, rules);
        return dca::verify_wrapped(message, verification, *opener, rules,
                                   *implementation.confidentiality);
    }
};

Result<std::optional<dca::Decryption>> read_opener(const Options& options) {
    if (options.certificate.empty()) return std::nullopt;
    const auto password = read_password(options.password_file);
    if (!password) return std::unexpected(password.error());
    auto holder = read_key_holder(options.certificate, options.key, *password);
    if (!holder) return std::unexpected(holder.error());
    return dca::Decryption{.key = std::move(holder->key),
                           .certificate = holder->certificates.front(),
                           .edition = options.edition.value_or(base::Edition::Rfc),
                           .strictness = options.tolerant ? secureheaders::Strictness::Tolerant
                                                          : secureheaders::Strictness::Strict};
}

Result<secureheaders::Verification> read_verification(const Options& options) {
    secureheaders::Verification verification;
    verification.edition = options.edition.value_or(base::Edition::Rfc);
    if (options.tolerant) verification.strictness = secureheaders::Strictness::Tolerant;
    if (!options.policy.empty()) {
        auto policies = read_policies(options.policy);
        if (!policies) return std::unexpected(policies.error());
        verification.policies = std::move(*policies);
    }
    auto anchors = read_certificates(options.ca_file);
    if (!anchors) return std::unexpected(anchors.error());
    verification.trust.anchors = std::move(*anchors);
    verification.trust.at =
        options.time.empty() ? base::SystemClock().now() : *base::from_timestamp(options.time);
    verification.trust.prepare();
    static buffer::Scratch scratch;
    verification.scratch = &scratch;
    return verification;
}

// A message, or why its file could not be read.
struct Message {
    std::string name;
    Result<base::Octets> octets;
};

struct Judged {
    std::string line;
    int code = exit_ok;
};

Judged judge(const Message& message, const Verifier& verifier) {
    const auto result = message.octets ? verifier.verify(message.octets->view())
                                       : std::unexpected(message.octets.error());
    return {.line = to_json(message.name, verifier.verification.edition, result) + "\n",
            .code = code_of(result)};
}

// On all cores, the lines in the order of the messages.
std::vector<Judged> judge_all(const std::vector<Message>& messages, const Verifier& verifier) {
    std::vector<Judged> judged(messages.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < messages.size(); i = next++) {
            judged[i] = judge(messages[i], verifier);
        }
    };
    {
        const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
        std::vector<std::jthread> workers;
        for (std::size_t i = 1; i < std::min(cores, messages.size()); ++i) {
            workers.emplace_back(work);
        }
        work();
    }
    return judged;
}

// Of a file that is one message or a mailbox. A mailbox is held in memory.
std::vector<Message> read_messages(const std::string& path) {
    auto input = open_input(path);
    if (!input) return {{.name = path, .octets = std::move(input)}};
    if (!begins_in_mailbox(input->view())) {
        return {{.name = path, .octets = as_mail(std::move(*input))}};
    }
    std::vector<Message> messages;
    for (std::string& each : split_mailbox(std::string(input->view()))) {
        const std::string name =
            messages.empty() ? path : fmt::format("{}#{}", path, messages.size() + 1);
        messages.push_back({.name = name, .octets = base::Octets::owned(as_mail(std::move(each)))});
    }
    return messages;
}

// So many messages, or so many octets of them, are read before they are judged together.
constexpr std::size_t most_at_once = 1024;
constexpr std::size_t most_octets_at_once = std::size_t{64} * 1024 * 1024;

int run_batch(const Options& options, const Verifier& verifier) {
    std::set<int> codes;
    std::vector<Message> waiting;
    std::size_t octets = 0;
    for (std::size_t i = 0; i < options.inputs.size(); ++i) {
        for (Message& each : read_messages(options.inputs[i])) {
            octets += each.octets ? each.octets->view().size() : 0;
            waiting.push_back(std::move(each));
        }
        const bool enough = waiting.size() >= most_at_once || octets >= most_octets_at_once;
        if (!enough && i + 1 < options.inputs.size()) continue;
        std::string lines;
        for (const Judged& each : judge_all(waiting, verifier)) {
            lines += each.line;
            codes.insert(each.code);
        }
        const auto written = write_output("-", lines);
        if (!written) return fail(exit_usage, to_string(written.error()));
        waiting.clear();
        octets = 0;
    }
    for (const int code : {exit_invalid, exit_unreadable, exit_nothing_secured}) {
        if (codes.contains(code)) return code;
    }
    return exit_ok;
}

int run_one(const Options& options, const Verifier& verifier) {
    const std::string path = options.inputs.empty() ? "-" : options.inputs.front();
    const auto messages = read_messages(path);
    if (messages.size() > 1) {
        return fail(exit_usage,
                    fmt::format("{} holds {} messages, which need --batch", path, messages.size()));
    }
    const Result<base::Octets>& octets = messages.front().octets;
    if (!octets && !options.json) return fail(exit_unreadable, to_string(octets.error()));
    Judged judged;
    if (options.json) {
        judged = judge(messages.front(), verifier);
    } else {
        const auto result = verifier.verify(octets->view());
        if (!result) return fail(exit_unreadable, path + ": " + to_string(result.error()));
        judged = {.line = to_text(*result), .code = code_of(result)};
    }
    const auto written = write_output("-", judged.line);
    return written ? judged.code : fail(exit_usage, to_string(written.error()));
}

}  // namespace

int run_verify(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay verify", "Verifies a signed message and its header fields.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    if (options.inputs.size() > 1 && !options.batch) {
        return fail(exit_usage, "several messages need --batch");
    }
    if (!options.time.empty() && !base::from_timestamp(options.time)) {
        return fail(exit_usage, options.time + " is no time like 2026-01-31T12:00:00Z");
    }
    if (options.certificate.empty() != options.key.empty()) {
        return fail(exit_usage, "--certificate and --key go together");
    }
    auto verification = read_verification(options);
    if (!verification) return fail(exit_usage, to_string(verification.error()));
    auto opener = read_opener(options);
    if (!opener) return fail(exit_usage, to_string(opener.error()));
    const Verifier verifier{.verification = std::move(*verification),
                            .opener = std::move(*opener),
                            .implementation = implementation};
    if (options.batch && options.inputs.empty()) options.inputs = {"-"};
    return options.batch ? run_batch(options, verifier) : run_one(options, verifier);
}

}  // namespace mailassay::cli
