#include "dca/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/verify.h"

namespace mailassay::dca {

namespace {

using secureheaders::SecureHeaderFields;

// The structure that the outermost signature with one holds. nullopt of the first: there is none,
// for the second's reason.
struct Found {
    std::optional<SecureHeaderFields> structure = std::nullopt;
    Unchanged otherwise = Unchanged::NotSigned;
};

// The structure of one signature. Whether the signature holds is the receiver's to judge: hidden or
// not, it holds afterwards as it did before.
Result<std::optional<SecureHeaderFields>> structure_of(const secureheaders::LayerResult& layer) {
    std::optional<SecureHeaderFields> found;
    for (const secureheaders::SignerResult& signer : layer.signers) {
        if (signer.fault) return std::unexpected(*signer.fault);
        if (!signer.structure) continue;
        if (found && *found != *signer.structure) {
            return std::unexpected(
                Error{.id = "dca.signers-disagree", .requirement = "rfc7508/4.5.1"});
        }
        found = signer.structure;
    }
    return found;
}

// [rfc7508/4.6.1/2] [rfc7508/4.6.1/3] [rfc7508/4.6.2/2] [rfc7508/4.6.2/3]
Result<Found> find_structure(std::string_view message, secureheaders::Edition edition,
                             secureheaders::Strictness strictness) {
    const secureheaders::Verification verification{
        .policies = {}, .trust = {}, .edition = edition, .strictness = strictness};
    const auto result =
        secureheaders::verify_message(message, verification, secureheaders::StandardRules());
    if (!result) return std::unexpected(result.error());
    Found found;
    for (const secureheaders::LayerResult& layer : result->layers) {
        auto structure = structure_of(layer);
        if (!structure) return std::unexpected(structure.error());
        found.otherwise = Unchanged::NoSecureHeaders;
        found.structure = std::move(*structure);
        if (found.structure) break;
    }
    return found;
}

bool is_content_field(const imf::HeaderField& field) {
    return base::starts_with_ignore_case(field.name, "Content-");
}

// The header section with all its Content-* fields replaced by others, where the first of them
// stood. So a message whose fields of this kind stand together has them where they were in the end.
imf::HeaderSection with_content_fields(const imf::HeaderSection& header,
                                       const std::vector<imf::HeaderField>& others) {
    imf::HeaderSection made;
    bool placed = false;
    const auto place = [&] {
        if (std::exchange(placed, true)) return;
        for (const imf::HeaderField& other : others) made.append(other);
    };
    for (const imf::HeaderField& field : header.fields()) {
        if (is_content_field(field)) {
            place();
        } else {
            made.append(field);
        }
    }
    place();
    return made;
}

// What is encrypted: the message's MIME entity, octet by octet.
std::string entity_of(const imf::Message& message) {
    std::string entity;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (is_content_field(field)) entity += field.raw;
    }
    return entity + "\r\n" + message.body;
}

imf::HeaderField field_of(std::string name, std::string body) {
    std::string raw = name + ":" + body + "\r\n";
    return {.name = std::move(name), .body = std::move(body), .raw = std::move(raw)};
}

std::string enveloped(const imf::HeaderSection& header, const std::string& cms,
                      crypto::EnvelopeType type) {
    const std::string_view kind =
        type == crypto::EnvelopeType::EnvelopedData ? "enveloped-data" : "authEnveloped-data";
    std::vector<imf::HeaderField> fields;
    if (header.count("MIME-Version") == 0) fields.push_back(field_of("MIME-Version", " 1.0"));
    fields.push_back(field_of(
        "Content-Type",
        fmt::format(" application/pkcs7-mime; smime-type={};\r\n name=\"smime.p7m\"", kind)));
    fields.push_back(field_of("Content-Transfer-Encoding", " base64"));
    fields.push_back(field_of("Content-Disposition", " attachment; filename=\"smime.p7m\""));
    return with_content_fields(header, fields).to_octets() + "\r\n" + imf::encode_base64_lines(cms);
}

bool is_authority(const Name& name) {
    const auto faults = judge_name(Agent::DomainConfidentiality, name);
    const auto lacks = [&faults](NameFault fault) {
        return std::ranges::find(faults, fault) != faults.end();
    };
    const bool in_subject =
        !lacks(NameFault::CommonNameMissing) && !lacks(NameFault::CommonNameDiffers);
    const bool in_mail = !name.mail_addresses.empty() && !lacks(NameFault::MailNameDiffers);
    return in_subject || in_mail;
}

std::optional<Flag> judge(const crypto::Certificate& certificate,
                          const std::vector<std::string>& addresses, const Rules& rules) {
    const Name name = Name::of(certificate);
    if (!is_authority(name)) return std::nullopt;  // an end recipient
    auto faults = rules.judge_authority(name, addresses);
    if (faults.empty()) return std::nullopt;
    return Flag{.subject = certificate.subject(), .faults = std::move(faults)};
}

Result<std::vector<Flag>> judge_recipients(const Encryption& encryption, const Rules& rules) {
    std::vector<Flag> flags;
    for (const crypto::Certificate& recipient : encryption.recipients) {
        auto flag = judge(recipient, encryption.addresses, rules);
        if (!flag) continue;
        if (!rules.encrypts_despite(flag->faults)) {
            return std::unexpected(Error{.id = "dca.encrypt.wrong-domain",
                                         .requirement = "rfc3183/4.1/6",
                                         .detail = flag->subject});
        }
        flags.push_back(std::move(*flag));
    }
    return flags;
}

// The ContentInfo of a message that is an envelope.
Result<std::string> envelope_in(const imf::Message& message) {
    const auto type = imf::content_type_of(message.header);
    if (!type) return std::unexpected(type.error());
    const auto kind = type->parameter("smime-type");
    const bool is_enveloped =
        (type->is("application", "pkcs7-mime") || type->is("application", "x-pkcs7-mime")) &&
        (!kind || base::equals_ignore_case(*kind, "enveloped-data") ||
         base::equals_ignore_case(*kind, "authEnveloped-data"));
    if (!is_enveloped) {
        return std::unexpected(
            Error{.id = "dca.decrypt.not-enveloped", .requirement = "rfc8551/3.5"});
    }
    return imf::decode_body(message.header, message.body);
}

// The message without its envelope, its header not yet restored.
Result<imf::Message> without_envelope(const imf::Message& outer, std::string_view content) {
    auto entity = imf::parse_message(content);
    if (!entity) return std::unexpected(entity.error());
    if (entity->separator.empty()) return std::unexpected(Error{.id = "dca.decrypt.no-entity"});
    // Another authority may have encrypted a whole message; what the header has already stays.
    std::vector<imf::HeaderField> fields;
    for (const imf::HeaderField& field : entity->header.fields()) {
        if (is_content_field(field) || outer.header.count(field.name) == 0) {
            fields.push_back(field);
        }
    }
    return imf::Message{.header = with_content_fields(outer.header, fields),
                        .separator = "\r\n",
                        .body = std::move(entity->body),
                        .defects = {}};
}

// Restores the header of what was decrypted, as far as that can be done.
void restore_header(imf::Message& message, const Decryption& decryption, const Rules& rules,
                    Decrypted& made) {
    const auto leave = [&made](Unchanged reason, std::optional<Error> fault = std::nullopt) {
        made.unchanged = reason;
        made.fault = std::move(fault);
    };
    const auto found =
        find_structure(message.to_octets(), decryption.edition, decryption.strictness);
    if (!found) return leave(Unchanged::NotRestorable, found.error());
    if (!found->structure) return leave(found->otherwise);  // [rfc7508/4.6.2/1]
    auto restored = restore(message.header, *found->structure, rules);
    if (!restored) return leave(Unchanged::NotRestorable, restored.error());
    message.header = std::move(restored->header);
    made.changes = std::move(restored->changes);
}

}  // namespace

