#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/trust.h"
#include "imf/address.h"
#include "release/rules.h"

// Signatures taken off a message before its user puts his own on.
namespace mailassay::releasing {

// The message without those of its outermost signatures that the rules take off, and of what stands
// on the others without the countersignatures that they take off. A layer of which no signer is
// left goes as a whole: what was signed stands beneath the same header then. Within a layer that
// stays nothing can be changed. Where there is nothing to take off, every octet stays.
// Errors: those of imf::view_message(), with_signature(), crypto::without_signer(), and
// releasing.strip.unreadable (a signature that can't be read holds its content, too).
[[nodiscard]] Result<std::string> stripped(std::string_view message, const crypto::Trust& trust,
                                           const release::Rules& rules);

// The message without any signature around it, for whoever becomes its drafter. Errors: those of
// imf::view_message().
[[nodiscard]] Result<std::string> without_signatures(std::string_view message);

// The message with that address as Sender, unless it is the only one in From.
[[nodiscard]] Result<std::string> sent_by(std::string_view message, const imf::Mailbox& user);

}  // namespace mailassay::releasing
