#include "dkim/key.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "dkim/tags.h"

namespace mailassay::dkim {

namespace {

constexpr int fewest_bits = 1024;

std::unexpected<Error> fault(std::string_view id) {
    return std::unexpected(Error{.id = id});
}

// Whether a list with colons has one of those words; not given: yes.
bool has_any(const Tags& tags, std::string_view tag,
             std::initializer_list<std::string_view> words) {
    if (!tags.contains(tag)) return true;
    return std::ranges::any_of(base::split(value_of(tags, tag), ':'), [&](std::string_view each) {
        return std::ranges::find(words, without_folding(each)) != words.end();
    });
}

}  // namespace

Result<KeyRecord> parse_key(std::string_view record) {
    const auto tags = parse_tags(record);
    if (!tags) return std::unexpected(tags.error());
    if (tags->contains("v") && value_of(*tags, "v") != "DKIM1") return fault("dkim.key.version");
    if (!has_any(*tags, "h", {"sha256"})) return fault("dkim.key.hash");
    if (!has_any(*tags, "s", {"*", "email"})) return fault("dkim.key.service");
    if (!tags->contains("p")) return fault("dkim.key.malformed");
    const std::string coded = without_folding(value_of(*tags, "p"));
    if (coded.empty()) return fault("dkim.key.revoked");
    const auto octets = base::decode_base64(coded);
    if (!octets) return fault("dkim.key.malformed");
    const std::string_view kind = tags->contains("k") ? value_of(*tags, "k") : "rsa";
    if (kind != "rsa" && kind != "ed25519") return fault("dkim.key.kind");
    auto key = kind == "rsa" ? crypto::PublicKey::from_der(*octets)
                             : crypto::PublicKey::of_ed25519(*octets);
    if (!key) return fault("dkim.key.malformed");
    if (kind == "rsa") {
        if (key->kind() != crypto::KeyKind::Rsa) return fault("dkim.key.kind");
        if (key->bits() < fewest_bits) return fault("dkim.key.weak");
    }
    const bool is_strict = tags->contains("t") && has_any(*tags, "t", {"s"});
    return KeyRecord{.key = std::move(*key), .is_for_domain_alone = is_strict};
}

Result<Keys> parse_keys(std::string_view text) {
    Keys keys;
    std::size_t number = 0;
    for (std::string_view line : base::split(text, '\n')) {
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = base::trim(line);
        if (line.empty() || line.starts_with('#')) continue;
        const std::size_t end = line.find_first_of(" \t");
        if (end == std::string_view::npos || !line.substr(0, end).contains("._domainkey.")) {
            return std::unexpected(Error{.id = "dkim.keys.syntax", .offset = number});
        }
        const bool is_new = keys.emplace(line.substr(0, end), base::trim(line.substr(end))).second;
        if (!is_new) return std::unexpected(Error{.id = "dkim.keys.twice", .offset = number});
    }
    return keys;
}

std::string record_of(const crypto::PublicKey& key) {
    const bool is_rsa = key.kind() == crypto::KeyKind::Rsa;
    return std::string("v=DKIM1; k=") + (is_rsa ? "rsa" : "ed25519") +
           "; p=" + base::encode_base64(key.to_octets());
}

}  // namespace mailassay::dkim
