#include "releasing/courier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "crypto/hash.h"
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

}  // namespace mailassay::releasing
