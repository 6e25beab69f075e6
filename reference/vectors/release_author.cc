#include "vectors/release_author.h"

#include <fmt/format.h>

#include <array>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/enveloped_data.h"
#include "crypto/fixed_randomness.h"
#include "crypto/public_key.h"
#include "dkim/key.h"
#include "dkim/sign.h"
#include "imf/header.h"
#include "imf/transfer_encoding.h"
#include "releasing/review.h"
#include "releasing/signature_text.h"
#include "secureheaders/signed_message.h"

namespace mailassay::vectors {

namespace {

constexpr std::array<std::string_view, 3> officer_names = {"one", "two", "three"};

constexpr std::uint64_t seed = 7912;

template <class Value>
Value made(Result<Value> result) {
    if (!result) throw Misuse("vectors: " + to_string(result.error()));
    return std::move(*result);
}

crypto::Signer signer_of(const Material& material, std::string_view key) {
    crypto::Signer signer = material.signer(key);
    signer.signing_time = base::from_timestamp(release_time);
    return signer;
}

// Whose key a domain signs with is all the same: who looks for it has its record.
constexpr std::string_view domain_key = "eve";

std::string cms_in(const std::string& message) {
    const imf::MessageView parsed = made(imf::view_message(message));
    return std::string(made(secureheaders::find_signature(parsed.header, parsed.body))->cms.view());
}

// The message with its outermost ContentInfo changed.
template <class Change>
std::string with_cms(const std::string& message, const Change& change) {
    return made(releasing::with_signature(message, change(cms_in(message))));
}

// A message with the drafter's header whose body is that message, encrypted.
std::string enveloped(const std::string& message, const crypto::Certificate& to) {
    crypto::fix_randomness(seed);
    const std::string entity = message.starts_with("From:") && message.contains("MIME-Version")
                                   ? "Content-Type: message/rfc822\r\n\r\n" + message
                                   : message;
    const std::string envelope =
        made(crypto::encrypt(entity, {{to}}, crypto::ContentCipher::Aes256Cbc));
    return Mail::draft(
        "MIME-Version: 1.0\r\n"
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; "
        "name=\"smime.p7m\"\r\n"
        "Content-Transfer-Encoding: base64\r\n",
        imf::encode_base64_lines(envelope) + "\r\n");
}

}  // namespace

std::string officer_address(int number) {
    return fmt::format("{}@mil.example", officer_names.at(static_cast<std::size_t>(number) - 1));
}

ReleaseJson release_policy(int needed, ReleaseJson more) {
    ReleaseJson policy{
        {"officers", release_list({officer_address(1), officer_address(2), officer_address(3)})},
        {"needed", needed}};
    policy.update(more);
    return policy;
}

ReleaseJson release_list(const std::vector<std::string>& members) {
    ReleaseJson list = ReleaseJson::array();
    for (const std::string& each : members) list.push_back(each);
    return list;
}

std::string Mail::draft(const std::string& fields, const std::string& body) {
    return fields +
           "From: Ann <ann@mil.example>\r\n"
           "To: Bob <bob@example.net>\r\n"
           "Subject: Orders\r\n"
           "Date: Thu, 01 Jan 2026 11:00:00 +0000\r\n"
           "Message-ID: <orders@mil.example>\r\n"
           "\r\n" +
           body;
}

std::string Mail::wrapped(const std::string& message, std::string_view key) const {
    base::SeededRandom random(message.size());
    return made(releasing::review(message, signer_of(material_, key), random));
}

std::string Mail::body_signed(const std::string& message, std::string_view key) const {
    const imf::Message parsed = made(imf::parse_message(message));
    const std::string entity = "Content-Type: text/plain\r\n\r\n" + parsed.body;
    const crypto::Signer signer = signer_of(material_, key);
    const std::string cms =
        made(crypto::sign(entity, {&signer, 1}, {}, crypto::Encapsulation::Detached));
    return fmt::format(
        "{}MIME-Version: 1.0\r\n"
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
        " micalg=\"sha-256\"; boundary=\"body\"\r\n\r\n--body\r\n{}\r\n--body\r\n"
        "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--body--\r\n",
        parsed.header.to_octets(), entity, imf::encode_base64_lines(cms));
}

std::string Mail::authorized(
    const std::vector<std::pair<std::string, std::string>>& officers) const {
    return authorized_of(signed_draft(), officers);
}

std::string Mail::authorized_of(
    std::string message, const std::vector<std::pair<std::string, std::string>>& officers) const {
    std::string users;
    for (const auto& [address, key] : officers) {
        if (!users.empty()) message.erase(0, message.find("\r\n") + 2);
        users += (users.empty() ? "" : ", ") + address;
        message = wrapped(field(users) + message, key);
    }
    return message;
}

std::string Mail::authorized_by(const std::vector<int>& officers) const {
    std::vector<std::pair<std::string, std::string>> who;
    for (const int each : officers) {
        who.emplace_back(
            officer_address(each),
            fmt::format("officer-{}", officer_names.at(static_cast<std::size_t>(each) - 1)));
    }
    return authorized(who);
}

std::string Mail::sealed(std::string_view to, std::string_view key) const {
    const std::string message = enveloped(draft(), material_.certificates.find(to)->second);
    return key.empty() ? message : wrapped(message, key);
}

std::string Mail::triple_wrapped(std::string_view to) const {
    return wrapped(enveloped(signed_draft(), material_.certificates.find(to)->second), "drafter");
}

std::string Mail::with_signer(const std::string& message, std::string_view key) const {
    return with_cms(message, [&](std::string_view cms) {
        return made(crypto::add_signer(cms, signer_of(material_, key)));
    });
}

std::string Mail::countersigned(const std::string& message, std::string_view key) const {
    return with_cms(message, [&](std::string_view cms) {
        return made(crypto::countersign_all(cms, signer_of(material_, key)));
    });
}

std::string Mail::countersigned_again(const std::string& message, std::string_view key) const {
    return with_cms(message, [&](std::string_view cms) {
        return made(crypto::countersign_countersignature(cms, 0, signer_of(material_, key)));
    });
}

std::string Mail::with_countersignatures_of(const std::string& from, const std::string& to) {
    const auto first = made(crypto::countersignatures_in(cms_in(from), 0));
    return with_cms(to, [&](std::string_view cms) {
        return made(crypto::with_countersignatures(cms, 0, first));
    });
}

std::string Mail::by_domain(const std::string& message, const Domain& domain) const {
    const imf::MessageView parsed = made(imf::view_message(message));
    return made(dkim::sign(parsed.header, parsed.body,
                           {.key = material_.keys.find(domain_key)->second,
                            .domain = domain.domain,
                            .selector = "s",
                            .agent = domain.agent,
                            .fields = domain.fields,
                            .at = domain.made,
                            .until = domain.until,
                            .length = domain.length}))
               .raw +
           message;
}

ReleaseJson Mail::domain_keys() const {
    const std::string record =
        dkim::record_of(crypto::PublicKey::of(material_.keys.find(domain_key)->second));
    ReleaseJson keys = ReleaseJson::object();
    for (const char* domain : {"mil.example", "example", "evil.example"}) {
        keys[fmt::format("s._domainkey.{}", domain)] = record;
    }
    return keys;
}

std::string replaced_once(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw Misuse("vectors: nothing to replace");
    return text.replace(at, from.size(), to);
}

}  // namespace mailassay::vectors
