#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "mixer/directory_name.h"
#include "mixer/identifier.h"
#include "mixer/mapping.h"
#include "mixer/mmhs.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

// What stands in a comment, of characters that end none.
std::string comment_text(std::string_view text) {
    std::string kept(text);
    for (char& c : kept) {
        if (base::is_control(c) || base::is_eight_bit(c) || c == '(' || c == ')' || c == '\\') {
            c = '?';
        }
    }
    return kept;
}

enum class Unaddressed : std::uint8_t { AsGroup, LeftOut };

class HeaderMaker {
  public:
    HeaderMaker(const Heading& heading, const Mapping& mapping, const Rules& rules)
        : heading_(heading), mapping_(mapping), rules_(rules) {}

    Result<HeaderMade> make();

  private:
    std::string human(std::string_view octets, std::string_view where);
    std::optional<std::string> address(const Recipient& recipient, Unaddressed unaddressed,
                                       std::string_view where);
    Result<void> field(std::string_view name, const std::string& value);
    Result<void> recipients(std::string_view name, const std::vector<Recipient>& all,
                            Unaddressed unaddressed = Unaddressed::AsGroup);
    Result<void> people(std::string_view name, const std::vector<OrDescriptor>& all,
                        Unaddressed unaddressed = Unaddressed::AsGroup);
    Result<void> roles();
    Result<void> all_recipients();
    Result<void> identifiers();
    bool is_made(std::string_view name) const;
    bool mapped(const Extension& extension);
    void take_carried(const Extension& extension);
    Result<void> extensions();

    const Heading& heading_;
    const Mapping& mapping_;
    const Rules& rules_;
    HeaderMade made_;
};

std::string HeaderMaker::human(std::string_view octets, std::string_view where) {
    HumanText text = from_teletex(octets);
    if (text.replaced) made_.losses.push_back({"mixer.loss.characters", std::string(where)});
    return std::move(text.text);
}

// [rfc2156/4.7.2/1] to [rfc2156/4.7.2/5]; nullopt: nothing of it can stand there.
std::optional<std::string> HeaderMaker::address(const Recipient& recipient, Unaddressed unaddressed,
                                                std::string_view where) {
    const OrDescriptor& descriptor = recipient.descriptor;
    std::optional<imf::Mailbox> mailbox;
    if (descriptor.address) mailbox = rules_.to_mailbox(*descriptor.address, mapping_.gateway);
    if (descriptor.address && !descriptor.address->others.empty()) {
        made_.losses.push_back({"mixer.loss.characters", std::string(where),
                                "extension attributes without a text form"});
    }
    const std::string name = descriptor.free_form ? human(*descriptor.free_form, where) : "";
    std::string text;
    if (mailbox) {
        mailbox->display_name = name;
        text = to_string(*mailbox);
    } else if (name.empty() || unaddressed == Unaddressed::LeftOut) {
        made_.losses.push_back({"mixer.loss.no-address", std::string(where), name});
        return std::nullopt;
    } else {
        text = to_string(imf::Group{.display_name = name, .members = {}});
    }
    const std::string directory_name =
        descriptor.directory_name ? directory_name_text(*descriptor.directory_name) : "";
    for (const std::string& comment : rules_.comments_on(recipient, directory_name)) {
        text += fmt::format(" ({})", comment_text(comment));
    }
    return text;
}

Result<void> HeaderMaker::field(std::string_view name, const std::string& value) {
    auto field = imf::make_field(name, value);
    if (!field) return std::unexpected(std::move(field.error()));
    made_.header.append(std::move(*field));
    return {};
}

Result<void> HeaderMaker::recipients(std::string_view name, const std::vector<Recipient>& all,
                                     Unaddressed unaddressed) {
    std::string value;
    for (const Recipient& each : all) {
        const auto text = address(each, unaddressed, name);
        if (!text) continue;
        if (!value.empty()) value += ", ";
        value += *text;
    }
    // [rfc7912/5.2/7] [rfc2156/5.3.4/7]
    return value.empty() ? Result<void>() : field(name, value);
}

Result<void> HeaderMaker::people(std::string_view name, const std::vector<OrDescriptor>& all,
                                 Unaddressed unaddressed) {
    std::vector<Recipient> recipients_without_requests;
    for (const OrDescriptor& each : all)
        recipients_without_requests.push_back({.descriptor = each});
    return recipients(name, recipients_without_requests, unaddressed);
}

