#include "secureheaders/rules.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imf/address.h"
#include "secureheaders/compare.h"

namespace mailassay::secureheaders {

namespace {

// The domain ignores case, and so does a local part in ASCII; of another one every octet counts
// (RFC 8398 section 5). [rfc8550/3/6] [rfc8550/3/7]
bool same_address(std::string_view a, std::string_view b) {
    const std::size_t at_a = a.rfind('@');
    const std::size_t at_b = b.rfind('@');
    if (at_a == std::string_view::npos || at_b == std::string_view::npos) return false;
    const std::string_view local = a.substr(0, at_a);
    const bool same_local = base::is_ascii(local)
                                ? base::equals_ignore_case(local, b.substr(0, at_b))
                                : local == b.substr(0, at_b);
    return same_local && base::equals_ignore_case(a.substr(at_a), b.substr(at_b));
}

}  // namespace

const Policy& StandardRules::part(const Policies& policies, Layer layer) const {
    return layer == Layer::Inner ? policies.inner : policies.outer;  // [rfc7508/5/7]
}

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

SecureHeaderFields StandardRules::beside(const SecureHeaderFields& theirs,
                                         const imf::HeaderSection&, const Policy&) const {
    return theirs;  // [rfc7508/4.5.1/6]
}

bool StandardRules::vouches(const Comparison& comparison) const {
    return comparison.valid;  // [rfc7508/4.5.1/4]
}

AddressMatch StandardRules::match_address(const imf::HeaderSection& header,
                                          const crypto::Certificate& certificate) const {
    const std::vector<std::string> certified = certificate.mail_addresses();
    if (certified.empty()) return AddressMatch::NoneInCertificate;  // [rfc8550/3/2]
    bool any = false;
    for (const char* name : {"From", "Sender"}) {
        for (const imf::HeaderField* field : header.find_all(name)) {
            const auto mailboxes = imf::parse_mailbox_list(field->body);
            if (!mailboxes) continue;
            for (const imf::Mailbox& mailbox : *mailboxes) {
                any = true;
                const auto is_its = [&mailbox](const std::string& address) {
                    return same_address(address, mailbox.address());
                };
                // [rfc8550/3/9]
                if (std::ranges::any_of(certified, is_its)) return AddressMatch::Matches;
            }
        }
    }
    return any ? AddressMatch::Differs : AddressMatch::NoneInMessage;
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

std::string_view to_string(AddressMatch match) {
    switch (match) {
        case AddressMatch::Matches:
            return "matches";
        case AddressMatch::Differs:
            return "differs";
        case AddressMatch::NoneInCertificate:
            return "none-in-certificate";
        case AddressMatch::NoneInMessage:
            return "none-in-message";
    }
    std::unreachable();
}

}  // namespace mailassay::secureheaders
