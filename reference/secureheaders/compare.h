#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imf/header.h"
#include "secureheaders/policy.h"
#include "secureheaders/rules.h"
#include "secureheaders/structure.h"

// Steps 2 to 7 of verification (section 4.5.2): the structure against the message's header.
namespace mailassay::secureheaders {

struct WarningReport {
    Warning warning;
    // The field that it is about, as the message or the structure has it.
    std::string name;
};

struct Comparison {
    imf::Canonicalization algorithm = imf::Canonicalization::Relaxed;
    std::vector<FieldReport> fields;      // in the order of the structure
    std::vector<WarningReport> warnings;  // in the order of the steps
    bool valid = true;
};

// Names are found in any case, whatever the algorithm: step 3 finds by name and step 5 compares
// values. Of several instances of a name each signed one is paired with an instance of the same
// value while there is one, and the others with what is left, from the top: the text says
// "matching" and no more, and transport may reorder instances.
[[nodiscard]] Comparison compare(const SecureHeaderFields& structure,
                                 const imf::HeaderSection& header, const Policy& policy,
                                 const Rules& rules, Edition edition);

}  // namespace mailassay::secureheaders
