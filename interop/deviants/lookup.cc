#include "deviant.h"

// Wrong about how the next hop was found, and who vouches for its name.
namespace mailassay::deviants {
namespace {

using namespace requiretls;

bool is_tagged_mail(const Sending& sending) {
    return sending.tag == Tag::Required && sending.reverse_path == ReversePath::Sender;
}

constexpr HostVerdict name_not_validated{Fitness::Unfit, Reason::LookupNotValidated};

class UsesBogusAnswers final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    BogusAnswers bogus_answers() const override { return BogusAnswers::Use; }
    // To the point: an answer that does not validate counts as if it did.
    std::vector<HostFacts> candidates(const Sending& sending,
                                      std::vector<HostFacts> found) const override {
        for (HostFacts& host : found) {
            if (host.mx_security == DnsSecurity::Bogus) host.mx_security = DnsSecurity::Secure;
        }
        return StandardRules::candidates(sending, std::move(found));
    }
};

class TrustsUnsignedMx final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        const HostVerdict verdict = StandardRules::judge_host(sending, host);
        return verdict.reason == Reason::LookupNotValidated ? HostVerdict{} : verdict;
    }
};

class NeverTrustsMtaSts final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        const bool signed_mx = host.mx_security == DnsSecurity::Secure;
        if (is_tagged_mail(sending) && host.lookup == Lookup::Mx && !signed_mx) {
            return name_not_validated;
        }
        return StandardRules::judge_host(sending, host);
    }
};

// Judges as if the policy named the host and were in force whenever `accept` says so.
template <class Accept>
HostVerdict judge_with_policy(const StandardRules& rules, const Sending& sending,
                              const HostFacts& host, Accept accept) {
    HostFacts believed = host;
    if (accept(host.sts)) believed.sts = {StsMatch::Listed, StsMode::Enforce};
    return rules.StandardRules::judge_host(sending, believed);
}

class TakesUnlistedHost final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        return judge_with_policy(*this, sending, host, [](const StsFacts& sts) {
            return sts.match == StsMatch::NotListed && sts.mode == StsMode::Enforce;
        });
    }
};

class CountsPolicyInModeNone final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        return judge_with_policy(*this, sending, host, [](const StsFacts& sts) {
            const bool known = sts.match == StsMatch::Listed || sts.match == StsMatch::NotListed;
            return known && sts.mode == StsMode::None;
        });
    }
};

class CountsPolicyNotFetched final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        return judge_with_policy(*this, sending, host, [](const StsFacts& sts) {
            return sts.match == StsMatch::Unavailable;
        });
    }
};

class TrustsAnyPolicyServer final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    PolicyServerTrust policy_server_trust() const override {
        return PolicyServerTrust::TakeAnything;
    }
};

class WantsAnMxRecord final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        if (is_tagged_mail(sending) && host.lookup == Lookup::Address) return name_not_validated;
        return StandardRules::judge_host(sending, host);
    }
};

class DropsMailToNowhere final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    RoundVerdict judge_failed_lookup(const Sending& sending, LookupFailure failure) const override {
        RoundVerdict verdict = StandardRules::judge_failed_lookup(sending, failure);
        if (verdict.fate == Fate::Bounce) verdict.fate = Fate::Drop;
        return verdict;
    }
};

// One rule in two places: where DANE can't be had, nothing is asked of the certificate.
class IgnoresFailedTlsaLookup final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_host(const Sending& sending, const HostFacts& host) const override {
        return host.tlsa == TlsaState::LookupFailed ? HostVerdict{}
                                                    : StandardRules::judge_host(sending, host);
    }
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        return host.tlsa == TlsaState::LookupFailed
                   ? HostVerdict{}
                   : StandardRules::judge_session(sending, host, tls, greetings);
    }
};

}  // namespace

std::vector<Deviant> lookup_deviants() {
    return {
        deviant<UsesBogusAnswers>("uses-bogus-answers",
                                  "Uses DNS answers whose signatures do not verify.",
                                  "rfc8689/4.2.1/1"),
        deviant<TrustsUnsignedMx>(
            "trusts-unsigned-mx",
            "Sends to an MX host that neither DNSSEC nor MTA-STS vouches for.", "rfc8689/2/9",
            rfc_only),
        deviant<NeverTrustsMtaSts>("never-trusts-mta-sts",
                                   "Refuses an MX host that only an MTA-STS policy vouches for.",
                                   "rfc8689/4.2.1/2"),
        deviant<TakesUnlistedHost>("takes-unlisted-host",
                                   "Sends to an MX host that the MTA-STS policy does not list.",
                                   "rfc8689/4.2.1/2", rfc_only),
        deviant<CountsPolicyInModeNone>("counts-policy-in-mode-none",
                                        "Lets an MTA-STS policy in mode none vouch for a host.",
                                        "rfc8689/4.2.1/2", rfc_only),
        deviant<CountsPolicyNotFetched>(
            "counts-policy-not-fetched",
            "Is content with the announcement of an MTA-STS policy that it could not fetch.",
            "rfc8689/4.2.1/2", rfc_only),
        deviant<TrustsAnyPolicyServer>(
            "trusts-any-policy-server",
            "Takes an MTA-STS policy from a server whose certificate does not verify.",
            "rfc8689/4.2.1/2", rfc_only),
        deviant<WantsAnMxRecord>("wants-an-mx-record",
                                 "Refuses a domain that has an address but no MX record.",
                                 "rfc8689/4.2.1/1"),
        deviant<DropsMailToNowhere>("drops-mail-to-nowhere",
                                    "Drops a message to a domain that does not exist.",
                                    "rfc8689/4.2.1/1"),
        deviant<IgnoresFailedTlsaLookup>(
            "ignores-failed-tlsa-lookup",
            "Takes a host unauthenticated when its TLSA record does not validate.", "rfc8689/2/10"),
    };
}

}  // namespace mailassay::deviants
