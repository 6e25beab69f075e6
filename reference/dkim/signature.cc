#include "dkim/signature.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "dkim/tags.h"
#include "imf/header.h"

namespace mailassay::dkim {

namespace {

constexpr std::array<std::pair<std::string_view, Algorithm>, 2> algorithm_words{
    {{"rsa-sha256", Algorithm::RsaSha256}, {"ed25519-sha256", Algorithm::Ed25519Sha256}}};
constexpr std::array<std::string_view, 7> needed{"v", "a", "b", "bh", "d", "h", "s"};
constexpr std::size_t longest_name = 253;
// Seconds from 1970 that a time point holds, with room to spare.
constexpr std::uint64_t last_second = 9'000'000'000;

std::unexpected<Error> fault(std::string_view id, std::string_view tag) {
    return std::unexpected(Error{.id = id, .detail = std::string(tag)});
}

// Labels of letters, digits, hyphens and underscores between dots.
bool is_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name) return false;
    return std::ranges::all_of(base::split(name, '.'), [](std::string_view label) {
        return !label.empty() && std::ranges::all_of(label, [](char c) {
            return base::is_alnum(c) || c == '-' || c == '_';
        });
    });
}

Result<imf::Canonicalization> canonicalization_of(std::string_view word) {
    if (word.empty() || word == "simple") return imf::Canonicalization::Simple;
    if (word == "relaxed") return imf::Canonicalization::Relaxed;
    return fault("dkim.signature.canonicalization", "c");
}

bool is_beneath(std::string_view domain, std::string_view above) {
    return base::equals_ignore_case(domain, above) ||
           (domain.size() > above.size() &&
            base::ends_with_ignore_case(domain, "." + std::string(above)));
}

// i=; the part before the last @ may be empty or quoted.
Result<imf::Mailbox> agent_of(std::string_view text, const std::string& domain) {
    if (text.empty()) return imf::Mailbox{.display_name = {}, .local_part = {}, .domain = domain};
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || !is_beneath(text.substr(at + 1), domain)) {
        return fault("dkim.signature.agent", "i");
    }
    if (at == 0) {
        return imf::Mailbox{
            .display_name = {}, .local_part = {}, .domain = std::string(text.substr(1))};
    }
    auto mailbox = imf::parse_mailbox(text);
    if (!mailbox || !mailbox->display_name.empty()) return fault("dkim.signature.agent", "i");
    return std::move(*mailbox);
}

Result<std::vector<std::string>> fields_of(std::string_view text) {
    std::vector<std::string> fields;
    for (const std::string_view each : base::split(text, ':')) {
        std::string name = without_folding(each);
        if (!imf::is_field_name(name)) return fault("dkim.signature.fields", "h");
        fields.push_back(std::move(name));
    }
    const bool has_from = std::ranges::any_of(
        fields, [](const std::string& each) { return base::equals_ignore_case(each, "From"); });
    if (!has_from) return fault("dkim.signature.fields", "h");
    return fields;
}

Result<std::optional<base::TimePoint>> time_of(const Tags& tags, std::string_view tag) {
    if (!tags.contains(tag)) return std::nullopt;
    const auto seconds = base::parse_decimal(value_of(tags, tag), 12);
    if (!seconds || *seconds > last_second) return fault("dkim.signature.number", tag);
    return base::TimePoint(std::chrono::seconds(*seconds));
}

Result<void> read_numbers(const Tags& tags, Signature& made) {
    const auto signed_at = time_of(tags, "t");
    if (!signed_at) return std::unexpected(signed_at.error());
    const auto until = time_of(tags, "x");
    if (!until) return std::unexpected(until.error());
    made.made = *signed_at;
    made.expires = *until;
    if (made.made && made.expires && *made.expires <= *made.made) {
        return fault("dkim.signature.number", "x");
    }
    if (tags.contains("l")) {
        made.length = base::parse_decimal(value_of(tags, "l"), 20);
        if (!made.length) return fault("dkim.signature.number", "l");
    }
    return {};
}

Result<void> read_octets(const Tags& tags, Signature& made) {
    auto value = base::decode_base64(without_folding(value_of(tags, "b")));
    if (!value) return fault("dkim.signature.octets", "b");
    auto hash = base::decode_base64(without_folding(value_of(tags, "bh")));
    if (!hash) return fault("dkim.signature.octets", "bh");
    made.value = std::move(*value);
    made.body_hash = std::move(*hash);
    return {};
}

Result<void> read_algorithms(const Tags& tags, Signature& made) {
    const auto algorithm = std::ranges::find(algorithm_words, value_of(tags, "a"),
                                             &std::pair<std::string_view, Algorithm>::first);
    if (algorithm == algorithm_words.end()) return fault("dkim.signature.algorithm", "a");
    made.algorithm = algorithm->second;
    const std::string_view words = value_of(tags, "c");
    const std::size_t slash = std::min(words.find('/'), words.size());
    const auto of_header = canonicalization_of(words.substr(0, slash));
    const auto of_body = canonicalization_of(slash == words.size() ? "" : words.substr(slash + 1));
    if (!of_header) return std::unexpected(of_header.error());
    if (!of_body) return std::unexpected(of_body.error());
    made.of_header = *of_header;
    made.of_body = *of_body;
    return {};
}

// q=: dns/txt among the ways to the key.
bool has_known_query(const Tags& tags) {
    if (!tags.contains("q")) return true;
    return std::ranges::any_of(base::split(value_of(tags, "q"), ':'), [](std::string_view each) {
        return without_folding(each) == "dns/txt";
    });
}

}  // namespace

Result<Signature> parse_signature(std::string_view body) {
    const auto tags = parse_tags(body);
    if (!tags) return std::unexpected(tags.error());
    for (const std::string_view tag : needed) {
        if (!tags->contains(tag)) return fault("dkim.signature.missing", tag);
    }
    if (value_of(*tags, "v") != "1") return fault("dkim.signature.version", "v");
    if (!has_known_query(*tags)) return fault("dkim.signature.query", "q");
    Signature made;
    if (auto done = read_algorithms(*tags, made); !done) return std::unexpected(done.error());
    if (auto done = read_octets(*tags, made); !done) return std::unexpected(done.error());
    if (auto done = read_numbers(*tags, made); !done) return std::unexpected(done.error());
    made.domain = value_of(*tags, "d");
    if (!is_name(made.domain)) return fault("dkim.signature.domain", "d");
    made.selector = value_of(*tags, "s");
    if (!is_name(made.selector)) return fault("dkim.signature.selector", "s");
    auto agent = agent_of(value_of(*tags, "i"), made.domain);
    if (!agent) return std::unexpected(std::move(agent.error()));
    made.agent = std::move(*agent);
    auto fields = fields_of(value_of(*tags, "h"));
    if (!fields) return std::unexpected(std::move(fields.error()));
    made.fields = std::move(*fields);
    return made;
}

std::string key_name(const Signature& signature) {
    return signature.selector + "._domainkey." + signature.domain;
}

}  // namespace mailassay::dkim
