#include <algorithm>
#include <memory>
#include <utility>

#include "base/ascii.h"
#include "deviant.h"
#include "mixer/rules.h"
#include "mixer/strings.h"

// Gateways to X.400 that are wrong about who wrote, sent or authorized a message.
namespace mailassay::deviants {
namespace {

using mixer::Gateway;
using mixer::Heading;
using mixer::HeadingRoles;
using mixer::InternetRoles;
using mixer::Military;
using mixer::OrAddress;
using mixer::OrDescriptor;
using mixer::StandardRules;

using People = std::vector<OrDescriptor>;

// -- to X.400 ----------------------------------------------------------------------------------

// Maps roles that it has changed before.
class MapsOtherRoles : public StandardRules {
  public:
    HeadingRoles to_heading(const InternetRoles& roles) const override {
        return StandardRules::to_heading(changed(roles));
    }

  private:
    virtual InternetRoles changed(InternetRoles roles) const = 0;
};

class SwapsAuthorsAndUsers : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.authorizing) std::swap(roles.from, *roles.authorizing);
        return roles;
    }
};

class IgnoresSender : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        roles.sender.reset();
        return roles;
    }
};

class IgnoresTheField : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        roles.authorizing.reset();
        return roles;
    }
};

class DropsOtherAuthors : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.authorizing && roles.from.size() > 1) roles.from.resize(1);
        return roles;
    }
};

class DropsAuthorsBesideSender : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.sender) roles.from.clear();
        return roles;
    }
};

class LeavesTheFirstAuthorOut : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.sender && roles.authorizing) roles.from.erase(roles.from.begin());
        return roles;
    }
};

class LeavesTheSenderOut : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.authorizing)
            std::erase_if(roles.from, [&](const OrDescriptor& each) {
                return roles.sender && each.address == roles.sender->address;
            });
        return roles;
    }
};

class ReversesUsers : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.authorizing) std::ranges::reverse(*roles.authorizing);
        return roles;
    }
};

class KeepsOneUser : public MapsOtherRoles {
    InternetRoles changed(InternetRoles roles) const override {
        if (roles.authorizing && roles.authorizing->size() > 1) roles.authorizing->resize(1);
        return roles;
    }
};

class PutsUsersFirst : public StandardRules {
  public:
    HeadingRoles to_heading(const InternetRoles& roles) const override {
        HeadingRoles made = StandardRules::to_heading(roles);
        if (!roles.authorizing || !made.authorizing_users) return made;
        const auto authors =
            static_cast<std::ptrdiff_t>(made.authorizing_users->size() - roles.authorizing->size());
        std::ranges::rotate(*made.authorizing_users, made.authorizing_users->begin() + authors);
        return made;
    }
};

class RepeatsTheOriginator : public StandardRules {
  public:
    HeadingRoles to_heading(const InternetRoles& roles) const override {
        HeadingRoles made = StandardRules::to_heading(roles);
        if (roles.authorizing && !roles.sender) {
            made.authorizing_users->insert(made.authorizing_users->begin(), *made.originator);
        }
        return made;
    }
};

class NamesNobodyTwice : public StandardRules {
  public:
    HeadingRoles to_heading(const InternetRoles& roles) const override {
        HeadingRoles made = StandardRules::to_heading(roles);
        if (made.authorizing_users) std::erase(*made.authorizing_users, *made.originator);
        return made;
    }
};

class GuessesUsers : public StandardRules {
  public:
    Result<std::vector<imf::Mailbox>> read_authorizing(const std::vector<std::string>& bodies,
                                                       base::Edition edition) const override {
        auto read = StandardRules::read_authorizing(bodies, edition);
        if (read || bodies.size() > 1) return read;
        std::vector<imf::Mailbox> found;
        for (const std::string_view word : base::split(bodies.at(0), ' ')) {
            const std::string_view bare = word.substr(word.find_first_not_of("<(\""));
            if (auto mailbox = imf::parse_mailbox(base::trim(bare))) {
                found.push_back(std::move(*mailbox));
            }
        }
        return found.empty() ? std::move(read) : found;
    }
};

