#include "mixer/address_mapping.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

constexpr std::size_t max_value = 128;
constexpr std::array<std::string_view, 4> types{"RFC-822", "RFC822C1", "RFC822C2", "RFC822C3"};

// [rfc2156/4.3.4/1] [rfc2156/4.3.4/2] [rfc2156/4.3.4/3]: stage I, of a local part without quotes.
std::optional<OrAddress> attributes_of(std::string_view local_part) {
    if (local_part.starts_with(' ') || local_part.ends_with(' ') || local_part.contains("  ")) {
        return std::nullopt;
    }
    // [rfc2156/4.3.4/4] [rfc2156/4.3.4/5] [rfc2156/4.3.4/6]
    auto address = parse_text(local_part);
    if (!address || !check(*address)) return std::nullopt;
    return std::move(*address);
}

// [rfc2156/4.3.2/1] [rfc2156/4.3.2/3] [rfc2156/4.3.2/4]: stage II.
Result<OrAddress> wrapped(const imf::Mailbox& mailbox, const Gateway& gateway) {
    auto printable = to_printable_string(mailbox.address());
    if (!printable) return std::unexpected(std::move(printable.error()));
    OrAddress address = gateway.route;
    std::string_view rest = *printable;
    for (const std::string_view type : types) {
        if (rest.empty()) break;
        address.domain_defined.push_back({{.printable = std::string(type)},
                                          {.printable = std::string(rest.substr(0, max_value))}});
        rest.remove_prefix(std::min(rest.size(), max_value));
    }
    if (!rest.empty()) {
        return std::unexpected(
            Error{.id = "mixer.address.too-long", .requirement = "rfc2156/4.3.2"});
    }
    return address;
}

enum class Encoding : std::uint8_t { Printable, Teletex };

// The attributes of one encoding put together; nullopt where there is none, or a type twice, or one
// without those before it.
std::optional<std::string> joined(const OrAddress& address, Encoding encoding) {
    const auto of = encoding == Encoding::Printable ? &DualString::printable : &DualString::teletex;
    std::array<std::optional<std::string>, types.size()> parts;
    for (const DomainDefined& each : address.domain_defined) {
        const auto& type = each.type.*of;
        const auto& value = each.value.*of;
        if (!type || !value) continue;
        const auto* known = std::ranges::find_if(
            types, [&](std::string_view name) { return base::equals_ignore_case(name, *type); });
        if (known == types.end()) continue;
        auto& part = parts[static_cast<std::size_t>(known - types.begin())];
        if (part) return std::nullopt;
        part = *value;
    }
    if (!parts[0]) return std::nullopt;
    std::string all;
    bool ended = false;
    for (const auto& part : parts) {
        if (part && ended) return std::nullopt;
        ended = !part;
        all += part.value_or("");
    }
    return all;
}

std::optional<imf::Mailbox> read_mailbox(const std::string& text) {
    auto mailbox = imf::parse_mailbox(text);
    // A name here would be one that nobody gave, since it is no part of an address.
    if (!mailbox || !mailbox->display_name.empty()) return std::nullopt;
    return std::move(*mailbox);
}

std::optional<imf::Mailbox> unescaped(const std::string& printable) {
    const auto text = from_printable_string(printable);
    return text ? read_mailbox(*text) : std::nullopt;
}

}  // namespace

Gateway Gateway::example() {
    return {.route = {.country = "XX", .admd = " ", .prmd = "GATEWAY"},
            .domain = "gateway.example"};
}

Result<Gateway> make_gateway(std::string_view domain, std::string_view route) {
    auto attributes = parse_text(route);
    if (!attributes) return std::unexpected(std::move(attributes.error()));
    if (!attributes->domain_defined.empty()) {
        return std::unexpected(Error{.id = "mixer.gateway.route-has-domain-defined"});
    }
    OrAddress somebody = *attributes;
    somebody.domain_defined = {{{.printable = std::string(types[0])}, {.printable = "a(a)b"}}};
    if (auto valid = check(somebody); !valid) return std::unexpected(std::move(valid.error()));
    const auto postmaster = imf::parse_mailbox("postmaster@" + std::string(domain));
    if (!postmaster || postmaster->domain != domain) {
        return std::unexpected(
            Error{.id = "mixer.gateway.domain-invalid", .detail = std::string(domain)});
    }
    return Gateway{.route = std::move(*attributes), .domain = std::string(domain)};
}

Result<OrAddress> to_or_address(const imf::Mailbox& mailbox, const Gateway& gateway) {
    if (auto address = attributes_of(mailbox.local_part)) return std::move(*address);
    return wrapped(mailbox, gateway);
}

std::optional<imf::Mailbox> held_mailbox(const OrAddress& address) {
    const auto printable = joined(address, Encoding::Printable);
    const auto teletex = joined(address, Encoding::Teletex);
    std::optional<imf::Mailbox> of_printable;
    std::optional<imf::Mailbox> of_teletex;
    if (printable) of_printable = unescaped(*printable);
    // [rfc2156/4.3.2/5]
    if (teletex) {
        of_teletex = is_printable_string(*teletex) ? unescaped(*teletex) : read_mailbox(*teletex);
    }
    // [rfc2156/4.3.2/6]
    if (printable && teletex && of_printable != of_teletex) return std::nullopt;
    return printable ? of_printable : of_teletex;
}

std::optional<imf::Mailbox> to_mailbox(const OrAddress& address, const Gateway& gateway) {
    // [rfc2156/4.3.5/1]
    if (auto held = held_mailbox(address)) return held;
    // [rfc2156/4.3.1/1] [rfc2156/4.3.5/2]
    std::string text = to_text(address);
    if (text.empty()) return std::nullopt;
    return imf::Mailbox{
        .display_name = {}, .local_part = std::move(text), .domain = gateway.domain};
}

}  // namespace mailassay::mixer
