#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "release/evidence.h"
#include "release/field.h"
#include "release/policy.h"
#include "release/steps.h"

// Every decision of Draft and Release in one place; authorize.h and check.h are the mechanics. A
// deviant overrides one of these.
namespace mailassay::release {

// What the authorizing user decides on what he was shown.
enum class Decision : std::uint8_t {
    Release,
    Return,
    Discard,
    Forward,  // approved, and another user is asked too
    Redraft,  // the user becomes the drafter
};

// Who checks a message on its way.
enum class Place : std::uint8_t { Submission, Border, Delivery };

enum class Fate : std::uint8_t {
    Passes,
    ToOfficers,  // it is a draft, or lacks a user: to whoever is to authorize it
    Refused,     // with the reason
};

// Places in Policy::officers.
using Officers = std::set<std::size_t>;

class Rules {
  public:
    virtual ~Rules() = default;

    // -- the field --------------------------------------------------------------------------

    // The field of a header; nullopt: there is none. `bodies` are all fields of that name.
    // Errors: release.field.repeated, those of parse_field().
    [[nodiscard]] virtual Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                                            base::Edition edition) const = 0;
    [[nodiscard]] virtual bool is_same(const imf::Mailbox& one,
                                       const imf::Mailbox& other) const = 0;
    // Which officer that is.
    [[nodiscard]] virtual std::optional<std::size_t> officer(const imf::Mailbox& user,
                                                             const Policy& policy) const = 0;
    // Whether the endorsement stands behind users[index].
    [[nodiscard]] virtual bool proves(const Endorsement& endorsement,
                                      std::span<const imf::Mailbox> users, std::size_t index,
                                      const Policy& policy) const = 0;
    // Whether the policy's proof of users[index] is there.
    [[nodiscard]] virtual bool is_proven(std::span<const imf::Mailbox> users, std::size_t index,
                                         const Evidence& evidence, const Policy& policy) const = 0;

    // The officers whose entries are proven.
    [[nodiscard]] virtual Officers authorized(const Field& field, const Evidence& evidence,
                                              const Policy& policy) const = 0;

    // -- signatures of domains ----------------------------------------------------------------

    // Whether one proves that a message is from that sender.
    [[nodiscard]] virtual bool tells_origin(const DomainSignature& signature,
                                            const imf::Mailbox& sender) const = 0;
    // Whether one stands for a signature of its agent over the field.
    [[nodiscard]] virtual bool endorses(const DomainSignature& signature) const = 0;

    // -- the releasing agent ------------------------------------------------------------------

    [[nodiscard]] virtual Finding origin(const Evidence& evidence, const Policy& policy) const = 0;
    [[nodiscard]] virtual Finding own_entry(const Field& field, const imf::Mailbox& user,
                                            const Evidence& evidence,
                                            const Policy& policy) const = 0;
    [[nodiscard]] virtual Finding review(Decision decision) const = 0;
    [[nodiscard]] virtual Next after(Step at, Finding finding, base::Edition edition) const = 0;
    // The field with the user in it; that of a message whose entry was forged is empty by then.
    [[nodiscard]] virtual Field entered(const Field& field, const imf::Mailbox& user) const = 0;
    // The field of a message whose drafter the user has become.
    [[nodiscard]] virtual Field redrafted(const Field& field) const = 0;
    // The header with the field; `before` is what it was.
    [[nodiscard]] virtual imf::HeaderSection written(const imf::HeaderSection& before,
                                                     const Field& field) const = 0;
    // Whether the user's approval can count, when those have authorized it already.
    [[nodiscard]] virtual bool may_enter(std::size_t officer, const Officers& authorized,
                                         const Policy& policy) const = 0;
    // Of signatures that stand side by side, the places of those that are taken off before the user
    // puts his own on.
    [[nodiscard]] virtual std::vector<std::size_t> taken_off(
        std::span<const Standing> signatures) const = 0;
    // The body that goes on, of that which came.
    [[nodiscard]] virtual std::string_view body(std::string_view came) const = 0;
    // Who is asked next; nullopt: nobody, it is complete.
    [[nodiscard]] virtual std::optional<imf::Mailbox> next(const Officers& authorized,
                                                           const Policy& policy) const = 0;

    // Whether no signature that has to hold is broken.
    [[nodiscard]] virtual bool is_chain_sound(const Evidence& evidence) const = 0;

    // -- on the way -----------------------------------------------------------------------------

    // Whether the message may go to that recipient without having been authorized.
    [[nodiscard]] virtual bool is_exempt(Place place, const imf::Mailbox& recipient,
                                         const Policy& policy) const = 0;
    // What becomes of a message without the field.
    [[nodiscard]] virtual Fate without_field(Place place) const = 0;
    // Error: what is wrong with the field. release.check.contradicted (a signature that has to hold
    // does not), release.check.not-an-officer, release.check.not-proven, release.check.order,
    // release.check.twice; the offset is the entry's place in the list.
    [[nodiscard]] virtual Result<void> holds(const Field& field, const Evidence& evidence,
                                             const Policy& policy) const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                                    base::Edition edition) const override;
    [[nodiscard]] bool is_same(const imf::Mailbox& one, const imf::Mailbox& other) const override;
    [[nodiscard]] std::optional<std::size_t> officer(const imf::Mailbox& user,
                                                     const Policy& policy) const override;
    [[nodiscard]] bool proves(const Endorsement& endorsement, std::span<const imf::Mailbox> users,
                              std::size_t index, const Policy& policy) const override;
    [[nodiscard]] bool is_proven(std::span<const imf::Mailbox> users, std::size_t index,
                                 const Evidence& evidence, const Policy& policy) const override;
    [[nodiscard]] Officers authorized(const Field& field, const Evidence& evidence,
                                      const Policy& policy) const override;
    [[nodiscard]] bool tells_origin(const DomainSignature& signature,
                                    const imf::Mailbox& sender) const override;
    [[nodiscard]] bool endorses(const DomainSignature& signature) const override;
    [[nodiscard]] Finding origin(const Evidence& evidence, const Policy& policy) const override;
    [[nodiscard]] Finding own_entry(const Field& field, const imf::Mailbox& user,
                                    const Evidence& evidence, const Policy& policy) const override;
    [[nodiscard]] Finding review(Decision decision) const override;
    [[nodiscard]] Next after(Step at, Finding finding, base::Edition edition) const override;
    [[nodiscard]] Field entered(const Field& field, const imf::Mailbox& user) const override;
    [[nodiscard]] Field redrafted(const Field& field) const override;
    [[nodiscard]] imf::HeaderSection written(const imf::HeaderSection& before,
                                             const Field& field) const override;
    [[nodiscard]] bool may_enter(std::size_t officer, const Officers& authorized,
                                 const Policy& policy) const override;
    [[nodiscard]] std::vector<std::size_t> taken_off(
        std::span<const Standing> signatures) const override;
    [[nodiscard]] std::string_view body(std::string_view came) const override;
    [[nodiscard]] std::optional<imf::Mailbox> next(const Officers& authorized,
                                                   const Policy& policy) const override;
    [[nodiscard]] bool is_chain_sound(const Evidence& evidence) const override;
    [[nodiscard]] bool is_exempt(Place place, const imf::Mailbox& recipient,
                                 const Policy& policy) const override;
    [[nodiscard]] Fate without_field(Place place) const override;
    [[nodiscard]] Result<void> holds(const Field& field, const Evidence& evidence,
                                     const Policy& policy) const override;
};

}  // namespace mailassay::release
