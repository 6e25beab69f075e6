#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "mixer/identifier.h"
#include "mixer/mapping.h"
#include "mixer/precedence.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

constexpr der::Tag tag_reply_requested = der::context(2);

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

// [rfc2156/5.3.4/9]: a line end is white space and never ends the field.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (c == '\n' && line.ends_with(' ')) continue;
        line += c == '\r' || c == '\n' ? ' ' : c;
    }
    return line;
}

bool asks_for_reply(const Recipient& recipient) {
    return std::ranges::any_of(recipient.requests, [](const der::Value& request) {
        return request.tag == tag_reply_requested && request.content.size() == 1 &&
               request.content[0] != 0;
    });
}

enum class Unaddressed : std::uint8_t { AsGroup, LeftOut };

class HeaderMaker {
  public:
    HeaderMaker(const Heading& heading, const Mapping& mapping, const Rules& rules)
        : heading_(heading), mapping_(mapping), rules_(rules) {}

    Result<HeaderMade> make();

  private:
    std::string human(std::string_view octets, std::string_view where);
    std::optional<std::string> address(const OrDescriptor& descriptor, Unaddressed unaddressed,
                                       std::string_view where);
    Result<void> field(std::string_view name, const std::string& value);
    Result<void> people(std::string_view name, const std::vector<OrDescriptor>& all,
                        Unaddressed unaddressed);
    Result<void> recipients(std::string_view name,
                            const std::optional<std::vector<Recipient>>& all);
    Result<void> roles();
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
std::optional<std::string> HeaderMaker::address(const OrDescriptor& descriptor,
                                                Unaddressed unaddressed, std::string_view where) {
    std::optional<imf::Mailbox> mailbox;
    if (descriptor.address) mailbox = rules_.to_mailbox(*descriptor.address, mapping_.gateway);
    if (descriptor.address && !descriptor.address->others.empty()) {
        made_.losses.push_back({"mixer.loss.characters", std::string(where),
                                "extension attributes without a text form"});
    }
    if (descriptor.directory_name) {
        made_.losses.push_back({"mixer.loss.extension", std::string(where), "directory-name"});
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
    if (descriptor.telephone) text += fmt::format(" (Tel {})", comment_text(*descriptor.telephone));
    return text;
}

Result<void> HeaderMaker::field(std::string_view name, const std::string& value) {
    auto field = imf::make_field(name, value);
    if (!field) return std::unexpected(std::move(field.error()));
    made_.header.append(std::move(*field));
    return {};
}

Result<void> HeaderMaker::people(std::string_view name, const std::vector<OrDescriptor>& all,
                                 Unaddressed unaddressed) {
    std::string value;
    for (const OrDescriptor& each : all) {
        const auto text = address(each, unaddressed, name);
        if (!text) continue;
        if (!value.empty()) value += ", ";
        value += *text;
    }
    // [rfc7912/5.2/7] [rfc2156/5.3.4/7]
    return value.empty() ? Result<void>() : field(name, value);
}

// [rfc2156/5.3.4/4] [rfc2156/5.3.4/5] [rfc2156/5.3.4/6]
Result<void> HeaderMaker::recipients(std::string_view name,
                                     const std::optional<std::vector<Recipient>>& all) {
    if (!all) return {};
    std::string value;
    for (const Recipient& each : *all) {
        auto text = address(each.descriptor, Unaddressed::AsGroup, name);
        if (!text) continue;
        // [rfc2156/4.7.2/4]
        if (asks_for_reply(each)) *text += " (Reply requested)";
        if (!value.empty()) value += ", ";
        value += *text;
    }
    return value.empty() ? Result<void>() : field(name, value);
}

Result<void> HeaderMaker::roles() {
    const HeadingRoles roles{heading_.originator, heading_.authorizing_users};
    const bool military = rules_.is_military(heading_, mapping_.military);
    made_.kind = military ? Kind::Military : Kind::Other;
    const InternetRoles fields = military ? rules_.of_military(roles) : rules_.of_other(roles);
    if (auto done = people("From", fields.from, Unaddressed::AsGroup); !done) return done;
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

// [rfc2156/5.3.4/11] [rfc6477/6/2]
Result<void> HeaderMaker::extensions() {
    std::string discarded;
    for (const Extension& each : heading_.extensions) {
        if (auto precedence = to_field(each)) {
            made_.header.append(std::move(*precedence));
            continue;
        }
        made_.losses.push_back({"mixer.loss.extension", "extensions", each.oid});
        discarded += (discarded.empty() ? "" : ", ") + each.oid;
    }
    for (const der::Value& each : heading_.others) {
        made_.losses.push_back({"mixer.loss.extension", to_string(each.tag)});
    }
    return discarded.empty() ? Result<void>() : field("Discarded-X400-IPMS-Extensions", discarded);
}

Result<HeaderMade> HeaderMaker::make() {
    if (auto done = roles(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = recipients("To", heading_.primary); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = recipients("Cc", heading_.copy); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = recipients("Bcc", heading_.blind_copy); !done) {
        return std::unexpected(std::move(done.error()));
    }
    // [rfc2156/5.3.4/1]
    if (auto done = field("Message-ID", to_message_id(heading_.this_ipm)); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (heading_.subject) {
        const std::string subject = human(on_one_line(*heading_.subject), "Subject");
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
