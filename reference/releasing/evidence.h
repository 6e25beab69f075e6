#pragma once

#include <vector>

#include "base/edition.h"
#include "dkim/verify.h"
#include "release/evidence.h"
#include "release/rules.h"
#include "releasing/layers.h"

// From signatures to the facts that the rules of Draft and Release decide on.
namespace mailassay::releasing {

// Of the layers of a message:
// - Its origin is proven by a signature of the sender that covers the header, where From and Sender
//   are what they are outside. A signature that is broken, not trusted, or over another From
//   contradicts it.
//   So does a signature of DKIM that covers From and, where it is there, Sender, made by the domain
//   of the sender and not for somebody else of it; one that does not hold is as none (RFC 6376
//   section 6.1).
// - Each other signature is an endorsement, the innermost first: over the field where it covers the
//   header, else over the message. The drafter's own is one only where he stands in the field that
//   it covers: to sign one's mail is not to release it.
// - A signature of DKIM tells of both what the rules say; one that does not hold is as none (RFC
//   6376 section 6.1). As an endorsement it is over the field, by the address that it was made for.
[[nodiscard]] release::Evidence evidence_of(const Layers& layers,
                                            const std::vector<dkim::Report>& of_domains,
                                            base::Edition edition, const release::Rules& rules);

}  // namespace mailassay::releasing
