#include "releasing/strip.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "crypto/signed_data.h"
#include "imf/header.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "release/field.h"
#include "releasing/layers.h"
#include "releasing/signature_text.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {

namespace {

using Places = std::vector<std::size_t>;

Places doomed_of(const std::vector<crypto::SignerReport>& signers, const release::Rules& rules) {
    std::vector<release::Standing> standings;
    for (const crypto::SignerReport& each : signers) standings.push_back(standing_of(each));
    return rules.taken_off(standings);
}

// A message with the header fields of one and the body of another.
Result<std::string> with_header_of(const imf::HeaderSection& outside, std::string_view entity) {
    auto inside = imf::view_message(entity);
    if (!inside) return std::unexpected(std::move(inside.error()));
    std::string made;
    for (const imf::HeaderField& each : outside.fields()) {
        if (!imf::is_mime_field(each)) made += each.raw;
    }
    std::string of_content;
    for (const imf::HeaderField& each : inside->header.fields()) {
        if (imf::is_mime_field(each)) of_content += each.raw;
    }
    const bool says_mime = of_content.empty() || inside->header.count("MIME-Version") > 0;
    if (!says_mime) made += "MIME-Version: 1.0\r\n";
    made += of_content;
    made += "\r\n";
    made += inside->body;
    return made;
}

// The message without its outermost layer, whose content is that entity.
Result<std::string> without_layer(const imf::HeaderSection& outside, std::string_view entity) {
    const auto parsed = imf::view_message(entity);
    if (!parsed) return std::unexpected(parsed.error());
    const auto type = imf::content_type_of(parsed->header);
    if (!type || !type->is("message", "rfc822")) return with_header_of(outside, entity);
    const auto inner = imf::decode_body(parsed->header, parsed->body);
    if (!inner) return std::unexpected(inner.error());
    return with_header_of(outside, inner->view());
}

// The ContentInfo without what the rules take off; nullopt: no signer is left in it.
Result<std::optional<std::string>> without_unverified(std::string_view content_info,
                                                      const crypto::SignedDataReport& report,
                                                      const release::Rules& rules) {
    const Places doomed = doomed_of(report.signers, rules);
    if (doomed.size() == report.signers.size()) return std::nullopt;
    std::string left(content_info);
    // The last first, so that the others keep their places.
    for (std::size_t i = report.signers.size(); i-- > 0;) {
        auto made = std::ranges::find(doomed, i) != doomed.end()
                        ? crypto::without_signer(left, i)
                        : crypto::without_countersignatures(
                              left, i, doomed_of(report.signers[i].countersignatures, rules));
        if (!made) return std::unexpected(std::move(made.error()));
        left = std::move(*made);
    }
    return left;
}

// What has become of the outermost layer.
struct Peeled {
    std::string message;
    bool is_layer_gone = false;
};

Result<Peeled> peeled(const std::string& message, const crypto::Trust& trust,
                      const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
    if (!parts || !*parts) return Peeled{.message = message};
    const auto& [cms, detached] = **parts;
    const auto report = crypto::verify(cms.view(), detached, trust);
    std::optional<std::string> kept;
    if (report) {
        auto made = without_unverified(cms.view(), *report, rules);
        if (!made) return std::unexpected(std::move(made.error()));
        kept = std::move(*made);
    } else if (!detached) {
        return std::unexpected(Error{.id = "releasing.strip.unreadable"});
    }
    auto after =
        kept ? (*kept == cms.view() ? Result<std::string>(message) : with_signature(message, *kept))
             : without_layer(parsed->header, detached ? *detached : report->content->view());
    if (!after) return std::unexpected(std::move(after.error()));
    return Peeled{.message = std::move(*after), .is_layer_gone = !kept};
}

// The content of the outermost layer; nullopt: there is no such layer, or it can't be read.
Result<std::optional<std::string>> without_outermost(std::string_view message) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(parsed.error());
    const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
    if (!parts || !*parts) return std::nullopt;
    const auto& [cms, detached] = **parts;
    const auto report = crypto::inspect_signatures(cms.view(), detached);
    if (!report && !detached) return std::nullopt;
    auto made = without_layer(parsed->header, detached ? *detached : report->content->view());
    if (!made) return std::unexpected(std::move(made.error()));
    return std::move(*made);
}

}  // namespace

Result<std::string> without_signatures(std::string_view message) {
    std::string left(message);
    for (std::size_t i = 0; i < max_layers; ++i) {
        auto inner = without_outermost(left);
        if (!inner) return std::unexpected(std::move(inner.error()));
        if (!*inner) break;
        left = std::move(**inner);
    }
    return left;
}

Result<std::string> sent_by(std::string_view message, const imf::Mailbox& user) {
    auto parsed = imf::view_message(message);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    imf::HeaderSection& header = parsed->header;
    header.remove_all("Sender");
    const auto* from = header.find_first("From");
    const auto authors = from ? imf::parse_mailbox_list(from->body) : std::vector<imf::Mailbox>{};
    const bool is_author =
        authors && authors->size() == 1 && release::is_same_user(authors->front(), user);
    if (!is_author) {
        auto field = imf::make_field("Sender", user.address());
        if (!field) return std::unexpected(std::move(field.error()));
        header.append(std::move(*field));
    }
    std::string made = header.to_octets();
    made += parsed->separator.empty() ? "\r\n" : parsed->separator;
    made += parsed->body;
    return made;
}

Result<std::string> stripped(std::string_view message, const crypto::Trust& trust,
                             const release::Rules& rules) {
    std::string left(message);
    for (std::size_t i = 0; i < max_layers; ++i) {
        auto made = peeled(left, trust, rules);
        if (!made) return std::unexpected(std::move(made.error()));
        left = std::move(made->message);
        if (!made->is_layer_gone) break;
    }
    return left;
}

}  // namespace mailassay::releasing
