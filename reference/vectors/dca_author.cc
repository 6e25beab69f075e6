#include "vectors/dca_author.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "crypto/fixed_randomness.h"
#include "imf/header.h"
#include "imf/transfer_encoding.h"

namespace mailassay::vectors {

namespace {

constexpr std::uint64_t seed = 3183;
// Octets of a hidden value that are no white space: a shorter one is found in innocent octets, and
// nothing could look for it.
constexpr std::ptrdiff_t least_hidden = 8;

std::string without_line_end(const std::string& raw) {
    return raw.substr(0, raw.size() - 2);
}

bool has_name(const std::string& field, std::string_view name) {
    return base::starts_with_ignore_case(field, std::string(name) + ":");
}

}  // namespace

Carried::Carried(std::string_view octets) {
    const auto message = imf::parse_message(octets);
    if (!message) throw Misuse("the message can't be read: " + to_string(message.error()));
    for (const imf::HeaderField& field : message->header.fields()) {
        if (base::starts_with_ignore_case(field.name, "Content-")) {
            entity_ += field.raw;
        } else {
            fields_.push_back(without_line_end(field.raw));
        }
    }
    entity_ += "\r\n" + message->body;
}

std::size_t Carried::find(std::string_view name, std::size_t instance) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (has_name(fields_[i], name) && instance-- == 0) return i;
    }
    throw Misuse("the message has no field " + std::string(name));
}

Carried& Carried::remove(std::string_view name, std::size_t instance) {
    fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(find(name, instance)));
    return *this;
}

Carried& Carried::replace(std::string_view name, std::string_view body, std::size_t instance) {
    std::string& field = fields_[find(name, instance)];
    field = field.substr(0, name.size() + 1) + std::string(body);
    return *this;
}

Carried& Carried::insert_before(std::string_view name, std::string field) {
    fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(find(name, 0)), std::move(field));
    return *this;
}

Carried& Carried::on_top(std::string field) {
    fields_.insert(fields_.begin(), std::move(field));
    return *this;
}

Carried& Carried::below(std::string field) {
    fields_.push_back(std::move(field));
    return *this;
}

std::string Carried::in_the_clear() const {
    std::string text;
    for (const std::string& field : fields_) text += field + "\r\n";
    return text + entity_;
}

Draft DcaAuthor::confidential(Canonicalization algorithm) {
    Draft draft = usual(algorithm);
    draft.policy.secured["To"] = Status::Modified;
    return draft;
}

std::string DcaAuthor::seal(std::string_view content, const std::vector<std::string>& recipients,
                            ContentCipher cipher) const {
    std::vector<crypto::Certificate> certificates;
    for (const std::string& name : recipients) {
        certificates.push_back(material().certificates.at(name));
    }
    crypto::fix_randomness(seed);
    auto made = crypto::encrypt(content, certificates, cipher);
    if (!made) throw Misuse("no envelope of this: " + to_string(made.error()));
    return std::move(*made);
}

std::string DcaAuthor::carry(const Carried& carried, std::string_view body,
                             const Wrapping& wrapping) {
    std::string text;
    for (const std::string& field : carried.fields()) text += field + "\r\n";
    text += "Content-Type:" + wrapping.content_type + "\r\n";
    if (!wrapping.encoding.empty()) {
        text += "Content-Transfer-Encoding:" + wrapping.encoding + "\r\n";
    }
    return text + "\r\n" + std::string(body);
}

std::string DcaAuthor::carry(const Carried& carried, const std::vector<std::string>& recipients,
                             ContentCipher cipher) const {
    Wrapping wrapping;
    if (crypto::type_made_with(cipher) == crypto::EnvelopeType::AuthEnvelopedData) {
        wrapping.content_type =
            " application/pkcs7-mime; smime-type=authEnveloped-data; name=\"smime.p7m\"";
    }
    return carry(carried, imf::encode_base64_lines(seal(carried.entity(), recipients, cipher)),
                 wrapping);
}

std::string DcaAuthor::sign_again(const std::string& message, std::optional<Policy> policy) const {
    const auto parsed = imf::parse_message(message);
    Draft outer = confidential();
    outer.header.clear();
    for (const imf::HeaderField& field : parsed->header.fields()) {
        outer.header.push_back({field.name, field.body});
    }
    outer.body = parsed->body;
    outer.signers = {"gateway-rsa"};
    if (policy) {
        outer.policy = std::move(*policy);
    } else {
        outer.attributes = {{std::vector<crypto::Attribute>{}}};
    }
    return sign(outer);
}

void DcaAuthor::add(EncryptVector vector) const {
    for (const std::string& word : vector.hidden) {
        const auto is_space = [](char octet) { return octet == ' ' || octet == '\t'; };
        const auto spaces = std::ranges::count_if(word, is_space);
        if (static_cast<std::ptrdiff_t>(word.size()) - spaces >= least_hidden) continue;
        throw Misuse("nobody can tell from innocent octets: " + word);
    }
    vector.common.edition = edition();
    out_.encrypt.push_back(std::move(vector));
}

void DcaAuthor::add(DecryptVector vector) const {
    // The draft's list of fields is a SET, and tells of no order.
    if (is_draft() && vector.common.header == header::restored) vector.is_determined = false;
    vector.common.edition = edition();
    out_.decrypt.push_back(std::move(vector));
}

std::string_view word(ContentCipher cipher) {
    switch (cipher) {
        case ContentCipher::Aes128Cbc:
            return "aes-128-cbc";
        case ContentCipher::Aes256Cbc:
            return "aes-256-cbc";
        case ContentCipher::Aes128Gcm:
            return "aes-128-gcm";
        case ContentCipher::Aes256Gcm:
            return "aes-256-gcm";
    }
    std::unreachable();
}

}  // namespace mailassay::vectors
