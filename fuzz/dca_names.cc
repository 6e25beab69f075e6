// Two names, and what RFC 3183 makes of them: the input is lines, "a" or "r" for the agent's or the
// represented's, then "@" with a mail address, or an object identifier, "=" and a value. A domain
// is the same as itself, what is above a domain is above all below it, and never are both faults
// told.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/ascii.h"
#include "dca/names.h"
#include "require.h"

namespace {

using namespace mailassay;
using dca::Agent;
using dca::Name;
using dca::NameFault;
using fuzz::require;

constexpr std::string_view domain_component = "0.9.2342.19200300.100.1.25";

struct Names {
    Name agent;
    Name represented;
};

Names names_in(std::string_view octets) {
    Names names;
    for (const std::string_view line : base::split(octets, '\n')) {
        if (line.size() < 2) continue;
        Name& name = line[0] == 'a' ? names.agent : names.represented;
        const std::string_view rest = line.substr(1);
        const std::size_t equals = rest.find('=');
        if (rest[0] == '@') {
            name.mail_addresses.emplace_back(rest.substr(1));
        } else if (equals != std::string_view::npos) {
            name.subject.push_back({.type = std::string(rest.substr(0, equals)),
                                    .value = std::string(rest.substr(equals + 1))});
        }
    }
    return names;
}

bool differs(const Name& agent, const Name& represented) {
    const auto faults = judge_domain(agent, represented);
    require(faults.size() <= 1, "a domain has one fault, or none");
    return faults == std::vector{NameFault::DomainDiffers};
}

void check_name(const Name& name) {
    require(!differs(name, name), "a domain is the same as itself");
    for (const Agent agent : {Agent::DomainSigning, Agent::Review, Agent::AdditionalAttributes,
                              Agent::DomainConfidentiality}) {
        const auto faults = judge_name(agent, name);
        require(std::ranges::is_sorted(faults), "faults are told in their order, each once");
        require(std::ranges::adjacent_find(faults) == faults.end(), "each fault is told once");
    }
}

// What is left of a name without its least significant part stands above it.
void check_above(const Name& name) {
    Name above = name;
    if (above.subject.empty()) return;
    above.subject.pop_back();
    require(!differs(above, name), "what is above a domain agrees with it");
}

// Its X.500 name alone.
Name x500_of(const Name& name) {
    Name alone{.subject = name.subject, .mail_addresses = {}};
    std::erase_if(alone.subject, [](const auto& part) { return part.type == domain_component; });
    return alone;
}

void check_below(const Names& names) {
    const Name agent = x500_of(names.agent);
    Name below = x500_of(names.represented);
    if (!judge_domain(agent, below).empty()) return;
    below.subject.push_back({.type = "2.5.4.11", .value = "one more unit"});
    require(judge_domain(agent, below).empty(),
            "what is above a domain is above what is below that");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Names names = names_in(fuzz::octets_of(data, size));
    check_name(names.agent);
    check_name(names.represented);
    check_above(names.represented);
    check_below(names);
    return 0;
}
