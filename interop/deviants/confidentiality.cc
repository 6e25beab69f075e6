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
    };
}

}  // namespace mailassay::deviants
