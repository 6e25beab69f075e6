#include <algorithm>

#include "base/ascii.h"
#include "der/value.h"
#include "deviant.h"
#include "secureheaders/codec.h"

// Signers of header fields that are wrong in what they put into the structure, or how.
namespace mailassay::deviants {
namespace {

using crypto::Attribute;
using secureheaders::Policy;
using secureheaders::SecuredField;
using secureheaders::SecureHeaderFields;
using secureheaders::StandardRules;
using secureheaders::Status;

// Signs what `spoil` makes of the structure.
template <auto spoil>
class Spoils : public StandardRules {
  public:
    SecureHeaderFields select(const imf::HeaderSection& header,
                              const Policy& policy) const override {
        SecureHeaderFields structure = StandardRules::select(header, policy);
        spoil(structure, header, policy);
        return structure;
    }
};

using Header = imf::HeaderSection;

void drop_the_last_of_several(SecureHeaderFields& s, const Header&, const Policy&) {
    if (s.fields.size() > 1) s.fields.pop_back();
}

void keep_first_instances(SecureHeaderFields& s, const Header&, const Policy&) {
    std::vector<SecuredField> kept;
    for (const SecuredField& field : s.fields) {
        const bool known = std::ranges::any_of(kept, [&](const SecuredField& other) {
            return base::equals_ignore_case(other.name, field.name);
        });
        if (!known) kept.push_back(field);
    }
    s.fields = std::move(kept);
}

void drop_empty(SecureHeaderFields& s, const Header&, const Policy&) {
    if (s.fields.size() > 1) {
        std::erase_if(s.fields, [](const SecuredField& field) { return field.value.empty(); });
    }
}

void keep_values_as_they_stand(SecureHeaderFields& s, const Header& header, const Policy&) {
    for (SecuredField& field : s.fields) {
        for (const imf::HeaderField* each : header.find_all(field.name)) {
            if (imf::canonical_body(each->body, s.algorithm) == field.value) {
                field.value = imf::unfold(each->body);
            }
        }
    }
}

void call_all_duplicated(SecureHeaderFields& s, const Header&, const Policy&) {
    for (SecuredField& field : s.fields) field.status = Status::Duplicated;
}

void tell_the_other_algorithm(SecureHeaderFields& s, const Header&, const Policy&) {
    s.algorithm = s.algorithm == imf::Canonicalization::Simple ? imf::Canonicalization::Relaxed
                                                               : imf::Canonicalization::Simple;
}

void cut_long_values(SecureHeaderFields& s, const Header&, const Policy&) {
    constexpr std::size_t longest = 64;
    for (SecuredField& field : s.fields) field.value.resize(std::min(field.value.size(), longest));
}

void put_question_marks(SecureHeaderFields& s, const Header&, const Policy&) {
    for (SecuredField& field : s.fields) {
        std::ranges::replace_if(
            field.value, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
}

void secure_what_is_not_there(SecureHeaderFields& s, const Header&, const Policy& policy) {
    if (!s.fields.empty()) return;
    for (const auto& [name, status] : policy.secured) s.fields.push_back({name, "", status});
}

class SecondSignerWithout : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        if (signer > 0) return std::vector<Attribute>{};
        return StandardRules::attributes(structure, edition, signer);
    }
};

class SecondSignerSignsLess : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        SecureHeaderFields less = structure;
        if (signer > 0 && less.fields.size() > 1) less.fields.pop_back();
        return StandardRules::attributes(less, edition, signer);
    }
};

class AnotherType : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        auto made = StandardRules::attributes(structure, edition, signer);
        if (made) made->front().oid = "1.2.840.113549.1.9.16.2.99";
        return made;
    }
};

// The structure with a length in one octet more than it takes.
class NotInDer : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        auto made = StandardRules::attributes(structure, edition, signer);
        if (!made) return made;
        std::string& value = made->front().value;
        const auto length = static_cast<unsigned char>(value[1]);
        if (length < 0x80) {
            value.insert(1, "\x81");
        } else if (length < 0x84) {
            value[1] = static_cast<char>(length + 1);
            value.insert(2, 1, '\0');
        }
        return made;
    }
};

// The attribute once more, as a second value of a field that is only in it.
class TwoAttributes : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        auto made = StandardRules::attributes(structure, edition, signer);
        if (made) made->push_back(made->front());
        return made;
    }
};

