#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/edition.h"
#include "base/error.h"
#include "base/random.h"
#include "crypto/signed_data.h"
#include "crypto/trust.h"
#include "dkim/key.h"
#include "release/authorize.h"
#include "release/check.h"
#include "releasing/countersign.h"
#include "releasing/layers.h"
#include "releasing/notice.h"

// Draft and Release on whole messages: signatures verified, decided on, and put on.
namespace mailassay::releasing {

// What a message is held against.
struct Verification {
    release::Policy policy;
    crypto::Trust trust;
    std::optional<Opener> opener = std::nullopt;
    // Of DKIM, which the RFC names beside S/MIME; none: its signatures count for nothing.
    dkim::Keys keys = {};
    const Seals* seals = &cms_seals();
    // How the organization's users sign what they approve.
    Reading reading = Reading::Review;
};

struct Authorized {
    release::Outcome outcome;
    // What goes on, where the outcome has a header.
    std::optional<std::string> message = std::nullopt;
    // What its sender is told, where it is returned.
    std::optional<Notice> notice = std::nullopt;
};

// The authorizing user's agent. With a signer, what the user has approved or has become the drafter
// of gets his signature; other signatures that do not hold are taken off before. What can't be
// returned, since nobody can be told, is set aside.
// Errors: those of stripped() and countersign(); a message whose header can't be read has an
// outcome, set aside with the reason.
[[nodiscard]] Result<Authorized> authorize(std::string_view message,
                                           const Verification& verification,
                                           const release::Authorization& authorization,
                                           const std::optional<crypto::Signer>& signer,
                                           const release::Rules& rules, base::Random& random);

// An agent on the way. A message whose header can't be read passes nowhere.
[[nodiscard]] release::Judgement check(std::string_view message,
                                       std::span<const imf::Mailbox> recipients,
                                       release::Place place, const Verification& verification,
                                       base::Edition edition, const release::Rules& rules);

// The recipient.
[[nodiscard]] release::Chain chain_of(std::string_view message, const Verification& verification,
                                      base::Edition edition, const release::Rules& rules);

}  // namespace mailassay::releasing
