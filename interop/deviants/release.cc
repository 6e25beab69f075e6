#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "deviant.h"
#include "release/rules.h"

// Agents of Draft and Release, each with a hole that lets mail out, or none through.
namespace mailassay::deviants {
namespace {

using release::Decision;
using release::Endorsement;
using release::Evidence;
using release::Fate;
using release::Field;
using release::Finding;
using release::Officers;
using release::Place;
using release::Policy;
using release::StandardRules;

// -- what stands behind an entry
// -------------------------------------------------------------------

class BelievesTheFieldAlone : public StandardRules {
  public:
    bool is_proven(std::span<const imf::Mailbox>, std::size_t, const Evidence&,
                   const Policy&) const override {
        return true;
    }
};

class TrustsOwnAddress : public StandardRules {
  public:
    Finding own_entry(const Field& field, const imf::Mailbox& user, const Evidence& evidence,
                      const Policy& policy) const override {
        const Finding found = StandardRules::own_entry(field, user, evidence, policy);
        return found == Finding::Absent ? found : Finding::Valid;
    }
};

class BelievesAnySigner : public StandardRules {
  public:
    bool proves(const Endorsement& endorsement, std::span<const imf::Mailbox>, std::size_t,
                const Policy&) const override {
        return endorsement.standing == release::Standing::Holds;
    }
};

class BelievesStrangers : public StandardRules {
  public:
    bool proves(const Endorsement& endorsement, std::span<const imf::Mailbox> users,
                std::size_t index, const Policy& policy) const override {
        Endorsement trusted = endorsement;
        if (trusted.standing == release::Standing::Untrusted) {
            trusted.standing = release::Standing::Holds;
        }
        return StandardRules::proves(trusted, users, index, policy);
    }
};

// Looks for signatures, and never at what they are over.
class VerifiesNothing : public StandardRules {
  public:
    Finding origin(const Evidence& evidence, const Policy& policy) const override {
        return evidence.sealing == release::Sealing::Sealed
                   ? StandardRules::origin(evidence, policy)
                   : Finding::Proven;
    }
    bool proves(const Endorsement& endorsement, std::span<const imf::Mailbox> users,
                std::size_t index, const Policy& policy) const override {
        Endorsement trusted = endorsement;
        trusted.standing = release::Standing::Holds;
        return StandardRules::proves(trusted, users, index, policy);
    }
    bool is_chain_sound(const Evidence&) const override { return true; }
};

class BelievesNobody : public StandardRules {
  public:
    bool proves(const Endorsement&, std::span<const imf::Mailbox>, std::size_t,
                const Policy&) const override {
        return false;
    }
};

class IgnoresTheDraftersSignature : public StandardRules {
  public:
    bool is_chain_sound(const Evidence&) const override { return true; }
};

class IgnoresWhoSentIt : public StandardRules {
  public:
    Finding origin(const Evidence& evidence, const Policy& policy) const override {
        Evidence believed = evidence;
        believed.origin = release::Origin::Proven;
        return StandardRules::origin(believed, policy);
    }
};

class TakesAnySignatureForProof : public StandardRules {
  public:
    Finding origin(const Evidence& evidence, const Policy& policy) const override {
        Evidence believed = evidence;
        if (believed.origin == release::Origin::Unproven) believed.origin = release::Origin::Proven;
        return StandardRules::origin(believed, policy);
    }
};

class ReleasesWhatItCannotRead : public StandardRules {
  public:
    Finding origin(const Evidence& evidence, const Policy& policy) const override {
        Evidence readable = evidence;
        readable.sealing = release::Sealing::Readable;
        return StandardRules::origin(readable, policy);
    }
};

class TellsNobodyOfSealedMail : public StandardRules {
  public:
    Finding origin(const Evidence& evidence, const Policy& policy) const override {
        const Finding found = StandardRules::origin(evidence, policy);
        return found == Finding::SealedTold ? Finding::SealedHeld : found;
    }
};

class KeepsWhatDoesNotHold : public StandardRules {
  public:
    std::vector<std::size_t> taken_off(std::span<const release::Standing>) const override {
        return {};
    }
};

// Takes the first that holds for all that there is.
class KeepsOneSignature : public StandardRules {
  public:
    std::vector<std::size_t> taken_off(
        std::span<const release::Standing> signatures) const override {
        std::vector<std::size_t> all;
        bool has_one = false;
        for (std::size_t i = 0; i < signatures.size(); ++i) {
            const bool holds = signatures[i] == release::Standing::Holds;
            if (!holds || has_one) all.push_back(i);
            has_one = has_one || holds;
        }
        return all;
    }
};

class StripsEverySignature : public StandardRules {
  public:
    std::vector<std::size_t> taken_off(
        std::span<const release::Standing> signatures) const override {
        std::vector<std::size_t> all(signatures.size());
        std::ranges::generate(all, [next = std::size_t{0}]() mutable { return next++; });
        return all;
    }
};

// -- signatures of domains
// -------------------------------------------------------------------------

// What a deviant believes of a signature whatever it is.
release::DomainSignature with(release::DomainSignature signature,
                              std::initializer_list<release::Covered> believed) {
    signature.covered.insert(believed);
    return signature;
}

class IgnoresWhatADomainCovers : public StandardRules {
  public:
    bool tells_origin(const release::DomainSignature& signature,
                      const imf::Mailbox& sender) const override {
        return StandardRules::tells_origin(with(signature, {release::Covered::Origin}), sender);
    }
    bool endorses(const release::DomainSignature& signature) const override {
        return StandardRules::endorses(
            with(signature, {release::Covered::Origin, release::Covered::Field}));
    }
};

class TakesPartOfABody : public StandardRules {
  public:
    bool tells_origin(const release::DomainSignature& signature,
                      const imf::Mailbox& sender) const override {
        return StandardRules::tells_origin(with(signature, {release::Covered::Body}), sender);
    }
    bool endorses(const release::DomainSignature& signature) const override {
        return StandardRules::endorses(with(signature, {release::Covered::Body}));
    }
};

class BelievesEveryDomain : public StandardRules {
  public:
    bool tells_origin(const release::DomainSignature& signature,
                      const imf::Mailbox& sender) const override {
        release::DomainSignature own = signature;
        own.agent = {.display_name = {}, .local_part = {}, .domain = sender.domain};
        own.domain = sender.domain;
        return StandardRules::tells_origin(own, sender);
    }
    bool endorses(const release::DomainSignature& signature) const override {
        release::DomainSignature own = signature;
        own.domain = own.agent.domain;
        return StandardRules::endorses(own);
    }
};

class VerifiesNoDomain : public StandardRules {
  public:
    bool tells_origin(const release::DomainSignature& signature,
                      const imf::Mailbox& sender) const override {
        return StandardRules::tells_origin(believed(signature), sender);
    }
    bool endorses(const release::DomainSignature& signature) const override {
        return StandardRules::endorses(believed(signature));
    }

