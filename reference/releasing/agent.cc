#include "releasing/agent.h"

#include <utility>

#include "dkim/verify.h"
#include "imf/header.h"
#include "releasing/evidence.h"
#include "releasing/review.h"
#include "releasing/strip.h"

namespace mailassay::releasing {

namespace {

using release::End;

release::Evidence evidence_on(std::string_view message, const imf::MessageView& parsed,
                              const Verification& verification, base::Edition edition,
                              const release::Rules& rules) {
    std::vector<dkim::Report> of_domains;
    if (!verification.keys.empty()) {
        of_domains =
            dkim::verify(parsed.header, parsed.body, verification.keys, verification.trust.at);
    }
    return evidence_of(verification.seals->open(message, verification.trust, verification.opener),
                       of_domains, edition, rules);
}

// One run of the agent over one message.
class Run {
  public:
    Run(std::string_view message, imf::MessageView parsed, const Verification& verification,
        const release::Authorization& authorization, const std::optional<crypto::Signer>& signer,
        const release::Rules& rules, base::Random& random)
        : message_(message),
          parsed_(std::move(parsed)),
          verification_(verification),
          authorization_(authorization),
          signer_(signer),
          rules_(rules),
          random_(random),
          evidence_(evidence_on(message, parsed_, verification, authorization.edition, rules)) {}

    Result<Authorized> to_the_end() {
        Authorized made{.outcome =
                            release::authorize(parsed_.header, evidence_, verification_.policy,
                                               authorization_, rules_)};
        if (made.outcome.end == End::Returned) return returned(std::move(made));
        if (!made.outcome.header) return made;
        std::string goes_on = made.outcome.header->to_octets();
        goes_on += parsed_.separator;
        goes_on += rules_.body(parsed_.body);
        auto after = made.outcome.end == End::Redrafted ? redrafted(goes_on)
                     : made.outcome.has_entered()       ? entered(goes_on)
                                                        : Result<std::string>(goes_on);
        if (!after) return std::unexpected(std::move(after.error()));
        made.message = std::move(*after);
        return made;
    }

  private:
    Result<std::string> entered(std::string_view message) {
        auto left = stripped(message, verification_.trust, rules_);
        // [rfc7912/3.3/15] [draft-melnikov/3/17]: behind the fourth step, so that the field is
        // covered. [rfc7912/3.3.2/7]: around whatever is encrypted.
        if (!left || !signer_) return left;
        return countersign(*left, verification_.reading, *signer_, random_);
    }

    // [rfc7912/3.3/28]: what others have signed was another's message; the user is its sender, and
    // protects it anew.
    Result<std::string> redrafted(std::string_view message) {
        const auto bare = without_signatures(message);
        if (!bare) return bare;
        auto own = sent_by(*bare, authorization_.user);
        if (!own || !signer_) return own;
        return review(*own, *signer_, random_);
    }

    Result<Authorized> returned(Authorized made) {
        const Refusal refusal{
            .draft = message_, .user = authorization_.user, .at = verification_.trust.at};
        auto notice = notice_of(refusal, *made.outcome.reason);
        if (notice) {
            made.notice = std::move(*notice);
        } else {
            made.outcome.end = End::SetAside;
            made.outcome.reason = std::move(notice.error());
        }
        return made;
    }

    Result<Notice> notice_of(const Refusal& refusal, const Error& reason) {
        if (reason.id == "release.review.rejected") {
            return rejection_of(refusal, authorization_.explanation, random_);
        }
        const auto to = came_from();
        if (!to) return std::unexpected(Error{.id = "releasing.notice.nobody"});
        return failure_of(refusal, *to, reason, random_);
    }

    // [rfc7912/3.3.1/4]: the last user who is known to have authorized it, else its drafter.
    [[nodiscard]] std::optional<imf::Mailbox> came_from() const {
        auto proven = release::chain_of(parsed_.header, authorization_.edition, evidence_,
                                        verification_.policy, rules_)
                          .proven;
        if (!proven.empty()) return std::move(proven.back());
        return drafter_of(parsed_.header);
    }

    std::string_view message_;
    imf::MessageView parsed_;
    const Verification& verification_;
    const release::Authorization& authorization_;
    const std::optional<crypto::Signer>& signer_;
    const release::Rules& rules_;
    base::Random& random_;
    release::Evidence evidence_;
};

}  // namespace

Result<Authorized> authorize(std::string_view message, const Verification& verification,
                             const release::Authorization& authorization,
                             const std::optional<crypto::Signer>& signer,
                             const release::Rules& rules, base::Random& random) {
    auto parsed = imf::view_message(message);
    // [rfc7912/7.2/1]
    if (!parsed) return Authorized{.outcome = {.reason = parsed.error()}};
    return Run(message, std::move(*parsed), verification, authorization, signer, rules, random)
        .to_the_end();
}

release::Judgement check(std::string_view message, std::span<const imf::Mailbox> recipients,
                         release::Place place, const Verification& verification,
                         base::Edition edition, const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (parsed) {
        return release::check(parsed->header, recipients, place, edition,
                              evidence_on(message, *parsed, verification, edition, rules),
                              verification.policy, rules);
    }
    release::Judgement refused{.reason = parsed.error()};
    for (const imf::Mailbox& each : recipients) refused.recipients.push_back({.recipient = each});
    return refused;
}

release::Chain chain_of(std::string_view message, const Verification& verification,
                        base::Edition edition, const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return {.fault = parsed.error()};
    return release::chain_of(parsed->header, edition,
                             evidence_on(message, *parsed, verification, edition, rules),
                             verification.policy, rules);
}

}  // namespace mailassay::releasing
