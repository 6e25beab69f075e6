#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "milter/role.h"
#include "release/rules.h"
#include "releasing/agent.h"
#include "roles/envelopes.h"

// Draft and Release in a mail server (RFC 7912): the submission server, the border of a domain, or
// delivery within it.
namespace mailassay::roles {

// Who may hand in a release that refers to no draft of the server's. Signatures bind a message and
// not its envelope: anybody who has a release could send it to others.
enum class HandedInBy : std::uint8_t {
    ItsUsers,  // an address of its field, by the reverse-path; who may use that is the server's
               // part
    Anybody,
};

struct ReleaseSettings {
    release::Place place = release::Place::Submission;
    base::Edition edition = base::Edition::Rfc;
    // The time of its trust is that of each message.
    releasing::Verification verification;
    // Where drafts go, unless it has to be one certain user; empty: to all who may authorize, with
    // an order to the first of them.
    std::string mailbox = {};
    HandedInBy handed_in_by = HandedInBy::ItsUsers;
};

// A message without the field, or with too few users in it, goes to them in place of its
// recipients, with a reference to its envelope, which is kept; once it comes back with enough, the
// envelope is its own again. What claims to be released and is not is refused.
class Release final : public milter::Role {
  public:
    // `rules` and `clock` must outlive it. A store is needed for Place::Submission only.
    Release(ReleaseSettings settings, const release::Rules& rules, const base::Clock& clock,
            std::unique_ptr<EnvelopeStore> store);

    [[nodiscard]] std::string_view name() const override { return "release"; }
    [[nodiscard]] std::vector<milter::Action> actions() const override {
        return {milter::Action::ChangeHeader, milter::Action::ChangeEnvelope};
    }
    // At delivery those who may authorize get drafts and others do not, and a milter can't split a
    // message: a recipient of the other kind is refused for now (452), and its client sends it a
    // message of its own (RFC 5321 section 4.5.3.1.10).
    [[nodiscard]] std::optional<milter::Reply> refuses_recipient(
        const milter::Session& session, const milter::Path& path) const override;
    [[nodiscard]] milter::Answer judge(const milter::Message& message) const override;

  private:
    [[nodiscard]] milter::Answer released(const milter::Message& message) const;
    [[nodiscard]] milter::Answer to_officers(const milter::Message& message,
                                             const release::Judgement& judgement) const;
    // Why the message may not go to the recipients that it was handed in for; nullopt: it may.
    [[nodiscard]] std::optional<Error> fault_of_envelope(const milter::Message& message) const;
    // The envelope that the message refers to. Errors: those of the store,
    // roles.release.other-draft (it is that of another message).
    [[nodiscard]] Result<std::optional<KeptEnvelope>> kept_of(const milter::Message& message) const;
    [[nodiscard]] std::string fingerprint_of(const milter::Message& message) const;
    [[nodiscard]] std::vector<std::string> officers_for(const release::Judgement& judgement) const;

    ReleaseSettings settings_;
    const release::Rules& rules_;
    const base::Clock& clock_;
    std::unique_ptr<EnvelopeStore> store_;
};

}  // namespace mailassay::roles
