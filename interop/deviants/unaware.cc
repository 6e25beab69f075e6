#include <algorithm>

#include "base/ascii.h"
#include "deviant.h"

// A server that does not know the extension, right and wrong: a wrong one claims what it does not
// do, or takes what it does not know.
namespace mailassay::deviants {
namespace {

using requiretls::Service;
using requiretls::StandardRules;
using requiretls::Tag;
using smtp::Channel;
using smtp::Login;
using Parameters = std::vector<smtp::Parameter>;

class Unaware : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension_of(Service, Channel, Login) const override {
        return std::nullopt;
    }
    Tag tag_of(Service, const Parameters&, const imf::HeaderSection&) const override {
        return Tag::None;
    }
};

template <Channel where>
class ListsIt final : public Unaware {
  public:
    using Unaware::Unaware;
    std::optional<smtp::Extension> extension_of(Service, Channel channel, Login) const override {
        if (channel != where) return std::nullopt;
        return smtp::Extension{.keyword = "REQUIRETLS", .argument = {}, .mail_parameters = {}};
    }
};

smtp::Extension taken_silently() {
    return {.keyword = "REQUIRETLS",
            .argument = {},
            .mail_parameters = {"REQUIRETLS"},
            .announce = smtp::Announce::No};
}

template <Channel where>
class TakesTheParameter final : public Unaware {
  public:
    using Unaware::Unaware;
    std::optional<smtp::Extension> extension_of(Service, Channel channel, Login) const override {
        return channel == where ? std::optional(taken_silently()) : std::nullopt;
    }
};

class LooksAtTheFirstParameterOnly final : public Unaware {
  public:
    using Unaware::Unaware;
    std::optional<smtp::Extension> extension_of(Service, Channel, Login) const override {
        return taken_silently();
    }
    std::optional<smtp::Reply> judge_parameters(const Parameters& parameters,
                                                Channel) const override {
        const bool first = !parameters.empty() &&
                           base::equals_ignore_case(parameters.front().keyword, "REQUIRETLS");
        if (!first) return std::nullopt;
        return smtp::make_reply(555, {.cls = 5, .subject = 5, .detail = 4}, "Not known here");
    }
};

template <class Rules>
Deviant unaware_deviant(std::string_view name, std::string_view wrong,
                        std::string_view requirement) {
    Deviant made = deviant<Rules>(name, wrong, requirement, rfc_only);
    made.base = Base::Unaware;
    return made;
}

}  // namespace

mta::Decisions decisions_of_unaware(Edition edition) {
    return {.rules = std::make_unique<const Unaware>(edition)};
}

std::vector<Deviant> unaware_deviants() {
    constexpr std::string_view listed = "rfc5321/4.1.1.1/1";
    constexpr std::string_view unrecognized = "rfc5321/4.1.1.11/1";
    return {
        unaware_deviant<ListsIt<Channel::Plaintext>>(
            "unaware-lists-it-in-plaintext",
            "Lists REQUIRETLS before STARTTLS without knowing the extension.", listed),
        unaware_deviant<ListsIt<Channel::Tls>>(
            "unaware-lists-it-in-tls", "Lists REQUIRETLS inside TLS without knowing the extension.",
            listed),
        unaware_deviant<TakesTheParameter<Channel::Plaintext>>(
            "unaware-takes-the-parameter-in-plaintext",
            "In plaintext, takes the parameter that it does not know, and drops it.", unrecognized),
        unaware_deviant<TakesTheParameter<Channel::Tls>>(
            "unaware-takes-the-parameter-in-tls",
            "Inside TLS, takes the parameter that it does not know, and drops it.", unrecognized),
        unaware_deviant<LooksAtTheFirstParameterOnly>(
            "unaware-looks-at-the-first-parameter-only",
            "Takes any parameter that it does not know behind another one.", unrecognized),
    };
}

}  // namespace mailassay::deviants
