#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "crypto/enveloped_data.h"
#include "crypto/signed_data.h"
#include "dca/names.h"
#include "imf/header.h"
#include "secureheaders/structure.h"
#include "secureheaders/verify.h"

// Every decision of a Domain Confidentiality Authority in one place; the rest of the module is
// mechanics. A deviant overrides one of these.
namespace mailassay::dca {

// By name, in any case: the value that is put in place of a hidden one.
using Replacements = std::map<std::string, std::string, base::LessIgnoreCase>;

// By recipient, what he is known to open, the most preferred first; nullopt: nothing is known.
using Capabilities = std::vector<std::optional<std::vector<crypto::ContentCipher>>>;

// What encryption does with a secured field of the header.
enum class Treatment : std::uint8_t { Keep, Remove, Replace };

// A field to be written into a header section: behind the field of that index, or, without one,
// before the field of the other index, or else where Rules::insert() finds it best.
struct Insertion {
    imf::HeaderField field;
    std::optional<std::size_t> behind = std::nullopt;
    std::optional<std::size_t> before = std::nullopt;
};

// What a signature is worth.
enum class Standing : std::uint8_t {
    Holds,
    NotTrusted,     // it holds, and its chain does not
    NoCertificate,  // nobody can tell
    Unsupported,    // nobody can tell: the key is none that CMS is verified with here
    Broken,
};

class Rules {
  public:
    virtual ~Rules() = default;

    // -- header and content ---------------------------------------------------------------------

    [[nodiscard]] virtual Treatment treatment(const secureheaders::SecuredField& field,
                                              const Replacements& replacements) const = 0;
    // The field that stands in place of a hidden one.
    // Errors: dca.hide.no-replacement, and those of imf::make_field().
    [[nodiscard]] virtual Result<imf::HeaderField> replacement(
        const imf::HeaderField& hidden, const Replacements& replacements) const = 0;
    // Whether decryption writes the field.
    [[nodiscard]] virtual bool restores(const secureheaders::SecuredField& field) const = 0;
    // Whether what stands in the header is rewritten, of a field that is to be restored; otherwise
    // the field is written beside it.
    [[nodiscard]] virtual bool rewrites(const secureheaders::SecuredField& field) const = 0;
    // Whether a field that the header has with its signed value is left alone; otherwise it is
    // written once more.
    [[nodiscard]] virtual bool leaves_what_is_there(
        const secureheaders::SecuredField& field) const = 0;
    // The field as it is written; `found` is what it takes the place of, if anything.
    // Errors: dca.restore.name, dca.restore.value (it would be more than one field).
    [[nodiscard]] virtual Result<imf::HeaderField> restored(
        const secureheaders::SecuredField& field, imf::Canonicalization algorithm,
        const imf::HeaderField* found) const = 0;
    [[nodiscard]] virtual imf::HeaderSection insert(const imf::HeaderSection& header,
                                                    std::vector<Insertion> insertions) const = 0;
    // By what a message is encrypted for recipients of these capabilities, where the caller leaves
    // it open.
    [[nodiscard]] virtual crypto::ContentCipher cipher_for(
        const Capabilities& capabilities) const = 0;
    // What is encrypted instead of the message's MIME entity, which is given in pieces; nullopt:
    // the entity as it is, of which no copy is made then.
    [[nodiscard]] virtual std::optional<std::string> other_content(
        std::span<const std::string_view> entity) const = 0;
    // What is given out instead of the body of what was decrypted; nullopt: the body as it is.
    [[nodiscard]] virtual std::optional<std::string> other_body(std::string_view body) const = 0;
    // Whether a message that can't be encrypted or decrypted, for this fault, goes on as it came.
    [[nodiscard]] virtual bool passes_on(const Error& fault) const = 0;

    // -- names of authorities -------------------------------------------------------------------

