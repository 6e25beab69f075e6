#pragma once

#include <string>
#include <string_view>

#include "base/edition.h"
#include "imf/address.h"
#include "release/rules.h"
#include "releasing/agent.h"

// A draft as its authorizing user sees it.
namespace mailassay::releasing {

// What a user is shown before he decides [rfc7912/3.3/13]: whose the message is and how that is
// known, who has signed it, who has authorized it and who is still to, what else is in it (fields
// that few programs show, fields within that are not as they are outside, octets between parts),
// and its text. Lines end in LF. Whatever the message holds, all is printable, without what could
// pretend to be other text, and bounded: 256 KiB of text, in lines of 2,000 octets.
[[nodiscard]] std::string shown(std::string_view message, const Verification& verification,
                                const imf::Mailbox& user, base::Edition edition,
                                const release::Rules& rules);

}  // namespace mailassay::releasing