class ReadsTheOtherEdition : public StandardRules {
  public:
    Result<std::vector<imf::Mailbox>> read_authorizing(const std::vector<std::string>& bodies,
                                                       base::Edition edition) const override {
        return StandardRules::read_authorizing(
            bodies, edition == base::Edition::Rfc ? base::Edition::Draft : base::Edition::Rfc);
    }
};

class AuthorizesByRepetition : public StandardRules {
  public:
    Result<std::vector<imf::Mailbox>> read_authorizing(const std::vector<std::string>& bodies,
                                                       base::Edition edition) const override {
        if (bodies.size() < 2) return StandardRules::read_authorizing(bodies, edition);
        // The last one's users before the first one's.
        return StandardRules::read_authorizing({bodies.back() + ", " + bodies.front()}, edition);
    }
};

// -- addresses ---------------------------------------------------------------------------------

OrAddress holding(const Gateway& gateway, std::string printable) {
    OrAddress address = gateway.route;
    address.domain_defined.push_back(
        {{.printable = "RFC-822"}, {.printable = std::move(printable)}});
    return address;
}

class WritesAddressesUnescaped : public StandardRules {
  public:
    Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                    const Gateway& gateway) const override {
        return holding(gateway, mailbox.address());
    }
};

class CutsAddresses : public StandardRules {
  public:
    Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                    const Gateway& gateway) const override {
        auto made = StandardRules::to_or_address(mailbox, gateway);
        if (made && made->domain_defined.size() > 1) made->domain_defined.resize(1);
        return made;
    }
};

class KnowsNoOrAddresses : public StandardRules {
  public:
    Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                    const Gateway& gateway) const override {
        if (!mailbox.local_part.starts_with('/')) {
            return StandardRules::to_or_address(mailbox, gateway);
        }
        return holding(gateway, mixer::to_printable_string(mailbox.address()).value_or(""));
    }
};

class ReadsNoAddressesWithin : public StandardRules {
  public:
    std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                           const Gateway& gateway) const override {
        return imf::Mailbox{
            .display_name = {}, .local_part = to_text(address), .domain = gateway.domain};
    }
};

class TakesTheFirstAddressWithin : public StandardRules {
  public:
    std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                           const Gateway& gateway) const override {
        OrAddress first = address;
        if (first.domain_defined.size() > 1) first.domain_defined.resize(1);
        return StandardRules::to_mailbox(first, gateway);
    }
};

class TurnsAddressesRound : public StandardRules {
  public:
    std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                           const Gateway& gateway) const override {
        OrAddress turned = address;
        std::ranges::reverse(turned.units);
        return StandardRules::to_mailbox(turned, gateway);
    }
};

// -- from X.400 --------------------------------------------------------------------------------

class SeesNoMilitary : public StandardRules {
  public:
    bool is_military(const Heading&, Military configured) const override {
        return configured == Military::Always;
    }
};

class TakesAllForMilitary : public StandardRules {
  public:
    bool is_military(const Heading&, Military) const override { return true; }
};

class IgnoresConfiguration : public StandardRules {
  public:
    bool is_military(const Heading& heading, Military) const override {
        return StandardRules::is_military(heading, Military::ByExtension);
    }
};

class KnowsPrecedenceAlone : public StandardRules {
  public:
    bool is_military(const Heading& heading, Military configured) const override {
        return configured == Military::Always ||
               std::ranges::any_of(heading.extensions, [](const mixer::Extension& each) {
                   return each.oid == "1.3.26.0.4406.0.2.0";
               });
    }
};

class ComparesArcsAsText : public StandardRules {
  public:
    bool is_military(const Heading& heading, Military configured) const override {
        return configured == Military::Always ||
               std::ranges::any_of(heading.extensions, [](const mixer::Extension& each) {
                   return each.oid.starts_with("1.3.26.0.4406.0.2");
               });
    }
};

