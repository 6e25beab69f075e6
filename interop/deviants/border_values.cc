#include <algorithm>
#include <memory>
#include <utility>

#include "der/read.h"
#include "deviant.h"
#include "mixer/rules.h"

// Gateways to X.400 that are wrong about recipients, texts, identifiers and military fields.
namespace mailassay::deviants {
namespace {

using mixer::Carried;
using mixer::Extension;
using mixer::Gateway;
using mixer::HeadingRecipients;
using mixer::InternetRecipients;
using mixer::IpmIdentifier;
using mixer::OrAddress;
using mixer::Recipient;
using mixer::StandardRules;

class ReadsDerAlone : public StandardRules {
  public:
    Result<mixer::HeadingReading> read(std::string_view octets) const override {
        const auto strict = der::read_der(octets);
        if (!strict) return std::unexpected(strict.error());
        return StandardRules::read(octets);
    }
};

class TakesTheFirstOfTwo : public StandardRules {
  public:
    Result<mixer::HeadingReading> read(std::string_view octets) const override {
        auto ber = der::read_ber(octets);
        if (!ber || ber->value.members.empty()) return StandardRules::read(octets);
        std::vector<der::Value> kept;
        for (der::Value& element : ber->value.members.front().members) {
            if (std::ranges::find(kept, element.tag, &der::Value::tag) == kept.end()) {
                kept.push_back(std::move(element));
            }
        }
        ber->value.members.front().members = std::move(kept);
        return StandardRules::read(der::write(ber->value));
    }
};

class MixesUpCopies : public StandardRules {
  public:
    using StandardRules::to_heading;
    HeadingRecipients to_heading(InternetRecipients named) const override {
        std::swap(named.to, named.cc);
        return StandardRules::to_heading(std::move(named));
    }
};

class ShowsBlindCopies : public StandardRules {
  public:
    using StandardRules::to_fields;
    InternetRecipients to_fields(HeadingRecipients named) const override {
        if (named.blind_copy && !named.copy) std::swap(named.copy, named.blind_copy);
        return StandardRules::to_fields(std::move(named));
    }
};

class ForgetsNames : public StandardRules {
  public:
    std::string free_form_name(std::string_view, std::string_view) const override { return {}; }
};

class BoundsNothing : public StandardRules {
  public:
    std::string bounded(std::string text, std::size_t) const override { return text; }
};

class CutsSubjectsAtTen : public StandardRules {
  public:
    std::string bounded(std::string text, std::size_t bound) const override {
        return StandardRules::bounded(std::move(text), std::min<std::size_t>(bound, 10));
    }
};

class MakesIdentifiersUp : public StandardRules {
  public:
    std::optional<IpmIdentifier> to_identifier(std::string_view, const Gateway&,
                                               bool) const override {
        return IpmIdentifier{.user = std::nullopt, .local = "1"};
    }
};

class ForgetsWhoseIdentifierItIs : public StandardRules {
  public:
    std::string to_message_id(const IpmIdentifier& identifier,
                              const Gateway& gateway) const override {
        IpmIdentifier alone = identifier;
        alone.user.reset();
        return StandardRules::to_message_id(alone, gateway);
    }
};

class RepeatsFields : public StandardRules {
  public:
    bool may_be_repeated(std::string_view) const override { return true; }
};

class KnowsNoMilitaryFields : public StandardRules {
  public:
    std::optional<Extension> to_extension(const imf::HeaderField&) const override {
        return std::nullopt;
    }
};

class WritesNoMilitaryFields : public StandardRules {
  public:
    using StandardRules::to_fields;
    std::vector<imf::HeaderField> to_fields(const Extension&) const override { return {}; }
};

class WritesMilitaryFieldsTwice : public StandardRules {
  public:
    using StandardRules::to_fields;
    std::vector<imf::HeaderField> to_fields(const Extension& extension) const override {
        std::vector<imf::HeaderField> fields = StandardRules::to_fields(extension);
        const std::vector<imf::HeaderField> again = fields;
        fields.insert(fields.end(), again.begin(), again.end());
        return fields;
    }
};

class WritesUnknownExtensions : public StandardRules {
  public:
    using StandardRules::to_fields;
    std::vector<imf::HeaderField> to_fields(const Extension& extension) const override {
        std::vector<imf::HeaderField> fields = StandardRules::to_fields(extension);
        if (fields.empty())
            fields.push_back(imf::make_field("MMHS-Extension", extension.oid).value());
        return fields;
    }
};

class TellsNoReleaseTime : public StandardRules {
  public:
    std::optional<Extension> release_time(std::string_view) const override { return std::nullopt; }
};

class DropsCarriedFields : public StandardRules {
  public:
    Carried carried(const Extension&) const override { return {}; }
};

class NamesNobody : public StandardRules {
  public:
    std::optional<std::string> nobody() const override { return std::nullopt; }
};

class SaysNothingBesideAddresses : public StandardRules {
  public:
    std::vector<std::string> comments_on(const Recipient&, std::string_view) const override {
        return {};
    }
};

class ReadsLocalPartsAsTheyAre : public StandardRules {
  public:
    Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                    const Gateway& gateway) const override {
        auto made = StandardRules::to_or_address(mailbox, gateway);
        if (made && made->domain_defined.empty())
            std::swap(made->personal_name.surname, made->personal_name.given_name);
        return made;
    }
};

class WritesTextFormsWithoutTeletex : public StandardRules {
  public:
    std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                           const Gateway& gateway) const override {
        OrAddress bare = address;
        bare.units.clear();
        bare.organization = {};
        return StandardRules::to_mailbox(bare, gateway);
    }
};

