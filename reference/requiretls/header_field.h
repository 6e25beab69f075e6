#pragma once

#include <cstdint>
#include <string_view>

#include "imf/header.h"
#include "requiretls/facts.h"

// The header field by which a sender says that TLS is not required (section 3 of both editions).
namespace mailassay::requiretls {

// "TLS-Required", or "RequireTLS" in the draft.
[[nodiscard]] std::string_view field_name(Edition edition);

// Whether the body of a field (the octets behind its colon) is the one value that exists: `No`, in
// any letter case, after optional folding white space. White space behind it is tolerated, as mail
// programs add it. [rfc8689/3/1] [rfc8689/3/5]
[[nodiscard]] bool says_no(std::string_view body);

// What all fields of that name in a header section come to.
enum class FieldVerdict : std::uint8_t {
    Absent,
    NotRequired,  // at least one, and each of them says so
    Malformed,    // one of them says anything else
};
// Several fields break [rfc8689/3/4], yet when all of them say the same the sender's wish is plain.
[[nodiscard]] FieldVerdict read_field(const imf::HeaderSection& header, Edition edition);

}  // namespace mailassay::requiretls
