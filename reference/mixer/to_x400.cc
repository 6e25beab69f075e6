#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "mixer/comments.h"
#include "mixer/identifier.h"
#include "mixer/mapping.h"
#include "mixer/mmhs.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

// Upper bounds of X.420.
constexpr std::size_t max_free_form = 64;
constexpr std::size_t max_subject = 128;

Error in_field(Error error, std::string_view field) {
    error.detail = field;
    return error;
}

constexpr std::array<std::string_view, 12> mapped_fields{
    "From", "Sender", "MMHS-Authorizing-Users", "To", "Cc", "Bcc", "Subject", "Message-ID",
    "Reply-To", "In-Reply-To", "References",
    // It says nothing that the body does not show.
    "MIME-Version"};

bool is_mapped(std::string_view name) {
    return std::ranges::any_of(
        mapped_fields, [&](std::string_view each) { return base::equals_ignore_case(each, name); });
}

std::size_t mailboxes_in(const imf::Address& address) {
    const auto* group = std::get_if<imf::Group>(&address);
    return group == nullptr ? 1 : group->members.size();
}

// One text for each mailbox.
std::vector<std::string> comments_of(std::string_view body,
                                     const std::vector<imf::Address>& addresses) {
    std::size_t count = 0;
    for (const imf::Address& each : addresses) count += mailboxes_in(each);
    std::vector<std::string> comments = comments_in(body);
    // Whoever reads otherwise than the parser did says nothing of anybody.
    if (comments.size() != count) comments.assign(count, "");
    return comments;
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
    Result<OrDescriptor> descriptor(const imf::Mailbox& mailbox, std::string_view comments,
                                    std::string_view where);
    Result<void> add(std::vector<OrDescriptor>& to, const imf::Address& address,
                     std::span<const std::string> comments, std::string_view where);
    Result<std::vector<OrDescriptor>> list(std::string_view name);
    Result<std::optional<OrDescriptor>> sender();
    void tell_groups(std::span<const std::string> bodies, std::string_view where);
    Result<std::optional<std::vector<OrDescriptor>>> authorizing();
    Result<void> roles();
    Result<std::optional<std::vector<OrDescriptor>>> people(std::string_view name);
    Result<std::optional<std::vector<Recipient>>> recipients(std::string_view name);
    Result<void> all_recipients();
    Result<void> subject();
    void references();
    Result<void> military_fields();
    Result<void> identifier();
    void other_fields();

    const imf::HeaderSection& header_;
    const Mapping& mapping_;
    const Rules& rules_;
    Heading heading_;
    std::vector<Loss> losses_;
    // For the extension that carries fields.
    std::vector<imf::HeaderField> carried_;
    bool military_ = false;
};

Result<const imf::HeaderField*> HeadingMaker::single(std::string_view name) const {
    if (header_.count(name) > 1 && !rules_.may_be_repeated(name)) {
        return std::unexpected(in_field({.id = "mixer.field.repeated"}, name));
    }
    return header_.find_first(name);
}

std::optional<std::string> HeadingMaker::human(std::string_view text, std::size_t bound,
                                               std::string_view where) {
    HumanText teletex = to_teletex(text);
    if (teletex.replaced) losses_.push_back({"mixer.loss.characters", std::string(where)});
    std::string kept = rules_.bounded(teletex.text, bound);
    if (kept != teletex.text) losses_.push_back({"mixer.loss.cut", std::string(where)});
    if (kept.empty()) return std::nullopt;
    return kept;
}

// [rfc2156/4.7.1/1] [rfc2156/4.7.1/2] [rfc2156/4.7.1/3]
Result<OrDescriptor> HeadingMaker::descriptor(const imf::Mailbox& mailbox,
                                              std::string_view comments, std::string_view where) {
    auto address = rules_.to_or_address(mailbox, mapping_.gateway);
    if (!address) return std::unexpected(in_field(std::move(address.error()), where));
    const std::string name = rules_.free_form_name(mailbox.display_name, comments);
    return OrDescriptor{.address = std::move(*address),
                        .free_form = human(name, max_free_form, where)};
}

