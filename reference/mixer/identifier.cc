#include "mixer/identifier.h"

#include <utility>

#include "base/ascii.h"
#include "imf/address.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

constexpr std::size_t max_local = 64;
constexpr std::size_t min_military_local = 15;

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

// [rfc2156/4.7.3.4/1]: one that has no user, or the gateway's own address for one.
std::optional<std::string> internet_identifier(const IpmIdentifier& identifier,
                                               const OrAddress& route) {
    if (identifier.user && *identifier.user != route) return std::nullopt;
    const auto text = from_printable_string(identifier.local);
    if (!text) return std::nullopt;
    const auto id = imf::parse_mailbox(*text);
    if (!id || !id->display_name.empty() || base::equals_ignore_case(id->domain, "MHS")) {
        return std::nullopt;
    }
    return "<" + id->address() + ">";
}

std::string quoted_phrase(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += base::is_control(c) ? '?' : c;
    }
    return quoted + "\"";
}

std::string without_quotes(std::string_view phrase) {
    std::string text;
    for (std::size_t at = 0; at < phrase.size(); ++at) {
        if (phrase[at] == '"') continue;
        if (phrase[at] == '\\' && at + 1 < phrase.size()) ++at;
        text += phrase[at];
    }
    return text;
}

// [rfc2156/4.7.3.5/1]
void add_phrase(References& to, std::string_view phrase) {
    phrase = base::trim(phrase);
    if (phrase.empty()) return;
    auto printable = to_printable_string(without_quotes(phrase));
    if (printable && printable->size() <= max_local) {
        to.identifiers.push_back({.local = std::move(*printable)});
    } else {
        to.lost = true;
    }
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

std::string to_message_id(const IpmIdentifier& identifier, const OrAddress& route) {
    if (auto id = internet_identifier(identifier, route)) return std::move(*id);
    // [rfc2156/4.7.3.2/1]
    const std::string local =
        identifier.local + "*" + (identifier.user ? to_text(*identifier.user) : "");
    return "<" + imf::quote_local_part(local) + "@MHS>";
}

IpmIdentifier completed(IpmIdentifier identifier, const OrAddress& route) {
    // [rfc6477/6/18]
    if (identifier.local.size() < min_military_local) {
        identifier.local.resize(min_military_local, ' ');
    }
    // [rfc6477/6/19] [rfc6477/6/20]: the gateway's, from which it comes back here.
    if (!identifier.user) identifier.user = route;
    return identifier;
}

References to_references(std::string_view value) {
    References found;
    while (!value.empty()) {
        const std::size_t begin = value.find('<');
        add_phrase(found, value.substr(0, begin));
        if (begin == std::string_view::npos) break;
        value.remove_prefix(begin);
        const std::size_t end = value.find('>');
        auto identifier = to_identifier(value.substr(0, end == value.npos ? end : end + 1));
        if (identifier && end != std::string_view::npos) {
            found.identifiers.push_back(std::move(*identifier));
        } else {
            found.lost = true;
        }
        value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
    }
    return found;
}

std::string to_reference(const IpmIdentifier& identifier, const OrAddress& route) {
    if (auto id = internet_identifier(identifier, route)) return std::move(*id);
    const auto phrase = from_printable_string(identifier.local);
    if (identifier.user || !phrase || phrase->empty()) return to_message_id(identifier, route);
    return quoted_phrase(*phrase);
}

}  // namespace mailassay::mixer
