#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "mixer/identifier.h"
#include "mixer/mapping.h"
#include "mixer/precedence.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

// Upper bounds of X.420.
constexpr std::size_t max_free_form = 64;
constexpr std::size_t max_subject = 128;

constexpr std::array<std::string_view, 9> mapped_fields{
    "From",       "Sender",      "MMHS-Authorizing-Users", "To", "Cc", "Bcc", "Subject",
    "Message-ID", "MIME-Version"};

Error in_field(Error error, std::string_view field) {
    error.detail = field;
    return error;
}

// [rfc2156/5.1.3/1] [rfc2156/5.1.3/2]: no encoded-word is cut through.
std::string cut(std::string text, std::size_t bound) {
    if (text.size() <= bound) return text;
    text.resize(bound);
    if (const std::size_t begin = text.rfind("=?"); begin != std::string::npos) {
        const std::size_t charset = text.find('?', begin + 2);
        const std::size_t coding =
            charset == std::string::npos ? charset : text.find('?', charset + 1);
        const std::size_t end = coding == std::string::npos ? coding : text.find("?=", coding + 1);
        if (end == std::string::npos) text.resize(begin);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

class HeadingMaker {
  public:
    HeadingMaker(const imf::HeaderSection& header, const Mapping& mapping, const Rules& rules)
        : header_(header), mapping_(mapping), rules_(rules) {}

    Result<HeadingMade> make();

  private:
    Result<const imf::HeaderField*> single(std::string_view name) const;
    std::optional<std::string> human(std::string_view text, std::size_t bound,
                                     std::string_view where);
    Result<OrDescriptor> descriptor(const imf::Mailbox& mailbox, std::string_view where);
    Result<void> add(std::vector<OrDescriptor>& to, const imf::Address& address,
                     std::string_view where);
    Result<std::vector<OrDescriptor>> list(std::string_view name);
    Result<std::optional<OrDescriptor>> sender();
    Result<std::optional<std::vector<OrDescriptor>>> authorizing();
    Result<void> roles();
    Result<void> recipients(std::optional<std::vector<Recipient>>& to, std::string_view name);
    Result<void> text();
    void note_other_fields();

    const imf::HeaderSection& header_;
    const Mapping& mapping_;
    const Rules& rules_;
    Heading heading_;
    std::vector<Loss> losses_;
};

Result<const imf::HeaderField*> HeadingMaker::single(std::string_view name) const {
    if (header_.count(name) > 1) {
        return std::unexpected(in_field({.id = "mixer.field.repeated"}, name));
    }
    return header_.find_first(name);
}

std::optional<std::string> HeadingMaker::human(std::string_view text, std::size_t bound,
                                               std::string_view where) {
    HumanText teletex = to_teletex(text);
    if (teletex.replaced) losses_.push_back({"mixer.loss.characters", std::string(where)});
    std::string kept = cut(teletex.text, bound);
    if (kept != teletex.text) losses_.push_back({"mixer.loss.cut", std::string(where)});
    if (kept.empty()) return std::nullopt;
    return kept;
}

// [rfc2156/4.7.1/1] [rfc2156/4.7.1/2] [rfc2156/4.7.1/3]; comments are not kept by imf.
Result<OrDescriptor> HeadingMaker::descriptor(const imf::Mailbox& mailbox, std::string_view where) {
    auto address = rules_.to_or_address(mailbox, mapping_.gateway);
    if (!address) return std::unexpected(in_field(std::move(address.error()), where));
    return OrDescriptor{.address = std::move(*address),
                        .free_form = human(mailbox.display_name, max_free_form, where)};
}

// [rfc2156/4.7.1/5]
Result<void> HeadingMaker::add(std::vector<OrDescriptor>& to, const imf::Address& address,
                               std::string_view where) {
    const auto* group = std::get_if<imf::Group>(&address);
    if (group == nullptr) {
        auto made = descriptor(std::get<imf::Mailbox>(address), where);
        if (!made) return std::unexpected(std::move(made.error()));
        to.push_back(std::move(*made));
        return {};
    }
    for (const imf::Mailbox& member : group->members) {
        auto made = descriptor(member, where);
        if (!made) return std::unexpected(std::move(made.error()));
        to.push_back(std::move(*made));
    }
    if (auto name = human(group->display_name, max_free_form, where)) {
        to.push_back({.free_form = std::move(name)});
    }
    return {};
}

// [rfc2156/5.1.3/4]: all fields of the name.
Result<std::vector<OrDescriptor>> HeadingMaker::list(std::string_view name) {
    std::vector<OrDescriptor> all;
    for (const imf::HeaderField* field : header_.find_all(name)) {
        // [rfc2156/5.1.3/12]: an empty Bcc is an empty list.
        if (base::equals_ignore_case(name, "Bcc") && field->value().empty()) continue;
        const auto addresses = imf::parse_address_list(field->body);
        if (!addresses) return std::unexpected(in_field(addresses.error(), name));
        for (const imf::Address& address : *addresses) {
            if (auto added = add(all, address, name); !added) {
                return std::unexpected(std::move(added.error()));
            }
        }
    }
    return all;
}

Result<std::optional<OrDescriptor>> HeadingMaker::sender() {
    const auto field = single("Sender");
    if (!field) return std::unexpected(field.error());
    if (*field == nullptr) return std::nullopt;
    const auto mailbox = imf::parse_mailbox((*field)->body);
    if (!mailbox) return std::unexpected(in_field(mailbox.error(), "Sender"));
    auto made = descriptor(*mailbox, "Sender");
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(*made);
}

Result<std::optional<std::vector<OrDescriptor>>> HeadingMaker::authorizing() {
    constexpr std::string_view name = "MMHS-Authorizing-Users";
    std::vector<std::string> bodies;
    for (const imf::HeaderField* field : header_.find_all(name)) bodies.push_back(field->body);
    if (bodies.empty()) return std::nullopt;
    // [rfc7912/5.1/7] [draft-melnikov/5.1/7]: what can't be read is refused.
    const auto mailboxes = rules_.read_authorizing(bodies, mapping_.edition);
    if (!mailboxes) return std::unexpected(in_field(mailboxes.error(), name));
    std::vector<OrDescriptor> users;
    for (const imf::Mailbox& mailbox : *mailboxes) {
        auto made = descriptor(mailbox, name);
        if (!made) return std::unexpected(std::move(made.error()));
        users.push_back(std::move(*made));
    }
    return users;
}

Result<void> HeadingMaker::roles() {
    InternetRoles roles;
    auto from = list("From");
    if (!from) return std::unexpected(std::move(from.error()));
    roles.from = std::move(*from);
    auto sent_by = sender();
    if (!sent_by) return std::unexpected(std::move(sent_by.error()));
    roles.sender = std::move(*sent_by);
    auto users = authorizing();
    if (!users) return std::unexpected(std::move(users.error()));
    roles.authorizing = std::move(*users);
    const bool several = roles.sender ? !roles.from.empty() : roles.from.size() > 1;
    if (roles.authorizing && several) {
        losses_.push_back({"mixer.loss.merged", "authorizing-users",
                           "who wrote and who authorized is not told apart"});
    }
    HeadingRoles made = rules_.to_heading(roles);
    if (!made.originator) {
        return std::unexpected(Error{.id = "mixer.heading.missing", .detail = "From"});
    }
    heading_.originator = std::move(made.originator);
    heading_.authorizing_users = std::move(made.authorizing_users);
    return {};
}

// [rfc2156/5.1.3/9] [rfc2156/5.1.3/10] [rfc2156/5.1.3/11] [rfc2156/4.7.1/4]
Result<void> HeadingMaker::recipients(std::optional<std::vector<Recipient>>& to,
                                      std::string_view name) {
    if (header_.find_first(name) == nullptr) return {};
    auto descriptors = list(name);
    if (!descriptors) return std::unexpected(std::move(descriptors.error()));
    to.emplace();
    for (OrDescriptor& each : *descriptors) to->push_back({.descriptor = std::move(each)});
    return {};
}

Result<void> HeadingMaker::text() {
    const auto subject = single("Subject");
    if (!subject) return std::unexpected(subject.error());
    // [rfc2156/5.1.3/14]
    if (*subject != nullptr) heading_.subject = human((*subject)->value(), max_subject, "Subject");
    const auto id = single("Message-ID");
    if (!id) return std::unexpected(id.error());
    // [rfc2156/5.1.3/3]
    heading_.this_ipm.local = mapping_.identifier;
    if (*id == nullptr) return {};
    if (auto made = to_identifier((*id)->value())) {
        heading_.this_ipm = std::move(*made);
    } else {
        losses_.push_back({"mixer.loss.cut", "Message-ID", (*id)->value()});
    }
    return {};
}

void HeadingMaker::note_other_fields() {
    for (const imf::HeaderField& field : header_.fields()) {
        if (auto precedence = to_extension(field)) {
            heading_.extensions.push_back(std::move(*precedence));
            continue;
        }
        const bool mapped = std::ranges::any_of(mapped_fields, [&](std::string_view name) {
            return base::equals_ignore_case(name, field.name);
        });
        if (!mapped) losses_.push_back({"mixer.loss.field", field.name});
    }
}

Result<HeadingMade> HeadingMaker::make() {
    if (auto done = roles(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = recipients(heading_.primary, "To"); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = recipients(heading_.copy, "Cc"); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = recipients(heading_.blind_copy, "Bcc"); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = text(); !done) return std::unexpected(std::move(done.error()));
    note_other_fields();
    return HeadingMade{.heading = std::move(heading_), .losses = std::move(losses_)};
}

}  // namespace

Result<HeadingMade> to_x400(const imf::HeaderSection& header, const Mapping& mapping,
                            const Rules& rules) {
    return HeadingMaker(header, mapping, rules).make();
}

}  // namespace mailassay::mixer