  private:
    static release::DomainSignature believed(release::DomainSignature signature) {
        signature.standing = release::Standing::Holds;
        return with(std::move(signature), {release::Covered::Body});
    }
};

// -- whose an entry is
// -----------------------------------------------------------------------------

class ComparesAsWritten : public StandardRules {
  public:
    bool is_same(const imf::Mailbox& one, const imf::Mailbox& other) const override {
        return one == other;
    }
};

class MatchesDisplayNames : public StandardRules {
  public:
    bool is_same(const imf::Mailbox& one, const imf::Mailbox& other) const override {
        return StandardRules::is_same(one, other) || one.display_name == other.address() ||
               other.display_name == one.address();
    }
};

class MatchesTheBeginning : public StandardRules {
  public:
    bool is_same(const imf::Mailbox& one, const imf::Mailbox& other) const override {
        return one.address().starts_with(other.address()) ||
               other.address().starts_with(one.address());
    }
};

class LetsAnybodyAuthorize : public StandardRules {
  public:
    std::optional<std::size_t> officer(const imf::Mailbox& user,
                                       const Policy& policy) const override {
        const auto known = StandardRules::officer(user, policy);
        return known ? known : policy.officers.size();
    }
};

class SeesNoLoop : public StandardRules {
  public:
    Finding own_entry(const Field& field, const imf::Mailbox& user, const Evidence& evidence,
                      const Policy& policy) const override {
        const Finding found = StandardRules::own_entry(field, user, evidence, policy);
        return found == Finding::Valid ? Finding::Absent : found;
    }
};

// -- review, entry, onward
// -------------------------------------------------------------------------

class ReleasesOnDiscard : public StandardRules {
  public:
    Finding review(Decision decision) const override {
        return decision == Decision::Discard ? Finding::Approved : StandardRules::review(decision);
    }
};

class ReleasesOnReturn : public StandardRules {
  public:
    Finding review(Decision decision) const override {
        return decision == Decision::Return ? Finding::Approved : StandardRules::review(decision);
    }
};

class ReturnsOnForward : public StandardRules {
  public:
    Finding review(Decision decision) const override {
        return decision == Decision::Forward ? Finding::Rejected : StandardRules::review(decision);
    }
};

class KeepsUsersOfAnotherDraft : public StandardRules {
  public:
    Field redrafted(const Field& field) const override { return field; }
};

class EntersNobody : public StandardRules {
  public:
    Field entered(const Field& field, const imf::Mailbox&) const override { return field; }
};

class EntersInFront : public StandardRules {
  public:
    Field entered(const Field& field, const imf::Mailbox& user) const override {
        Field made = StandardRules::entered(field, user);
        std::ranges::rotate(made.addresses, made.addresses.end() - 1);
        return made;
    }
};

class ReplacesOtherUsers : public StandardRules {
  public:
    Field entered(const Field&, const imf::Mailbox& user) const override {
        return StandardRules::entered({}, user);
    }
};

class AddsASecondUsersField : public StandardRules {
  public:
    imf::HeaderSection written(const imf::HeaderSection& before,
                               const Field& field) const override {
        imf::HeaderSection after = before;
        const imf::HeaderSection alone = StandardRules::written({}, field);
        for (const imf::HeaderField& each : alone.fields()) after.append(each);
        return after;
    }
};

class CutsTheLastLine : public StandardRules {
  public:
    std::string_view body(std::string_view came) const override {
        const std::size_t end = came.find_last_not_of("\r\n");
        const std::size_t line = came.substr(0, end).rfind("\r\n");
        return line == std::string_view::npos ? came : came.substr(0, line + 2);
    }
};

class SkipsTheSecondOfficer : public StandardRules {
  public:
    std::optional<imf::Mailbox> next(const Officers& authorized,
                                     const Policy& policy) const override {
        if (!authorized.empty()) return std::nullopt;
        return StandardRules::next(authorized, policy);
    }
};

class IgnoresTheOrder : public StandardRules {
  public:
    bool may_enter(std::size_t, const Officers&, const Policy&) const override { return true; }
};

class AsksEverybody : public StandardRules {
  public:
    std::optional<imf::Mailbox> next(const Officers& authorized,
                                     const Policy& policy) const override {
        Policy all = policy;
        all.needed = policy.officers.size();
        return StandardRules::next(authorized, all);
    }
};

// -- on the way, and the field's syntax
// --------------------------------------------------------------

class PassesDrafts : public StandardRules {
  public:
    Fate without_field(Place) const override { return Fate::Passes; }
};

class ExemptsEverybody : public StandardRules {
  public:
    bool is_exempt(Place place, const imf::Mailbox&, const Policy&) const override {
        return place == Place::Delivery;
    }
};

class ExemptsNobody : public StandardRules {
  public:
    bool is_exempt(Place, const imf::Mailbox&, const Policy&) const override { return false; }
};

class ReadsTheFirstField : public StandardRules {
  public:
    Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                      base::Edition edition) const override {
        const std::size_t some = std::min<std::size_t>(bodies.size(), 1);
        return StandardRules::read({bodies.begin(), bodies.begin() + static_cast<long>(some)},
                                   edition);
    }
};

class SkipsRepeatedFields : public StandardRules {
  public:
    Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                      base::Edition edition) const override {
        if (bodies.size() > 1) return std::nullopt;
        return StandardRules::read(bodies, edition);
    }
};

