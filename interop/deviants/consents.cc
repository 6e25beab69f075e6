#include <atomic>
#include <optional>

#include "deviant.h"
#include "opes/rules.h"

// OPES processors that are wrong in whose mail they hand to services, in what they hold, or in what
// they state of themselves.
namespace mailassay::deviants {
namespace {

using opes::Service;
using opes::StandardRules;
using opes::System;

class AsksNobody : public StandardRules {
  public:
    bool is_consented(const Service&, const System&, const opes::Parties&) const override {
        return true;
    }
};

class TakesTheReversePathForAConsent : public StandardRules {
  public:
    bool is_consented(const Service& service, const System& system,
                      const opes::Parties& parties) const override {
        opes::Parties known = parties;
        known.requester = opes::Requester::Authenticated;
        return StandardRules::is_consented(service, system, known);
    }
};

// The seventh of any seven decisions is another; a system of four services never comes round to it
// at the same place.
class DecidesByChance : public StandardRules {
  public:
    bool is_consented(const Service& service, const System& system,
                      const opes::Parties& parties) const override {
        return ++decisions_ % 7 != 0 && StandardRules::is_consented(service, system, parties);
    }

  private:
    mutable std::atomic<unsigned> decisions_ = 0;
};

class KnowsNoAllowList : public StandardRules {
  public:
    bool is_allowed(const Service&, const System&, const opes::Parties&,
                    std::span<const opes::Allowance>) const override {
        return false;
    }
};

class AllowsTheSenderEverywhere : public StandardRules {
  public:
    bool is_allowed(const Service& service, const System& system, const opes::Parties& parties,
                    std::span<const opes::Allowance> allowances) const override {
        std::vector<opes::Allowance> wider(allowances.begin(), allowances.end());
        for (opes::Allowance& each : wider) each.recipient = parties.recipient;
        return StandardRules::is_allowed(service, system, parties, wider);
    }
};

class HoldsWithoutTrace : public StandardRules {
  public:
    std::optional<std::string> held(const Service& service, const smtp::Reply& refusal,
                                    const System& system) const override {
        return StandardRules::held(service, refusal, system) ? std::optional(refusal.lines.front())
                                                             : std::nullopt;
    }
};

class HoldsForNow : public StandardRules {
  public:
    std::optional<std::string> held(const Service& service, const smtp::Reply& refusal,
                                    const System& system) const override {
        smtp::Reply for_good = refusal;
        for_good.code = 550;
        return StandardRules::held(service, for_good, system);
    }
};

// States of the system all but what `Without` takes out.
template <void (*Without)(opes::Statement&)>
class StatesAllBut : public StandardRules {
  public:
    opes::Statement stated(const System& system) const override {
        opes::Statement statement = StandardRules::stated(system);
        Without(statement);
        return statement;
    }
};

void without_responsible(opes::Statement& statement) {
    statement.responsible.clear();
}

void without_references(opes::Statement& statement) {
    for (auto& service : statement.services) {
        service.handling.references = opes::References::Untouched;
    }
}

void without_shared(opes::Statement& statement) {
    for (auto& service : statement.services) service.handling.shared_with.clear();
}

void without_revealed(opes::Statement& statement) {
    std::erase(statement.revealed, opes::Revealed::Services);
}

void without_consents(opes::Statement& statement) {
    statement.consents.clear();
}

}  // namespace

std::vector<Deviant> consent_deviants() {
    return {
        adaptation_deviant<AsksNobody>("asks-nobody", "Calls services that nobody has agreed to.",
                                       "rfc3835/2.1/1"),
        adaptation_deviant<TakesTheReversePathForAConsent>(
            "takes-the-reverse-path-for-a-consent",
            "Takes whoever is written into a reverse-path for one who has agreed.",
            "rfc3835/2.1/1"),
        adaptation_deviant<DecidesByChance>(
            "decides-by-chance", "Calls now these services, now those.", "rfc3835/2.1.1/1"),
        adaptation_deviant<KnowsNoAllowList>(
            "knows-no-allow-list", "Calls all services for a pair on its list.", "rfc4902/3.2/7"),
        adaptation_deviant<AllowsTheSenderEverywhere>(
            "allows-the-sender-everywhere",
            "Lets a sender of its list through to all of its recipients.", "rfc4902/3.2/7"),
        adaptation_deviant<HoldsWithoutTrace>(
            "holds-without-trace", "Holds mail without a word of the system.", "rfc4902/3.1/5"),
        adaptation_deviant<HoldsForNow>("holds-for-now",
                                        "Holds what a service would have had come back later.",
                                        "rfc4902/3.2/8"),
        adaptation_deviant<StatesAllBut<without_responsible>>(
            "states-nobody-responsible", "Does not say who answers for it.", "rfc3897/3.2/3"),
        adaptation_deviant<StatesAllBut<without_references>>(
            "states-no-references", "Does not say that its services change references.",
            "rfc3897/3.2/2"),
        adaptation_deviant<StatesAllBut<without_shared>>(
            "states-nobody-shared-with", "Does not say whom its services tell of mail.",
            "rfc3835/3.4/1"),
        adaptation_deviant<StatesAllBut<without_revealed>>(
            "states-no-services-revealed", "Does not say that its trace tells its services.",
            "rfc4902/5.7/1"),
        adaptation_deviant<StatesAllBut<without_consents>>(
            "states-no-consents", "Does not say who has agreed to its services.", "rfc4902/5.1/1"),
    };
}

}  // namespace mailassay::deviants
