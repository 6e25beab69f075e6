#include "mixer/identifier.h"

#include <utility>

#include "base/ascii.h"
#include "imf/address.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

constexpr std::size_t max_local = 64;

// [rfc2156/4.7.3/3]: `local * address @ MHS`.
std::optional<IpmIdentifier> taken_apart(std::string_view id) {
    const auto mailbox = imf::parse_mailbox(id);
    if (!mailbox || !base::equals_ignore_case(mailbox->domain, "MHS")) return std::nullopt;
    const std::size_t star = mailbox->local_part.find('*');
    if (star == std::string::npos) return std::nullopt;
    IpmIdentifier identifier{.local = mailbox->local_part.substr(0, star)};
    if (!is_printable_string(identifier.local) || identifier.local.size() > max_local) {
        return std::nullopt;
    }
    const std::string text = mailbox->local_part.substr(star + 1);
    if (text.empty()) return identifier;
    auto user = parse_text(text);
    if (!user) return std::nullopt;
    identifier.user = std::move(*user);
    return identifier;
}

}  // namespace

std::optional<IpmIdentifier> to_identifier(std::string_view message_id) {
    if (message_id.starts_with('<') && message_id.ends_with('>')) {
        message_id = message_id.substr(1, message_id.size() - 2);
    }
    if (auto own = taken_apart(message_id)) return own;
    // [rfc2156/4.7.3/2]
    auto printable = to_printable_string(message_id);
    if (!printable || printable->empty() || printable->size() > max_local) return std::nullopt;
    return IpmIdentifier{.local = std::move(*printable)};
}

std::string to_message_id(const IpmIdentifier& identifier) {
    // [rfc2156/4.7.3.4/1]
    if (!identifier.user) {
        const auto text = from_printable_string(identifier.local);
        if (text) {
            const auto id = imf::parse_mailbox(*text);
            if (id && id->display_name.empty() && !base::equals_ignore_case(id->domain, "MHS")) {
                return "<" + id->address() + ">";
            }
        }
    }
    // [rfc2156/4.7.3.2/1]
    const std::string local =
        identifier.local + "*" + (identifier.user ? to_text(*identifier.user) : "");
    return "<" + imf::quote_local_part(local) + "@MHS>";
}

}  // namespace mailassay::mixer
