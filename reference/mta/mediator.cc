#include "mta/mediator.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "imf/date.h"
#include "imf/header.h"
#include "requiretls/header_field.h"

namespace mailassay::mta {

namespace {

using requiretls::Mediator;
using requiretls::Tag;

constexpr std::string_view request_suffix = "-request";
constexpr std::string_view confirmation =
    "Somebody asked to make this address a member of the list. To confirm this, answer to\r\n"
    "this message. If it was not you, there is nothing to do.\r\n";
constexpr std::string_view approval =
    "The message below was sent to the list. It goes to the members when you send it to\r\n"
    "them; otherwise there is nothing to do.\r\n";

smtp::Path request_address(const List& list) {
    return {.local_part = list.name.local_part + std::string(request_suffix),
            .domain = list.name.domain};
}

std::string list_id(const List& list) {
    return fmt::format("List-Id: <{}.{}>\r\n", list.name.local_part, list.name.domain);
}

bool is_keyword(const smtp::Parameter& parameter, std::string_view keyword) {
    return base::equals_ignore_case(parameter.keyword, keyword);
}

template <class Entry>
const Entry* find_by_name(const std::vector<Entry>& entries, const smtp::Path& path) {
    const auto found = std::ranges::find_if(
        entries, [&](const Entry& entry) { return same_address(entry.name, path); });
    return found == entries.end() ? nullptr : &*found;
}

const List* find_by_request_address(const std::vector<List>& lists, const smtp::Path& path) {
    const auto found = std::ranges::find_if(
        lists, [&](const List& list) { return same_address(request_address(list), path); });
    return found == lists.end() ? nullptr : &*found;
}

// A message that a mediator has to say by itself.
struct Notice {
    smtp::Path from;
    smtp::Path to;
    smtp::Path answers_to;  // null: no Reply-To
    smtp::Path reverse_path;
    std::string subject;
    std::string_view text;
    std::string_view enclosed;  // a whole message; empty: none
};

// Makes the messages of one mediator for one recipient.
class Originator {
  public:
    Originator(const Incoming& incoming, const Config& config, const requiretls::Rules& rules,
               const MakeId& make_id)
        : incoming_(incoming), config_(config), rules_(rules), make_id_(make_id) {
        if (auto parsed = imf::parse_message(incoming.data)) header_ = std::move(parsed->header);
    }

    std::vector<Message> post(const List& list) const {
        if (!may_be_answered()) return {handed_on(list.owner)};
        if (list.posting == Posting::Moderated) return {request_for_approval(list)};
        std::vector<Message> copies;
        for (const smtp::Path& member : list.members) {
            Message made = copy(tag_for(Mediator::List), member, list.owner);
            made.data = list_id(list) + made.data;
            copies.push_back(std::move(made));
        }
        return copies;
    }

    std::vector<Message> request(const List& list) const {
        if (!may_be_answered()) return {handed_on(list.owner)};
        return {originate(Mediator::ListAdministration,
                          {.from = request_address(list),
                           .to = original_sender(),
                           .answers_to = list.owner,
                           .reverse_path = list.owner,
                           .subject = "Please confirm: " + original("Subject"),
                           .text = confirmation,
                           .enclosed = {}})};
    }

    std::vector<Message> forward(const Forward& forward) const {
        // A report about the user's mail has to stay without an answer.
        const smtp::Path& reverse_path =
            original_sender().is_null() ? original_sender() : forward.name;
        return {copy(tag_for(Mediator::UserForward), forward.target, reverse_path)};
    }

    std::vector<Message> vacation(const Vacation& vacation) const {
        std::vector<Message> messages = {handed_on(vacation.deputy)};
        if (may_be_answered()) {
            messages.push_back(
                originate(Mediator::AutoReply, {.from = vacation.name,
                                                .to = original_sender(),
                                                .answers_to = {},
                                                .reverse_path = {},
                                                .subject = "Away: " + original("Subject"),
                                                .text = vacation.text,
                                                .enclosed = {}}));
        }
        return messages;
    }

  private:
    [[nodiscard]] const smtp::Path& original_sender() const {
        return incoming_.envelope.reverse_path;
    }

    [[nodiscard]] std::string original(std::string_view name) const {
        const imf::HeaderField* field = header_.find_first(name);
        return field == nullptr ? std::string() : field->value();
    }

    // RFC 3834 section 2: nothing automatic answers what is automatic itself, or a list's.
    [[nodiscard]] bool may_be_answered() const {
        const std::string how = original("Auto-Submitted");
        const bool by_a_person = how.empty() || base::starts_with_ignore_case(how, "no");
        return !original_sender().is_null() && by_a_person &&
               header_.find_first("List-Id") == nullptr;
    }

    [[nodiscard]] Tag tag_for(Mediator mediator) const {
        return rules_.tag_of_reoriginated(mediator, incoming_.tag);
    }

    [[nodiscard]] Message blank(Tag tag, const smtp::Path& to,
                                const smtp::Path& reverse_path) const {
        Message message;
        message.id = make_id_();
        message.tag = tag;
        message.envelope.reverse_path = reverse_path;
        message.envelope.recipients = {{.forward_path = to, .parameters = {}}};
        message.arrival = incoming_.arrival;
        // What the sender asked of reports was not asked of ours; how octets travel stays.
        for (const smtp::Parameter& parameter : incoming_.envelope.mail_parameters) {
            if (is_keyword(parameter, "BODY") || is_keyword(parameter, "SMTPUTF8")) {
                message.envelope.mail_parameters.push_back(parameter);
            }
        }
        return message;
    }

