#include <algorithm>

#include "deviant.h"

// Wrong about going from host to host, and about what becomes of a message that no host is fit for.
namespace mailassay::deviants {
namespace {

using namespace requiretls;

class GivesUpAfterFirstHost final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    AfterHost after_host(const Sending&, const HostVerdict&) const override {
        return AfterHost::GiveUp;
    }
};

template <Reason reason>
class GivesUpAfter final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    AfterHost after_host(const Sending& sending, const HostVerdict& verdict) const override {
        return verdict.reason == reason ? AfterHost::GiveUp
                                        : StandardRules::after_host(sending, verdict);
    }
};

class TriesOneHostOfEachPreference final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::vector<HostFacts> candidates(const Sending& sending,
                                      std::vector<HostFacts> found) const override {
        // The first by name, so that which one it is does not depend on the order of equals.
        std::ranges::sort(found, [](const HostFacts& a, const HostFacts& b) {
            return a.preference != b.preference ? a.preference < b.preference : a.host < b.host;
        });
        const auto repeated = std::ranges::unique(found, {}, &HostFacts::preference);
        found.erase(repeated.begin(), repeated.end());
        return StandardRules::candidates(sending, std::move(found));
    }
};

class TriesTwoHosts final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    std::vector<HostFacts> candidates(const Sending& sending,
                                      std::vector<HostFacts> found) const override {
        if (found.size() > 2) found.erase(found.begin() + 2, found.end());
        return StandardRules::candidates(sending, std::move(found));
    }
};

// Changes what becomes of a tagged message after the last host.
template <class Change>
class EndsOtherwise final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    RoundVerdict after_last_host(const Sending& sending,
                                 std::span<const HostVerdict> verdicts) const override {
        const RoundVerdict verdict = StandardRules::after_last_host(sending, verdicts);
        return verdict.fate == Fate::Bounce ? Change()(verdict) : verdict;
    }
};

struct Drops {
    RoundVerdict operator()(RoundVerdict verdict) const {
        verdict.fate = Fate::Drop;
        return verdict;
    }
};

struct SwapsStatus {
    RoundVerdict operator()(RoundVerdict verdict) const {
        verdict.status.detail = verdict.status.detail == 30 ? 10 : 30;
        return verdict;
    }
};

template <int subject, int detail>
struct Reports {
    RoundVerdict operator()(RoundVerdict verdict) const {
        verdict.status = {5, subject, detail};
        return verdict;
    }
};

}  // namespace

std::vector<Deviant> fallthrough_deviants() {
    return {
        deviant<GivesUpAfterFirstHost>("gives-up-after-first-host",
                                       "Bounces when the best MX host is unfit.",
                                       "rfc8689/4.2.1/9"),
        deviant<GivesUpAfter<Reason::ConnectionFailed>>(
            "gives-up-after-failed-connection", "Tries no further host when one does not answer.",
            "rfc8689/4.2.1/9"),
        deviant<GivesUpAfter<Reason::TlsUnavailable>>(
            "gives-up-after-failed-tls",
            "Tries no further host when TLS with one could not be established.", "rfc8689/4.2.1/9"),
        deviant<TriesOneHostOfEachPreference>(
            "tries-one-host-of-each-preference",
            "Of several MX hosts of one preference it tries only one.", "rfc8689/4.2.1/9"),
        deviant<TriesTwoHosts>("tries-two-hosts", "Tries the two best MX hosts and no more.",
                               "rfc8689/4.2.1/9"),
        deviant<EndsOtherwise<Drops>>("drops-silently",
                                      "Drops a message that no host is fit for without a word.",
                                      "rfc8689/4.2.1/12"),
        deviant<EndsOtherwise<SwapsStatus>>(
            "swaps-the-status-codes",
            "Reports 5.7.30 for want of TLS and 5.7.10 for want of REQUIRETLS.",
            "rfc8689/4.2.1/13"),
        deviant<EndsOtherwise<Reports<7, 1>>>("reports-no-particular-status",
                                              "Reports 5.7.1 whatever a host was unfit for.",
                                              "rfc8689/4.2.1/14"),
        deviant<EndsOtherwise<Reports<4, 1>>>("reports-a-network-status",
                                              "Reports 5.4.1 whatever a host was unfit for.",
                                              "rfc8689/4.2.1/13"),
    };
}

}  // namespace mailassay::deviants