class MapsMilitaryAsOther : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override { return of_other(roles); }
};

class MapsOtherAsMilitary : public StandardRules {
  public:
    InternetRoles of_other(const HeadingRoles& roles) const override { return of_military(roles); }
};

class AddsSender : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_military(roles);
        fields.sender = roles.originator;
        return fields;
    }
};

class WritesUsersBackwards : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_military(roles);
        if (fields.authorizing) std::ranges::reverse(*fields.authorizing);
        return fields;
    }
};

class AuthorizesByItself : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_military(roles);
        if (!fields.authorizing) fields.authorizing = fields.from;
        return fields;
    }
};

class MakesAddressesUp : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_military(roles);
        for (OrDescriptor& user : fields.authorizing ? *fields.authorizing : fields.from) {
            if (!user.address) user.address = OrAddress{.common_name = {user.free_form}};
        }
        return fields;
    }
};

class WritesForNobody : public StandardRules {
  public:
    InternetRoles of_other(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_other(roles);
        if (fields.from.empty()) fields.from.push_back({.free_form = "unknown"});
        return fields;
    }
};

class NamesGroups : public StandardRules {
  public:
    bool names_unaddressed(base::Edition) const override { return true; }
};

// A free-form name that has an address in it is that address.
class BelievesNames : public StandardRules {
  public:
    InternetRoles of_military(const HeadingRoles& roles) const override {
        InternetRoles fields = StandardRules::of_military(roles);
        if (!fields.authorizing) return fields;
        for (OrDescriptor& user : *fields.authorizing) {
            const std::string name = user.free_form.value_or("");
            const auto named = imf::parse_mailbox(name.substr(0, name.find('>')));
            if (named) user.address = StandardRules::to_or_address(*named, {}).value();
        }
        return fields;
    }
};

std::vector<Deviant> towards_x400() {
    return {
        border_deviant<SwapsAuthorsAndUsers>("swaps-authors-and-users",
                                             "Takes who authorized for who wrote, and the reverse.",
                                             "rfc7912/5.1/3"),
        border_deviant<IgnoresSender>("ignores-sender", "Maps no Sender.", "rfc7912/5.1/2"),
        border_deviant<IgnoresTheField>("ignores-authorizing-users",
                                        "Does not know MMHS-Authorizing-Users.", "rfc7912/5.1/4"),
        border_deviant<DropsOtherAuthors>("drops-other-authors",
                                          "Maps the first author and no other.", "rfc7912/5.1/4"),
        border_deviant<DropsAuthorsBesideSender>("drops-authors-beside-sender",
                                                 "Maps no From where there is a Sender.",
                                                 "rfc7912/5.1/1"),
        border_deviant<LeavesTheFirstAuthorOut>(
            "leaves-the-first-author-out",
            "Leaves the first author out of the users though Sender is the originator.",
            "rfc7912/5.1/5"),
        border_deviant<LeavesTheSenderOut>(
            "leaves-the-sender-out", "Leaves an author out who is the Sender.", "rfc7912/5.1/5"),
        border_deviant<ReversesUsers>("reverses-users", "Maps the field from its end.",
                                      "rfc7912/5.1/4"),
        border_deviant<KeepsOneUser>("keeps-one-user", "Maps the field's first user only.",
                                     "rfc7912/5.1/4"),
        border_deviant<PutsUsersFirst>("puts-users-first", "Puts the field's users before authors.",
                                       "rfc7912/5.1/4"),
        border_deviant<RepeatsTheOriginator>(
            "repeats-the-originator", "Has the first author among the users too.", "rfc7912/5.1/5"),
        border_deviant<NamesNobodyTwice>("names-nobody-twice",
                                         "Takes the originator out of the users.", "rfc7912/5.1/6"),
        border_deviant<GuessesUsers>("guesses-users",
                                     "Takes what looks like an address out of a malformed field.",
                                     "rfc7912/5.1/7"),
        border_deviant<ReadsTheOtherEdition>("reads-the-other-editions-users",
                                             "Reads groups where there are none, or the reverse.",
                                             "rfc7912/5.1/7"),
        border_deviant<AuthorizesByRepetition>(
            "joins-repeated-fields", "Joins repeated fields from the last on.", "rfc7912/4/1"),
        border_deviant<WritesAddressesUnescaped>("writes-addresses-unescaped",
                                                 "Puts an address into an attribute as it is.",
                                                 "rfc2156/3.4/1"),
        border_deviant<CutsAddresses>("cuts-addresses", "Cuts an address to one attribute.",
                                      "rfc2156/4.3.2/3"),
        border_deviant<KnowsNoOrAddresses>("knows-no-or-addresses",
                                           "Takes an O/R address in a local part for a name.",
                                           "rfc2156/4.3.4/4"),
    };
}

