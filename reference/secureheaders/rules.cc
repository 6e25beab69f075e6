#include "secureheaders/rules.h"

#include <utility>

#include "base/ascii.h"

namespace mailassay::secureheaders {

SecureHeaderFields StandardRules::select(const imf::HeaderSection& header,
                                         const Policy& policy) const {
    SecureHeaderFields structure{.algorithm = policy.algorithm,  // [rfc7508/4.5.1/2]
                                 .fields = {}};
    // Every instance, in the order of the message; fields of the policy and no others.
    // [rfc7508/4.5.1/5] [rfc7508/4.5.1/3] [rfc7508/4.5.2/7]
    for (const imf::HeaderField& field : header.fields()) {
        if (field.is_opaque()) continue;
        const auto secured = policy.secured.find(field.name);
        if (secured == policy.secured.end()) continue;
        // [rfc7508/4.5.1/4] [rfc7508/4.5.1/7]
        structure.fields.push_back(canonical(field, policy.algorithm));
        structure.fields.back().status = secured->second;  // [rfc7508/4.4/3]
    }
    return structure;
}

Result<std::vector<crypto::Attribute>> StandardRules::attributes(
    const SecureHeaderFields& structure, Edition edition, std::size_t) const {
    auto value = encode(structure, edition);
    if (!value) return std::unexpected(value.error());
    return std::vector{
        crypto::Attribute{.oid = std::string(attribute_oid(edition)), .value = std::move(*value)}};
}

std::string_view StandardRules::attribute_type(Edition edition) const {
    return attribute_oid(edition);
}

bool StandardRules::accepts(const crypto::SignerReport& signer) const {
    return signer.is_good();
}

Result<Decoded> StandardRules::read(std::span<const crypto::FoundAttribute* const> attributes,
                                    Edition edition, Strictness strictness) const {
    if (attributes.size() > 1) {
        return std::unexpected(
            Error{.id = "secureheaders.attribute.repeated", .requirement = "rfc5652/5.3"});
    }
    if (attributes[0]->values.size() != 1) {
        return std::unexpected(
            Error{.id = "secureheaders.attribute.values", .requirement = "rfc7508/4"});
    }
    return decode(attributes[0]->values[0], edition, strictness);
}

std::string StandardRules::name_key(std::string_view name) const {
    return base::to_lower(name);
}

SecuredField StandardRules::canonical(const imf::HeaderField& field,
                                      imf::Canonicalization algorithm) const {
    return {.name = imf::canonical_name(field.name, algorithm),
            .value = imf::canonical_body(field.body, algorithm)};
}

bool StandardRules::same_value(const SecuredField& signed_field, const SecuredField& found) const {
    return signed_field.value == found.value;
}

bool StandardRules::looks_for_extra(const Policy& policy, Edition edition) const {
    // The draft takes the step whatever the other side's policy is.
    return edition == Edition::Draft || policy.sharing == Sharing::Shared;
}

bool StandardRules::invalidates(Warning warning) const {
    switch (warning) {
        case Warning::Missing:
        case Warning::Mismatch:
        case Warning::Extra:
            return true;  // [rfc7508/4.5.2/3]
        case Warning::SignersDisagree:
            // Section 4.5.1 binds the signer. A receiver has no way to tell which one is meant.
            return true;
        case Warning::NotSecured:
        case Warning::MandatoryUnsigned:
        // A gateway that does not know Secure Headers may have signed too (section 6).
        case Warning::SignerWithout:
            return false;
    }
    std::unreachable();
}

bool StandardRules::warns(Warning) const {
    // [rfc7508/4.5.2/8] [rfc7508/4.5.2/13] [rfc7508/4.5.2/19] [rfc7508/4.5.2/25]
    return true;
}

FieldReport StandardRules::shown(FieldReport field) const {
    return field;
}

imf::Canonicalization StandardRules::shown(imf::Canonicalization algorithm) const {
    return algorithm;
}

std::string_view to_string(Warning warning) {
    switch (warning) {
        case Warning::Missing:
            return "missing";
        case Warning::Mismatch:
            return "mismatch";
        case Warning::Extra:
            return "extra";
        case Warning::NotSecured:
            return "not-secured";
        case Warning::MandatoryUnsigned:
            return "mandatory-unsigned";
        case Warning::SignersDisagree:
            return "signers-disagree";
        case Warning::SignerWithout:
            return "signer-without";
    }
    std::unreachable();
}

}  // namespace mailassay::secureheaders