// Beside others signs what its own policy says.
class BesideByItsOwnPolicy : public StandardRules {
  public:
    SecureHeaderFields beside(const SecureHeaderFields& theirs, const Header& header,
                              const Policy& policy) const override {
        SecureHeaderFields own = select(header, policy);
        return own.fields.empty() ? theirs : own;
    }
};

class VouchesForAnything : public StandardRules {
  public:
    bool vouches(const secureheaders::Comparison&) const override { return true; }
};

// Beside others who secured nothing secures nothing either.
class SilentBesideUnaware : public StandardRules {
  public:
    Result<std::vector<Attribute>> attributes(const SecureHeaderFields& structure, Edition edition,
                                              std::size_t signer) const override {
        const bool one_field = structure.fields.size() == 1 && signer > 0;
        if (one_field) return std::vector<Attribute>{};
        return StandardRules::attributes(structure, edition, signer);
    }
};

}  // namespace

std::vector<Deviant> signer_deviants() {
    return {
        secure_headers_deviant<Spoils<drop_the_last_of_several>>(
            "signs-all-but-the-last-field", "Leaves the last field of several out.",
            "rfc7508/4.5.1/9"),
        secure_headers_deviant<Spoils<keep_first_instances>>(
            "signs-first-instances-only", "Of fields of one name, signs the first alone.",
            "rfc7508/4.5.1/5"),
        secure_headers_deviant<Spoils<drop_empty>>(
            "leaves-empty-fields-out", "Takes an empty field for one that is not there.",
            "rfc7508/4.5.1/7"),
        secure_headers_deviant<Spoils<keep_values_as_they_stand>>(
            "signs-values-as-they-stand", "Says relaxed, and signs values without relaxing them.",
            "rfc7508/4.5.1/10"),
        secure_headers_deviant<Spoils<call_all_duplicated>>(
            "signs-every-status-as-duplicated", "Writes no status, whatever the policy says.",
            "rfc7508/4.4/3"),
        secure_headers_deviant<Spoils<tell_the_other_algorithm>>(
            "tells-the-other-algorithm", "Names the algorithm that it has not applied.",
            "rfc7508/4.5.1/12"),
        secure_headers_deviant<Spoils<cut_long_values>>(
            "cuts-long-values", "Signs the first 64 octets of a value.", "rfc7508/4.2/1"),
        secure_headers_deviant<Spoils<put_question_marks>>(
            "signs-question-marks", "Signs a question mark for each octet that is not ASCII.",
            "rfc7508/4.1/19"),
        secure_headers_deviant<Spoils<secure_what_is_not_there>>(
            "secures-what-is-not-there",
            "Signs the policy's fields as empty where the message has none of them.",
            "rfc7508/4.1/7"),
        secure_headers_deviant<SecondSignerWithout>(
            "secures-for-the-first-signer-only",
            "Puts the structure into the first signerInfo alone.", "rfc7508/4.5.1/6"),
        secure_headers_deviant<SecondSignerSignsLess>(
            "secures-less-for-the-second-signer",
            "Gives the second signer a structure without the last field.", "rfc7508/4.5.1/6"),
        secure_headers_deviant<BesideByItsOwnPolicy>(
            "signs-beside-others-by-its-own-policy",
            "Gives its signerInfo beside others what its own policy says.", "rfc7508/4.5.1/6"),
        secure_headers_deviant<VouchesForAnything>(
            "vouches-for-what-was-changed",
            "Signs beside others though the header is not what they secured.", "rfc7508/4.5.1/4"),
        secure_headers_deviant<SilentBesideUnaware>(
            "secures-nothing-beside-others", "Secures no field beside a signer who secured none.",
            "rfc7508/6/1"),
        secure_headers_deviant<AnotherType>("signs-with-another-type",
                                            "Gives the attribute a type that is not its own.",
                                            "rfc7508/4.1/2"),
        secure_headers_deviant<NotInDer>(
            "signs-in-ber", "Writes a length in more octets than it takes.", "rfc7508/4.1/11"),
        secure_headers_deviant<TwoAttributes>("signs-two-attributes", "Adds the attribute twice.",
                                              "rfc7508/4/2", rfc_only),
    };
}

}  // namespace mailassay::deviants
