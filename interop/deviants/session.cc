#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "deviant.h"

// Wrong about a session with a next hop: TLS itself, the second EHLO, the parameter, the farewell.
namespace mailassay::deviants {
namespace {

using namespace requiretls;

constexpr HostVerdict fit{};

// Takes a session for a tagged message although TLS came only so far.
template <TlsOutcome tolerated>
class SendsInPlaintext : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        if (sending.tag == Tag::Required && tls.outcome == tolerated) return fit;
        return StandardRules::judge_session(sending, host, tls, greetings);
    }
};

class FallsBackToPlaintext final : public SendsInPlaintext<TlsOutcome::HandshakeFailed> {
  public:
    using SendsInPlaintext::SendsInPlaintext;
    TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override {
        TlsPlan plan = StandardRules::plan_tls(sending, host);
        if (sending.tag == Tag::Required) plan.without = WithoutTls::Plaintext;
        return plan;
    }
};

// Takes every session that was found unfit for this reason.
template <Reason tolerated>
class Tolerates final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        const HostVerdict verdict = StandardRules::judge_session(sending, host, tls, greetings);
        return verdict.reason == tolerated ? fit : verdict;
    }
};

// Tolerates alone would be wrong twice: in old TLS the next check is then passed over as well.
class TakesOldTls final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        return StandardRules::judge_session(sending, host, as_if_recent(tls), greetings);
    }
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const override {
        return StandardRules::sends_parameter(sending, host, as_if_recent(tls), greetings);
    }

  private:
    static TlsFacts as_if_recent(TlsFacts tls) {
        if (tls.outcome == TlsOutcome::Established) tls.version = TlsVersion::Tls13;
        return tls;
    }
};

class TrustsTheFirstEhlo final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        return StandardRules::judge_session(sending, host, tls, as_if_repeated(greetings));
    }
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const override {
        return StandardRules::sends_parameter(sending, host, tls, as_if_repeated(greetings));
    }

  private:
    static Greetings as_if_repeated(Greetings greetings) {
        if (greetings.in_plaintext.has("REQUIRETLS")) greetings.in_tls = greetings.in_plaintext;
        return greetings;
    }
};

class TakesResemblingKeywords final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        return StandardRules::judge_session(sending, host, tls, as_if_named_so(greetings));
    }
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const override {
        return StandardRules::sends_parameter(sending, host, tls, as_if_named_so(greetings));
    }

  private:
    static bool resembles(const smtp::Capabilities::Entry& entry) {
        return entry.keyword.find("REQUIRETLS") != std::string::npos;
    }
    static Greetings as_if_named_so(Greetings greetings) {
        if (greetings.in_tls && std::ranges::any_of(greetings.in_tls->entries(), resembles)) {
            smtp::Reply offered = smtp::make_reply(250, "here");
            offered.lines.emplace_back("REQUIRETLS");
            greetings.in_tls = smtp::Capabilities::from_ehlo(offered);
        }
        return greetings;
    }
};

class DropsTheParameter final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    bool sends_parameter(const Sending&, const HostFacts&, const TlsFacts&,
                         const Greetings&) const override {
        return false;
    }
};

class GivesTheParameterUnasked final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const override {
        return sending.tag == Tag::None ||
               StandardRules::sends_parameter(sending, host, tls, greetings);
    }
};

// What one relay remembers of the hosts that it met; its connections share it.
template <class Memory>
struct Remembered {
    std::mutex lock;
    Memory hosts;
};

class RemembersFitHosts final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const override {
        const HostVerdict verdict = StandardRules::judge_session(sending, host, tls, greetings);
        if (sending.tag != Tag::Required) return verdict;
        const std::scoped_lock held(memory_->lock);
        if (verdict == fit) memory_->hosts.insert(host.host);
        return memory_->hosts.contains(host.host) ? fit : verdict;
    }

  private:
    std::shared_ptr<Remembered<std::set<std::string>>> memory_ =
        std::make_shared<Remembered<std::set<std::string>>>();
};

class RetriesWithoutTheParameter final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const override {
        if (!StandardRules::sends_parameter(sending, host, tls, greetings)) return false;
        const std::scoped_lock held(memory_->lock);
        return memory_->hosts[host.host]++ == 0;
    }

  private:
    std::shared_ptr<Remembered<std::map<std::string, int>>> memory_ =
        std::make_shared<Remembered<std::map<std::string, int>>>();
};

class HangsUp final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Farewell farewell(const HostVerdict&) const override { return Farewell::CloseOnly; }
};

}  // namespace

std::vector<Deviant> session_deviants() {
    return {
        deviant<SendsInPlaintext<TlsOutcome::NotOffered>>(
            "sends-when-starttls-is-not-offered",
            "Sends a tagged message in plaintext to a host that offers no STARTTLS.",
            "rfc8689/2/8"),
        deviant<SendsInPlaintext<TlsOutcome::Refused>>(
            "sends-when-starttls-is-refused",
            "Sends a tagged message in plaintext when STARTTLS is refused.", "rfc8689/2/8"),
        deviant<FallsBackToPlaintext>(
            "falls-back-to-plaintext",
            "Sends a tagged message in a new plaintext session when the handshake fails.",
            "rfc8689/2/8"),
        deviant<TakesOldTls>("takes-old-tls", "Sends a tagged message over TLS 1.1 or older.",
                             "rfc8689/4.2.1/7"),
        deviant<Tolerates<Reason::RequiretlsNotOffered>>(
            "skips-the-second-ehlo-check",
            "Sends a tagged message to a host that does not offer REQUIRETLS in TLS.",
            "rfc8689/4.2.1/6"),
        deviant<TrustsTheFirstEhlo>("trusts-the-first-ehlo",
                                    "Believes a REQUIRETLS that was offered before TLS only.",
                                    "rfc8689/4.2.1/6"),
        deviant<TakesResemblingKeywords>(
            "takes-resembling-keywords",
            "Takes every EHLO keyword that contains REQUIRETLS for an offer of it.",
            "rfc8689/2/11"),
        deviant<DropsTheParameter>("drops-the-parameter",
                                   "Relays a tagged message without REQUIRETLS on MAIL.",
                                   "rfc8689/4.2.1/15"),
        deviant<GivesTheParameterUnasked>(
            "gives-the-parameter-unasked",
            "Gives REQUIRETLS with ordinary mail, whatever the session is worth.", "rfc8689/2/7"),
        deviant<RemembersFitHosts>("remembers-fit-hosts",
                                   "Takes a host for fit that was fit once, whatever it is now.",
                                   "rfc8689/2/7"),
        deviant<RetriesWithoutTheParameter>(
            "retries-without-the-parameter",
            "Gives the parameter to a host the first time only: later tries go without.",
            "rfc8689/4.2.1/15"),
        deviant<Tolerates<Reason::NotAuthenticated>>(
            "sends-as-ordinary-mail-over-a-bad-certificate",
            "When the certificate does not verify, sends a tagged message as if it had no tag.",
            "rfc8689/4.2.1/4"),
        deviant<HangsUp>("hangs-up", "Closes the connection to an unfit host without QUIT.",
                         "rfc8689/4.2.1/8"),
    };
}

}  // namespace mailassay::deviants
