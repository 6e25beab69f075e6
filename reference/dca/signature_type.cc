#include "dca/signature_type.h"

#include <algorithm>
#include <array>
#include <optional>

#include "der/read.h"
#include "der/value.h"

namespace mailassay::dca {

namespace {

constexpr std::array signing_agents{Agent::DomainSigning, Agent::Review,
                                    Agent::AdditionalAttributes};

std::unexpected<Error> wrong(std::string_view id, std::string_view requirement) {
    return std::unexpected(Error{.id = id, .requirement = requirement});
}

std::optional<Agent> agent_of(std::string_view type) {
    const auto found = std::ranges::find(signing_agents, type, signature_type_of);
    if (found == signing_agents.end()) return std::nullopt;
    return *found;
}

// [rfc3183/3.1.2/4] [rfc3183/3.1.2/5] [rfc3183/3.1.2/6] [rfc3183/3.1.2/7]
Result<std::vector<Agent>> agents_in(const der::Value& types) {
    constexpr std::string_view syntax = "rfc3183/3.1.2/1";
    if (types.tag != der::tag_sequence || types.members.empty()) {
        return wrong("dca.signature-type.malformed", syntax);
    }
    std::vector<Agent> agents;
    for (const der::Value& member : types.members) {
        const auto type = der::to_dotted(member);
        if (!type) return wrong("dca.signature-type.malformed", syntax);
        if (*type == oid_originator_signature) continue;
        const auto agent = agent_of(*type);
        if (!agent) return wrong("dca.signature-type.unknown", syntax);
        agents.push_back(*agent);
    }
    const bool adds = std::ranges::find(agents, Agent::AdditionalAttributes) != agents.end();
    if (adds && types.members.size() > 1) {  // [rfc3183/3.1.2/10] [rfc3183/3.3/8]
        return wrong("dca.signature-type.not-alone", "rfc3183/3.1.2/10");
    }
    return agents;
}

}  // namespace

crypto::Attribute signature_type(Agent agent) {
    // [rfc3183/3.1.2/1] as the text itself numbers it
    const auto type = der::make_oid(signature_type_of(agent));
    return {.oid = std::string(oid_signature_type),
            .value = der::write(der::make_sequence({type.value()}))};
}

Result<std::vector<Agent>> read_signature_type(const crypto::SignerReport& signer) {
    auto found = signer.find_all(oid_signature_type);
    std::ranges::copy(signer.find_all(oid_signature_type_registered), std::back_inserter(found));
    if (found.empty()) return std::vector<Agent>{};  // [rfc3183/3.1.2/3] [rfc3183/3.5/1]
    if (found.size() > 1 || found.front()->values.size() != 1) {  // [rfc3183/3.1.2/9]
        return wrong("dca.signature-type.repeated", "rfc3183/3.1.2/9");
    }
    const auto types = der::read_ber(found.front()->values.front());
    if (!types) return wrong("dca.signature-type.malformed", "rfc3183/3.1.2/1");
    return agents_in(types->value);
}

}  // namespace mailassay::dca
