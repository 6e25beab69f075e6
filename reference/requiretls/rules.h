#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dsn/options.h"
#include "dsn/status.h"
#include "imf/header.h"
#include "requiretls/facts.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"
#include "smtp/server.h"
#include "smtp/types.h"

// Every decision about REQUIRETLS, one method each, over values alone. StandardRules is the only
// implementation in the reference; interop/deviants replaces single methods.
namespace mailassay::requiretls {

// Whether a message may go to a host, as far as is known at some point.
enum class Fitness : std::uint8_t {
    Fit,
    Unfit,      // not to this host; another may do
    NotForNow,  // a policy or a lookup failed: worth another try later
};

// Why a host is not fit. Decides the status of a bounce.
enum class Reason : std::uint8_t {
    None,
    LookupNotValidated,    // neither DNSSEC nor MTA-STS vouches for the host's name
    PolicyNotMet,          // the domain's DANE or MTA-STS policy rules the host out
    TlsUnavailable,        // not offered, refused, or the handshake failed
    TlsTooOld,             // below the least version
    NotAuthenticated,      // nothing vouches for the certificate
    RequiretlsNotOffered,  // all is well, but the server does not know the extension
    ConnectionFailed,      // no session at all
};

struct HostVerdict {
    Fitness fitness = Fitness::Fit;
    Reason reason = Reason::None;

    friend bool operator==(const HostVerdict&, const HostVerdict&) = default;
};

// How a session is to be protected.
enum class TlsUse : std::uint8_t {
    Try,      // STARTTLS where it is offered
    Require,  // no session without it
    Never,    // plaintext whatever is offered; no standard rule says so
};
// What is done when TLS could not be established.
enum class WithoutTls : std::uint8_t {
    GiveUpHost,  // leave, go to the next one
    Plaintext,   // go on in the same session, or in a new one after a failed handshake
};
struct TlsPlan {
    TlsUse use = TlsUse::Try;
    WithoutTls without = WithoutTls::Plaintext;

    friend bool operator==(const TlsPlan&, const TlsPlan&) = default;
};

// How a host is left that the message will not go to.
enum class Farewell : std::uint8_t { Quit, CloseOnly };

enum class AfterHost : std::uint8_t { NextHost, GiveUp };

// What becomes of recipients for whom there is no host.
enum class Fate : std::uint8_t { Bounce, Defer, Drop };
struct RoundVerdict {
    Fate fate = Fate::Defer;
    dsn::EnhancedStatus status;  // class 5 for Bounce, 4 for Defer

    friend bool operator==(const RoundVerdict&, const RoundVerdict&) = default;
};

// Who makes new messages of one that came in (section 6 of both editions).
enum class Mediator : std::uint8_t {
    List,                // copies of a post, for the members
    ListAdministration,  // what a list has to say: requests for confirmation and for approval
    AutoReply,           // a vacation notice
    UserForward,         // a user's own forwarding to an address that the user knows
};

// What is done about a policy server whose certificate does not verify.
enum class PolicyServerTrust : std::uint8_t { Verify, TakeAnything };

// What a listener is there for.
enum class Service : std::uint8_t { Relay, Submission, Lmtp };

// What is done with an answer that failed DNSSEC validation.
enum class BogusAnswers : std::uint8_t { Refuse, Use };

// How a bounce is to look and to travel.
struct BouncePlan {
    dsn::Return content = dsn::Return::HeadersOnly;
    smtp::Path reverse_path;
    Tag tag = Tag::None;

    friend bool operator==(const BouncePlan&, const BouncePlan&) = default;
};

// One message that is about to be sent, as far as the rules care.
struct Sending {
    Tag tag = Tag::None;
    ReversePath reverse_path = ReversePath::Sender;
};

// What a server said of itself before and after STARTTLS.
struct Greetings {
    smtp::Capabilities in_plaintext;
    std::optional<smtp::Capabilities> in_tls;

    // What holds for the session as it stands.
    [[nodiscard]] const smtp::Capabilities& current() const {
        return in_tls ? *in_tls : in_plaintext;
    }
};

class Rules {
  public:
    virtual ~Rules() = default;

    [[nodiscard]] virtual Edition edition() const = 0;

    // -- receipt ----------------------------------------------------------------------------

    // The extension as the server knows it on this channel; nullopt: not at all.
    [[nodiscard]] virtual std::optional<smtp::Extension> extension(smtp::Channel channel) const = 0;
    // The same for a listener that is there for this, before and after a login.
    [[nodiscard]] virtual std::optional<smtp::Extension> extension_of(Service service,
                                                                      smtp::Channel channel,
                                                                      smtp::Login login) const = 0;
    // A refusal of a MAIL command for its REQUIRETLS parameters; nullopt: no objection.
    [[nodiscard]] virtual std::optional<smtp::Reply> judge_parameters(
        const std::vector<smtp::Parameter>& parameters, smtp::Channel channel) const = 0;
    // The tag of a message that was taken.
    [[nodiscard]] virtual Tag tag(const std::vector<smtp::Parameter>& mail_parameters,
                                  const imf::HeaderSection& header) const = 0;
    // The same for a message that came to a listener that is there for this.
    [[nodiscard]] virtual Tag tag_of(Service service,
                                     const std::vector<smtp::Parameter>& mail_parameters,
                                     const imf::HeaderSection& header) const = 0;
    // The tag of the instance with this index (from 0) of a message that a local alias multiplied.
    [[nodiscard]] virtual Tag tag_of_instance(Tag tag, std::size_t instance) const = 0;
    // The tag of what a mediator originates from a message of that tag.
    [[nodiscard]] virtual Tag tag_of_reoriginated(Mediator mediator, Tag incoming) const = 0;
    // What of the message's header section goes on.
    [[nodiscard]] virtual imf::HeaderSection onward(imf::HeaderSection header, Tag tag) const = 0;

