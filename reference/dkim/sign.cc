#include "dkim/sign.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/base64.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "dkim/canonical.h"
#include "dkim/signature.h"

namespace mailassay::dkim {

namespace {

constexpr std::size_t longest_line = 70;

std::string_view word_for(imf::Canonicalization algorithm) {
    return algorithm == imf::Canonicalization::Simple ? "simple" : "relaxed";
}

auto seconds_of(base::TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

imf::HeaderField field_with(const std::string& body) {
    const std::string name(signature_field);
    return {.name = name, .body = body, .raw = name + ":" + body + "\r\n"};
}

std::string folded(std::string_view value) {
    std::string made;
    for (std::size_t at = 0; at < value.size(); at += longest_line) {
        made += "\r\n\t";
        made += value.substr(at, longest_line);
    }
    return made;
}

}  // namespace

Result<imf::HeaderField> sign(const imf::HeaderSection& header, std::string_view body,
                              const Signing& signing) {
    const bool is_rsa = crypto::PublicKey::of(signing.key).kind() == crypto::KeyKind::Rsa;
    std::string names;
    for (const std::string& each : signing.fields) names += (names.empty() ? "" : ":") + each;
    std::string tags = fmt::format(" v=1; a={}-sha256; c={}/{}; d={}; s={};",
                                   is_rsa ? "rsa" : "ed25519", word_for(signing.of_header),
                                   word_for(signing.of_body), signing.domain, signing.selector);
    if (!signing.agent.empty()) tags += fmt::format("\r\n\ti={};", signing.agent);
    if (signing.at) tags += fmt::format(" t={};", seconds_of(*signing.at));
    if (signing.until) tags += fmt::format(" x={};", seconds_of(*signing.until));
    if (signing.length) tags += fmt::format(" l={};", *signing.length);
    std::string content = canonical_content(body, signing.of_body);
    content.resize(std::min<std::size_t>(content.size(), signing.length.value_or(content.size())));
    const std::string hash = crypto::sha256(content);
    tags += fmt::format("\r\n\th={};\r\n\tbh={};\r\n\tb=", names, base::encode_base64(hash));
    const std::string covered =
        canonical_header(header, signing.fields, field_with(tags), signing.of_header);
    const auto value = crypto::bare_signature(covered, signing.key);
    if (!value) return std::unexpected(value.error());
    const std::string whole = tags + folded(base::encode_base64(*value));
    if (auto read = parse_signature(whole); !read) return std::unexpected(std::move(read.error()));
    return field_with(whole);
}

}  // namespace mailassay::dkim