std::vector<Deviant> all_values() {
    return {
        border_deviant<ReadsDerAlone>("reads-der-alone", "Refuses BER that is not DER.",
                                      "rfc7912/5.2/4"),
        border_deviant<TakesTheFirstOfTwo>(
            "takes-the-first-of-two", "Takes the first of two elements for the one there may be.",
            "rfc7912/5.2/4"),
        border_deviant<MixesUpCopies>("mixes-up-copies", "Takes To for Cc, and the reverse.",
                                      "rfc2156/5.1.3/9"),
        border_deviant<ShowsBlindCopies>("shows-blind-copies",
                                         "Puts blind-copy recipients into Cc.", "rfc2156/5.3.4/6"),
        border_deviant<ForgetsNames>("forgets-names", "Maps nobody's name.", "rfc2156/4.7.1/2"),
        border_deviant<BoundsNothing>(
            "bounds-nothing", "Writes texts longer than X.400 has room for.", "rfc2156/5.1.3/1"),
        border_deviant<CutsSubjectsAtTen>("cuts-texts-early", "Cuts text to ten octets.",
                                          "rfc2156/5.1.3/14"),
        border_deviant<MakesIdentifiersUp>(
            "makes-identifiers-up", "Gives every message the same identifier.", "rfc2156/4.7.3/1"),
        border_deviant<ForgetsWhoseIdentifierItIs>("forgets-whose-identifier-it-is",
                                                   "Maps an identifier without its user.",
                                                   "rfc2156/4.7.3.2/1"),
        border_deviant<RepeatsFields>("repeats-military-fields", "Takes a field of RFC 6477 twice.",
                                      "rfc6477/4/1"),
        border_deviant<KnowsNoMilitaryFields>("knows-no-military-fields",
                                              "Makes no extension of a field of RFC 6477.",
                                              "rfc6477/6/10"),
        border_deviant<WritesNoMilitaryFields>("writes-no-military-fields",
                                               "Makes no field of an extension.", "rfc6477/6/2"),
        border_deviant<WritesMilitaryFieldsTwice>(
            "writes-military-fields-twice", "Makes two fields of an extension.", "rfc6477/6/2"),
        border_deviant<WritesUnknownExtensions>(
            "writes-unknown-extensions", "Makes a field of its own of an extension that has none.",
            "rfc2156/5.3.4/11"),
        border_deviant<TellsNoReleaseTime>(
            "tells-no-release-time", "Sends military messages without the time of their release.",
            "rfc6477/6/14"),
        border_deviant<DropsCarriedFields>("drops-carried-fields",
                                           "Takes no field out of the extension for fields.",
                                           "rfc2156/5.3.4/10"),
        border_deviant<NamesNobody>("names-nobody", "Writes a message for nobody without To.",
                                    "rfc2156/5.3.2/2"),
        border_deviant<SaysNothingBesideAddresses>(
            "says-nothing-beside-addresses",
            "Loses what is known of a recipient beside his address.", "rfc2156/4.7.2/2"),
        border_deviant<ReadsLocalPartsAsTheyAre>(
            "mixes-up-names-in-local-parts", "Takes a surname in a local part for a given name.",
            "rfc2156/4.1.1/1"),
        border_deviant<WritesTextFormsWithoutTeletex>(
            "writes-no-organizations", "Leaves organization and units out of the text form.",
            "rfc2156/4.1/1"),
    };
}

}  // namespace

std::vector<Deviant> border_value_deviants() {
    return all_values();
}

}  // namespace mailassay::deviants
