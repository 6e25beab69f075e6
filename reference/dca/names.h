#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

// The names by which agents of a domain are known (RFC 3183 sections 3.1 and 4.1), and the marks of
// their signatures.
namespace mailassay::dca {

enum class Agent : std::uint8_t {
    DomainSigning,
    Review,
    AdditionalAttributes,
    DomainConfidentiality,
};

// The common name, and the local part of a mail address.
[[nodiscard]] std::string_view name_of(Agent agent);

// Object identifiers in dots. The attribute's own: as section 3.1.2 has it, and as it is registered
// since.
inline constexpr std::string_view oid_signature_type = "1.2.840.113549.1.9.16.9";
inline constexpr std::string_view oid_signature_type_registered = "1.2.840.113549.1.9.16.2.28";
inline constexpr std::string_view oid_originator_signature = "1.2.840.113549.1.9.16.9.1";

// What marks the agent's signature among the values of the attribute; empty for the authority,
// which does not sign.
[[nodiscard]] std::string_view signature_type_of(Agent agent);

// All that a certificate, or whoever is represented by an agent, is called.
struct Name {
    std::vector<crypto::NameAttribute> subject = {};  // the most significant first
    std::vector<std::string> mail_addresses = {};

    [[nodiscard]] static Name of(const crypto::Certificate& certificate);
    [[nodiscard]] static Name of_address(std::string address);
};

enum class NameFault : std::uint8_t {
    CommonNameMissing,
    CommonNameRepeated,
    CommonNameDiffers,
    MailNameDiffers,  // the local part of a mail address
    DomainDiffers,    // neither that of the represented nor above it
    DomainUnknown,    // there is no form of domain that both names have
};

// The naming convention: what is wrong with the name, in the order of the values above. All mail
// addresses of a certificate are held to it.
[[nodiscard]] std::vector<NameFault> judge_name(Agent agent, const Name& name);

// The name mapping rule, which binds DomainSigning and DomainConfidentiality. Each form of domain
// that both names have (X.500 name, RFC 2247 name, mail address) must agree. Of several mail
// addresses each of the represented needs one of the agent.
[[nodiscard]] std::vector<NameFault> judge_domain(const Name& agent, const Name& represented);

[[nodiscard]] std::string_view to_string(NameFault fault);

}  // namespace mailassay::dca
