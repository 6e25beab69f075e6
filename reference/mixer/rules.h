#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/address.h"
#include "mixer/address_mapping.h"
#include "mixer/heading.h"

// Every decision of a gateway about who wrote, sent and authorized a message, in one place; the
// rest of the module is mechanics. A deviant overrides one of these.
namespace mailassay::mixer {

// Whom the header of an Internet message names, each list in its order. A descriptor without an
// address is the name of a group.
struct InternetRoles {
    std::vector<OrDescriptor> from = {};
    std::optional<OrDescriptor> sender = std::nullopt;
    // nullopt: there is no MMHS-Authorizing-Users.
    std::optional<std::vector<OrDescriptor>> authorizing = std::nullopt;
};

// Whom the heading of an interpersonal message names.
struct HeadingRoles {
    std::optional<OrDescriptor> originator = std::nullopt;
    std::optional<std::vector<OrDescriptor>> authorizing_users = std::nullopt;

    friend bool operator==(const HeadingRoles&, const HeadingRoles&) = default;
};

// Whether all messages are taken for military.
enum class Military : std::uint8_t { ByExtension, Always };

class Rules {
  public:
    virtual ~Rules() = default;

    // Section 5.1 of both editions.
    [[nodiscard]] virtual HeadingRoles to_heading(const InternetRoles& roles) const = 0;
    // Section 5.2: whether a message is military.
    [[nodiscard]] virtual bool is_military(const Heading& heading, Military configured) const = 0;
    // Section 5.2 for a military message.
    [[nodiscard]] virtual InternetRoles of_military(const HeadingRoles& roles) const = 0;
    // RFC 2156 section 5.3.4 for any other.
    [[nodiscard]] virtual InternetRoles of_other(const HeadingRoles& roles) const = 0;
    // Those of MMHS-Authorizing-Users; an error refuses the message. `bodies` are all such fields.
    // Errors: mixer.field.repeated, those of imf::parse_address_list() and parse_mailbox_list().
    [[nodiscard]] virtual Result<std::vector<imf::Mailbox>> read_authorizing(
        const std::vector<std::string>& bodies, base::Edition edition) const = 0;
    // Whether a user without address stands in MMHS-Authorizing-Users, as a group.
    [[nodiscard]] virtual bool names_unaddressed(base::Edition edition) const = 0;
    // Errors: those of mixer::to_or_address().
    [[nodiscard]] virtual Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                                          const Gateway& gateway) const = 0;
    [[nodiscard]] virtual std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                                                 const Gateway& gateway) const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] HeadingRoles to_heading(const InternetRoles& roles) const override;
    [[nodiscard]] bool is_military(const Heading& heading, Military configured) const override;
    [[nodiscard]] InternetRoles of_military(const HeadingRoles& roles) const override;
    [[nodiscard]] InternetRoles of_other(const HeadingRoles& roles) const override;
    [[nodiscard]] Result<std::vector<imf::Mailbox>> read_authorizing(
        const std::vector<std::string>& bodies, base::Edition edition) const override;
    [[nodiscard]] bool names_unaddressed(base::Edition edition) const override;
    [[nodiscard]] Result<OrAddress> to_or_address(const imf::Mailbox& mailbox,
                                                  const Gateway& gateway) const override;
    [[nodiscard]] std::optional<imf::Mailbox> to_mailbox(const OrAddress& address,
                                                         const Gateway& gateway) const override;
};

}  // namespace mailassay::mixer
