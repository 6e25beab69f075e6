#include "secureheaders/rules.h"

#include <utility>

namespace mailassay::secureheaders {

SecureHeaderFields StandardRules::select(const imf::HeaderSection& header,
                                         const Policy& policy) const {
    SecureHeaderFields structure{.algorithm = policy.algorithm, .fields = {}};
    // Every instance, in the order of the message (section 4.5.1).
    for (const imf::HeaderField& field : header.fields()) {
        if (field.is_opaque()) continue;
        const auto secured = policy.secured.find(field.name);
        if (secured == policy.secured.end()) continue;
        structure.fields.push_back(canonical(field, policy.algorithm));
        structure.fields.back().status = secured->second;
    }
    return structure;
}

SecuredField StandardRules::canonical(const imf::HeaderField& field,
                                      imf::Canonicalization algorithm) const {
    return {.name = imf::canonical_name(field.name, algorithm),
            .value = imf::canonical_body(field.body, algorithm)};
}

bool StandardRules::same_value(const SecuredField& signed_field, const SecuredField& found) const {
    return signed_field.value == found.value;
}

bool StandardRules::looks_for_extra(const Policy& policy) const {
    return policy.sharing == Sharing::Shared;
}

bool StandardRules::invalidates(Warning warning) const {
    switch (warning) {
        case Warning::Missing:
        case Warning::Mismatch:
        case Warning::Extra:
            return true;
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
    return true;
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
