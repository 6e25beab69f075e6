#include <algorithm>

#include "deviant.h"

// Wrong in one service only: in submission or in LMTP; as a relay each is right.
namespace mailassay::deviants {
namespace {

using requiretls::Service;
using requiretls::StandardRules;
using requiretls::Tag;
using smtp::Channel;
using smtp::Login;
using Parameters = std::vector<smtp::Parameter>;

std::optional<smtp::Extension> silent(std::optional<smtp::Extension> extension) {
    if (extension) extension->announce = smtp::Announce::No;
    return extension;
}

template <Service where>
class NeverAdvertisesThere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension_of(Service service, Channel channel,
                                                Login login) const override {
        auto extension = StandardRules::extension_of(service, channel, login);
        return service == where ? silent(std::move(extension)) : extension;
    }
};

class StopsAdvertisingAfterLogin final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension_of(Service service, Channel channel,
                                                Login login) const override {
        auto extension = StandardRules::extension_of(service, channel, login);
        return login == Login::Done ? silent(std::move(extension)) : extension;
    }
};

template <Service where>
class ForgetsParameterThere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of(Service service, const Parameters& parameters,
               const imf::HeaderSection& header) const override {
        return tag(service == where ? Parameters{} : parameters, header);
    }
};

template <Service where>
class IgnoresTheFieldThere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of(Service service, const Parameters& parameters,
               const imf::HeaderSection& header) const override {
        return tag(parameters, service == where ? imf::HeaderSection{} : header);
    }
};

template <Service where>
class FieldBeatsParameterThere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of(Service service, const Parameters& parameters,
               const imf::HeaderSection& header) const override {
        const bool beaten = service == where && tag({}, header) == Tag::Optional;
        return beaten ? Tag::Optional : tag(parameters, header);
    }
};

template <Service where>
class ForgetsLowerCaseThere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of(Service service, const Parameters& parameters,
               const imf::HeaderSection& header) const override {
        Parameters counted = parameters;
        if (service == where) {
            std::erase_if(counted,
                          [](const smtp::Parameter& p) { return p.keyword != "REQUIRETLS"; });
        }
        return tag(counted, header);
    }
};

// A session has a thread of its own, and of a session's MAIL commands this is one.
thread_local bool was_asked_for = false;

class RemembersRefusedParameter final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Reply> judge_parameters(const Parameters& parameters,
                                                Channel channel) const override {
        if (smtp::find_parameter(parameters, "REQUIRETLS") != nullptr) was_asked_for = true;
        return StandardRules::judge_parameters(parameters, channel);
    }
    Tag tag_of(Service service, const Parameters& parameters,
               const imf::HeaderSection& header) const override {
        const bool remembered = service == Service::Submission && was_asked_for;
        return remembered ? Tag::Required : tag(parameters, header);
    }
};

// A host that the configuration names; without an MX record a domain is its own host.
bool is_store(const requiretls::HostFacts& host) {
    return host.lookup == requiretls::Lookup::Address && host.host != host.domain;
}

template <requiretls::Reason tolerated>
class ToleratesInStores final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    requiretls::HostVerdict judge_session(const requiretls::Sending& sending,
                                          const requiretls::HostFacts& host,
                                          const requiretls::TlsFacts& tls,
                                          const requiretls::Greetings& greetings) const override {
        const auto verdict = StandardRules::judge_session(sending, host, tls, greetings);
        const bool is_tolerated = is_store(host) && verdict.reason == tolerated;
        return is_tolerated ? requiretls::HostVerdict{} : verdict;
    }
};

}  // namespace

std::vector<Deviant> service_deviants() {
    return {
        deviant<NeverAdvertisesThere<Service::Submission>>(
            "submission-never-advertises",
            "As a submission server it knows the parameter, but its EHLO replies do not say so.",
            "rfc8689/2/12"),
        deviant<StopsAdvertisingAfterLogin>(
            "submission-stops-advertising-after-login",
            "As a submission server it offers REQUIRETLS only until the user has logged in.",
            "rfc8689/2/12"),
        deviant<ForgetsParameterThere<Service::Submission>>(
            "submission-forgets-the-parameter",
            "As a submission server it takes REQUIRETLS and treats the message as ordinary mail.",
            "rfc8689/4.1/1"),
        deviant<ForgetsLowerCaseThere<Service::Submission>>(
            "submission-forgets-lower-case",
            "As a submission server it takes the parameter in lower case and forgets it.",
            "rfc8689/2/5"),
        deviant<IgnoresTheFieldThere<Service::Submission>>(
            "submission-ignores-the-field", "As a submission server it ignores the header field.",
            "rfc8689/4.3/3"),
        deviant<FieldBeatsParameterThere<Service::Submission>>(
            "submission-field-beats-parameter",
            "As a submission server it lets the header field overrule the parameter.",
            "rfc8689/4.1/3"),
        deviant<RemembersRefusedParameter>(
            "submission-remembers-a-refused-parameter",
            "As a submission server it tags what follows a MAIL with REQUIRETLS that it refused.",
            "rfc8689/2/6"),
        deviant<NeverAdvertisesThere<Service::Lmtp>>(
            "lmtp-never-advertises",
            "In LMTP it knows the parameter, but its LHLO replies do not say so.", "rfc8689/2/12"),
        deviant<ForgetsParameterThere<Service::Lmtp>>(
            "lmtp-forgets-the-parameter",
            "In LMTP it takes REQUIRETLS and treats the message as ordinary mail.",
            "rfc8689/4.1/1"),
        deviant<ForgetsLowerCaseThere<Service::Lmtp>>(
            "lmtp-forgets-lower-case",
            "In LMTP it takes the parameter in lower case and forgets it.", "rfc8689/2/5"),
        deviant<IgnoresTheFieldThere<Service::Lmtp>>(
            "lmtp-ignores-the-field", "In LMTP it ignores the header field.", "rfc8689/4.1/2"),
        deviant<FieldBeatsParameterThere<Service::Lmtp>>(
            "lmtp-field-beats-parameter",
            "In LMTP it lets the header field overrule the parameter.", "rfc8689/4.1/3"),
        deviant<ToleratesInStores<requiretls::Reason::TlsUnavailable>>(
            "hands-over-in-plaintext", "Hands tagged mail by LMTP to a server without STARTTLS.",
            "rfc8689/2/8"),
        deviant<ToleratesInStores<requiretls::Reason::NotAuthenticated>>(
            "hands-over-to-anybody",
            "Hands tagged mail by LMTP to a server whose certificate does not verify.",
            "rfc8689/2/10"),
        deviant<ToleratesInStores<requiretls::Reason::RequiretlsNotOffered>>(
            "hands-over-without-requiretls",
            "Hands tagged mail by LMTP to a server that does not offer REQUIRETLS.",
            "rfc8689/2/11"),
    };
}

}  // namespace mailassay::deviants
