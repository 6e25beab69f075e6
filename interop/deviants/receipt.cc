#include <algorithm>

#include "deviant.h"

// Wrong on receipt: what is offered, what is taken, and what is tagged.
namespace mailassay::deviants {
namespace {

using requiretls::StandardRules;
using requiretls::Tag;
using Parameters = std::vector<smtp::Parameter>;

constexpr std::string_view keyword = "REQUIRETLS";

bool is_requiretls(const smtp::Parameter& parameter) {
    return parameter.is(keyword);
}

class NeverAdvertises final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension(smtp::Channel channel) const override {
        auto extension = StandardRules::extension(channel);
        if (extension) extension->announce = smtp::Announce::No;
        return extension;
    }
};

class AdvertisesWithArgument final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension(smtp::Channel channel) const override {
        auto extension = StandardRules::extension(channel);
        if (extension) extension->argument = "STRICT";
        return extension;
    }
};

// The tag is decided when the message is whole, in the thread of its session.
thread_local smtp::Channel channel_of_mail = smtp::Channel::Plaintext;

class ForgetsParameterInPlaintext final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Extension> extension(smtp::Channel channel) const override {
        auto extension = StandardRules::extension(smtp::Channel::Tls);
        if (extension && channel == smtp::Channel::Plaintext) {
            extension->announce = smtp::Announce::No;
        }
        return extension;
    }
    std::optional<smtp::Reply> judge_parameters(const Parameters& parameters,
                                                smtp::Channel channel) const override {
        channel_of_mail = channel;
        return StandardRules::judge_parameters(parameters, channel);
    }
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const bool forgotten = channel_of_mail == smtp::Channel::Plaintext;
        return StandardRules::tag(forgotten ? Parameters{} : parameters, header);
    }
};

class ForgetsParameterWithValue final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Reply> judge_parameters(const Parameters&, smtp::Channel) const override {
        return std::nullopt;
    }
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        Parameters counted = parameters;
        std::erase_if(counted, [](const smtp::Parameter& p) { return p.value.has_value(); });
        return StandardRules::tag(counted, header);
    }
};

class ForgetsParameterGivenTwice final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Reply> judge_parameters(const Parameters&, smtp::Channel) const override {
        return std::nullopt;
    }
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const bool twice = std::ranges::count_if(parameters, is_requiretls) > 1;
        return StandardRules::tag(twice ? Parameters{} : parameters, header);
    }
};

class RefusesLowerCase final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::optional<smtp::Reply> judge_parameters(const Parameters& parameters,
                                                smtp::Channel channel) const override {
        for (const smtp::Parameter& parameter : parameters) {
            if (is_requiretls(parameter) && parameter.keyword != keyword) {
                return smtp::make_reply(555, {5, 5, 4}, "Parameter not known");
            }
        }
        return StandardRules::judge_parameters(parameters, channel);
    }
};

class ForgetsLowerCase final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        Parameters counted = parameters;
        std::erase_if(counted, [](const smtp::Parameter& p) { return p.keyword != keyword; });
        return StandardRules::tag(counted, header);
    }
};

class NeverTags final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters&, const imf::HeaderSection& header) const override {
        return StandardRules::tag({}, header);
    }
};

class TagsEverything final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters&, const imf::HeaderSection&) const override { return Tag::Required; }
};

class ForgetsParameterAmongOthers final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag(const Parameters& parameters, const imf::HeaderSection& header) const override {
        const bool last = !parameters.empty() && is_requiretls(parameters.back());
        return StandardRules::tag(last ? parameters : Parameters{}, header);
    }
};

class TagsFirstInstanceOnly final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of_instance(Tag tag, std::size_t instance) const override {
        return instance == 0 ? tag : Tag::None;
    }
};

