#include "deviant.h"

// Wrong about sending a message for which TLS is not required.
namespace mailassay::deviants {
namespace {

using namespace requiretls;

// Section 4.2.2 left out: such mail is treated as any other, as far as policies go.
class ObeysPolicies final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        return StandardRules::judge_host(as_ordinary(sending), host);
    }
    TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override {
        return StandardRules::plan_tls(as_ordinary(sending), host);
    }
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        return StandardRules::judge_session(as_ordinary(sending), host, tls, greetings);
    }

  private:
    static Sending as_ordinary(Sending sending) {
        if (sending.tag == Tag::Optional) sending.tag = Tag::None;
        return sending;
    }
};

class ObeysMtaSts final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        const bool in_force =
            host.sts.match == StsMatch::Listed && host.sts.mode == StsMode::Enforce;
        if (sending.tag == Tag::Optional && in_force &&
            tls.authentication == Authentication::None) {
            return {Fitness::NotForNow, Reason::PolicyNotMet};
        }
        return StandardRules::judge_session(sending, host, tls, greetings);
    }
};

class SkipsStarttls final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override {
        if (sending.tag == Tag::Optional) return {TlsUse::Never, WithoutTls::Plaintext};
        return StandardRules::plan_tls(sending, host);
    }
};

class GivesUpAfterFailedHandshake final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override {
        TlsPlan plan = StandardRules::plan_tls(sending, host);
        if (sending.tag == Tag::Optional) plan.without = WithoutTls::GiveUpHost;
        return plan;
    }
};

class LosesRefusedMail final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Fate after_refusal(const Sending& sending, const smtp::Reply& reply) const override {
        if (sending.tag == Tag::Optional) return Fate::Drop;
        return StandardRules::after_refusal(sending, reply);
    }
};

}  // namespace

std::vector<Deviant> optional_deviants() {
    return {
        deviant<ObeysPolicies>("optional-obeys-policies",
                               "Holds mail back for a DANE or MTA-STS policy although its field "
                               "says that TLS is not required.",
                               "rfc8689/3/2"),
        deviant<ObeysMtaSts>("optional-obeys-mta-sts",
                             "Holds mail back for an MTA-STS policy although its field says that "
                             "TLS is not required.",
                             "rfc8689/3/2"),
        deviant<SkipsStarttls>(
            "optional-skips-starttls",
            "Sends mail that does not require TLS in plaintext although STARTTLS is offered.",
            "rfc8689/3/3"),
        deviant<GivesUpAfterFailedHandshake>(
            "optional-gives-up-after-failed-handshake",
            "Does not go back to plaintext after a failed handshake, whatever the field says.",
            "rfc8689/4.2.2/2"),
        deviant<LosesRefusedMail>(
            "optional-is-lost-when-refused",
            "Drops mail that a host refuses for want of TLS, without a bounce.", "rfc8689/4.2.2/3"),
    };
}

}  // namespace mailassay::deviants
