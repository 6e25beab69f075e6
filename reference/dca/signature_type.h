#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/signed_data.h"
#include "dca/names.h"

// The signed attribute that tells the type of a signature (RFC 3183 section 3.1.2).
namespace mailassay::dca {

// The attribute that marks a signature as the agent's, which is none that does not sign.
[[nodiscard]] crypto::Attribute signature_type(Agent agent);

// As which agents' a signature is marked; none: it is an originator's. Both numbers of the
// attribute are read. Errors, all with their requirement: dca.signature-type.repeated (the
// signerInfo has it twice, or with other than one value), dca.signature-type.malformed,
// dca.signature-type.unknown (no agent of the text's), dca.signature-type.not-alone (additional
// attributes beside another type).
[[nodiscard]] Result<std::vector<Agent>> read_signature_type(const crypto::SignerReport& signer);

}  // namespace mailassay::dca
