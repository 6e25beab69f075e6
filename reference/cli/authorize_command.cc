#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/message_io.h"
#include "cli/program.h"
#include "cli/release_config.h"
#include "cli/secure_headers_options.h"
#include "releasing/agent.h"
#include "releasing/courier.h"
#include "releasing/desk.h"
#include "releasing/show.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(The releasing agent of Draft and Release (RFC 7912): reads a draft out of an authorizing user's
mailbox, takes the five steps with what the user has decided, and writes the message that is to be
handed in again, to any recipient: the submission server knows those whom the drafter meant.

  review   shows him whose it is, who has signed and authorized it, and its text; decides nothing
  release  the user approves it: his address is added to the field, and his review signature put on
  forward  likewise, and another user is asked besides: --to
  return   a note to its drafter, with the draft in it: --reason. It is released by this user, and
           where the policy asks for others, by those too
  discard  nothing is written
  redraft  the user becomes its drafter: without field and signatures of others, under his own

Signatures that do not hold are taken off before his own is put on. What can't be reviewed (it is
encrypted to others, for one) is answered with a delivery status notification to whom it came from.

A line on standard error says what became of it; with --json as JSON: outcome, steps, next, notice
(whom a note or notification is for), reason.

The configuration is TOML and the organization's; `mailassay milter --role release` reads the same
file. Names of files are relative to it.

  officers = ["one@example.org"]       who may authorize, in their order; needed
  needed = 1                           how many a message needs
  order = "any"                        or "as-listed": one behind the other
  proof = "of-message"                 or "of-field": signatures over the field too; or "none"
  countersign = "review"               how users sign what they approve: a layer around the message;
                                       or "countersignature", on the drafter's signature; or
                                       "signer-info", beside it: these cover no field
  doubt = "hold"                       or "return", "tell": a draft whose origin is not proven
  forgery = "return"                   or "to-abuse": a user's own entry that is not proven
  unreadable = "tell"                  or "hold": mail that its user can't decrypt; whose sender is
                                       not proven, is told of in no case
  dkim_keys = "keys"                   a file of DKIM keys: on each line SELECTOR._domainkey.DOMAIN
                                       and its record; without it DKIM counts for nothing
  edition = "rfc"                      or "draft"
  trust = ["root.pem"]                 certificates of authorities, PEM
  place = "submission"                 or "border", "delivery": which server the milter serves
  mailbox = "officers@example.org"     where it brings drafts; to all who may authorize unless given
  envelopes = "envelopes"              a folder for the envelopes of drafts; needed for submission
  handed_in_by = "its-users"           or "anybody": who may hand in a release that refers to no
                                       draft, so that its envelope is his own

Example:
  mailassay authorize --config release.toml --user one@example.org --decision release \
      --certificate one.pem --key one.key < draft.eml > released.eml

Exit codes: 0 as decided, 1 not so (the line on standard error says why), 2 bad arguments, keys or
configuration.)";

// With the first of them nothing is decided.
constexpr std::array<std::pair<std::string_view, release::Decision>, 6> decision_words{
    {{"review", release::Decision::Return},
     {"release", release::Decision::Release},
     {"forward", release::Decision::Forward},
     {"return", release::Decision::Return},
     {"discard", release::Decision::Discard},
     {"redraft", release::Decision::Redraft}}};

struct Options {
    std::string input = "-";
    std::string output = "-";
    std::string config;
    std::string user;
    std::string decision;
    std::string to;
    std::string reason;
    std::string certificate;
    std::string key;
    std::string password_file;
    bool json = false;
};

void declare(CommandLine& line, Options& options) {
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.text({"--config", "FILE", "The organization's"}, options.config, Presence::Required);
    line.text({"--user", "ADDRESS", "Whose mailbox it came out of"}, options.user,
              Presence::Required);
    line.text({"--decision", "WORD", "review, release, forward, return, discard or redraft"},
              options.decision, Presence::Required);
    line.text({"--to", "ADDRESS", "With forward: who is asked too"}, options.to);
    line.text({"--reason", "TEXT", "With return: why, for the drafter"}, options.reason);
    line.text(
        {"--certificate", "FILE", "The user's, PEM; without it nothing is signed or decrypted"},
        options.certificate);
    line.text({"--key", "FILE", "The user's private key, PEM"}, options.key);
    line.text({"--password-file", "FILE", "Its first line opens the key"}, options.password_file);
    line.flag({"--json", "", "Say what became of it as JSON"}, options.json);
    line.footer(footer);
}

int fail(int code, const std::string& what) {
    fmt::print(stderr, "mailassay authorize: {}\n", base::escape(what, 1000));
    return code;
}

Result<std::optional<crypto::Signer>> read_signer(const Options& options) {
    if (options.certificate.empty()) return std::nullopt;
    const auto password = read_password(options.password_file);
    if (!password) return std::unexpected(password.error());
    auto holder = read_key_holder(options.certificate, options.key, *password);
    if (!holder) return std::unexpected(std::move(holder.error()));
    return crypto::Signer{.key = std::move(holder->key),
                          .certificate = std::move(holder->certificates.front())};
}

