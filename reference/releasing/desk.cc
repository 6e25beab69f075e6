#include "releasing/desk.h"

#include <utility>

#include "imf/header.h"
#include "releasing/courier.h"

namespace mailassay::releasing {

namespace {

// The reference stands outside of all signatures, where the server takes it off again.
Result<std::string> referring(const std::string& message, const std::string& reference) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    std::string made = with_reference(parsed->header, reference).to_octets();
    made += parsed->separator;
    made += parsed->body;
    return made;
}

}  // namespace

Result<Handled> handle(std::string_view from_mailbox, const Verification& verification,
                       const release::Authorization& authorization,
                       const std::optional<crypto::Signer>& signer, const release::Rules& rules,
                       base::Random& random) {
    const auto resumed = resume(from_mailbox);
    if (!resumed) return std::unexpected(resumed.error());
    auto made = authorize(resumed->message, verification, authorization, signer, rules, random);
    if (!made) return std::unexpected(std::move(made.error()));
    Handled handled{.outcome = std::move(made->outcome)};
    if (made->message) {
        // Whoever has become its drafter hands in a draft of his own.
        const bool is_anothers =
            resumed->reference && handled.outcome.end != release::End::Redrafted;
        auto whole = is_anothers ? referring(*made->message, *resumed->reference)
                                 : Result<std::string>(std::move(*made->message));
        if (!whole) return std::unexpected(std::move(whole.error()));
        handled.to_hand_in = std::move(*whole);
    } else if (made->notice) {
        Verification own = verification;
        own.policy.doubt = release::Doubt::Tell;
        auto note = authorize(made->notice->message, own,
                              {.edition = authorization.edition,
                               .user = authorization.user,
                               .decision = release::Decision::Release},
                              signer, rules, random);
        if (!note) return std::unexpected(std::move(note.error()));
        handled.to_hand_in = note->message.value_or("");
        handled.notice_to = made->notice->to;
    }
    return handled;
}

}  // namespace mailassay::releasing
