#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "dca/rules.h"
#include "imf/header.h"
#include "secureheaders/structure.h"

// The header section of a message, hidden and restored (RFC 7508 sections 4.6.1 and 4.6.2).
namespace mailassay::dca {

enum class ChangeKind : std::uint8_t {
    Removed,
    Replaced,
    Inserted,      // written anew
    Rewritten,     // in place of what stood there
    AlreadyThere,  // to be restored, but in the header with the signed value
};

struct Change {
    ChangeKind kind;
    std::string name;  // as the structure has it

    friend bool operator==(const Change&, const Change&) = default;
};

struct ChangedHeader {
    imf::HeaderSection header;
    std::vector<Change> changes;  // in the order of the structure
};

// Hides what the structure says. Refused is whatever could not be restored afterwards so that the
// message verifies as it did before.
// Errors, with the field's name: dca.hide.header-differs (the header has no field with the signed
// value), dca.hide.ambiguous (it has one more of that name which is not signed, and which
// decryption could take for the hidden one), and those of Rules::replacement().
[[nodiscard]] Result<ChangedHeader> hide(const imf::HeaderSection& header,
                                         const secureheaders::SecureHeaderFields& structure,
                                         const Replacements& replacements, const Rules& rules);

// Restores what the structure says, each field once. Of several fields of a name that could be the
// hidden one it takes the last, since what is added in transport comes on top.
// Errors: those of Rules::restored().
[[nodiscard]] Result<ChangedHeader> restore(const imf::HeaderSection& header,
                                            const secureheaders::SecureHeaderFields& structure,
                                            const Rules& rules);

[[nodiscard]] std::string_view to_string(ChangeKind kind);

}  // namespace mailassay::dca
