#pragma once

#include <cstdint>
#include <vector>

#include "imf/header.h"
#include "secureheaders/policy.h"
#include "secureheaders/structure.h"

// Every decision of Secure Headers in one place; the rest of the module is mechanics. A deviant
// overrides one of these.
namespace mailassay::secureheaders {

// A finding that a receiver's user is told of (section 4.5.2). Which of them make the signature
// invalid is for Rules::invalidates().
enum class Warning : std::uint8_t {
    Missing,            // signed, and not in the message (step 3)
    Mismatch,           // signed with another value (step 5)
    Extra,              // in the message once more than signed (step 6)
    NotSecured,         // in the message, not signed, and listed in the policy or signed elsewhere
    MandatoryUnsigned,  // mandatory, in the message, and not signed (step 7)
    SignersDisagree,    // the signerInfos hold different structures (section 4.5.1)
    SignerWithout,      // one of several signerInfos has no structure
};

class Rules {
  public:
    virtual ~Rules() = default;

    // The structure for a message: what of it is secured, in which form (section 4.5.1). Without
    // any such field there is none, and `fields` is empty.
    [[nodiscard]] virtual SecureHeaderFields select(const imf::HeaderSection& header,
                                                    const Policy& policy) const = 0;
    // A field of the message as it is compared with the structure (steps 4 and 5).
    [[nodiscard]] virtual SecuredField canonical(const imf::HeaderField& field,
                                                 imf::Canonicalization algorithm) const = 0;
    // Whether the value is the one that was signed (step 5).
    [[nodiscard]] virtual bool same_value(const SecuredField& signed_field,
                                          const SecuredField& found) const = 0;
    // Whether fields that were added since are looked for (step 6).
    [[nodiscard]] virtual bool looks_for_extra(const Policy& policy) const = 0;
    [[nodiscard]] virtual bool invalidates(Warning warning) const = 0;
    // Whether the user is told at all.
    [[nodiscard]] virtual bool warns(Warning warning) const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] SecureHeaderFields select(const imf::HeaderSection& header,
                                            const Policy& policy) const override;
    [[nodiscard]] SecuredField canonical(const imf::HeaderField& field,
                                         imf::Canonicalization algorithm) const override;
    [[nodiscard]] bool same_value(const SecuredField& signed_field,
                                  const SecuredField& found) const override;
    [[nodiscard]] bool looks_for_extra(const Policy& policy) const override;
    [[nodiscard]] bool invalidates(Warning warning) const override;
    [[nodiscard]] bool warns(Warning warning) const override;
};

[[nodiscard]] std::string_view to_string(Warning warning);

}  // namespace mailassay::secureheaders
