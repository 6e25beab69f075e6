#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/ascii.h"
#include "deviant.h"
#include "imf/header.h"
#include "secureheaders/codec.h"

// Verifiers of secured header fields that are wrong in what they accept, or in what they tell.
namespace mailassay::deviants {
namespace {

using crypto::FoundAttribute;
using crypto::SignerReport;
using secureheaders::AddressMatch;
using secureheaders::Decoded;
using secureheaders::FieldReport;
using secureheaders::Layer;
using secureheaders::Match;
using secureheaders::Policies;
using secureheaders::Policy;
using secureheaders::SecuredField;
using secureheaders::StandardRules;
using secureheaders::Status;
using secureheaders::Strictness;
using secureheaders::Warning;

class AcceptsAnySignature : public StandardRules {
  public:
    bool accepts(const SignerReport&) const override { return true; }
};

class AcceptsWrongDigests : public StandardRules {
  public:
    bool accepts(const SignerReport& signer) const override {
        return StandardRules::accepts(signer) ||
               signer.signature == crypto::SignatureState::WrongDigest;
    }
};

class NoChainBeyondOne : public StandardRules {
  public:
    bool accepts(const SignerReport& signer) const override {
        return StandardRules::accepts(signer) &&
               !(signer.certificate && signer.certificate->issuer().contains("intermediate"));
    }
};

class RefusesTheAttribute : public StandardRules {
  public:
    bool accepts(const SignerReport& signer) const override {
        return StandardRules::accepts(signer) &&
               signer.find_all(attribute_type(Edition::Rfc)).empty() &&
               signer.find_all(attribute_type(Edition::Draft)).empty();
    }
};

class RefusesUnknownAttributes : public StandardRules {
  public:
    bool accepts(const SignerReport& signer) const override {
        const auto is_known = [](const FoundAttribute& attribute) {
            return attribute.oid != "1.2.840.113549.1.9.16.2.4711";
        };
        return StandardRules::accepts(signer) && std::ranges::all_of(signer.attributes, is_known);
    }
};

template <Warning forgiven>
class Forgives : public StandardRules {
  public:
    bool invalidates(Warning warning) const override {
        return warning != forgiven && StandardRules::invalidates(warning);
    }
};

template <Warning overdone>
class Overdoes : public StandardRules {
  public:
    bool invalidates(Warning warning) const override {
        return warning == overdone || StandardRules::invalidates(warning);
    }
};

template <Warning hushed>
class Hushes : public StandardRules {
  public:
    bool warns(Warning warning) const override {
        return warning != hushed && StandardRules::warns(warning);
    }
};

// Compares what `change` makes of both values.
template <auto change>
class Compares : public StandardRules {
  public:
    bool same_value(const SecuredField& signed_field, const SecuredField& found) const override {
        return change(signed_field.value) == change(found.value);
    }
};

std::string in_lower_case(const std::string& value) {
    return base::to_lower(value);
}

std::string beginning(const std::string& value) {
    return value.substr(0, 100);
}

class CanonicalizesAllAlike : public StandardRules {
  public:
    SecuredField canonical(const imf::HeaderField& field, imf::Canonicalization) const override {
        return StandardRules::canonical(field, imf::Canonicalization::Simple);
    }
};

class RelaxesSimple : public StandardRules {
  public:
    bool same_value(const SecuredField& a, const SecuredField& b) const override {
        return imf::canonical_body(a.value, imf::Canonicalization::Relaxed) ==
               imf::canonical_body(b.value, imf::Canonicalization::Relaxed);
    }
};

class NamesAsTheyStand : public StandardRules {
  public:
    // The structure has them in lower case when it is relaxed.
    std::string name_key(std::string_view name) const override {
        const bool shouted = std::ranges::none_of(
            name, [](char c) { return base::is_alpha(c) && base::to_lower(c) == c; });
        return shouted ? std::string(name) : base::to_lower(name);
    }
};

class NeverLooksForExtra : public StandardRules {
  public:
    bool looks_for_extra(const Policy&, Edition) const override { return false; }
};

class AlwaysLooksForExtra : public StandardRules {
  public:
    bool looks_for_extra(const Policy&, Edition) const override { return true; }
};

class SharedPoliciesOnly : public StandardRules {
  public:
    bool looks_for_extra(const Policy& policy, Edition) const override {
        return policy.sharing == secureheaders::Sharing::Shared;
    }
};

// Of a structure that can't be read, takes an empty one instead.
class TakesNothingForValid : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        auto decoded = StandardRules::read(attributes, edition, strictness);
        return decoded ? decoded : Decoded{};
    }
};