    // What is wrong with an authority's certificate for these mail addresses.
    [[nodiscard]] virtual std::vector<NameFault> judge_authority(
        const Name& authority, const std::vector<std::string>& addresses) const = 0;
    // Whether a message is encrypted to an authority of which these are found.
    [[nodiscard]] virtual bool encrypts_despite(const std::vector<NameFault>& faults) const = 0;

    // -- signatures around envelopes ------------------------------------------------------------

    // Whether an agent signs for the originator of a message whose own signatures are so.
    [[nodiscard]] virtual bool signs_for(secureheaders::Outcome outcome) const = 0;
    // What is wrong with the name of a signer who is, or says to be, such an agent.
    [[nodiscard]] virtual std::vector<NameFault> judge_signer(Agent agent, const Name& signer,
                                                              const Name& originator) const = 0;
    // Whether a signer signs of whom these are found.
    [[nodiscard]] virtual bool signs_despite(const std::vector<NameFault>& faults) const = 0;
    // By what attributes the agent's signature is told from others.
    [[nodiscard]] virtual std::vector<crypto::Attribute> marks(Agent agent) const = 0;
    // What readers are told who do not know multipart/signed, in whole lines; `header` is the
    // message's own.
    [[nodiscard]] virtual std::string preamble(const imf::HeaderSection& header) const = 0;
    [[nodiscard]] virtual Standing standing(const crypto::SignerReport& signer) const = 0;
    // Whether an envelope within such a signature is opened.
    [[nodiscard]] virtual bool opens_within(Standing standing) const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] Treatment treatment(const secureheaders::SecuredField& field,
                                      const Replacements& replacements) const override;
    [[nodiscard]] Result<imf::HeaderField> replacement(
        const imf::HeaderField& hidden, const Replacements& replacements) const override;
    [[nodiscard]] bool restores(const secureheaders::SecuredField& field) const override;
    [[nodiscard]] bool rewrites(const secureheaders::SecuredField& field) const override;
    [[nodiscard]] bool leaves_what_is_there(
        const secureheaders::SecuredField& field) const override;
    [[nodiscard]] Result<imf::HeaderField> restored(const secureheaders::SecuredField& field,
                                                    imf::Canonicalization algorithm,
                                                    const imf::HeaderField* found) const override;
    [[nodiscard]] imf::HeaderSection insert(const imf::HeaderSection& header,
                                            std::vector<Insertion> insertions) const override;
    [[nodiscard]] crypto::ContentCipher cipher_for(const Capabilities& capabilities) const override;
    [[nodiscard]] std::optional<std::string> other_content(
        std::span<const std::string_view> entity) const override;
    [[nodiscard]] std::optional<std::string> other_body(std::string_view body) const override;
    [[nodiscard]] bool passes_on(const Error& fault) const override;
    [[nodiscard]] std::vector<NameFault> judge_authority(
        const Name& authority, const std::vector<std::string>& addresses) const override;
    [[nodiscard]] bool encrypts_despite(const std::vector<NameFault>& faults) const override;
    [[nodiscard]] bool signs_for(secureheaders::Outcome outcome) const override;
    [[nodiscard]] std::vector<NameFault> judge_signer(Agent agent, const Name& signer,
                                                      const Name& originator) const override;
    [[nodiscard]] bool signs_despite(const std::vector<NameFault>& faults) const override;
    [[nodiscard]] std::vector<crypto::Attribute> marks(Agent agent) const override;
    [[nodiscard]] std::string preamble(const imf::HeaderSection& header) const override;
    [[nodiscard]] Standing standing(const crypto::SignerReport& signer) const override;
    [[nodiscard]] bool opens_within(Standing standing) const override;
};

// From and Date: without them RFC 5322 has no message (section 3.6).
[[nodiscard]] bool is_mandatory(std::string_view name);

// Content-* and MIME-Version: they describe what encryption itself replaces.
[[nodiscard]] bool describes_content(std::string_view name);

}  // namespace mailassay::dca
