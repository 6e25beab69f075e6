#pragma once

#include <string_view>
#include <vector>

#include "crypto/chain_judge.h"
#include "crypto/handles.h"
#include "crypto/signed_data.h"

// Countersignatures read (RFC 5652 section 11.4). Only for the .cc files of this module.
namespace mailassay::crypto {

// Countersignatures on countersignatures; what stands deeper does not hold.
inline constexpr int max_countersignature_depth = 4;

// All that stand on a signerInfo, in the order of the wire. What can't be read as a signerInfo is
// SignatureState::WrongSignature.
[[nodiscard]] std::vector<SignerReport> judge_countersignatures(CMS_SignerInfo* on,
                                                                ChainJudge& chains,
                                                                STACK_OF(X509) * others,
                                                                int depth = 0);

// Of one signerInfo; signed_data_verify.cc has them.
[[nodiscard]] std::vector<FoundAttribute> attributes_of(const CMS_SignerInfo* info);
// A value as a whole.
[[nodiscard]] std::string octets_of(ASN1_TYPE* value);

}  // namespace mailassay::crypto