Result<Encrypted> encrypt_message(std::string_view octets, const Encryption& encryption,
                                  const Rules& rules) {
    const auto message = imf::parse_message(octets);
    if (!message) return std::unexpected(message.error());
    if (message->separator.empty()) {
        return std::unexpected(Error{.id = "dca.encrypt.no-separator"});
    }
    Encrypted made;
    auto flags = judge_recipients(encryption, rules);
    if (!flags) return std::unexpected(flags.error());
    made.flags = std::move(*flags);

    const auto found = find_structure(octets, encryption.edition, encryption.strictness);
    if (!found) return std::unexpected(found.error());
    imf::HeaderSection header = message->header;
    if (!found->structure) {
        made.unchanged = found->otherwise;  // [rfc7508/4.6.1/1]
    } else {
        auto hidden = hide(header, *found->structure, encryption.replacements, rules);
        if (!hidden) return std::unexpected(hidden.error());
        header = std::move(hidden->header);
        made.changes = std::move(hidden->changes);
    }
    // For authorities and end recipients alike. [rfc3183/4/2]
    const auto cms = crypto::encrypt(rules.content(entity_of(*message)), encryption.recipients,
                                     encryption.cipher);
    if (!cms) return std::unexpected(cms.error());
    made.message = enveloped(header, *cms, crypto::type_made_with(encryption.cipher));
    return made;
}

Result<Decrypted> decrypt_message(std::string_view octets, const Decryption& decryption,
                                  const Rules& rules) {
    const auto outer = imf::parse_message(octets);
    if (!outer) return std::unexpected(outer.error());
    const auto cms = envelope_in(*outer);
    if (!cms) return std::unexpected(cms.error());
    // Whoever encrypted it. [rfc3183/4/2]
    auto opened = crypto::decrypt(*cms, decryption.key, decryption.certificate);
    if (!opened) return std::unexpected(opened.error());
    auto message = without_envelope(*outer, opened->content);
    if (!message) return std::unexpected(message.error());

    Decrypted made{.message = {}, .envelope = std::move(opened->envelope)};
    if (auto flag = judge(decryption.certificate, decryption.addresses, rules)) {
        made.flags.push_back(std::move(*flag));
    }
    restore_header(*message, decryption, rules, made);
    made.message = message->to_octets();
    return made;
}

std::string_view to_string(Unchanged reason) {
    switch (reason) {
        case Unchanged::NotSigned:
            return "not-signed";
        case Unchanged::NoSecureHeaders:
            return "no-secure-headers";
        case Unchanged::NotRestorable:
            return "not-restorable";
    }
    std::unreachable();
}

}  // namespace mailassay::dca