class GuessesTheUsers : public StandardRules {
  public:
    Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                      base::Edition edition) const override {
        auto read = StandardRules::read(bodies, edition);
        if (read || bodies.size() != 1) return read;
        std::string text;
        for (const char c : bodies.front()) {
            text += std::string_view("()<>\",;:\r\n\t").contains(c) ? ' ' : c;
        }
        for (const std::string_view word : base::split(text, ' ')) {
            if (auto found = imf::parse_mailbox(word)) {
                return Field{.addresses = {std::move(*found)}};
            }
        }
        return std::nullopt;
    }
};

class ReadsTheOtherSyntax : public StandardRules {
  public:
    Result<std::optional<Field>> read(const std::vector<std::string>& bodies,
                                      base::Edition edition) const override {
        return StandardRules::read(
            bodies, edition == base::Edition::Rfc ? base::Edition::Draft : base::Edition::Rfc);
    }
};

template <class DeviantRules>
Deviant release_deviant(std::string_view name, std::string_view wrong, std::string_view requirement,
                        std::vector<Edition> editions = both_editions) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.release = std::make_shared<const DeviantRules>();
    return {name,         wrong, requirement, std::move(editions), std::move(implementation),
            Base::Release};
}

std::vector<Deviant> about_proof() {
    return {
        release_deviant<BelievesTheFieldAlone>("believes-users-without-signature",
                                               "Takes who is in the field for who authorized it.",
                                               "rfc7912/7.1/1"),
        release_deviant<TrustsOwnAddress>("trusts-its-users-own-address",
                                          "Sends on what has its user's address in the field.",
                                          "rfc7912/3.3/8"),
        release_deviant<BelievesAnySigner>("believes-any-reviewer",
                                           "Takes any signature for that of the user in the field.",
                                           "rfc7912/3.3/9"),
        release_deviant<BelievesStrangers>("believes-strange-reviewers",
                                           "Takes signatures of authorities that it does not know.",
                                           "rfc7912/3.3.2/4"),
        release_deviant<VerifiesNothing>("verifies-no-review-signature",
                                         "Looks at who signed, and not at what was signed.",
                                         "rfc7912/7.1/2"),
        release_deviant<BelievesNobody>("believes-no-reviewer",
                                        "Takes no signature for a review signature.",
                                        "rfc7912/3.3.2/5"),
        release_deviant<IgnoresTheDraftersSignature>(
            "ignores-the-drafters-signature", "Verifies the users' signatures and not the first.",
            "rfc7912/3.3.2/4"),
        release_deviant<IgnoresWhoSentIt>("ignores-who-drafted",
                                          "Has mail reviewed whoever it is from.", "rfc7912/3.3/2"),
        release_deviant<TakesAnySignatureForProof>(
            "takes-a-signed-body-for-a-signed-header",
            "Takes a signature that does not cover From for proof of it.", "rfc7912/3.3/4"),
        release_deviant<ReleasesWhatItCannotRead>("releases-what-it-cannot-read",
                                                  "Has its user release what nobody could read.",
                                                  "rfc7912/3.3.1/2"),
    };
}