Result<release::Authorization> read_authorization(const Options& options, base::Edition edition) {
    const auto word = std::ranges::find(decision_words, options.decision,
                                        &std::pair<std::string_view, release::Decision>::first);
    if (word == decision_words.end()) {
        return std::unexpected(Error{.id = "cli.authorize.decision", .detail = options.decision});
    }
    auto user = imf::parse_mailbox(options.user);
    if (!user) return std::unexpected(std::move(user.error()));
    release::Authorization made{.edition = edition,
                                .user = std::move(*user),
                                .decision = word->second,
                                .explanation = options.reason};
    if ((made.decision == release::Decision::Forward) == options.to.empty()) {
        return std::unexpected(Error{.id = "cli.authorize.to", .detail = "--to goes with forward"});
    }
    if (!options.to.empty()) {
        auto to = imf::parse_mailbox(options.to);
        if (!to) return std::unexpected(std::move(to.error()));
        made.forward_to = std::move(*to);
    }
    return made;
}

// What became of it, for a person.
std::string sentence_on(const release::Outcome& outcome, const std::string& notice_to) {
    std::string text(name_of(outcome.end));
    if (outcome.next) text += ": to be handed in, and " + outcome.next->address() + " is next";
    if (outcome.end == release::End::Released) text += ": to be handed in";
    if (!notice_to.empty()) text += ": a note to " + notice_to + " is to be handed in";
    if (outcome.reason) text += " (" + to_string(*outcome.reason) + ")";
    return base::printable(text, 2'000);
}

std::string json_on(const release::Outcome& outcome, const std::string& notice_to) {
    nlohmann::ordered_json line{{"outcome", name_of(outcome.end)}};
    for (const release::Step step : outcome.steps) line["steps"].push_back(name_of(step));
    if (outcome.next) line["next"] = outcome.next->address();
    if (!notice_to.empty()) line["notice"] = notice_to;
    if (outcome.reason) line["reason"] = to_string(*outcome.reason);
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// One agent with its user's decision, on one message.
class Agent {
  public:
    Agent(const ReleaseConfig& config, release::Authorization authorization,
          std::optional<crypto::Signer> signer, bool is_json, const release::Rules& rules)
        : verification_(config.verification),
          authorization_(std::move(authorization)),
          signer_(std::move(signer)),
          is_json_(is_json),
          rules_(rules) {
        verification_.trust.at = clock_.now();
        if (signer_) {
            verification_.opener =
                releasing::Opener{.key = signer_->key, .certificate = signer_->certificate};
        }
    }

    // What the user is shown.
    Result<std::string> shown(std::string_view draft) const {
        const auto resumed = releasing::resume(draft);
        if (!resumed) return std::unexpected(resumed.error());
        return releasing::shown(resumed->message, verification_, authorization_.user,
                                authorization_.edition, rules_);
    }

    // What is to be handed in; empty: nothing. Its outcome is told by then.
    Result<std::string> answer(std::string_view draft) {
        const auto handled =
            releasing::handle(draft, verification_, authorization_, signer_, rules_, random_);
        if (!handled) return std::unexpected(handled.error());
        end_ = handled->outcome.end;
        const std::string notice_to = handled->notice_to ? handled->notice_to->address() : "";
        fmt::print(stderr, "{}\n",
                   is_json_ ? json_on(handled->outcome, notice_to)
                            : sentence_on(handled->outcome, notice_to));
        return handled->to_hand_in;
    }

    [[nodiscard]] bool is_as_decided() const {
        switch (authorization_.decision) {
            case release::Decision::Release:
                return end_ == release::End::Released || end_ == release::End::ToNext;
            case release::Decision::Forward:
                return end_ == release::End::ToNext;
            case release::Decision::Return:
                return end_ == release::End::Returned;
            case release::Decision::Discard:
                return end_ == release::End::Discarded;
            case release::Decision::Redraft:
                return end_ == release::End::Redrafted;
        }
        return false;
    }

  private:
    releasing::Verification verification_;
    release::Authorization authorization_;
    std::optional<crypto::Signer> signer_;
    bool is_json_;
    const release::Rules& rules_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    release::End end_ = release::End::SetAside;
};

int show(const Agent& agent, const Options& options, const std::string& draft) {
    const auto text = agent.shown(draft);
    if (!text) return fail(exit_refused, to_string(text.error()));
    if (auto done = write_output(options.output, *text); !done) {
        return fail(exit_usage, to_string(done.error()));
    }
    return exit_ok;
}

}  // namespace

int run_authorize(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay authorize", "Releases, returns or passes on a draft.");
    Options options;
    declare(line, options);
    if (const auto code = line.parse(arguments)) return *code;
    if (options.certificate.empty() != options.key.empty()) {
        return fail(exit_usage, "--certificate and --key go together");
    }
    auto file = open_release_config(options.config);
    if (!file) return fail(exit_usage, to_string(file.error()));
    const auto config = read_release_config(*file);
    if (!config) return fail(exit_usage, to_string(config.error()));
    auto authorization = read_authorization(options, config->edition);
    if (!authorization) return fail(exit_usage, to_string(authorization.error()));
    auto signer = read_signer(options);
    if (!signer) return fail(exit_usage, to_string(signer.error()));
    const auto input = read_input(options.input);
    if (!input) return fail(exit_usage, to_string(input.error()));

    Agent agent(*config, std::move(*authorization), std::move(*signer), options.json,
                *implementation.release);
    const std::string draft = as_mail(*input);
    if (options.decision == "review") return show(agent, options, draft);
    const auto answer = agent.answer(draft);
    if (!answer) return fail(exit_refused, to_string(answer.error()));
    if (!answer->empty()) {
        if (auto done = write_output(options.output, *answer); !done) {
            return fail(exit_usage, to_string(done.error()));
        }
    }
    return agent.is_as_decided() ? exit_ok : exit_refused;
}

}  // namespace mailassay::cli