    // Holds the field if the message held it.
    [[nodiscard]] Message copy(Tag tag, const smtp::Path& to,
                               const smtp::Path& reverse_path) const {
        Message message = blank(tag, to, reverse_path);
        // What our Received field tells.
        message.envelope.helo = incoming_.envelope.helo;
        message.envelope.channel = incoming_.envelope.channel;
        message.envelope.login = incoming_.envelope.login;
        message.peer_address = incoming_.peer_address;
        message.data = incoming_.data;
        return message;
    }

    // The same message for somebody else, as through an alias.
    [[nodiscard]] Message handed_on(const smtp::Path& to) const {
        return copy(incoming_.tag, to, original_sender());
    }

    [[nodiscard]] Message request_for_approval(const List& list) const {
        return originate(Mediator::ListAdministration,
                         {.from = request_address(list),
                          .to = list.owner,
                          .answers_to = {},
                          .reverse_path = list.owner,
                          .subject = "Please approve: " + original("Subject"),
                          .text = approval,
                          .enclosed = incoming_.data});
    }

    [[nodiscard]] Message originate(Mediator mediator, const Notice& notice) const {
        Message message = blank(tag_for(mediator), notice.to, notice.reverse_path);
        message.origin = Origin::Bounce;
        message.envelope.helo = config_.server.hostname;
        imf::HeaderSection header;
        const auto add = [&header](std::string_view name, std::string_view value) {
            if (auto field = imf::make_field(name, value)) header.append(std::move(*field));
        };
        add("From", smtp::to_string(notice.from));
        add("To", smtp::to_string(notice.to));
        if (!notice.answers_to.is_null()) add("Reply-To", smtp::to_string(notice.answers_to));
        add("Subject", notice.subject);
        add("Date", imf::format_date(message.arrival));
        add("Message-ID", fmt::format("<{}@{}>", message.id, config_.server.hostname));
        if (const std::string about = original("Message-ID"); !about.empty()) {
            add("In-Reply-To", about);
        }
        add("Auto-Submitted", "auto-replied");
        // Later hops know that tag from the header section only.
        if (message.tag == Tag::Optional) add(requiretls::field_name(rules_.edition()), "No");
        add("MIME-Version", "1.0");
        message.data = header.to_octets() + body(notice, message.id);
        if (!base::is_ascii(message.data)) {
            std::erase_if(message.envelope.mail_parameters,
                          [](const smtp::Parameter& p) { return is_keyword(p, "BODY"); });
            message.envelope.mail_parameters.push_back({.keyword = "BODY", .value = "8BITMIME"});
        }
        return message;
    }

    // The Content fields of the message, the empty line and its body. The id, which nobody could
    // foresee, makes a boundary that the enclosed message does not hold.
    [[nodiscard]] static std::string body(const Notice& notice, std::string_view id) {
        constexpr std::string_view text = "Content-Type: text/plain; charset=utf-8\r\n";
        constexpr std::string_view eight_bit = "Content-Transfer-Encoding: 8bit\r\n";
        const bool ascii = base::is_ascii(notice.text) && base::is_ascii(notice.enclosed);
        const std::string_view encoding = ascii ? std::string_view() : eight_bit;
        if (notice.enclosed.empty()) {
            return fmt::format("{}{}\r\n{}\r\n", text, encoding, notice.text);
        }
        return fmt::format(
            "Content-Type: multipart/mixed; boundary=\"=_{0}\"\r\n{1}\r\n"
            "--=_{0}\r\n{2}{1}\r\n{3}\r\n"
            "--=_{0}\r\nContent-Type: message/rfc822\r\n{1}\r\n{4}\r\n--=_{0}--\r\n",
            id, encoding, text, notice.text, notice.enclosed);
    }

    const Incoming& incoming_;
    const Config& config_;
    const requiretls::Rules& rules_;
    const MakeId& make_id_;
    imf::HeaderSection header_;
};

}  // namespace

bool is_mediated(const Config& config, const smtp::Path& path) {
    return find_by_name(config.lists, path) != nullptr ||
           find_by_request_address(config.lists, path) != nullptr ||
           find_by_name(config.forwards, path) != nullptr ||
           find_by_name(config.vacations, path) != nullptr;
}

std::optional<std::vector<Message>> mediate(const Incoming& incoming, const smtp::Path& path,
                                            const Config& config, const requiretls::Rules& rules,
                                            const MakeId& make_id) {
    const Originator originator(incoming, config, rules, make_id);
    if (const List* list = find_by_name(config.lists, path)) return originator.post(*list);
    if (const List* list = find_by_request_address(config.lists, path)) {
        return originator.request(*list);
    }
    if (const Forward* forward = find_by_name(config.forwards, path)) {
        return originator.forward(*forward);
    }
    if (const Vacation* vacation = find_by_name(config.vacations, path)) {
        return originator.vacation(*vacation);
    }
    return std::nullopt;
}

}  // namespace mailassay::mta
