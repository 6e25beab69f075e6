#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/program.h"
#include "requiretls/rules.h"
#include "secureheaders/rules.h"

// A deviant is the reference with exactly one rule replaced: wrong in one way that is known, so
// that a case can be shown to catch it.
namespace mailassay::deviants {

using requiretls::Edition;

// What a deviant is but for its one fault.
enum class Base : std::uint8_t {
    Reference,        // as a relay and a client
    Unaware,          // a correct server that does not know the extension
    SecureHeaders,    // the reference as a signer and verifier
    Processor,        // the reference as a processor of OPES
    Border,           // the reference as a gateway to X.400
    Release,          // the reference in the roles of Draft and Release
    UnawareVerifier,  // a correct S/MIME client that does not know Secure Headers
};

struct Deviant {
    std::string_view name;         // permanent, in words joined by hyphens
    std::string_view wrong;        // what it does wrong, one sentence
    std::string_view requirement;  // the clause that it breaks, as the published text counts them
    std::vector<Edition> editions;
    cli::Implementation implementation;
    Base base = Base::Reference;
};

// The correct server that does not know the extension.
[[nodiscard]] mta::Decisions decisions_of_unaware(Edition edition);

inline const std::vector<Edition> both_editions = {Edition::Rfc, Edition::Draft};
inline const std::vector<Edition> rfc_only = {Edition::Rfc};

// The correct S/MIME client that does not know Secure Headers.
[[nodiscard]] cli::Implementation unaware_verifier();

// A correct program with other decisions on REQUIRETLS.
[[nodiscard]] cli::Implementation with_decisions(mta::DecisionsFactory decisions);

// The deviant whose rules are of this class, which overrides StandardRules.
template <class DeviantRules>
[[nodiscard]] Deviant deviant(std::string_view name, std::string_view wrong,
                              std::string_view requirement,
                              std::vector<Edition> editions = both_editions) {
    return {name, wrong, requirement, std::move(editions), with_decisions([](Edition edition) {
                return mta::Decisions{.rules = std::make_unique<const DeviantRules>(edition)};
            })};
}

// The same of secureheaders::StandardRules.
template <class DeviantRules>
[[nodiscard]] Deviant secure_headers_deviant(std::string_view name, std::string_view wrong,
                                             std::string_view requirement,
                                             std::vector<Edition> editions = both_editions) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.secure_headers = std::make_shared<const DeviantRules>();
    return {name,
            wrong,
            requirement,
            std::move(editions),
            std::move(implementation),
            Base::SecureHeaders};
}

// The same of mixer::StandardRules.
template <class DeviantRules>
[[nodiscard]] Deviant border_deviant(std::string_view name, std::string_view wrong,
                                     std::string_view requirement,
                                     std::vector<Edition> editions = both_editions) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.border = std::make_shared<const DeviantRules>();
    return {name, wrong, requirement, std::move(editions), std::move(implementation), Base::Border};
}

// The same of opes::StandardRules.
template <class DeviantRules>
[[nodiscard]] Deviant adaptation_deviant(std::string_view name, std::string_view wrong,
                                         std::string_view requirement) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.adaptation = std::make_shared<const DeviantRules>();
    return {name, wrong, requirement, both_editions, std::move(implementation), Base::Processor};
}

// Each stage of a message's way has a file of its own.
[[nodiscard]] std::vector<Deviant> receipt_deviants();
[[nodiscard]] std::vector<Deviant> field_deviants();
[[nodiscard]] std::vector<Deviant> lookup_deviants();
[[nodiscard]] std::vector<Deviant> session_deviants();
[[nodiscard]] std::vector<Deviant> certificate_deviants();
[[nodiscard]] std::vector<Deviant> fallthrough_deviants();
[[nodiscard]] std::vector<Deviant> optional_deviants();
[[nodiscard]] std::vector<Deviant> bounce_deviants();
[[nodiscard]] std::vector<Deviant> service_deviants();
[[nodiscard]] std::vector<Deviant> mediator_deviants();
[[nodiscard]] std::vector<Deviant> unaware_deviants();
[[nodiscard]] std::vector<Deviant> signer_deviants();
[[nodiscard]] std::vector<Deviant> verifier_deviants();
[[nodiscard]] std::vector<Deviant> confidentiality_deviants();
[[nodiscard]] std::vector<Deviant> adaptation_deviants();
[[nodiscard]] std::vector<Deviant> consent_deviants();
[[nodiscard]] std::vector<Deviant> border_deviants();
[[nodiscard]] std::vector<Deviant> border_value_deviants();
[[nodiscard]] std::vector<Deviant> release_deviants();

// All of them, in that order. Names are unique.
[[nodiscard]] const std::vector<Deviant>& all_deviants();

// nullptr when there is none of that name.
[[nodiscard]] const Deviant* find_deviant(std::string_view name);

}  // namespace mailassay::deviants