std::vector<Deviant> about_protection() {
    return {
        release_deviant<TellsNobodyOfSealedMail>("tells-nobody-of-sealed-mail",
                                                 "Keeps what it can't decrypt, and says nothing.",
                                                 "rfc7912/3.3.1/3", rfc_only),
        release_deviant<KeepsWhatDoesNotHold>(
            "keeps-signatures-that-do-not-hold",
            "Puts its user's signature around signatures that it could not verify.",
            "rfc7912/3.3.2/6", rfc_only),
        release_deviant<KeepsOneSignature>("signs-one-of-several-signatures",
                                           "Takes all signatures off but one that holds.",
                                           "rfc7912/3.3.2/2", rfc_only),
        release_deviant<StripsEverySignature>("strips-the-drafters-signature",
                                              "Takes the drafter's signature off.", "rfc7912/1/1"),
        release_deviant<IgnoresWhatADomainCovers>(
            "ignores-what-a-domain-covers",
            "Takes a DKIM signature over anything for one over all.", "rfc7912/3.3/6", rfc_only),
        release_deviant<TakesPartOfABody>("takes-part-of-a-body",
                                          "Takes a DKIM signature over the beginning of a text.",
                                          "rfc7912/7.1/2", rfc_only),
        release_deviant<BelievesEveryDomain>("believes-every-domain",
                                             "Takes a DKIM signature by whichever domain.",
                                             "rfc7912/3.3/2", rfc_only),
        release_deviant<VerifiesNoDomain>("verifies-no-domain",
                                          "Looks for DKIM signatures, and verifies none.",
                                          "rfc7912/7.1/1", rfc_only),
    };
}

