#include <algorithm>
#include <iterator>

#include "deviant.h"

namespace mailassay::deviants {
namespace {

std::vector<Deviant> gather() {
    std::vector<Deviant> all;
    for (const auto& stage :
         {receipt_deviants, field_deviants, lookup_deviants, session_deviants, certificate_deviants,
          fallthrough_deviants, optional_deviants, bounce_deviants, service_deviants,
          mediator_deviants, unaware_deviants, signer_deviants, verifier_deviants,
          confidentiality_deviants, adaptation_deviants, consent_deviants, border_deviants,
          border_value_deviants, release_deviants}) {
        std::ranges::move(stage(), std::back_inserter(all));
    }
    return all;
}

}  // namespace

cli::Implementation with_decisions(mta::DecisionsFactory decisions) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.decisions = std::move(decisions);
    return implementation;
}

const std::vector<Deviant>& all_deviants() {
    static const std::vector<Deviant> all = gather();
    return all;
}

const Deviant* find_deviant(std::string_view name) {
    const auto& all = all_deviants();
    const auto found = std::ranges::find(all, name, &Deviant::name);
    return found == all.end() ? nullptr : &*found;
}

}  // namespace mailassay::deviants