// The listener's policy, but for plaintext behind STARTTLS.
class ProcessesResidue final : public smtp::ServerPolicy {
  public:
    explicit ProcessesResidue(std::unique_ptr<smtp::ServerPolicy> policy)
        : policy_(std::move(policy)) {}
    std::vector<smtp::Extension> extensions(smtp::Channel channel) const override {
        return policy_->extensions(channel);
    }
    std::optional<smtp::Reply> on_mail(const smtp::Path& reverse_path,
                                       const std::vector<smtp::Parameter>& parameters,
                                       smtp::Channel channel) override {
        return policy_->on_mail(reverse_path, parameters, channel);
    }
    std::optional<smtp::Reply> on_rcpt(const smtp::Recipient& recipient,
                                       const smtp::Envelope& envelope) override {
        return policy_->on_rcpt(recipient, envelope);
    }
    smtp::AuthOffer auth_offer(smtp::Channel channel) const override {
        return policy_->auth_offer(channel);
    }
    std::optional<smtp::Reply> on_credentials(const smtp::Credentials& credentials) override {
        return policy_->on_credentials(credentials);
    }
    smtp::Residue on_starttls_residue() const override { return smtp::Residue::Process; }

  private:
    std::unique_ptr<smtp::ServerPolicy> policy_;
};

Deviant runs_commands_behind_starttls() {
    return {"runs-commands-behind-starttls",
            "Carries out inside TLS what came in plaintext behind STARTTLS.", "rfc8689/2/12",
            both_editions, with_decisions([](Edition edition) {
                return mta::Decisions{
                    .rules = std::make_unique<const StandardRules>(edition),
                    .wrap_policy = [](std::unique_ptr<smtp::ServerPolicy> policy) {
                        return std::make_unique<ProcessesResidue>(std::move(policy));
                    }};
            })};
}

}  // namespace

std::vector<Deviant> receipt_deviants() {
    return {
        deviant<NeverAdvertises>("never-advertises",
                                 "Knows the parameter, but its EHLO reply in TLS does not say so.",
                                 "rfc8689/2/12"),
        deviant<AdvertisesWithArgument>("advertises-with-argument",
                                        "Puts an argument behind REQUIRETLS in its EHLO reply.",
                                        "rfc8689/2/1"),
        deviant<ForgetsParameterInPlaintext>(
            "forgets-parameter-in-plaintext",
            "Takes REQUIRETLS in a plaintext session and treats the message as ordinary mail.",
            "rfc8689/4.1/1"),
        deviant<ForgetsParameterWithValue>(
            "forgets-parameter-with-value",
            "Takes REQUIRETLS=x and treats the message as ordinary mail.", "rfc8689/2/2"),
        deviant<ForgetsParameterGivenTwice>(
            "forgets-parameter-given-twice",
            "Takes REQUIRETLS given twice and treats the message as ordinary mail.",
            "rfc8689/4.1/1"),
        deviant<RefusesLowerCase>("refuses-lower-case",
                                  "Refuses the parameter unless it is in upper case.",
                                  "rfc8689/2/5"),
        deviant<ForgetsLowerCase>(
            "forgets-lower-case",
            "Takes the parameter in lower case and treats the message as ordinary mail.",
            "rfc8689/2/5"),
        deviant<NeverTags>("never-tags",
                           "Takes REQUIRETLS and treats the message as ordinary mail.",
                           "rfc8689/4.1/1"),
        deviant<TagsEverything>("tags-everything",
                                "Treats every message as if it had come with REQUIRETLS.",
                                "rfc8689/2/6"),
        deviant<ForgetsParameterAmongOthers>(
            "forgets-parameter-among-others",
            "Sees REQUIRETLS only when it is the last parameter of MAIL.", "rfc8689/4.1/1"),
        deviant<TagsFirstInstanceOnly>("tags-first-instance-only",
                                       "Of a tagged message to an alias of several addresses only "
                                       "the first instance is tagged.",
                                       "rfc8689/4.1/5"),
        runs_commands_behind_starttls(),
    };
}

}  // namespace mailassay::deviants
