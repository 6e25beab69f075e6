#include "dca/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/random.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/signature_around.h"
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

secureheaders::Verification verification_by(const Encryption& encryption, base::Scratch& scratch) {
    return {.policies = {},
            .trust = {},
            .edition = encryption.edition,
            .strictness = encryption.strictness,
            .scratch = &scratch};
}

secureheaders::Verification verification_by(const Decryption& decryption, base::Scratch& scratch) {
    return {.policies = {},
            .trust = decryption.trust,
            .edition = decryption.edition,
            .strictness = decryption.strictness,
            .scratch = &scratch};
}

// [rfc7508/4.6.1/2] [rfc7508/4.6.1/3] [rfc7508/4.6.2/2] [rfc7508/4.6.2/3]
Result<Found> find_structure(std::string_view message,
                             const secureheaders::Verification& verification) {
    const auto layers =
        secureheaders::read_structures(message, verification, secureheaders::StandardRules());
    if (!layers) return std::unexpected(layers.error());
    Found found;
    for (const std::vector<secureheaders::SignerResult>& signers : *layers) {
        // Whether the signature holds is the receiver's to judge: hidden or not, it holds
        // afterwards as it did before.
        auto structure = secureheaders::agreed_structure(signers, "dca.signers-disagree");
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

// What is encrypted: the message's MIME entity, octet by octet, as pieces of the message.
std::vector<std::string_view> entity_of(const imf::MessageView& message) {
    std::vector<std::string_view> entity;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (is_content_field(field)) entity.emplace_back(field.raw);
    }
    entity.emplace_back("\r\n");
    entity.push_back(message.body);
    return entity;
}

imf::HeaderField field_of(std::string name, std::string body) {
    std::string raw = name + ":" + body + "\r\n";
    return {.name = std::move(name), .body = std::move(body), .raw = std::move(raw)};
}

std::vector<imf::HeaderField> envelope_fields(crypto::EnvelopeType type) {
    const std::string_view kind =
        type == crypto::EnvelopeType::EnvelopedData ? "enveloped-data" : "authEnveloped-data";
    return {field_of("Content-Type",
                     fmt::format(" application/pkcs7-mime; smime-type={};\r\n name=\"smime.p7m\"",
                                 kind)),
            field_of("Content-Transfer-Encoding", " base64"),
            field_of("Content-Disposition", " attachment; filename=\"smime.p7m\"")};
}

// The header section with these fields in the place of those that describe the content.
imf::HeaderSection header_around(const imf::HeaderSection& header,
                                 std::vector<imf::HeaderField> content_fields) {
    if (header.count("MIME-Version") == 0) {
        content_fields.insert(content_fields.begin(), field_of("MIME-Version", " 1.0"));
    }
    return with_content_fields(header, content_fields);
}

Result<void> write_lines(const crypto::EnvelopePieces& cms, base::Sink& out) {
    imf::Base64LineWriter lines(out);
    Result<void> done;
    for (const std::string_view piece :
         {std::string_view(cms.before), cms.encrypted.view(), std::string_view(cms.behind)}) {
        if (done) done = lines.append(piece);
    }
    return done ? lines.finish() : done;
}

Result<void> write_envelope(const imf::HeaderSection& header,
                            const std::vector<imf::HeaderField>& fields,
                            const crypto::EnvelopePieces& cms, base::Sink& out) {
    auto done = out.append(header_around(header, fields).to_octets() + "\r\n");
    return done ? write_lines(cms, out) : done;
}

// The envelope as an entity of its own, within a signature. [rfc3183/3/2]
Result<void> write_signed_envelope(const imf::HeaderSection& header,
                                   const std::vector<imf::HeaderField>& fields,
                                   const crypto::EnvelopePieces& cms, const OuterSigning& signing,
                                   const Rules& rules, base::Scratch& scratch, base::Sink& out) {
    const auto entity = scratch.keep([&](base::Sink& sink) {
        auto done = sink.append(imf::HeaderSection(fields).to_octets() + "\r\n");
        return done ? write_lines(cms, sink) : done;
    });
    if (!entity) return std::unexpected(entity.error());
    crypto::Signer signer = signing.signer;
    if (signing.as)
        std::ranges::move(rules.marks(*signing.as), std::back_inserter(signer.attributes));
    const std::array pieces{entity->view()};
    // Base64 has no '_': any boundary will do.
    base::SeededRandom random(0);
    const auto made = secureheaders::SignatureAround::make(pieces, {&signer, 1}, signing.chain,
                                                           signing.encapsulation, random);
    if (!made) return std::unexpected(made.error());
    const auto around = header_around(header, made->content_fields());
    if (auto done = out.append(around.to_octets() + "\r\n"); !done) return done;
    return made->write_body(out, rules.preamble(header));
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

// The header of a message without its envelope, not yet restored.
imf::HeaderSection without_envelope(const imf::HeaderSection& outer,
                                    const imf::HeaderSection& entity) {
    // Another authority may have encrypted a whole message; what the header has already stays.
    std::vector<imf::HeaderField> fields;
    for (const imf::HeaderField& field : entity.fields()) {
        if (is_content_field(field) || outer.count(field.name) == 0) fields.push_back(field);
    }
    return with_content_fields(outer, fields);
}

// Restores the header of what was decrypted, as far as that can be done. The signature is in the
// entity.
imf::HeaderSection restore_header(imf::HeaderSection header, std::string_view entity,
                                  const Decryption& decryption, const Rules& rules,
                                  base::Scratch& scratch, DecryptionReport& report) {
    const auto leave = [&report](Unchanged reason, std::optional<Error> fault = std::nullopt) {
        report.unchanged = reason;
        report.fault = std::move(fault);
    };
    const auto found = find_structure(entity, verification_by(decryption, scratch));
    if (!found) {
        leave(Unchanged::NotRestorable, found.error());
        return header;
    }
    if (!found->structure) {
        leave(found->otherwise);  // [rfc7508/4.6.2/1]
        return header;
    }
    auto restored = restore(header, *found->structure, rules);
    if (!restored) {
        leave(Unchanged::NotRestorable, restored.error());
        return header;
    }
    report.changes = std::move(restored->changes);
    return std::move(restored->header);
}

// The header as it crosses the wire.
Result<imf::HeaderSection> hide_header(std::string_view octets, imf::HeaderSection header,
                                       const Encryption& encryption, const Rules& rules,
                                       base::Scratch& scratch, EncryptionReport& report) {
    const auto found = find_structure(octets, verification_by(encryption, scratch));
    if (!found) return std::unexpected(found.error());
    if (!found->structure) {
        report.unchanged = found->otherwise;  // [rfc7508/4.6.1/1]
        return header;
    }
    auto hidden = hide(header, *found->structure, encryption.replacements, rules);
    if (!hidden) return std::unexpected(hidden.error());
    report.changes = std::move(hidden->changes);
    return std::move(hidden->header);
}

crypto::ContentCipher cipher_for(const Encryption& encryption, const Rules& rules) {
    if (encryption.cipher) return *encryption.cipher;
    Capabilities capabilities;
    for (const crypto::Certificate& recipient : encryption.recipients) {
        capabilities.push_back(crypto::capabilities_of(recipient));
    }
    return rules.cipher_for(capabilities);
}

Result<EncryptionReport> encrypt_into(std::string_view octets, const Encryption& encryption,
                                      const Rules& rules, base::Scratch& scratch, base::Sink& out) {
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    if (message->separator.empty()) {
        return std::unexpected(Error{.id = "dca.encrypt.no-separator"});
    }
    EncryptionReport report;
    auto flags = judge_recipients(encryption, rules);
    if (!flags) return std::unexpected(flags.error());
    report.flags = std::move(*flags);
    if (encryption.outer) {
        const auto wrapped = may_sign(octets, message->header, *encryption.outer,
                                      verification_by(encryption, scratch), rules);
        if (!wrapped) return std::unexpected(wrapped.error());
        report.outer = *wrapped;
    }
    const auto header = hide_header(octets, message->header, encryption, rules, scratch, report);
    if (!header) return std::unexpected(header.error());

    std::vector<std::string_view> content = entity_of(*message);
    const auto other = rules.other_content(content);
    if (other) content = {*other};
    // For authorities and end recipients alike. [rfc3183/4/2]
    const crypto::ContentCipher cipher = cipher_for(encryption, rules);
    const auto cms = crypto::encrypt_pieces(content, encryption.recipients, cipher, scratch);
    if (!cms) return std::unexpected(cms.error());
    const auto fields = envelope_fields(crypto::type_made_with(cipher));
    auto done =
        report.outer == Wrapped::Signed
            ? write_signed_envelope(*header, fields, *cms, *encryption.outer, rules, scratch, out)
            : write_envelope(*header, fields, *cms, out);
    if (!done) return std::unexpected(std::move(done.error()));
    return report;
}

Result<DecryptionReport> decrypt_into(std::string_view octets, const Decryption& decryption,
                                      const Rules& rules, base::Scratch& scratch, base::Sink& out) {
    const auto outer = imf::view_message(octets);
    if (!outer) return std::unexpected(outer.error());
    const auto found = find_envelope(*outer, scratch);
    if (!found) {
        return std::unexpected(
            Error{.id = "dca.decrypt.not-enveloped", .requirement = "rfc8551/3.5"});
    }
    const auto cms = imf::decode_body(found->header, found->body, scratch);
    if (!cms) return std::unexpected(cms.error());
    // Whoever encrypted it. [rfc3183/4/2]
    auto opened = crypto::decrypt(cms->view(), decryption.key, decryption.certificate, scratch);
    if (!opened) return std::unexpected(opened.error());
    auto around = judge_outer(*found, decryption.trust, decryption.within_broken, rules, scratch);
    if (!around) return std::unexpected(around.error());
    const auto entity = imf::view_message(opened->content.view());
    if (!entity) return std::unexpected(entity.error());
    if (entity->separator.empty()) return std::unexpected(Error{.id = "dca.decrypt.no-entity"});

    DecryptionReport report{.envelope = std::move(opened->envelope), .outer = std::move(*around)};
    if (auto flag = judge(decryption.certificate, decryption.addresses, rules)) {
        report.flags.push_back(std::move(*flag));
    }
    const auto header = restore_header(without_envelope(outer->header, entity->header),
                                       opened->content.view(), decryption, rules, scratch, report);
    // Once it is decrypted. [rfc3183/4/4]
    judge_outer_names(report.outer, opened->content.view(), header,
                      verification_by(decryption, scratch), rules);
    auto done = out.append(header.to_octets() + "\r\n");
    const auto other = rules.other_body(entity->body);
    if (done) done = out.append(other ? std::string_view(*other) : entity->body);
    if (!done) return std::unexpected(std::move(done.error()));
    return report;
}

}  // namespace

Result<EncryptionReport> encrypt_message(std::string_view octets, const Encryption& encryption,
                                         const Rules& rules, base::Scratch& scratch,
                                         base::Sink& out) {
    auto report = encrypt_into(octets, encryption, rules, scratch, out);
    if (report || !rules.passes_on(report.error())) return report;
    if (auto done = out.append(octets); !done) return std::unexpected(done.error());
    return EncryptionReport{};
}

Result<Encrypted> encrypt_message(std::string_view octets, const Encryption& encryption,
                                  const Rules& rules) {
    base::StringSink out;
    auto report = encrypt_message(octets, encryption, rules, base::memory(), out);
    if (!report) return std::unexpected(std::move(report.error()));
    return Encrypted{std::move(*report), std::move(out.text)};
}

Result<DecryptionReport> decrypt_message(std::string_view octets, const Decryption& decryption,
                                         const Rules& rules, base::Scratch& scratch,
                                         base::Sink& out) {
    auto report = decrypt_into(octets, decryption, rules, scratch, out);
    if (report || !rules.passes_on(report.error())) return report;
    if (auto done = out.append(octets); !done) return std::unexpected(done.error());
    return DecryptionReport{};
}

Result<Decrypted> decrypt_message(std::string_view octets, const Decryption& decryption,
                                  const Rules& rules) {
    base::StringSink out;
    auto report = decrypt_message(octets, decryption, rules, base::memory(), out);
    if (!report) return std::unexpected(std::move(report.error()));
    return Decrypted{std::move(*report), std::move(out.text)};
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
