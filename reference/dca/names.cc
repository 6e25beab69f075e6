#include "dca/names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "imf/canonicalization.h"

namespace mailassay::dca {

namespace {

constexpr std::string_view oid_common_name = "2.5.4.3";
constexpr std::string_view oid_domain_component = "0.9.2342.19200300.100.1.25";
// Country, locality, state, organization, organizational unit.
constexpr std::array<std::string_view, 5> oids_of_x500_domain{"2.5.4.6", "2.5.4.7", "2.5.4.8",
                                                              "2.5.4.10", "2.5.4.11"};

// The parts of a domain, the most significant first, ready to be compared.
using Domain = std::vector<std::string>;

// Case and surplus space make no difference (X.520).
std::string folded(std::string_view value) {
    return base::to_lower(imf::canonical_body(value, imf::Canonicalization::Relaxed));
}

// [rfc3183/3.1.1/8] [rfc3183/3.1.1/11]
Domain x500_domain_of(const Name& name) {
    Domain domain;
    for (const crypto::NameAttribute& part : name.subject) {
        if (std::ranges::find(oids_of_x500_domain, part.type) == oids_of_x500_domain.end()) {
            continue;
        }
        domain.push_back(part.type + "=" + folded(part.value));
    }
    return domain;
}

// [rfc3183/3.1.1/9]
Domain rfc2247_domain_of(const Name& name) {
    Domain domain;
    for (const crypto::NameAttribute& part : name.subject) {
        if (part.type == oid_domain_component) domain.push_back(folded(part.value));
    }
    return domain;
}

// [rfc3183/3.1.1/10]
Domain mail_domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return {};
    Domain domain;
    for (const std::string_view label : base::split(address.substr(at + 1), '.')) {
        domain.push_back(base::to_lower(label));
    }
    if (domain.size() > 1 && domain.back().empty()) domain.pop_back();  // the root's dot
    std::ranges::reverse(domain);
    return domain;
}

std::vector<Domain> mail_domains_of(const Name& name) {
    std::vector<Domain> domains;
    for (const std::string& address : name.mail_addresses) {
        Domain domain = mail_domain_of(address);
        if (!domain.empty()) domains.push_back(std::move(domain));
    }
    return domains;
}

bool is_same_or_above(const Domain& agent, const Domain& represented) {
    return agent.size() <= represented.size() &&
           std::equal(agent.begin(), agent.end(), represented.begin());
}

// nullopt: one of both has no domain of this form.
std::optional<bool> agrees(const Domain& agent, const Domain& represented) {
    if (agent.empty() || represented.empty()) return std::nullopt;
    return is_same_or_above(agent, represented);
}

std::optional<bool> mail_agrees(const Name& agent, const Name& represented) {
    const auto agents = mail_domains_of(agent);
    const auto others = mail_domains_of(represented);
    if (agents.empty() || others.empty()) return std::nullopt;
    return std::ranges::all_of(others, [&](const Domain& other) {
        return std::ranges::any_of(agents,
                                   [&](const Domain& own) { return is_same_or_above(own, other); });
    });
}

bool has_local_part(std::string_view address, std::string_view name) {
    const std::size_t at = address.rfind('@');
    return at != std::string_view::npos && base::equals_ignore_case(address.substr(0, at), name);
}

}  // namespace

std::string_view name_of(Agent agent) {
    switch (agent) {
        case Agent::DomainSigning:
            return "domain-signing-authority";  // [rfc3183/3.1.1/1]
        case Agent::Review:
            return "review-authority";  // [rfc3183/3.1.1/2]
        case Agent::AdditionalAttributes:
            return "attribute-authority";  // [rfc3183/3.1.1/3]
        case Agent::DomainConfidentiality:
            return "domain-confidentiality-authority";  // [rfc3183/4.1/1] [rfc3183/4.2/3]
    }
    std::unreachable();
}

std::string_view signature_type_of(Agent agent) {
    switch (agent) {
        case Agent::DomainSigning:
            return "1.2.840.113549.1.9.16.9.2";
        case Agent::AdditionalAttributes:
            return "1.2.840.113549.1.9.16.9.3";
        case Agent::Review:
            return "1.2.840.113549.1.9.16.9.4";
        case Agent::DomainConfidentiality:
            return {};
    }
    std::unreachable();
}

Name Name::of(const crypto::Certificate& certificate) {
    return {.subject = certificate.subject_attributes(),
            .mail_addresses = certificate.mail_addresses()};
}

Name Name::of_address(std::string address) {
    return {.subject = {}, .mail_addresses = {std::move(address)}};
}

std::vector<NameFault> judge_name(Agent agent, const Name& name) {
    std::vector<NameFault> faults;
    const std::string_view wanted = name_of(agent);
    std::vector<std::string> common_names;
    for (const crypto::NameAttribute& part : name.subject) {
        if (part.type == oid_common_name) common_names.push_back(folded(part.value));
    }
    // [rfc3183/3.1.1/4] [rfc3183/3.1.1/5] [rfc3183/4.1/2]
    if (common_names.empty()) faults.push_back(NameFault::CommonNameMissing);
    if (common_names.size() > 1) faults.push_back(NameFault::CommonNameRepeated);
    if (std::ranges::any_of(common_names, [&](const auto& each) { return each != wanted; })) {
        faults.push_back(NameFault::CommonNameDiffers);
    }
    // [rfc3183/3.1.1/6] [rfc3183/4.1/3]
    if (!std::ranges::all_of(name.mail_addresses, [&](const std::string& address) {
            return has_local_part(address, wanted);
        })) {
        faults.push_back(NameFault::MailNameDiffers);
    }
    return faults;
}

std::vector<NameFault> judge_domain(const Name& agent, const Name& represented) {
    // [rfc3183/3.1.1/7] [rfc3183/4.1/4]
    const std::array forms{agrees(x500_domain_of(agent), x500_domain_of(represented)),
                           agrees(rfc2247_domain_of(agent), rfc2247_domain_of(represented)),
                           mail_agrees(agent, represented)};
    const auto any = [&forms](bool agreement) {
        return std::ranges::find(forms, std::optional(agreement)) != forms.end();
    };
    if (any(false)) return {NameFault::DomainDiffers};
    if (!any(true)) return {NameFault::DomainUnknown};
    return {};
}

std::string_view to_string(NameFault fault) {
    switch (fault) {
        case NameFault::CommonNameMissing:
            return "common-name-missing";
        case NameFault::CommonNameRepeated:
            return "common-name-repeated";
        case NameFault::CommonNameDiffers:
            return "common-name-differs";
        case NameFault::MailNameDiffers:
            return "mail-name-differs";
        case NameFault::DomainDiffers:
            return "domain-differs";
        case NameFault::DomainUnknown:
            return "domain-unknown";
    }
    std::unreachable();
}

}  // namespace mailassay::dca