// [rfc2156/4.7.1/5]; `comments` are those of its mailboxes.
Result<void> HeadingMaker::add(std::vector<OrDescriptor>& to, const imf::Address& address,
                               std::span<const std::string> comments, std::string_view where) {
    const auto* group = std::get_if<imf::Group>(&address);
    const auto mailboxes = group == nullptr ? std::span(&std::get<imf::Mailbox>(address), 1)
                                            : std::span(group->members);
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
        auto made = descriptor(mailboxes[i], comments[i], where);
        if (!made) return std::unexpected(std::move(made.error()));
        to.push_back(std::move(*made));
    }
    if (group == nullptr || !rules_.names_groups()) return {};
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
        const std::vector<std::string> comments = comments_of(field->body, *addresses);
        std::size_t next = 0;
        for (const imf::Address& address : *addresses) {
            const auto own = std::span(comments).subspan(next, mailboxes_in(address));
            if (auto added = add(all, address, own, name); !added) {
                return std::unexpected(std::move(added.error()));
            }
            next += own.size();
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
    auto made = descriptor(*mailbox, comments_of((*field)->body, {*mailbox}).front(), "Sender");
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(*made);
}

// Groups among authorizing users, whose members alone are mapped.
void HeadingMaker::tell_groups(std::span<const std::string> bodies, std::string_view where) {
    for (const std::string& body : bodies) {
        const auto addresses = imf::parse_address_list(body);
        if (!addresses) continue;
        for (const imf::Address& each : *addresses) {
            if (const auto* group = std::get_if<imf::Group>(&each)) {
                losses_.push_back({"mixer.loss.group", std::string(where), group->display_name});
            }
        }
    }
}