class TakesTheFirstAttribute : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        return StandardRules::read(attributes.first(1), edition, strictness);
    }
};

class TakesTheFirstValue : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        if (attributes.size() != 1 || attributes[0]->values.empty()) {
            return StandardRules::read(attributes, edition, strictness);
        }
        FoundAttribute first = *attributes[0];
        first.values.resize(1);
        const FoundAttribute* const only = &first;
        return StandardRules::read({&only, 1}, edition, strictness);
    }
};

// Of a structure with an unknown algorithm takes relaxed.
class AnyAlgorithmIsRelaxed : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        auto decoded = StandardRules::read(attributes, edition, strictness);
        if (decoded || decoded.error().id != "secureheaders.structure.unknown-algorithm") {
            return decoded;
        }
        FoundAttribute changed = *attributes[0];
        std::string& value = changed.values[0];
        const std::size_t at = value.find("\x0a\x01");
        value[at + 2] = 1;
        return StandardRules::read(std::array<const FoundAttribute*, 1>{&changed}, edition,
                                   strictness);
    }
};

// Ends with an exception where `id` is what is wrong.
template <auto matches>
class GivesUp : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        auto decoded = StandardRules::read(attributes, edition, strictness);
        if (!decoded && matches(decoded.error().id)) {
            throw std::runtime_error("a structure that it did not expect");
        }
        return decoded;
    }
};

bool of_encoding(std::string_view id) {
    return id.starts_with("der.");
}

bool of_types(std::string_view id) {
    return id.ends_with("-type");
}

bool of_statuses(std::string_view id) {
    return id.ends_with("unknown-status");
}

class TakesTheOtherEdition : public StandardRules {
  public:
    std::string_view attribute_type(Edition edition) const override {
        return secureheaders::attribute_oid(edition == Edition::Rfc ? Edition::Draft
                                                                    : Edition::Rfc);
    }
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness) const override {
        return StandardRules::read(attributes, edition, Strictness::Tolerant);
    }
    bool same_value(const SecuredField&, const SecuredField&) const override { return true; }
};

class ShowsWhatTheMessageHas : public StandardRules {
  public:
    FieldReport shown(FieldReport field) const override {
        if (field.match == Match::Different) field.secured.value = field.found;
        return field;
    }
    imf::Canonicalization shown(imf::Canonicalization algorithm) const override {
        return algorithm;
    }
};

class ShowsNoStatus : public StandardRules {
  public:
    FieldReport shown(FieldReport field) const override {
        field.secured.status = Status::Duplicated;
        return field;
    }
    imf::Canonicalization shown(imf::Canonicalization algorithm) const override {
        return algorithm;
    }
};

class ShowsAllAsGood : public StandardRules {
  public:
    FieldReport shown(FieldReport field) const override {
        field.match = Match::Same;
        return field;
    }
    imf::Canonicalization shown(imf::Canonicalization algorithm) const override {
        return algorithm;
    }
};

class ShowsRelaxed : public StandardRules {
  public:
    FieldReport shown(FieldReport field) const override { return field; }
    imf::Canonicalization shown(imf::Canonicalization) const override {
        return imf::Canonicalization::Relaxed;
    }
};

