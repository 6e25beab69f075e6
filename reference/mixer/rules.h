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
#include "mixer/rfc822_fields.h"

// Every decision of a gateway about who stands where and what is lost, in one place; the rest of
// the module is mechanics. A deviant overrides one of these.
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

// Who gets a message, by the field and by the list of the heading; nullopt: there is none.
struct InternetRecipients {
    std::optional<std::vector<Recipient>> to = std::nullopt;
    std::optional<std::vector<Recipient>> cc = std::nullopt;
    std::optional<std::vector<Recipient>> bcc = std::nullopt;
};
struct HeadingRecipients {
    std::optional<std::vector<Recipient>> primary = std::nullopt;
    std::optional<std::vector<Recipient>> copy = std::nullopt;
    std::optional<std::vector<Recipient>> blind_copy = std::nullopt;
};

// Whether all messages are taken for military.
enum class Military : std::uint8_t { ByExtension, Always };

class Rules {
  public:
    virtual ~Rules() = default;

    // An interpersonal message in any form of BER. Errors: those of decode_ipm().
    [[nodiscard]] virtual Result<HeadingReading> read(std::string_view octets) const = 0;
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
    // RFC 2156 sections 5.1.3 and 5.3.4: which list a field becomes.
    [[nodiscard]] virtual HeadingRecipients to_heading(InternetRecipients named) const = 0;
    [[nodiscard]] virtual InternetRecipients to_fields(HeadingRecipients named) const = 0;
    // Section 4.7.1: the name of somebody called `phrase`, with comments around the address, each
    // in its brackets.
    [[nodiscard]] virtual std::string free_form_name(std::string_view phrase,
                                                     std::string_view comments) const = 0;
    // Section 4.7.1: whether a group stands among its members, by its name.
    [[nodiscard]] virtual bool names_groups() const = 0;
    // Section 4.7.2: what is said behind the address, without brackets. `directory_name`: or "".
    [[nodiscard]] virtual std::vector<std::string> comments_on(
        const Recipient& recipient, std::string_view directory_name) const = 0;
    // Section 5.1.3: text for people within so many octets.
    [[nodiscard]] virtual std::string bounded(std::string text, std::size_t bound) const = 0;
    // Section 5.3.4: a subject in which lines end.
    [[nodiscard]] virtual std::string on_one_line(std::string_view subject) const = 0;
    // Section 4.7.3; `military`: the message has extensions of MMHS.
    [[nodiscard]] virtual std::optional<IpmIdentifier> to_identifier(std::string_view message_id,
                                                                     const Gateway& gateway,
                                                                     bool military) const = 0;
    [[nodiscard]] virtual std::string to_message_id(const IpmIdentifier& identifier,
                                                    const Gateway& gateway) const = 0;
    // Whether a message that has the field twice is taken.
    [[nodiscard]] virtual bool may_be_repeated(std::string_view field) const = 0;
    // RFC 6477 section 6.
    [[nodiscard]] virtual std::optional<Extension> to_extension(
        const imf::HeaderField& field) const = 0;
    [[nodiscard]] virtual std::vector<imf::HeaderField> to_fields(
        const Extension& extension) const = 0;
    // RFC 6477 section 6: when a message was released that does not say so.
    [[nodiscard]] virtual std::optional<Extension> release_time(std::string_view date) const = 0;
    // RFC 2156 section 5.1.2: fields out of the extension for them.
    [[nodiscard]] virtual Carried carried(const Extension& extension) const = 0;
    // RFC 2156 section 5.3.2: To of a message for nobody; nullopt: there is none.
    [[nodiscard]] virtual std::optional<std::string> nobody() const = 0;
};

// As the texts have it. Where a text leaves room the comment says what was chosen.
class StandardRules : public Rules {
  public:
    [[nodiscard]] Result<HeadingReading> read(std::string_view octets) const override;
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
    [[nodiscard]] HeadingRecipients to_heading(InternetRecipients named) const override;
    [[nodiscard]] InternetRecipients to_fields(HeadingRecipients named) const override;
    [[nodiscard]] std::string free_form_name(std::string_view phrase,
                                             std::string_view comments) const override;
    [[nodiscard]] bool names_groups() const override;
    [[nodiscard]] std::vector<std::string> comments_on(
        const Recipient& recipient, std::string_view directory_name) const override;
    [[nodiscard]] std::string bounded(std::string text, std::size_t bound) const override;
    [[nodiscard]] std::string on_one_line(std::string_view subject) const override;
    [[nodiscard]] std::optional<IpmIdentifier> to_identifier(std::string_view message_id,
                                                             const Gateway& gateway,
                                                             bool military) const override;
    [[nodiscard]] std::string to_message_id(const IpmIdentifier& identifier,
                                            const Gateway& gateway) const override;
    [[nodiscard]] bool may_be_repeated(std::string_view field) const override;
    [[nodiscard]] std::optional<Extension> to_extension(
        const imf::HeaderField& field) const override;
    [[nodiscard]] std::vector<imf::HeaderField> to_fields(
        const Extension& extension) const override;
    [[nodiscard]] std::optional<Extension> release_time(std::string_view date) const override;
    [[nodiscard]] Carried carried(const Extension& extension) const override;
    [[nodiscard]] std::optional<std::string> nobody() const override;
};

}  // namespace mailassay::mixer
