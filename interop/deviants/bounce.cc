#include "deviant.h"

// Wrong about bounces: their form, their content, and their own way back.
namespace mailassay::deviants {
namespace {

using namespace requiretls;
using Requested = std::optional<dsn::Return>;

bool is_tagged_bounce(const Sending& sending) {
    return sending.tag == Tag::Required && sending.reverse_path == ReversePath::Null;
}

// Changes the plan for the bounce of a tagged message.
template <class Change>
class PlansOtherwise final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    BouncePlan plan_bounce(Tag tag, Requested requested) const override {
        const BouncePlan plan = StandardRules::plan_bounce(tag, requested);
        return tag == Tag::Required ? Change()(plan, requested) : plan;
    }
};

struct BouncesFromASender {
    BouncePlan operator()(BouncePlan plan, Requested) const {
        plan.reverse_path = {"mailer-daemon", "bounces.example"};
        return plan;
    }
};

struct ReturnsEverything {
    BouncePlan operator()(BouncePlan plan, Requested) const {
        plan.content = dsn::Return::Full;
        return plan;
    }
};

struct ObeysRetFull {
    BouncePlan operator()(BouncePlan plan, Requested requested) const {
        plan.content = requested.value_or(dsn::Return::HeadersOnly);
        return plan;
    }
};

struct ForgetsTheTag {
    BouncePlan operator()(BouncePlan, Requested requested) const {
        return {requested.value_or(dsn::Return::Full), {}, Tag::None};
    }
};

struct MakesTlsOptional {
    BouncePlan operator()(BouncePlan plan, Requested) const {
        plan.tag = Tag::Optional;
        return plan;
    }
};

class BouncesInPlaintext final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override {
        if (is_tagged_bounce(sending)) return {TlsUse::Never, WithoutTls::Plaintext};
        return StandardRules::plan_tls(sending, host);
    }
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        if (is_tagged_bounce(sending)) return {};
        return StandardRules::judge_session(sending, host, tls, greetings);
    }
};

class LosesBouncesWithoutRequiretls final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        if (is_tagged_bounce(sending) && !greetings.current().has("REQUIRETLS")) {
            return {Fitness::Unfit, Reason::RequiretlsNotOffered};
        }
        return StandardRules::judge_session(sending, host, tls, greetings);
    }
    RoundVerdict after_last_host(const Sending& sending,
                                 std::span<const HostVerdict> verdicts) const override {
        if (is_tagged_bounce(sending)) return {Fate::Drop, {5, 7, 30}};
        return StandardRules::after_last_host(sending, verdicts);
    }
};

}  // namespace

std::vector<Deviant> bounce_deviants() {
    return {
        deviant<PlansOtherwise<BouncesFromASender>>(
            "bounces-from-a-sender", "Sends the bounce of a tagged message from an address.",
            "rfc8689/5/5"),
        deviant<PlansOtherwise<ReturnsEverything>>(
            "bounces-everything", "Returns the whole of a tagged message in its bounce.",
            "rfc8689/5/3"),
        deviant<PlansOtherwise<ObeysRetFull>>(
            "bounces-in-full-on-request",
            "Returns the whole of a tagged message when it came with RET=FULL.", "rfc8689/5/4"),
        deviant<PlansOtherwise<ForgetsTheTag>>(
            "bounces-as-any-other-mail",
            "Bounces a tagged message as if it were not: in full and without REQUIRETLS.",
            "rfc8689/5/2"),
        deviant<PlansOtherwise<MakesTlsOptional>>(
            "bounces-as-if-tls-were-optional",
            "Sends the bounce of a tagged message regardless of the policy of its domain.",
            "rfc8689/5/1"),
        deviant<BouncesInPlaintext>("bounces-in-plaintext",
                                    "Sends the bounce of a tagged message without trying STARTTLS.",
                                    "rfc8689/5/1"),
        deviant<LosesBouncesWithoutRequiretls>(
            "loses-bounces-without-requiretls",
            "Drops a tagged bounce when its next hop does not offer REQUIRETLS.", "rfc8689/5/6"),
    };
}

}  // namespace mailassay::deviants