class DeletedMayBeMissing : public StandardRules {
  public:
    Result<Decoded> read(std::span<const FoundAttribute* const> attributes, Edition edition,
                         Strictness strictness) const override {
        auto decoded = StandardRules::read(attributes, edition, strictness);
        if (decoded && decoded->structure.fields.size() > 1) {
            std::erase_if(decoded->structure.fields, [](const SecuredField& field) {
                return field.status == Status::Deleted;
            });
        }
        return decoded;
    }
};

// Judges every signature by the part of the policy for the inner one.
class InnerPartOnly : public StandardRules {
  public:
    const Policy& part(const Policies& policies, Layer) const override { return policies.inner; }
};

class OuterPartOnly : public StandardRules {
  public:
    const Policy& part(const Policies& policies, Layer) const override { return policies.outer; }
};

// Tells one match for another.
template <AddressMatch found, AddressMatch told>
class TellsAddresses : public StandardRules {
  public:
    AddressMatch match_address(const imf::HeaderSection& header,
                               const crypto::Certificate& certificate) const override {
        const AddressMatch match = StandardRules::match_address(header, certificate);
        return match == found ? told : match;
    }
};

class AddressesInOneCase : public StandardRules {
  public:
    AddressMatch match_address(const imf::HeaderSection& header,
                               const crypto::Certificate& certificate) const override {
        const AddressMatch match = StandardRules::match_address(header, certificate);
        const imf::HeaderField* from = header.find_first("From");
        const auto stands_there = [from](const std::string& address) {
            return from->body.contains(address);
        };
        if (match != AddressMatch::Matches || from == nullptr || header.count("Sender") > 0 ||
            std::ranges::any_of(certificate.mail_addresses(), stands_there)) {
            return match;
        }
        return AddressMatch::Differs;
    }
};

class LooksAtFromAlone : public StandardRules {
  public:
    AddressMatch match_address(const imf::HeaderSection& header,
                               const crypto::Certificate& certificate) const override {
        imf::HeaderSection without_sender;
        for (const imf::HeaderField& field : header.fields()) {
            if (!base::equals_ignore_case(field.name, "Sender")) without_sender.append(field);
        }
        return StandardRules::match_address(without_sender, certificate);
    }
};

// Knows no attribute of Secure Headers.
class UnawareVerifier : public StandardRules {
  public:
    std::string_view attribute_type(Edition) const override { return "0.0"; }
};

class UnawareRefusesUnknown : public UnawareVerifier {
  public:
    bool accepts(const SignerReport& signer) const override {
        return RefusesTheAttribute().accepts(signer);
    }
};

class UnawareAcceptsAll : public UnawareVerifier {
  public:
    bool accepts(const SignerReport&) const override { return true; }
};

template <class DeviantRules>
Deviant unaware_verifier_deviant(std::string_view name, std::string_view wrong,
                                 std::string_view requirement) {
    Deviant made = secure_headers_deviant<DeviantRules>(name, wrong, requirement);
    made.base = Base::UnawareVerifier;
    return made;
}

}  // namespace

cli::Implementation unaware_verifier() {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.secure_headers = std::make_shared<const UnawareVerifier>();
    return implementation;
}

