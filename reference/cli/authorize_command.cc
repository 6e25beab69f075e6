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
#include "imf/date.h"
#include "releasing/agent.h"
#include "releasing/courier.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(The releasing agent of Draft and Release (RFC 7912): reads a draft out of an authorizing user's
mailbox, takes the five steps with what the user has decided, and writes the message that is to be
handed in again, to any recipient: the submission server knows those whom the drafter meant.

  release  the user approves it: his address is added to the field, and his review signature put on
  forward  likewise, and another user is asked besides: --to
  return   a note to its drafter, with the draft in it: --reason. It is released by this user, and
           where the policy asks for others, by those too
  discard  nothing is written
  redraft  the user becomes its drafter: without field, and without review signature

One line of JSON on standard error says what became of it: outcome, steps, next, reason.

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
  edition = "rfc"                      or "draft"
  trust = ["root.pem"]                 certificates of authorities, PEM
  place = "submission"                 or "border", "delivery": which server the milter serves
  mailbox = "officers@example.org"     where it brings drafts; to all who may authorize unless given
  envelopes = "envelopes"              a folder for the envelopes of drafts; needed for submission

Example:
  mailassay authorize --config release.toml --user one@example.org --decision release \
      --certificate one.pem --key one.key < draft.eml > released.eml

Exit codes: 0 as decided, 1 not so (the line on standard error says why), 2 bad arguments, keys or
configuration.)";

constexpr std::array<std::pair<std::string_view, release::Decision>, 5> decision_words{
    {{"release", release::Decision::Release},
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
};

void declare(CommandLine& line, Options& options) {
    line.text({"message", "MESSAGE", "A file; standard input unless given"}, options.input);
    line.text({"--out", "FILE", "Where to write it; standard output unless given"}, options.output);
    line.text({"--config", "FILE", "The organization's"}, options.config, Presence::Required);
    line.text({"--user", "ADDRESS", "Whose mailbox it came out of"}, options.user,
              Presence::Required);
    line.text({"--decision", "WORD", "release, forward, return, discard or redraft"},
              options.decision, Presence::Required);
    line.text({"--to", "ADDRESS", "With forward: who is asked too"}, options.to);
    line.text({"--reason", "TEXT", "With return: why, for the drafter"}, options.reason);
    line.text({"--certificate", "FILE", "The user's, PEM; none: no review signature"},
              options.certificate);
    line.text({"--key", "FILE", "The user's private key, PEM"}, options.key);
    line.text({"--password-file", "FILE", "Its first line opens the key"}, options.password_file);
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
    release::Authorization made{
        .edition = edition, .user = std::move(*user), .decision = word->second};
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

// One agent with its user's decision, on one message.
class Agent {
  public:
    Agent(const ReleaseConfig& config, release::Authorization authorization,
          std::optional<crypto::Signer> signer, std::string reason, const release::Rules& rules)
        : config_(config),
          authorization_(std::move(authorization)),
          signer_(std::move(signer)),
          reason_(std::move(reason)),
          rules_(rules) {
        verification_.trust.at = clock_.now();
    }

    // What is to be handed in; empty: nothing. Its outcome is told by then.
    Result<std::string> answer(std::string_view draft) {
        const auto resumed = releasing::resume(draft);
        if (!resumed) return std::unexpected(resumed.error());
        const auto made = releasing::authorize(resumed->message, verification_, authorization_,
                                               signer_, rules_, random_);
        if (!made) return std::unexpected(made.error());
        tell(made->outcome);
        end_ = made->outcome.end;
        if (made->message) return referring(*made->message, resumed->reference);
        if (end_ == release::End::Returned &&
            authorization_.decision == release::Decision::Return) {
            return note_on(resumed->message);
        }
        return "";
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
    static void tell(const release::Outcome& outcome) {
        nlohmann::ordered_json line{{"outcome", name_of(outcome.end)}};
        for (const release::Step step : outcome.steps) line["steps"].push_back(name_of(step));
        if (outcome.next) line["next"] = outcome.next->address();
        if (outcome.reason) line["reason"] = to_string(*outcome.reason);
        const auto replace = nlohmann::ordered_json::error_handler_t::replace;
        fmt::print(stderr, "{}\n", line.dump(-1, ' ', false, replace));
    }

    // The reference stands outside of all signatures, where the server takes it off again.
    Result<std::string> referring(const std::string& message,
                                  const std::optional<std::string>& reference) {
        if (!reference || end_ == release::End::Redrafted) return message;
        const auto parsed = imf::view_message(message);
        if (!parsed) return std::unexpected(parsed.error());
        std::string made = releasing::with_reference(parsed->header, *reference).to_octets();
        made += parsed->separator;
        made += parsed->body;
        return made;
    }

    // [rfc7912/3.3/16]
    Result<std::string> note_on(std::string_view draft) {
        const std::string user = authorization_.user.address();
        const auto note = releasing::rejection_of(
            draft,
            {.from = user,
             .reason = reason_,
             .date = imf::format_date(clock_.now()),
             .id = fmt::format("{}@{}", base::random_token(random_), authorization_.user.domain)},
            "=_" + base::random_token(random_));
        if (!note) return std::unexpected(note.error());
        // A note is mail as any other: its author, who may, lets it go.
        releasing::Verification own = verification_;
        own.policy.doubt = release::Doubt::Tell;
        const auto made = releasing::authorize(*note, own,
                                               {.edition = authorization_.edition,
                                                .user = authorization_.user,
                                                .decision = release::Decision::Release},
                                               signer_, rules_, random_);
        if (!made) return std::unexpected(made.error());
        return made->message.value_or("");
    }

    const ReleaseConfig& config_;
    release::Authorization authorization_;
    std::optional<crypto::Signer> signer_;
    std::string reason_;
    const release::Rules& rules_;
    releasing::Verification verification_ = config_.verification;
    base::SystemClock clock_;
    base::SystemRandom random_;
    release::End end_ = release::End::SetAside;
};

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

    Agent agent(*config, std::move(*authorization), std::move(*signer), options.reason,
                *implementation.release);
    const auto answer = agent.answer(as_mail(*input));
    if (!answer) return fail(exit_refused, to_string(answer.error()));
    if (!answer->empty()) {
        if (auto done = write_output(options.output, *answer); !done) {
            return fail(exit_usage, to_string(done.error()));
        }
    }
    return agent.is_as_decided() ? exit_ok : exit_refused;
}

}  // namespace mailassay::cli
