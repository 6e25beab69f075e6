#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "base/base64.h"
#include "dca/rules.h"
#include "deviant.h"

// Domain Confidentiality Authorities that hide too little or too much, or do not restore what was.
namespace mailassay::deviants {
namespace {

using dca::Insertion;
using dca::NameFault;
using dca::Replacements;
using dca::StandardRules;
using dca::Treatment;
using secureheaders::SecuredField;
using secureheaders::Status;

class HidesNothing : public StandardRules {
  public:
    Treatment treatment(const SecuredField&, const Replacements&) const override {
        return Treatment::Keep;
    }
};

class DeletesMandatoryFields : public StandardRules {
  public:
    Treatment treatment(const SecuredField& field, const Replacements& others) const override {
        return field.status == Status::Deleted ? Treatment::Remove
                                               : StandardRules::treatment(field, others);
    }
};

class DeletesDuplicatedFields : public StandardRules {
  public:
    Treatment treatment(const SecuredField& field, const Replacements& others) const override {
        return field.status == Status::Duplicated ? Treatment::Remove
                                                  : StandardRules::treatment(field, others);
    }
};

class ReplacesByTheValueItself : public StandardRules {
  public:
    Result<imf::HeaderField> replacement(const imf::HeaderField& hidden,
                                         const Replacements&) const override {
        return hidden;
    }
};

class TellsValuesInComments : public StandardRules {
  public:
    Result<imf::HeaderField> replacement(const imf::HeaderField& hidden,
                                         const Replacements& others) const override {
        auto field = StandardRules::replacement(hidden, others);
        if (!field) return field;
        return imf::make_field(hidden.name,
                               field->value() + " (" + base::encode_base64(hidden.value()) + ")");
    }
};

// Every octet as "=XX", as quoted-printable and encoded-words of kind Q have it.
std::string quoted(std::string_view octets) {
    std::string written;
    for (const char octet : octets) {
        written += fmt::format("={:02X}", static_cast<unsigned char>(octet));
    }
    return written;
}

class TellsValuesInEncodedWords : public StandardRules {
  public:
    Result<imf::HeaderField> replacement(const imf::HeaderField& hidden,
                                         const Replacements& others) const override {
        auto field = StandardRules::replacement(hidden, others);
        if (!field) return field;
        std::string body = field->value();
        // An encoded-word has 75 characters at most.
        const std::string value = hidden.value();
        for (std::size_t at = 0; at < value.size(); at += 20) {
            body += " =?utf-8?q?" + quoted(std::string_view(value).substr(at, 20)) + "?=";
        }
        return imf::make_field(hidden.name, body);
    }
};

class LogsWhatItHides : public StandardRules {
  public:
    Treatment treatment(const SecuredField& field, const Replacements& others) const override {
        const Treatment treatment = StandardRules::treatment(field, others);
        if (treatment != Treatment::Keep) {
            fmt::print(stderr, "hiding {}: {}\n", field.name, field.value);
        }
        return treatment;
    }
};

class EncryptsToAnyAuthority : public StandardRules {
  public:
    bool encrypts_despite(const std::vector<NameFault>&) const override { return true; }
};

class FlagsNoName : public StandardRules {
  public:
    std::vector<NameFault> judge_authority(const dca::Name&,
                                           const std::vector<std::string>&) const override {
        return {};
    }
};

// Lines in LF alone, as a system has them that knows no other.
std::string with_lf(std::string text) {
    std::erase(text, '\r');
    return text;
}

class EncryptsOtherLineEnds : public StandardRules {
  public:
    std::optional<std::string> other_content(
        std::span<const std::string_view> entity) const override {
        std::string whole;
        for (const std::string_view piece : entity) whole += piece;
        return with_lf(std::move(whole));
    }
};

class GivesOutOtherLineEnds : public StandardRules {
  public:
    std::optional<std::string> other_body(std::string_view body) const override {
        return with_lf(std::string(body));
    }
};

class PassesOn : public StandardRules {
  public:
    bool passes_on(const Error&) const override { return true; }
};

class RestoresNothing : public StandardRules {
  public:
    bool restores(const SecuredField&) const override { return false; }
};

class RestoresDeletedFieldsOnly : public StandardRules {
  public:
    bool restores(const SecuredField& field) const override {
        return field.status == Status::Deleted && StandardRules::restores(field);
    }
};

class RestoresDuplicatedFields : public StandardRules {
  public:
    bool restores(const SecuredField& field) const override {
        return !dca::describes_content(field.name);
    }
};

class WritesModifiedFieldsBeside : public StandardRules {
  public:
    bool rewrites(const SecuredField&) const override { return false; }
};

class RestoresTwice : public StandardRules {
  public:
    bool leaves_what_is_there(const SecuredField&) const override { return false; }
};

class RestoresInAnyOrder : public StandardRules {
  public:
    imf::HeaderSection insert(const imf::HeaderSection& header,
                              std::vector<Insertion> insertions) const override {
        imf::HeaderSection made = header;
        for (auto each = insertions.rbegin(); each != insertions.rend(); ++each) {
            made.append(std::move(each->field));
        }
        return made;
    }
};

class RestoresCutValues : public StandardRules {
  public:
    Result<imf::HeaderField> restored(const SecuredField& field, imf::Canonicalization algorithm,
                                      const imf::HeaderField* found) const override {
        SecuredField cut = field;
        cut.value = cut.value.substr(0, 8);
        return StandardRules::restored(cut, algorithm, found);
    }
};

class LogsWhatItRestores : public StandardRules {
  public:
    Result<imf::HeaderField> restored(const SecuredField& field, imf::Canonicalization algorithm,
                                      const imf::HeaderField* found) const override {
        fmt::print(stderr, "restoring {}: {}\n", field.name, base::encode_base64(field.value));
        return StandardRules::restored(field, algorithm, found);
    }
};

class LogsWhatItDecrypts : public StandardRules {
  public:
    std::optional<std::string> other_body(std::string_view body) const override {
        fmt::print(stderr, "decrypted: {}\n", quoted(body));
        return StandardRules::other_body(body);
    }
};

class SignsForAnybody : public StandardRules {
  public:
    bool signs_for(secureheaders::Outcome) const override { return true; }
};

class SignsUnderAnyName : public StandardRules {
  public:
    bool signs_despite(const std::vector<NameFault>&) const override { return true; }
};

class MarksNoSignature : public StandardRules {
  public:
    std::vector<crypto::Attribute> marks(dca::Agent) const override { return {}; }
};

class TellsInThePreamble : public StandardRules {
  public:
    std::string preamble(const imf::HeaderSection& header) const override {
        return base::encode_base64(shown_) + "\r\n" + StandardRules::preamble(header);
    }
    Treatment treatment(const SecuredField& field, const Replacements& others) const override {
        const Treatment treatment = StandardRules::treatment(field, others);
        if (treatment == Treatment::Remove) shown_ = field.name + ": " + field.value;
        return treatment;
    }

