#include "releasing/courier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "crypto/hash.h"
#include "imf/address.h"
#include "release/field.h"

namespace mailassay::releasing {

namespace {

constexpr std::array<std::string_view, 3> written_at_delivery = {"Return-Path", "Delivered-To",
                                                                 "X-Original-To"};
constexpr std::size_t longest_reference = 64;

bool is_reference(std::string_view text) {
    return !text.empty() && text.size() <= longest_reference &&
           std::ranges::all_of(text, [](char c) { return base::is_alpha(c) || base::is_digit(c); });
}

// Whom a rejected draft goes back to: Sender, else the first of From (RFC 5322 section 3.6.2).
std::optional<imf::Mailbox> drafter_of(const imf::HeaderSection& header) {
    for (const std::string_view name : {"Sender", "From"}) {
        const imf::HeaderField* field = header.find_first(name);
        if (field == nullptr) continue;
        auto mailboxes = imf::parse_mailbox_list(field->body);
        if (mailboxes) return std::move(mailboxes->front());
    }
    return std::nullopt;
}

}  // namespace

std::string fingerprint_of(std::string_view message, const Seals& seals) {
    // Signatures are not judged here, so there is nothing to trust.
    const Layers layers = seals.open(message, {.anchors = {}, .at = {}}, std::nullopt);
    const auto innermost = imf::view_message(layers.content);
    return crypto::sha256_hex(innermost ? innermost->body : message);
}

std::string fingerprint_of_release(const imf::HeaderSection& header, std::string_view body) {
    std::string text;
    for (const imf::HeaderField* each : header.find_all(release::field_name)) text += each->body;
    return crypto::sha256_hex(fmt::format("{}\r\n{}", text, body));
}

std::optional<std::string> reference_in(const imf::HeaderSection& header) {
    const auto fields = header.find_all(reference_field);
    if (fields.size() != 1) return std::nullopt;
    const std::string unfolded = imf::unfold(fields.front()->body);
    const std::string_view value = base::trim(unfolded);
    if (!is_reference(value)) return std::nullopt;
    return std::string(value);
}

imf::HeaderSection with_reference(const imf::HeaderSection& header, std::string_view reference) {
    imf::HeaderSection made = header;
    made.remove_all(reference_field);
    if (!reference.empty()) made.prepend(imf::make_field(reference_field, reference).value());
    return made;
}

Result<Resumed> resume(std::string_view message) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    Resumed made{.message = {}, .reference = reference_in(parsed->header)};
    imf::HeaderSection header = with_reference(parsed->header, "");
    for (const std::string_view name : written_at_delivery) header.remove_all(name);
    made.message = header.to_octets();
    made.message += parsed->separator;
    made.message += parsed->body;
    return made;
}

Result<std::string> rejection_of(std::string_view draft, const Note& note,
                                 std::string_view boundary) {
    const auto parsed = imf::view_message(draft);
    if (!parsed) return std::unexpected(parsed.error());
    const auto drafter = drafter_of(parsed->header);
    if (!drafter) return std::unexpected(Error{.id = "releasing.note.nobody"});
    std::string header;
    for (const auto& [name, value] : std::array<std::pair<std::string_view, std::string>, 5>{
             {{"From", std::string(note.from)},
              {"To", drafter->address()},
              {"Subject", "Not released"},
              {"Date", std::string(note.date)},
              {"Message-ID", fmt::format("<{}>", note.id)}}}) {
        const auto field = imf::make_field(name, value);
        if (!field) return std::unexpected(field.error());
        header += field->raw;
    }
    if (const imf::HeaderField* id = parsed->header.find_first("Message-ID")) {
        if (const auto field = imf::make_field("In-Reply-To", base::trim(imf::unfold(id->body)))) {
            header += field->raw;
        }
    }
    return fmt::format(
        "{}MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=\"{}\"\r\n"
        "\r\n"
        "--{}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
        "Your message was not released.\r\n\r\n{}\r\n"
        "--{}\r\n"
        "Content-Type: message/rfc822\r\n"
        "\r\n{}\r\n--{}--\r\n",
        header, boundary, boundary, note.reason, boundary, draft, boundary);
}

}  // namespace mailassay::releasing
