#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "releasing/agent.h"

// An authorizing user's agent at a mailbox: what it makes of a message that came out of there.
namespace mailassay::releasing {

struct Handled {
    release::Outcome outcome;
    // To be handed in to the submission server: the message with the reference to its envelope, or
    // a note to somebody, which is mail of the user's own and released by him; empty: nothing.
    std::string to_hand_in = {};
    // Whom the note is for.
    std::optional<imf::Mailbox> notice_to = std::nullopt;
};

// Errors: those of resume() and authorize().
[[nodiscard]] Result<Handled> handle(std::string_view from_mailbox,
                                     const Verification& verification,
                                     const release::Authorization& authorization,
                                     const std::optional<crypto::Signer>& signer,
                                     const release::Rules& rules, base::Random& random);

}  // namespace mailassay::releasing