Result<void> HeaderMaker::roles() {
    const HeadingRoles roles{heading_.originator, heading_.authorizing_users};
    const bool military = rules_.is_military(heading_, mapping_.military);
    made_.kind = military ? Kind::Military : Kind::Other;
    const InternetRoles fields = military ? rules_.of_military(roles) : rules_.of_other(roles);
    if (auto done = people("From", fields.from); !done) return done;
    if (made_.header.find_first("From") == nullptr) {
        return std::unexpected(Error{.id = "mixer.heading.missing", .detail = "From"});
    }
    // Sender is a mailbox, which a group is not.
    if (fields.sender) {
        if (auto done = people("Sender", {*fields.sender}, Unaddressed::LeftOut); !done) {
            return done;
        }
    }
    if (!fields.authorizing) return {};
    return people(
        "MMHS-Authorizing-Users", *fields.authorizing,
        rules_.names_unaddressed(mapping_.edition) ? Unaddressed::AsGroup : Unaddressed::LeftOut);
}

Result<void> HeaderMaker::all_recipients() {
    const InternetRecipients named = rules_.to_fields(HeadingRecipients{
        .primary = heading_.primary, .copy = heading_.copy, .blind_copy = heading_.blind_copy});
    for (const auto& [list, name] :
         {std::pair{&named.to, "To"}, {&named.cc, "Cc"}, {&named.bcc, "Bcc"}}) {
        if (!*list) continue;
        if (auto done = recipients(name, **list); !done) return done;
    }
    const auto nobody = rules_.nobody();
    if (nobody && !is_made("To") && !is_made("Cc") && !is_made("Bcc")) {
        if (auto done = field("To", *nobody); !done) return done;
    }
    // [rfc2156/5.3.4/8]
    return heading_.reply_recipients ? people("Reply-To", *heading_.reply_recipients)
                                     : Result<void>();
}

Result<void> HeaderMaker::identifiers() {
    // [rfc2156/5.3.4/1]
    const std::string id = rules_.to_message_id(heading_.this_ipm, mapping_.gateway);
    if (auto done = field("Message-ID", id); !done) return done;
    // [rfc2156/5.3.4/8]
    const OrAddress& route = mapping_.gateway.route;
    if (heading_.replied_to) {
        const std::string reference = to_reference(*heading_.replied_to, route);
        if (auto done = field("In-Reply-To", reference); !done) return done;
    }
    std::string related;
    for (const IpmIdentifier& each : heading_.related) {
        related += (related.empty() ? "" : " ") + to_reference(each, route);
    }
    return related.empty() ? Result<void>() : field("References", related);
}

bool HeaderMaker::is_made(std::string_view name) const {
    return made_.header.find_first(name) != nullptr;
}

// [rfc6477/6/2]; false: it has no field, or one that is there already ([rfc6477/3/1]).
bool HeaderMaker::mapped(const Extension& extension) {
    if (extension.oid == oid_exempted_address && extension.value) {
        const auto exempted = decode_people(*extension.value);
        if (!exempted || is_made(exempted_address_field)) return false;
        return people(exempted_address_field, *exempted) && is_made(exempted_address_field);
    }
    std::vector<imf::HeaderField> fields = rules_.to_fields(extension);
    const bool again = std::ranges::any_of(
        fields, [&](const imf::HeaderField& each) { return is_made(each.name); });
    if (again && !rules_.may_be_repeated(fields.front().name)) return false;
    for (imf::HeaderField& each : fields) made_.header.append(std::move(each));
    return !fields.empty();
}

// [rfc2156/5.3.4/10]
void HeaderMaker::take_carried(const Extension& extension) {
    Carried fields = rules_.carried(extension);
    for (imf::HeaderField& each : fields.fields) made_.header.append(std::move(each));
    for (const std::string& name : fields.left_out) {
        made_.losses.push_back({"mixer.loss.extension", "RFC 822 fields", name});
    }
}

// [rfc2156/5.3.4/11] [rfc6477/6/2]
Result<void> HeaderMaker::extensions() {
    std::string discarded;
    for (const Extension& each : heading_.extensions) {
        if (each.oid == oid_rfc_822_fields) {
            take_carried(each);
        } else if (!mapped(each)) {
            made_.losses.push_back({"mixer.loss.extension", "extensions", each.oid});
            discarded += (discarded.empty() ? "" : ", ") + each.oid;
        }
    }
    for (const der::Value& each : heading_.others) {
        made_.losses.push_back({"mixer.loss.extension", to_string(each.tag)});
    }
    return discarded.empty() ? Result<void>() : field("Discarded-X400-IPMS-Extensions", discarded);
}

Result<HeaderMade> HeaderMaker::make() {
    if (auto done = roles(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = all_recipients(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = identifiers(); !done) return std::unexpected(std::move(done.error()));
    if (heading_.subject) {
        const std::string subject = human(rules_.on_one_line(*heading_.subject), "Subject");
        if (auto done = field("Subject", subject); !done) {
            return std::unexpected(std::move(done.error()));
        }
    }
    if (auto done = extensions(); !done) return std::unexpected(std::move(done.error()));
    return std::move(made_);
}

}  // namespace

Result<HeaderMade> from_x400(const Heading& heading, const Mapping& mapping, const Rules& rules) {
    return HeaderMaker(heading, mapping, rules).make();
}

}  // namespace mailassay::mixer