    // -- finding a host ---------------------------------------------------------------------

    [[nodiscard]] virtual BogusAnswers bogus_answers() const = 0;
    [[nodiscard]] virtual PolicyServerTrust policy_server_trust() const = 0;
    // Of the candidates in order of preference, those to be tried. `found` is never empty.
    [[nodiscard]] virtual std::vector<HostFacts> candidates(const Sending& sending,
                                                            std::vector<HostFacts> found) const = 0;
    // What becomes of recipients whose domain gave no candidate at all.
    [[nodiscard]] virtual RoundVerdict judge_failed_lookup(const Sending& sending,
                                                           LookupFailure failure) const = 0;
    // A host, before a connection.
    [[nodiscard]] virtual HostVerdict judge_host(const Sending& sending,
                                                 const HostFacts& host) const = 0;

    // -- a session --------------------------------------------------------------------------

    [[nodiscard]] virtual TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const = 0;
    // A session in which EHLO was said for the last time: may the message be sent in it?
    [[nodiscard]] virtual HostVerdict judge_session(const Sending& sending, const HostFacts& host,
                                                    const TlsFacts& tls,
                                                    const Greetings& greetings) const = 0;
    // Whether REQUIRETLS goes on MAIL in a session that was judged fit.
    [[nodiscard]] virtual bool sends_parameter(const Sending& sending, const HostFacts& host,
                                               const TlsFacts& tls,
                                               const Greetings& greetings) const = 0;
    [[nodiscard]] virtual Farewell farewell(const HostVerdict& verdict) const = 0;
    [[nodiscard]] virtual AfterHost after_host(const Sending& sending,
                                               const HostVerdict& verdict) const = 0;
    // All hosts were tried, none was fit; one verdict for each.
    [[nodiscard]] virtual RoundVerdict after_last_host(
        const Sending& sending, std::span<const HostVerdict> verdicts) const = 0;
    // A host refused MAIL for good in a plaintext session: what becomes of the recipients?
    [[nodiscard]] virtual Fate after_refusal(const Sending& sending,
                                             const smtp::Reply& reply) const = 0;

    // -- bounces ----------------------------------------------------------------------------

    // The bounce of a message of this tag, whose sender asked for `requested` content.
    [[nodiscard]] virtual BouncePlan plan_bounce(Tag tag,
                                                 std::optional<dsn::Return> requested) const = 0;
};

// The rules of the two editions.
class StandardRules : public Rules {
  public:
    explicit StandardRules(Edition edition) : edition_(edition) {}

    [[nodiscard]] Edition edition() const override { return edition_; }
    [[nodiscard]] std::optional<smtp::Extension> extension(smtp::Channel channel) const override;
    [[nodiscard]] std::optional<smtp::Reply> judge_parameters(
        const std::vector<smtp::Parameter>& parameters, smtp::Channel channel) const override;
    [[nodiscard]] Tag tag(const std::vector<smtp::Parameter>& mail_parameters,
                          const imf::HeaderSection& header) const override;
    [[nodiscard]] std::optional<smtp::Extension> extension_of(Service service,
                                                              smtp::Channel channel,
                                                              smtp::Login login) const override;
    [[nodiscard]] Tag tag_of(Service service, const std::vector<smtp::Parameter>& mail_parameters,
                             const imf::HeaderSection& header) const override;
    [[nodiscard]] Tag tag_of_instance(Tag tag, std::size_t instance) const override;
    [[nodiscard]] Tag tag_of_reoriginated(Mediator mediator, Tag incoming) const override;
    [[nodiscard]] imf::HeaderSection onward(imf::HeaderSection header, Tag tag) const override;
    [[nodiscard]] BogusAnswers bogus_answers() const override;
    [[nodiscard]] PolicyServerTrust policy_server_trust() const override;
    [[nodiscard]] std::vector<HostFacts> candidates(const Sending& sending,
                                                    std::vector<HostFacts> found) const override;
    [[nodiscard]] RoundVerdict judge_failed_lookup(const Sending& sending,
                                                   LookupFailure failure) const override;
    [[nodiscard]] HostVerdict judge_host(const Sending& sending,
                                         const HostFacts& host) const override;
    [[nodiscard]] TlsPlan plan_tls(const Sending& sending, const HostFacts& host) const override;
    [[nodiscard]] HostVerdict judge_session(const Sending& sending, const HostFacts& host,
                                            const TlsFacts& tls,
                                            const Greetings& greetings) const override;
    [[nodiscard]] bool sends_parameter(const Sending& sending, const HostFacts& host,
                                       const TlsFacts& tls,
                                       const Greetings& greetings) const override;
    [[nodiscard]] Farewell farewell(const HostVerdict& verdict) const override;
    [[nodiscard]] AfterHost after_host(const Sending& sending,
                                       const HostVerdict& verdict) const override;
    [[nodiscard]] RoundVerdict after_last_host(
        const Sending& sending, std::span<const HostVerdict> verdicts) const override;
    [[nodiscard]] Fate after_refusal(const Sending& sending,
                                     const smtp::Reply& reply) const override;
    [[nodiscard]] BouncePlan plan_bounce(Tag tag,
                                         std::optional<dsn::Return> requested) const override;

  private:
    // The steps of section 4.2.1 bind the message.
    [[nodiscard]] bool is_bound(const Sending& sending) const;

    Edition edition_;
};

}  // namespace mailassay::requiretls