  private:
    mutable std::string shown_;  // of the message at hand; a shim has one at a time
};

class BelievesAnyOuterSignature : public StandardRules {
  public:
    dca::Standing standing(const crypto::SignerReport&) const override {
        return dca::Standing::Holds;
    }
};

class FlagsNoSigner : public StandardRules {
  public:
    std::vector<NameFault> judge_signer(dca::Agent, const dca::Name&,
                                        const dca::Name&) const override {
        return {};
    }
};

class ComparesMailDomainsAlone : public StandardRules {
  public:
    std::vector<NameFault> judge_signer(dca::Agent agent, const dca::Name& signer,
                                        const dca::Name& originator) const override {
        const dca::Name mail_alone{.subject = {}, .mail_addresses = originator.mail_addresses};
        return StandardRules::judge_signer(agent, signer, mail_alone);
    }
};

template <class DeviantRules>
Deviant confidentiality_deviant(std::string_view name, std::string_view wrong,
                                std::string_view requirement,
                                std::vector<Edition> editions = both_editions) {
    cli::Implementation implementation = cli::standard_implementation();
    implementation.confidentiality = std::make_shared<const DeviantRules>();
    return {name,
            wrong,
            requirement,
            std::move(editions),
            std::move(implementation),
            Base::SecureHeaders};
}

}  // namespace

std::vector<Deviant> confidentiality_deviants() {
    return {
        confidentiality_deviant<HidesNothing>("hides-nothing",
                                              "Ignores the status: every field crosses the wire.",
                                              "rfc7508/4.6.1/5"),
        confidentiality_deviant<DeletesMandatoryFields>(
            "deletes-mandatory-fields", "Deletes From and Date where the status says so.",
            "rfc7508/4.6.1/8"),
        confidentiality_deviant<DeletesDuplicatedFields>(
            "deletes-duplicated-fields", "Deletes fields that are to stay.", "rfc7508/4.6.1/6"),
        confidentiality_deviant<ReplacesByTheValueItself>("replaces-by-the-value-itself",
                                                          "Leaves a modified field its value.",
                                                          "rfc7508/4.6.1/9"),
        confidentiality_deviant<TellsValuesInComments>(
            "tells-values-in-comments", "Puts the hidden value, in base64, beside its replacement.",
            "rfc7508/4.6.1/9"),
        confidentiality_deviant<TellsValuesInEncodedWords>(
            "tells-values-in-encoded-words",
            "Puts the hidden value, in encoded-words, behind its replacement.", "rfc7508/4.6.1/9"),
        confidentiality_deviant<LogsWhatItHides>(
            "logs-what-it-hides", "Writes hidden values to its log.", "rfc7508/4.6.1/7"),
        confidentiality_deviant<EncryptsToAnyAuthority>(
            "encrypts-to-any-authority", "Encrypts to an authority of another domain.",
            "rfc3183/4.1/6"),
        confidentiality_deviant<FlagsNoName>(
            "flags-no-name", "Does not look at the names of authorities.", "rfc3183/4.1/7"),
        confidentiality_deviant<EncryptsOtherLineEnds>(
            "encrypts-other-line-ends", "Encrypts the message with lines in LF, unlike signed.",
            "rfc3183/4/5"),
        confidentiality_deviant<GivesOutOtherLineEnds>(
            "gives-out-other-line-ends", "Gives out what it decrypts with lines in LF.",
            "rfc3183/4/5"),
        confidentiality_deviant<PassesOn>(
            "passes-on-what-it-can-not-do",
            "Gives a message that it can't encrypt or decrypt as if it had.", "rfc3183/4/2"),
        confidentiality_deviant<RestoresNothing>(
            "restores-nothing", "Leaves the header as it crossed the wire.", "rfc7508/4.6.2/5"),
        confidentiality_deviant<RestoresDeletedFieldsOnly>("restores-deleted-fields-only",
                                                           "Leaves modified fields as they are.",
                                                           "rfc7508/4.6.2/9"),
        confidentiality_deviant<RestoresDuplicatedFields>(
            "restores-duplicated-fields", "Writes duplicated fields that were lost on the way.",
            "rfc7508/4.6.2/6"),
        confidentiality_deviant<WritesModifiedFieldsBeside>(
            "writes-modified-fields-beside",
            "Writes the signed value beside the one that stands there.", "rfc7508/4.6.2/9"),
        confidentiality_deviant<RestoresTwice>(
            "restores-twice", "Writes fields that are there already.", "rfc7508/4.6.2/7"),
        confidentiality_deviant<RestoresInAnyOrder>(
            "restores-in-any-order", "Writes deleted fields at the end, the last one first.",
            "rfc7508/4.6.2/7", rfc_only),
        confidentiality_deviant<RestoresCutValues>(
            "restores-cut-values", "Writes the first eight octets of a value.", "rfc7508/4.6.2/8"),
        confidentiality_deviant<LogsWhatItRestores>("logs-what-it-restores",
                                                    "Writes restored values to its log, in base64.",
                                                    "rfc7508/4.6.2/7"),
        confidentiality_deviant<LogsWhatItDecrypts>(
            "logs-what-it-decrypts", "Writes the content to its log, in quoted-printable.",
            "rfc7508/4.6.2/5"),
        confidentiality_deviant<SignsForAnybody>(
            "signs-for-anybody", "Signs for its domain around a signature that does not hold.",
            "rfc3183/3.2/7"),
        confidentiality_deviant<SignsUnderAnyName>(
            "signs-under-any-name", "Signs for a domain by a certificate with another name.",
            "rfc3183/3.2/6"),
        confidentiality_deviant<MarksNoSignature>(
            "marks-no-signature", "Signs for its domain without the mark of such a signature.",
            "rfc3183/3.1.2/4"),
        confidentiality_deviant<TellsInThePreamble>(
            "tells-in-the-preamble",
            "Puts a deleted field, in base64, before the first part of multipart/signed.",
            "rfc7508/4.6.1/7"),
        confidentiality_deviant<BelievesAnyOuterSignature>(
            "believes-any-outer-signature", "Tells that a broken outer signature holds.",
            "rfc3183/3.2/8"),
        confidentiality_deviant<FlagsNoSigner>(
            "flags-no-signer", "Does not look at the names of signers.", "rfc3183/3.1.1/13"),
        confidentiality_deviant<ComparesMailDomainsAlone>(
            "compares-mail-domains-alone",
            "Does not hold X.500 names and domain components of signers together.",
            "rfc3183/3.1.1/8"),
    };
}

}  // namespace mailassay::deviants