std::vector<Deviant> from_x400() {
    return {
        border_deviant<ReadsNoAddressesWithin>(
            "reads-no-addresses-within", "Writes the text form whatever attributes there are.",
            "rfc2156/4.3.5/1"),
        border_deviant<TakesTheFirstAddressWithin>("takes-the-first-address-within",
                                                   "Takes one of two addresses for the address.",
                                                   "rfc2156/4.3.5/1"),
        border_deviant<TurnsAddressesRound>("turns-addresses-round",
                                            "Writes units from the most significant on.",
                                            "rfc2156/4.3.3/1"),
        border_deviant<SeesNoMilitary>("sees-no-military",
                                       "Takes a message with extensions of MMHS for any other.",
                                       "rfc7912/5.2/2"),
        border_deviant<TakesAllForMilitary>("takes-all-for-military",
                                            "Takes every message for military, unasked.",
                                            "rfc7912/5.2/3"),
        border_deviant<IgnoresConfiguration>("ignores-its-configuration",
                                             "Is set up to take all for military, and does not.",
                                             "rfc7912/5.2/1"),
        border_deviant<KnowsPrecedenceAlone>("knows-precedence-alone",
                                             "Takes messages with a precedence alone for military.",
                                             "rfc7912/5.2/2"),
        border_deviant<ComparesArcsAsText>("compares-arcs-as-text",
                                           "Takes an arc that begins alike for that of MMHS.",
                                           "rfc7912/5.2/2"),
        border_deviant<MapsMilitaryAsOther>("maps-military-as-other",
                                            "Makes authors of a military message's users.",
                                            "rfc7912/5.2/4"),
        border_deviant<MapsOtherAsMilitary>(
            "maps-other-as-military", "Makes the field of any message's users.", "rfc7912/5.2/3"),
        border_deviant<AddsSender>("adds-sender", "Makes the originator Sender besides.",
                                   "rfc7912/5.2/6"),
        border_deviant<WritesUsersBackwards>(
            "writes-users-backwards", "Writes the field from the last user on.", "rfc7912/5.2/5"),
        border_deviant<AuthorizesByItself>(
            "authorizes-by-itself", "Names the author where nobody authorized.", "rfc7912/5.2/7"),
        border_deviant<MakesAddressesUp>("makes-addresses-up",
                                         "Gives a user without address one from his name.",
                                         "rfc7912/5.2/8"),
        border_deviant<WritesForNobody>(
            "writes-for-nobody", "Writes a From where a heading names nobody.", "rfc7912/5.2/4"),
        border_deviant<NamesGroups>("names-groups", "Writes a group into a mailbox-list.",
                                    "rfc7912/5.2/8", rfc_only),
        border_deviant<BelievesNames>(
            "believes-names", "Takes an address in somebody's name for his.", "rfc7912/5.2/5"),
    };
}

}  // namespace

std::vector<Deviant> border_deviants() {
    std::vector<Deviant> all = towards_x400();
    std::ranges::move(from_x400(), std::back_inserter(all));
    return all;
}

}  // namespace mailassay::deviants