std::vector<Deviant> about_users() {
    return {
        release_deviant<ComparesAsWritten>("compares-users-as-written",
                                           "Compares display names and case along with addresses.",
                                           "rfc7912/3.3/12"),
        release_deviant<MatchesDisplayNames>("matches-display-names",
                                             "Takes an address in a display name for an address.",
                                             "rfc7912/3.3/12"),
        release_deviant<MatchesTheBeginning>("matches-beginnings-of-addresses",
                                             "Takes an address for another that it begins with.",
                                             "rfc7912/3.3/12"),
        release_deviant<LetsAnybodyAuthorize>(
            "lets-anybody-authorize", "Takes everybody for an authorizing user.", "rfc7912/3.2/5"),
        release_deviant<SeesNoLoop>(
            "sees-no-loop", "Has its user review again what he has released.", "rfc7912/3.3/10"),
    };
}

std::vector<Deviant> about_review() {
    return {
        release_deviant<ReleasesOnDiscard>("releases-on-discard",
                                           "Releases what its user throws away.", "rfc7912/3.3/18"),
        release_deviant<ReleasesOnReturn>("releases-on-return", "Releases what its user rejects.",
                                          "rfc7912/3.3/18"),
        release_deviant<ReturnsOnForward>("returns-on-forward",
                                          "Returns what its user passes to another.",
                                          "rfc7912/3.3/19", rfc_only),
        release_deviant<KeepsUsersOfAnotherDraft>("keeps-users-of-another-draft",
                                                  "Leaves the users in a message of a new drafter.",
                                                  "rfc7912/3.3/21", rfc_only),
        release_deviant<EntersNobody>("enters-nobody", "Does not add its user to the field.",
                                      "rfc7912/3.3/23"),
        release_deviant<EntersInFront>(
            "enters-in-front", "Puts its user before those who were there.", "rfc7912/3.3/24"),
        release_deviant<ReplacesOtherUsers>("replaces-other-users",
                                            "Puts its user in the place of those before.",
                                            "rfc7912/3.3/24"),
        release_deviant<AddsASecondUsersField>("adds-a-second-users-field",
                                               "Adds its user in a second field.", "rfc7912/4/1"),
        release_deviant<CutsTheLastLine>("cuts-the-drafters-octets",
                                         "Loses the last line of what the drafter signed.",
                                         "rfc7912/1/1"),
        release_deviant<SkipsTheSecondOfficer>("skips-the-second-officer",
                                               "Releases what one of several has authorized.",
                                               "rfc7912/3.1/3"),
        release_deviant<IgnoresTheOrder>("ignores-the-order-of-users",
                                         "Lets users authorize in any order.", "rfc7912/3.3/27"),
        release_deviant<AsksEverybody>(
            "asks-everybody", "Has all users asked though fewer are enough.", "rfc7912/3.3/27"),
    };
}

std::vector<Deviant> about_the_way() {
    return {
        release_deviant<PassesDrafts>("passes-drafts", "Lets pass what has no field.",
                                      "rfc7912/3.1/1"),
        release_deviant<ExemptsEverybody>("exempts-every-recipient",
                                          "Delivers to anybody what only users may get.",
                                          "rfc7912/3.4.1/4"),
        release_deviant<ExemptsNobody>("exempts-no-recipient", "Keeps drafts from its users too.",
                                       "rfc7912/3.4.1/5", rfc_only),
        release_deviant<ReadsTheFirstField>("reads-the-first-users-field",
                                            "Does not see a second field.", "rfc7912/4/2"),
        release_deviant<SkipsRepeatedFields>("skips-repeated-users-fields",
                                             "Takes two fields for none.", "rfc7912/4/2"),
        release_deviant<GuessesTheUsers>("guesses-the-users",
                                         "Takes what looks like an address out of a broken field.",
                                         "rfc7912/4/4"),
        release_deviant<ReadsTheOtherSyntax>("reads-users-by-the-other-edition",
                                             "Reads groups where there are none, or the reverse.",
                                             "rfc7912/4/5"),
    };
}

}  // namespace

std::vector<Deviant> release_deviants() {
    std::vector<Deviant> all = about_proof();
    for (const auto& part : {about_protection, about_users, about_review, about_the_way}) {
        std::ranges::move(part(), std::back_inserter(all));
    }
    return all;
}

}  // namespace mailassay::deviants
