#pragma once

#include "base/edition.h"
#include "release/evidence.h"
#include "releasing/layers.h"

// From signatures to the facts that the rules of Draft and Release decide on.
namespace mailassay::releasing {

// Of the layers of a message:
// - Its origin is proven by a signature of the sender that covers the header, where From and Sender
//   are what they are outside. A signature that is broken, not trusted, or over another From
//   contradicts it.
// - Each other signature is an endorsement, the innermost first: over the field where it covers the
//   header, else over the message. The drafter's own is one only where he stands in the field that
//   it covers: to sign one's mail is not to release it.
[[nodiscard]] release::Evidence evidence_of(const Layers& layers, base::Edition edition);

}  // namespace mailassay::releasing
