#include "base/ascii.h"
#include "deviant.h"
#include "requiretls/header_field.h"

// Wrong about the header field that says that TLS is not required.
namespace mailassay::deviants {
namespace {

using requiretls::StandardRules;
using requiretls::Tag;
using Parameters = std::vector<smtp::Parameter>;

class IgnoresTheField final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection&) const override {
        return StandardRules::tag(parameters, {});
    }
};

class FieldBeatsParameter final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const Tag by_field = StandardRules::tag({}, header);
        return by_field == Tag::Optional ? by_field : StandardRules::tag(parameters, header);
    }
};

class TakesAnyValue final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const Tag tag = StandardRules::tag(parameters, header);
        const bool present = header.count(requiretls::field_name(edition())) > 0;
        return tag == Tag::None && present ? Tag::Optional : tag;
    }
};

// Tags by the field only when `accept` likes the octets behind its colon.
template <class Accept>
Tag tag_if(const StandardRules& rules, const Parameters& parameters,
           const imf::HeaderSection& header, Accept accept) {
    const imf::HeaderField* field = header.find_first(requiretls::field_name(rules.edition()));
    const bool seen = field != nullptr && accept(*field);
    return rules.StandardRules::tag(parameters, seen ? header : imf::HeaderSection{});
}

class DoesNotUnfold final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        return tag_if(*this, parameters, header, [](const imf::HeaderField& field) {
            return field.body.find('\r') == std::string::npos;
        });
    }
};

class WantsExactCase final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        return tag_if(*this, parameters, header, [this](const imf::HeaderField& field) {
            return field.name == requiretls::field_name(edition());
        });
    }
};

class WantsSpaceBehindColon final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        return tag_if(*this, parameters, header, [](const imf::HeaderField& field) {
            return !field.body.empty() && !base::is_alpha(field.body.front());
        });
    }
};

class ReadsTheOtherEditionsField final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const Edition other = edition() == Edition::Rfc ? Edition::Draft : Edition::Rfc;
        return StandardRules(other).tag(parameters, header);
    }
};

class StripsTheField final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    imf::HeaderSection onward(imf::HeaderSection header, Tag) const override {
        header.remove_all(requiretls::field_name(edition()));
        return header;
    }
};

class AddsASecondField final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    imf::HeaderSection onward(imf::HeaderSection header, Tag tag) const override {
        auto field = imf::make_field(requiretls::field_name(edition()), "No");
        if (tag == Tag::Optional && field) header.prepend(std::move(*field));
        return header;
    }
};

}  // namespace

std::vector<Deviant> field_deviants() {
    return {
        deviant<IgnoresTheField>("ignores-the-field", "Does not know the header field.",
                                 "rfc8689/4.1/2"),
        deviant<FieldBeatsParameter>("field-beats-parameter",
                                     "Lets the header field overrule the REQUIRETLS parameter.",
                                     "rfc8689/4.1/3"),
        deviant<TakesAnyValue>("takes-any-field-value",
                               "Takes every value of the header field for No.", "rfc8689/3/1"),
        deviant<DoesNotUnfold>("does-not-unfold-the-field",
                               "Does not recognise the header field when it is folded.",
                               "rfc8689/3/5", rfc_only),
        deviant<WantsExactCase>("wants-exact-case-of-the-field",
                                "Knows the header field's name in one letter case only.",
                                "rfc8689/3/5", rfc_only),
        deviant<WantsSpaceBehindColon>("wants-space-behind-the-colon",
                                       "Knows the header field only with a space behind its colon.",
                                       "rfc8689/3/5", rfc_only),
        deviant<ReadsTheOtherEditionsField>(
            "reads-the-other-editions-field",
            "Knows the header field by the name that the other edition gives it.", "rfc8689/4.1/2"),
        deviant<StripsTheField>("strips-the-field", "Removes the header field from what it relays.",
                                "rfc8689/4.2.2/4"),
        deviant<AddsASecondField>("adds-a-second-field",
                                  "Adds another header field to a message that has one.",
                                  "rfc8689/3/4"),
    };
}

}  // namespace mailassay::deviants
