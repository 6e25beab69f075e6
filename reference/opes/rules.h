#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "imf/header.h"
#include "opes/bypass.h"
#include "opes/entry.h"
#include "opes/system.h"
#include "smtp/reply.h"

// Every decision of an OPES processor in one place; processing.h is the mechanics. A deviant
// overrides one of these.
namespace mailassay::opes {

class Rules {
  public:
    virtual ~Rules() = default;

    // -- trace ------------------------------------------------------------------------------

    // The header with the system's entry, before any service is called.
    [[nodiscard]] virtual imf::HeaderSection begun(const imf::HeaderSection& header,
                                                   const System& system) const = 0;
    // What came back from a service, with each trace field of what it was given.
    [[nodiscard]] virtual imf::HeaderSection restored(const imf::HeaderSection& given,
                                                      const imf::HeaderSection& came) const = 0;
    // The header with the entries of the services that were called so far, in order.
    [[nodiscard]] virtual imf::HeaderSection augmented(const imf::HeaderSection& header,
                                                       const System& system,
                                                       std::span<const Service> called) const = 0;
    // Whether the header may be sent on.
    [[nodiscard]] virtual bool is_traced(const imf::HeaderSection& header,
                                         const System& system) const = 0;
    // What a client is answered whose mail a service refused.
    [[nodiscard]] virtual smtp::Reply explained(const smtp::Reply& refusal,
                                                const System& system) const = 0;
    // The system's field among the per-message fields of a report (RFC 3464 section 2.2), and the
    // sentence for a person.
    [[nodiscard]] virtual std::optional<std::string> told_in_report(const System& system) const = 0;

    // -- bypass -----------------------------------------------------------------------------

    [[nodiscard]] virtual bool heeds(Requester requester) const = 0;
    // Whether the request is about the service.
    [[nodiscard]] virtual bool names(const BypassRequest& request, const Service& service,
                                     const System& system) const = 0;
    [[nodiscard]] virtual bool may_be_bypassed(const Service& service) const = 0;
    // Whether a field of the message reaches services of that stage.
    [[nodiscard]] virtual bool field_comes_in_time(Stage stage) const = 0;
    // What a request asks that can't be read; the error ends the command, where it was one's.
    [[nodiscard]] virtual Result<std::optional<BypassRequest>> unreadable(
        const Error& fault, const System& system) const = 0;
    // Whether a recipient's request is for that recipient alone.
    [[nodiscard]] virtual bool keeps_recipients_apart() const = 0;
    // How a request of the dialogue goes on to the next hop.
    [[nodiscard]] virtual Passing passing(NextHop next_hop) const = 0;

    // Whether one side of the message has agreed to the service.
    [[nodiscard]] virtual bool is_consented(const Service& service, const System& system,
                                            const Parties& parties) const = 0;
    // Whether that pair's mail is let through without the service.
    [[nodiscard]] virtual bool is_allowed(const Service& service, const System& system,
                                          const Parties& parties,
                                          std::span<const Allowance> allowances) const = 0;
    // Why a message that a service refused is held instead; nullopt: its client is refused.
    [[nodiscard]] virtual std::optional<std::string> held(const Service& service,
                                                          const smtp::Reply& refusal,
                                                          const System& system) const = 0;
    // What the system says of itself.
    [[nodiscard]] virtual Statement stated(const System& system) const = 0;

    // -- content ----------------------------------------------------------------------------

    // Whether the content that a service was given goes on, whatever it made of it.
    [[nodiscard]] virtual bool keeps_content(const imf::Message& given,
                                             const imf::Message& came) const = 0;
    // The header that came, saying of the content what the given one says.
    [[nodiscard]] virtual imf::HeaderSection described(const imf::HeaderSection& given,
                                                       const imf::HeaderSection& came) const = 0;
    // The header in which the address of each mapping is the other one.
    [[nodiscard]] virtual imf::HeaderSection readdressed(const imf::HeaderSection& header,
                                                         const Readdressing& mapping) const = 0;
};

// As the texts and the profile have it.
class StandardRules : public Rules {
  public:
    [[nodiscard]] imf::HeaderSection begun(const imf::HeaderSection& header,
                                           const System& system) const override;
    [[nodiscard]] imf::HeaderSection restored(const imf::HeaderSection& given,
                                              const imf::HeaderSection& came) const override;
    [[nodiscard]] imf::HeaderSection augmented(const imf::HeaderSection& header,
                                               const System& system,
                                               std::span<const Service> called) const override;
    [[nodiscard]] bool is_traced(const imf::HeaderSection& header,
                                 const System& system) const override;
    [[nodiscard]] smtp::Reply explained(const smtp::Reply& refusal,
                                        const System& system) const override;
    [[nodiscard]] std::optional<std::string> told_in_report(const System& system) const override;
    [[nodiscard]] bool heeds(Requester requester) const override;
    [[nodiscard]] bool names(const BypassRequest& request, const Service& service,
                             const System& system) const override;
    [[nodiscard]] bool may_be_bypassed(const Service& service) const override;
    [[nodiscard]] bool field_comes_in_time(Stage stage) const override;
    [[nodiscard]] Result<std::optional<BypassRequest>> unreadable(
        const Error& fault, const System& system) const override;
    [[nodiscard]] bool keeps_recipients_apart() const override;
    [[nodiscard]] Passing passing(NextHop next_hop) const override;
    [[nodiscard]] bool is_consented(const Service& service, const System& system,
                                    const Parties& parties) const override;
    [[nodiscard]] bool is_allowed(const Service& service, const System& system,
                                  const Parties& parties,
                                  std::span<const Allowance> allowances) const override;
    [[nodiscard]] std::optional<std::string> held(const Service& service,
                                                  const smtp::Reply& refusal,
                                                  const System& system) const override;
    [[nodiscard]] Statement stated(const System& system) const override;
    [[nodiscard]] bool keeps_content(const imf::Message& given,
                                     const imf::Message& came) const override;
    [[nodiscard]] imf::HeaderSection described(const imf::HeaderSection& given,
                                               const imf::HeaderSection& came) const override;
    [[nodiscard]] imf::HeaderSection readdressed(const imf::HeaderSection& header,
                                                 const Readdressing& mapping) const override;
};

}  // namespace mailassay::opes