Result<std::optional<std::vector<OrDescriptor>>> HeadingMaker::authorizing() {
    constexpr std::string_view name = "MMHS-Authorizing-Users";
    std::vector<std::string> bodies;
    for (const imf::HeaderField* field : header_.find_all(name)) bodies.push_back(field->body);
    if (bodies.empty()) return std::nullopt;
    // [rfc7912/5.1/7] [draft-melnikov/5.1/7]: what can't be read is refused.
    const auto mailboxes = rules_.read_authorizing(bodies, mapping_.edition);
    if (!mailboxes) return std::unexpected(in_field(mailboxes.error(), name));
    tell_groups(bodies, name);
    const auto comments = comments_of(bodies.front(), {mailboxes->begin(), mailboxes->end()});
    std::vector<OrDescriptor> users;
    for (std::size_t i = 0; i < mailboxes->size(); ++i) {
        auto made = descriptor((*mailboxes)[i], comments[i], name);
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

// nullopt: there is no such field, or one that can't be read, which is carried as it is
// ([rfc2156/5.1.3/15]).
Result<std::optional<std::vector<OrDescriptor>>> HeadingMaker::people(std::string_view name) {
    const auto fields = header_.find_all(name);
    if (fields.empty()) return std::nullopt;
    auto descriptors = list(name);
    if (descriptors) return std::move(*descriptors);
    if (!descriptors.error().id.starts_with("imf.")) {
        return std::unexpected(std::move(descriptors.error()));
    }
    for (const imf::HeaderField* field : fields) carried_.push_back(*field);
    return std::nullopt;
}

// [rfc2156/4.7.1/4]
Result<std::optional<std::vector<Recipient>>> HeadingMaker::recipients(std::string_view name) {
    auto descriptors = people(name);
    if (!descriptors) return std::unexpected(std::move(descriptors.error()));
    if (!*descriptors) return std::nullopt;
    std::vector<Recipient> all;
    for (OrDescriptor& each : **descriptors) all.push_back({.descriptor = std::move(each)});
    return all;
}

Result<void> HeadingMaker::all_recipients() {
    InternetRecipients named;
    for (const auto& [list, name] :
         {std::pair{&named.to, "To"}, {&named.cc, "Cc"}, {&named.bcc, "Bcc"}}) {
        auto found = recipients(name);
        if (!found) return std::unexpected(std::move(found.error()));
        *list = std::move(*found);
    }
    HeadingRecipients made = rules_.to_heading(std::move(named));
    heading_.primary = std::move(made.primary);
    heading_.copy = std::move(made.copy);
    heading_.blind_copy = std::move(made.blind_copy);
    // [rfc2156/5.1.3/8]
    auto reply_to = people("Reply-To");
    if (!reply_to) return std::unexpected(std::move(reply_to.error()));
    heading_.reply_recipients = std::move(*reply_to);
    return {};
}

// [rfc2156/5.1.3/14]
Result<void> HeadingMaker::subject() {
    const auto field = single("Subject");
    if (!field) return std::unexpected(field.error());
    if (*field != nullptr) heading_.subject = human((*field)->value(), max_subject, "Subject");
    return {};
}

// [rfc2156/5.1.3/13]
void HeadingMaker::references() {
    for (const std::string_view name : {"In-Reply-To", "References"}) {
        for (const imf::HeaderField* field : header_.find_all(name)) {
            References found = to_references(field->value());
            if (found.lost) losses_.push_back({"mixer.loss.cut", std::string(name)});
            if (name == "In-Reply-To" && found.identifiers.size() == 1 && !heading_.replied_to) {
                heading_.replied_to = std::move(found.identifiers[0]);
            } else {
                std::ranges::move(found.identifiers, std::back_inserter(heading_.related));
            }
        }
    }
}

// [rfc6477/6/10]
Result<void> HeadingMaker::military_fields() {
    for (const imf::HeaderField& field : header_.fields()) {
        if (!is_mmhs_field(field.name)) continue;
        military_ = true;
        if (auto alone = single(field.name); !alone) return std::unexpected(alone.error());
        if (base::equals_ignore_case(field.name, exempted_address_field)) {
            auto exempted = people(exempted_address_field);
            if (!exempted) return std::unexpected(std::move(exempted.error()));
            if (*exempted) {
                heading_.extensions.push_back(
                    {.oid = std::string(oid_exempted_address), .value = encode_people(**exempted)});
            }
        } else if (auto extension = rules_.to_extension(field)) {
            mixer::add(heading_.extensions, std::move(*extension));
        } else {
            carried_.push_back(field);
        }
    }
    const imf::HeaderField* date = header_.find_first("Date");
    if (!military_ || date == nullptr) return {};
    const bool told = std::ranges::find(heading_.extensions, oid_authorisation, &Extension::oid) !=
                      heading_.extensions.end();
    auto time = told ? std::nullopt : rules_.release_time(date->value());
    if (time) heading_.extensions.push_back(std::move(*time));
    return {};
}

// [rfc2156/5.1.3/3]
Result<void> HeadingMaker::identifier() {
    const auto field = single("Message-ID");
    if (!field) return std::unexpected(field.error());
    heading_.this_ipm.local = mapping_.identifier;
    if (*field == nullptr) return {};
    if (auto made = rules_.to_identifier((*field)->value(), mapping_.gateway, military_)) {
        heading_.this_ipm = std::move(*made);
    } else {
        losses_.push_back({"mixer.loss.cut", "Message-ID", (*field)->value()});
    }
    return {};
}

// [rfc2156/5.1.3/15]. What belongs to the envelope or the body is mapped with these.
void HeadingMaker::other_fields() {
    for (const imf::HeaderField& field : header_.fields()) {
        if (is_mmhs_field(field.name) || is_mapped(field.name)) continue;
        if (has_own_place(field.name)) {
            losses_.push_back({"mixer.loss.field", field.name});
        } else {
            carried_.push_back(field);
        }
    }
    const auto unfit = std::ranges::stable_partition(
        carried_, [](const auto& each) { return can_be_carried(each); });
    for (const imf::HeaderField& field : unfit) {
        losses_.push_back({"mixer.loss.characters", field.name});
    }
    carried_.erase(unfit.begin(), unfit.end());
    if (!carried_.empty()) heading_.extensions.push_back(carry(carried_));
}

Result<HeadingMade> HeadingMaker::make() {
    if (auto done = roles(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = all_recipients(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = subject(); !done) return std::unexpected(std::move(done.error()));
    references();
    if (auto done = military_fields(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = identifier(); !done) return std::unexpected(std::move(done.error()));
    other_fields();
    return HeadingMade{.heading = std::move(heading_), .losses = std::move(losses_)};
}

}  // namespace

Result<HeadingMade> to_x400(const imf::HeaderSection& header, const Mapping& mapping,
                            const Rules& rules) {
    return HeadingMaker(header, mapping, rules).make();
}

}  // namespace mailassay::mixer