std::vector<Deviant> verifier_deviants() {
    return {
        secure_headers_deviant<AcceptsAnySignature>("accepts-any-signature",
                                                    "Does not look whether a signature holds.",
                                                    "rfc7508/4.5.2/10"),
        secure_headers_deviant<AcceptsWrongDigests>(
            "accepts-wrong-digests", "Does not look whether the content is the signed one.",
            "rfc7508/4.5.2/10"),
        secure_headers_deviant<NoChainBeyondOne>(
            "follows-no-chain", "Takes no signer whose issuer is not itself a root.",
            "rfc7508/4.5.2/10"),
        secure_headers_deviant<RefusesTheAttribute>(
            "refuses-what-it-should-verify", "Takes a signature with the attribute for broken.",
            "rfc7508/4/5"),
        secure_headers_deviant<RefusesUnknownAttributes>(
            "refuses-unknown-attributes", "Refuses a signature for an attribute unknown to it.",
            "rfc7508/4.5.2/31"),
        secure_headers_deviant<Forgives<Warning::Mismatch>>(
            "forgives-mismatches", "Warns of a value that differs, and calls the message valid.",
            "rfc7508/4.5.2/3"),
        secure_headers_deviant<Forgives<Warning::Missing>>(
            "forgives-missing-fields", "Warns of a missing field, and calls the message valid.",
            "rfc7508/4.5.2/14"),
        secure_headers_deviant<Forgives<Warning::Extra>>(
            "forgives-extra-fields", "Warns of an added field, and calls the message valid.",
            "rfc7508/4.5.2/27"),
        secure_headers_deviant<Forgives<Warning::SignersDisagree>>(
            "forgives-disagreement", "Believes the first signer, whatever the others signed.",
            "rfc7508/4.5.2/32"),
        secure_headers_deviant<Overdoes<Warning::NotSecured>>(
            "invalidates-unsecured-fields", "Calls a message invalid for a field not secured.",
            "rfc7508/4.5.2/24", rfc_only),
        secure_headers_deviant<Hushes<Warning::Mismatch>>(
            "hushes-mismatches", "Does not say which value differs.", "rfc7508/4.5.2/19"),
        secure_headers_deviant<Hushes<Warning::Missing>>(
            "hushes-missing-fields", "Does not say which field is missing.", "rfc7508/4.5.2/13"),
        secure_headers_deviant<Hushes<Warning::Extra>>(
            "hushes-extra-fields", "Does not say which field was added.", "rfc7508/4.5.2/25"),
        secure_headers_deviant<Hushes<Warning::MandatoryUnsigned>>(
            "hushes-mandatory-fields", "Does not say which mandatory field is not secured.",
            "rfc7508/4.5.2/29"),
        secure_headers_deviant<Hushes<Warning::NotSecured>>(
            "hushes-unsecured-fields", "Does not say which field is not secured.",
            "rfc7508/4.5.2/8", rfc_only),
        secure_headers_deviant<Compares<in_lower_case>>(
            "compares-in-any-case", "Takes values for the same in upper and lower case.",
            "rfc7508/4.3/9"),
        secure_headers_deviant<Compares<beginning>>("compares-beginnings",
                                                    "Compares the first hundred octets of a value.",
                                                    "rfc7508/4.2/1"),
        secure_headers_deviant<CanonicalizesAllAlike>(
            "never-relaxes", "Takes the message's values as they stand under relaxed, too.",
            "rfc7508/4.5.2/17"),
        secure_headers_deviant<RelaxesSimple>(
            "relaxes-simple", "Forgives white space under simple, too.", "rfc7508/4.5.2/16"),
        secure_headers_deviant<NamesAsTheyStand>("overlooks-names-in-capitals",
                                                 "Does not find a field whose name is in capitals.",
                                                 "rfc7508/4.3/4"),
        secure_headers_deviant<NeverLooksForExtra>("never-looks-for-extra-fields",
                                                   "Leaves step 6 out.", "rfc7508/4.5.2/23"),
        secure_headers_deviant<AlwaysLooksForExtra>("always-looks-for-extra-fields",
                                                    "Takes step 6 where no policy is shared.",
                                                    "rfc7508/4.5.2/24", rfc_only),
        secure_headers_deviant<SharedPoliciesOnly>(
            "looks-for-extra-fields-of-shared-policies-only",
            "Takes step 6 of the draft only where a policy is shared.", "rfc7508/4.5.2/23",
            {Edition::Draft}),
        secure_headers_deviant<TakesNothingForValid>(
            "takes-nothing-for-valid", "Takes a structure that it can't read for one of no field.",
            "rfc7508/4.1/23", rfc_only),
        secure_headers_deviant<TakesTheFirstAttribute>("takes-the-first-attribute",
                                                       "Of two attributes believes the first.",
                                                       "rfc7508/4/3", rfc_only),
        secure_headers_deviant<TakesTheFirstValue>(
            "takes-the-first-value", "Of an attribute with two values believes the first.",
            "rfc7508/4/3", rfc_only),
        secure_headers_deviant<AnyAlgorithmIsRelaxed>(
            "any-algorithm-is-relaxed", "Takes an algorithm of any number for relaxed.",
            "rfc7508/4.1/5"),
        secure_headers_deviant<GivesUp<of_encoding>>(
            "ends-on-ber", "Ends when a structure is not in DER.", "rfc7508/4.1/14"),
        secure_headers_deviant<GivesUp<of_types>>(
            "ends-on-other-types", "Ends when a string is of another type.", "rfc7508/4.1/20"),
        secure_headers_deviant<GivesUp<of_statuses>>("ends-on-unknown-statuses",
                                                     "Ends when a status is of an unknown number.",
                                                     "rfc7508/4.1/22"),
        secure_headers_deviant<TakesTheOtherEdition>(
            "believes-the-other-edition",
            "Reads the attribute of the other edition, and compares nothing.", "rfc7508/4.1/3"),
        secure_headers_deviant<ShowsWhatTheMessageHas>(
            "shows-what-the-message-has", "Shows the message's value where it differs.",
            "rfc7508/4.5.2/5"),
        secure_headers_deviant<ShowsNoStatus>("shows-no-status", "Shows every field as duplicated.",
                                              "rfc7508/4.5.2/30"),
        secure_headers_deviant<ShowsAllAsGood>("shows-all-as-good", "Shows every field as good.",
                                               "rfc7508/4.5.2/4"),
        secure_headers_deviant<ShowsRelaxed>(
            "shows-relaxed", "Shows relaxed, whatever the algorithm is.", "rfc7508/4.5.2/30"),
        secure_headers_deviant<DeletedMayBeMissing>("forgets-deleted-fields",
                                                    "Does not compare fields of status deleted.",
                                                    "rfc7508/4.4/1"),
        secure_headers_deviant<InnerPartOnly>(
            "goes-by-the-inner-part", "Signs and judges an outer signature by the inner part.",
            "rfc7508/5/7", rfc_only),
        secure_headers_deviant<OuterPartOnly>(
            "goes-by-the-outer-part", "Signs and judges an inner signature by the outer part.",
            "rfc7508/5/7", rfc_only),
        secure_headers_deviant<TellsAddresses<AddressMatch::Differs, AddressMatch::Matches>>(
            "takes-anybodys-certificate", "Does not see that the certificate is for somebody else.",
            "rfc8550/3/9"),
        secure_headers_deviant<
            TellsAddresses<AddressMatch::NoneInCertificate, AddressMatch::Differs>>(
            "wants-an-address", "Takes a certificate without an address for somebody else's.",
            "rfc8550/3/2"),
        secure_headers_deviant<AddressesInOneCase>("compares-addresses-in-one-case",
                                                   "Tells addresses apart by upper and lower case.",
                                                   "rfc8550/3/6"),
        secure_headers_deviant<LooksAtFromAlone>(
            "looks-at-from-alone", "Does not hold Sender against the certificate.", "rfc8550/3/9"),
        unaware_verifier_deviant<UnawareRefusesUnknown>(
            "unaware-refuses-the-attribute", "Refuses a signature with an unknown attribute.",
            "rfc7508/4/7"),
        unaware_verifier_deviant<UnawareAcceptsAll>(
            "unaware-accepts-all", "Does not look whether a signature holds.", "rfc7508/4/8"),
    };
}

}  // namespace mailassay::deviants
