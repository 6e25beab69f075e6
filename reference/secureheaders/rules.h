#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/signed_data.h"
#include "imf/header.h"
#include "secureheaders/codec.h"
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

// A signed field and what the message has in its place.
enum class Match : std::uint8_t { Same, Different, Missing };

struct FieldReport {
    SecuredField secured;
    Match match = Match::Missing;
    // The message's value, canonicalized; empty if it has none.
    std::string found = {};
};

// RFC 8550 section 3: the address in From or Sender against those of the certificate.
enum class AddressMatch : std::uint8_t { Matches, Differs, NoneInCertificate, NoneInMessage };

struct Comparison;

class Rules {
  public:
    virtual ~Rules() = default;

    // -- both -----------------------------------------------------------------------------------

    // The part of the policy that a signature is made and judged by (section 5).
    [[nodiscard]] virtual const Policy& part(const Policies& policies, Layer layer) const = 0;

    // -- signing --------------------------------------------------------------------------------

    // The structure for a message: what of it is secured, in which form (section 4.5.1). Without
    // any such field there is none, and `fields` is empty.
    [[nodiscard]] virtual SecureHeaderFields select(const imf::HeaderSection& header,
                                                    const Policy& policy) const = 0;
    // What the signerInfo of that number, from 0, holds for the structure: one attribute with one
    // value (sections 4 and 4.5.1). Errors: those of encode().
    [[nodiscard]] virtual Result<std::vector<crypto::Attribute>> attributes(
        const SecureHeaderFields& structure, Edition edition, std::size_t signer) const = 0;

    // The structure for a signer who comes to others, given theirs; without one it is selected as
    // for any signature (sections 4.5.1 and 6).
    [[nodiscard]] virtual SecureHeaderFields beside(const SecureHeaderFields& theirs,
                                                    const imf::HeaderSection& header,
                                                    const Policy& policy) const = 0;
    // Whether somebody who comes to other signers signs what they secured, given how the message
    // compares with it (section 4.5.1: what is embedded is what the message has).
    [[nodiscard]] virtual bool vouches(const Comparison& comparison) const = 0;

    // -- verifying ------------------------------------------------------------------------------

    // Whether the signer's certificate is for who the message says it is from.
    [[nodiscard]] virtual AddressMatch match_address(
        const imf::HeaderSection& header, const crypto::Certificate& certificate) const = 0;

    // The type of the attribute that is looked for.
    [[nodiscard]] virtual std::string_view attribute_type(Edition edition) const = 0;
    // Whether a signer's signature stands, by CMS and by its chain (step 1).
    [[nodiscard]] virtual bool accepts(const crypto::SignerReport& signer) const = 0;
    // The structure that a signer's attributes of the edition's type hold; there is at least one.
    // Errors: secureheaders.attribute.repeated (two of the type), secureheaders.attribute.values
    // (other than one value), and those of decode().
    [[nodiscard]] virtual Result<Decoded> read(
        std::span<const crypto::FoundAttribute* const> attributes, Edition edition,
        Strictness strictness) const = 0;
    // What two names have in common when they are of one field (step 3).
    [[nodiscard]] virtual std::string name_key(std::string_view name) const = 0;
    // A field of the message as it is compared with the structure (steps 4 and 5).
    [[nodiscard]] virtual SecuredField canonical(const imf::HeaderField& field,
                                                 imf::Canonicalization algorithm) const = 0;
    // Whether the value is the one that was signed (step 5).
    [[nodiscard]] virtual bool same_value(const SecuredField& signed_field,
                                          const SecuredField& found) const = 0;
    // Whether fields that were added since are looked for (step 6).
    [[nodiscard]] virtual bool looks_for_extra(const Policy& policy, Edition edition) const = 0;
    [[nodiscard]] virtual bool invalidates(Warning warning) const = 0;
    // Whether the user is told at all.
    [[nodiscard]] virtual bool warns(Warning warning) const = 0;
    // What the user is shown of a signed field: all of it.
    [[nodiscard]] virtual FieldReport shown(FieldReport field) const = 0;
    // Which algorithm the user is shown: the structure's.
    [[nodiscard]] virtual imf::Canonicalization shown(imf::Canonicalization algorithm) const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] const Policy& part(const Policies& policies, Layer layer) const override;
    [[nodiscard]] SecureHeaderFields select(const imf::HeaderSection& header,
                                            const Policy& policy) const override;
    [[nodiscard]] Result<std::vector<crypto::Attribute>> attributes(
        const SecureHeaderFields& structure, Edition edition, std::size_t signer) const override;
    [[nodiscard]] SecureHeaderFields beside(const SecureHeaderFields& theirs,
                                            const imf::HeaderSection& header,
                                            const Policy& policy) const override;
    [[nodiscard]] bool vouches(const Comparison& comparison) const override;
    // Any address of From or Sender that is the certificate's is enough.
    [[nodiscard]] AddressMatch match_address(const imf::HeaderSection& header,
                                             const crypto::Certificate& certificate) const override;
    [[nodiscard]] std::string_view attribute_type(Edition edition) const override;
    [[nodiscard]] bool accepts(const crypto::SignerReport& signer) const override;
    [[nodiscard]] Result<Decoded> read(std::span<const crypto::FoundAttribute* const> attributes,
                                       Edition edition, Strictness strictness) const override;
    [[nodiscard]] std::string name_key(std::string_view name) const override;
    [[nodiscard]] SecuredField canonical(const imf::HeaderField& field,
                                         imf::Canonicalization algorithm) const override;
    [[nodiscard]] bool same_value(const SecuredField& signed_field,
                                  const SecuredField& found) const override;
    [[nodiscard]] bool looks_for_extra(const Policy& policy, Edition edition) const override;
    [[nodiscard]] bool invalidates(Warning warning) const override;
    [[nodiscard]] bool warns(Warning warning) const override;
    [[nodiscard]] FieldReport shown(FieldReport field) const override;
    [[nodiscard]] imf::Canonicalization shown(imf::Canonicalization algorithm) const override;
};

[[nodiscard]] std::string_view to_string(Warning warning);
[[nodiscard]] std::string_view to_string(AddressMatch match);

}  // namespace mailassay::secureheaders
