#include <string>
#include <utility>
#include <vector>

#include "imf/transfer_encoding.h"
#include "vectors/dca_author.h"

// Envelopes in other forms, damaged ones, those of others, and what is found in them without a
// structure that tells of the header.
namespace mailassay::vectors {

namespace {

using Outcomes = std::vector<std::string_view>;

const Outcomes unreadable{outcome::unreadable};
// A reader may be more tolerant than the reference, or find out in another way.
const Outcomes not_opened{outcome::unreadable, outcome::not_encrypted, outcome::not_a_recipient};
const Outcomes opened_or_not{outcome::decrypted, outcome::unreadable, outcome::not_encrypted};
const Outcomes rather_not{outcome::unreadable, outcome::decrypted};

// The usual message, hidden by hand, and its envelope for one recipient.
struct Usual {
    explicit Usual(const DcaAuthor& author)
        : message(author.sign(DcaAuthor::confidential())), carried(message) {
        carried.remove("Subject").replace("To", " " + std::string(undisclosed));
    }
    std::string message;
    Carried carried;
};

void spoil(std::string& octets, std::size_t from_end) {
    char& octet = octets.at(octets.size() - from_end);
    octet = static_cast<char>(octet ^ 1);
}

class Envelopes {
  public:
    explicit Envelopes(const DcaAuthor& author) : author_(author), usual_(author) {}

    [[nodiscard]] const Usual& usual() const { return usual_; }
    [[nodiscard]] std::string sealed(ContentCipher cipher = ContentCipher::Aes256Cbc) const {
        return author_.seal(usual_.carried.entity(), {"dca-rsa"}, cipher);
    }
    [[nodiscard]] std::string lines(ContentCipher cipher = ContentCipher::Aes256Cbc) const {
        return imf::encode_base64_lines(sealed(cipher));
    }

    void opens(std::string name, std::string_view body, const Wrapping& wrapping, std::string note,
               Outcomes outcomes = {outcome::decrypted}) const {
        DecryptVector vector{.common = common(std::move(name), std::move(note), outcomes),
                             .message = DcaAuthor::carry(usual_.carried, body, wrapping),
                             .restored = usual_.message};
        vector.common.header = header::restored;
        author_.add(std::move(vector));
    }

    void fails(std::string name, std::string_view body, std::string reason, std::string note,
               Outcomes outcomes, const Wrapping& wrapping = {}) const {
        DecryptVector vector{.common = common(std::move(name), std::move(note), outcomes),
                             .message = DcaAuthor::carry(usual_.carried, body, wrapping)};
        vector.common.reason = std::move(reason);
        author_.add(std::move(vector));
    }

  private:
    static DcaCommon common(std::string name, std::string note, Outcomes outcomes) {
        DcaCommon made{.name = std::move(name),
                       .requirement = "rfc3183/4/5",
                       .note = std::move(note),
                       .outcomes = std::move(outcomes)};
        if (made.outcomes.size() > 1 && made.outcomes != not_opened) made.flags = {"open"};
        return made;
    }

    const DcaAuthor& author_;
    Usual usual_;
};

void add_forms(const Envelopes& envelopes) {
    const std::string lines = envelopes.lines();
    Wrapping wrapping;
    wrapping.content_type = " application/pkcs7-mime; name=smime.p7m";
    envelopes.opens("forms/no-smime-type", lines, wrapping, "smime-type is not given.");
    wrapping.content_type = " application/x-pkcs7-mime; smime-type=enveloped-data";
    envelopes.opens("forms/x-pkcs7-mime", lines, wrapping, "The name of the type in use before.");
    wrapping.content_type = " APPLICATION/PKCS7-MIME;\r\n\tSMIME-TYPE=\"Enveloped-Data\"";
    envelopes.opens("forms/capitals-and-folds", lines, wrapping,
                    "Names are compared without their case.");
    wrapping.content_type = " application/pkcs7-mime; smime-type=enveloped-data";
    envelopes.opens("forms/authenticated-by-another-name",
                    envelopes.lines(ContentCipher::Aes128Gcm), wrapping,
                    "AuthEnvelopedData that is called enveloped-data.", opened_or_not);
    wrapping.content_type = " application/pkcs7-mime; smime-type=authEnveloped-data";
    envelopes.opens("forms/enveloped-by-another-name", lines, wrapping,
                    "EnvelopedData that is called authEnveloped-data.", opened_or_not);
    const std::string cms = envelopes.sealed();
    envelopes.opens("forms/binary", cms, {.encoding = " binary"}, "The octets as they are.");
    std::string long_line;
    for (const char c : lines) {
        if (c != '\r' && c != '\n') long_line += c;
    }
    envelopes.opens("forms/one-line", long_line + "\r\n", {}, "Base64 in one line.", opened_or_not);
    envelopes.opens("forms/text-between", replaced(lines, "\r\n", " \t\r\n\r\n"), {},
                    "Spaces and empty lines within base64.");
    envelopes.opens("forms/encoding-in-capitals", lines, {.encoding = " BASE64"},
                    "Encodings are compared without their case.");
}

void add_damaged(const DcaAuthor& author, const Envelopes& envelopes) {
    const std::string lines = envelopes.lines();
    const std::string cms = envelopes.sealed();
    const auto encoded = [](const std::string& octets) { return imf::encode_base64_lines(octets); };
    envelopes.fails("damaged/first-line-alone", lines.substr(0, 78), "crypto.cms.malformed",
                    "The message was cut off.", not_opened);
    envelopes.fails("damaged/nothing", "", "crypto.cms.malformed", "There is no body.", not_opened);
    envelopes.fails("damaged/no-base64", "A=B=C\r\n", "imf.transfer-encoding.base64",
                    "What should be base64 is none.", not_opened);
    envelopes.fails("damaged/no-cms", encoded("This is a text.\r\n"), "crypto.cms.malformed",
                    "What should be a CMS object is a text.", not_opened);
    envelopes.fails("damaged/encoding-unknown", lines, "imf.transfer-encoding.unknown",
                    "An encoding that nobody knows.", not_opened, {.encoding = " rot13"});
    envelopes.fails("damaged/short", encoded(cms.substr(0, cms.size() - 16)),
                    "crypto.cms.malformed", "The last 16 octets are missing.", not_opened);
    std::string spoiled = cms;
    spoil(spoiled, 1);
    envelopes.fails("damaged/last-octet-cbc", encoded(spoiled), "crypto.decrypt.failed",
                    "The last octet was changed, and with it the padding.", rather_not);
    for (const auto& [name, from_end] :
         {std::pair{"damaged/tag-gcm", 1U}, std::pair{"damaged/content-gcm", 40U}}) {
        spoiled = envelopes.sealed(ContentCipher::Aes256Gcm);
        spoil(spoiled, from_end);
        envelopes.fails(name, encoded(spoiled), "crypto.decrypt.failed",
                        "An authenticated content was changed: nothing of it is shown.", unreadable,
                        {.content_type = " application/pkcs7-mime; smime-type=authEnveloped-data"});
    }
    // id-aes256-CBC, number 42 of its arc.
    const std::string aes("\x60\x86\x48\x01\x65\x03\x04\x01\x2a", 9);
    spoiled = replaced(cms, aes, aes.substr(0, 8) + "\x7f");
    envelopes.fails("damaged/cipher-unknown", encoded(spoiled), "crypto.decrypt.failed",
                    "A cipher that nobody knows.", unreadable);
    // The key of 256 octets stands before the encrypted content, behind its length. Authenticated,
    // since one time in 256 a wrong key leaves a padding that is right.
    spoiled = envelopes.sealed(ContentCipher::Aes256Gcm);
    const std::size_t key = spoiled.find(std::string("\x04\x82\x01\x00", 4)) + 4;
    spoiled[key + 100] = static_cast<char>(spoiled[key + 100] ^ 1);
    envelopes.fails("damaged/encrypted-key", encoded(spoiled), "crypto.decrypt.failed",
                    "The encrypted key was changed.", unreadable,
                    {.content_type = " application/pkcs7-mime; smime-type=authEnveloped-data"});
    Draft opaque = DcaAuthor::confidential();
    opaque.form = Encapsulation::Opaque;
    const std::string signature = author.sign(opaque);
    envelopes.fails("damaged/signed-data", signature.substr(signature.find("\r\n\r\n") + 4),
                    "crypto.cms.not-enveloped-data", "SignedData that is called enveloped-data.",
                    not_opened);
    envelopes.opens("damaged/octets-behind", encoded(cms + std::string(16, '\0')), {},
                    "Octets behind the CMS object.", opened_or_not);
}

void add_malleable(const DcaAuthor& author, const Envelopes& envelopes) {
    // One bit of the IV, and with it one of the content's first letter; nothing in EnvelopedData
    // keeps from that.
    std::string cms = envelopes.sealed();
    const std::string aes("\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10", 11);
    const std::size_t iv = cms.find(aes) + aes.size();
    cms[iv] = static_cast<char>(cms[iv] ^ 1);
    const Usual& usual = envelopes.usual();
    DecryptVector vector{
        .common = {.name = "damaged/iv-cbc",
                   .requirement = "rfc7508/4.6.2/2",
                   .note =
                       "A bit of the IV was changed: Content-Type becomes Bontent-Type, and what "
                       "is decrypted is no signed message.",
                   .flags = {"open"},
                   .outcomes = {outcome::decrypted, outcome::unreadable},
                   .header = header::not_signed,
                   .verifies = outcome::not_signed},
        .message = DcaAuthor::carry(usual.carried, imf::encode_base64_lines(cms), {}),
        .restored = replaced(usual.carried.in_the_clear(), "Content-Type: multipart",
                             "Bontent-Type: multipart")};
    author.add(std::move(vector));
}

void add_others(const DcaAuthor& author, const Envelopes& envelopes) {
    const Usual& usual = envelopes.usual();
    const auto add = [&](const char* name, std::vector<std::string> recipients, std::string holder,
                         std::string note) {
        author.add(DecryptVector{.common = {.name = std::string("somebody-else/") + name,
                                            .requirement = "rfc3183/4.3/1",
                                            .note = std::move(note),
                                            .outcomes = {outcome::not_a_recipient},
                                            .reason = "crypto.decrypt.not-a-recipient"},
                                 .message = author.carry(usual.carried, recipients),
                                 .holder = std::move(holder)});
    };
    add("by-transport", {"mallory-rsa"}, "dca-rsa", "Encrypted to somebody else.");
    add("by-agreement", {"bob-p256"}, "dca-p256", "Encrypted to another key of the same curve.");
    add("another-means", {"dca-p256"}, "dca-rsa",
        "Encrypted to another key of the same authority.");
    add("all-but-one", {"mallory-rsa", "bob-rsa", "bob-p256", "dca-elsewhere"}, "dca-rsa",
        "Encrypted to four, and the one who decrypts is none of them.");
    const auto plain = [&](const char* name, std::string message, std::string note) {
        author.add(DecryptVector{.common = {.name = std::string("not-encrypted/") + name,
                                            .requirement = "rfc3183/4.3/1",
                                            .note = std::move(note),
                                            .outcomes = {outcome::not_encrypted},
                                            .reason = "dca.decrypt.not-enveloped"},
                                 .message = std::move(message)});
    };
    plain("text", DcaAuthor::confidential().octets(), "A text.");
    plain("signed-detached", usual.message, "A signed message.");
    Draft opaque = DcaAuthor::confidential();
    opaque.form = Encapsulation::Opaque;
    plain("signed-opaque", author.sign(opaque), "A signed message, in one CMS object.");
    plain("a-part",
          "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n" + author.carry(usual.carried) +
              "\r\n--m--\r\n",
          "An envelope is a part of the message.");
}

// The header of what was decrypted stays as it came.
class Kept {
  public:
    explicit Kept(const DcaAuthor& author) : author_(author) {}

    void add(const char* name, const std::string& message, std::string_view became,
             std::string_view verifies, std::string note, std::string reason = {}) const {
        Carried carried(message);
        carried.replace("To", " " + std::string(undisclosed));
        DecryptVector vector{
            .common = {.name = std::string("conditions/") + name,
                       .requirement =
                           became == header::not_signed ? "rfc7508/4.6.2/2" : "rfc7508/4.6.2/3",
                       .note = std::move(note),
                       .outcomes = {outcome::decrypted},
                       .header = became,
                       .reason = std::move(reason),
                       .verifies = verifies},
            .message = author_.carry(carried),
            .restored = carried.in_the_clear()};
        author_.add(std::move(vector));
    }

  private:
    const DcaAuthor& author_;
};

void add_kept(const DcaAuthor& author) {
    const Kept kept(author);
    const Draft draft = DcaAuthor::confidential();
    kept.add("not-signed", draft.octets(), header::not_signed, outcome::not_signed,
             "What was encrypted is not signed.");
    Draft part = draft;
    part.field("Content-Type") = " multipart/mixed; boundary=mixed";
    part.body = "--mixed\r\n" + Carried(author.sign(draft)).entity() + "\r\n--mixed--\r\n";
    kept.add("a-part-is-signed", part.octets(), header::not_signed, outcome::not_signed,
             "A part of what was encrypted is signed, and the message is not.");
    Draft bare = draft;
    bare.attributes = {{std::vector<crypto::Attribute>{}}};
    kept.add("no-structure", author.sign(bare), header::no_secure_headers,
             outcome::no_secure_headers, "A signature without the attribute.");
    const Originator other(author.material(), author.is_draft() ? Edition::Rfc : Edition::Draft);
    kept.add("other-edition", other.sign(draft), header::no_secure_headers,
             outcome::no_secure_headers, "A signature with the attribute of the other edition.");
    kept.add("encrypted-twice",
             author.carry(Carried(author.sign(draft)).remove("Subject"), {"bob-rsa"}),
             header::not_signed, outcome::not_signed,
             "In the envelope is another one, which is somebody else's.");

    const auto structure = secureheaders::StandardRules().select(
        imf::parse_message(draft.octets())->header, draft.policy);
    Draft odd = draft;
    odd.attributes = {{author.raw_attribute(std::string("\x05\x00", 2))}};
    kept.add("attribute-without-meaning", author.sign(odd), header::not_restorable,
             outcome::invalid, "The attribute's value is NULL.", "der.value.unexpected-tag");
    auto differing = structure;
    for (auto& field : differing.fields) field.status = Status::Duplicated;
    odd.signers = {"alice-rsa", "carol-rsa"};
    odd.attributes = {{author.attribute(structure)}, {author.attribute(differing)}};
    kept.add("signers-disagree", author.sign(odd), header::not_restorable, outcome::invalid,
             "One signer wants Subject deleted, the other does not.", "dca.signers-disagree");
    odd = draft;
    odd.attributes = {{author.attribute(
        {.algorithm = Canonicalization::Simple,
         .fields = {{"Keywords", "budget\r\nBcc: eve@example.com", Status::Deleted}}})}};
    kept.add("two-fields-in-one", author.sign(odd), header::not_restorable, outcome::invalid,
             "The signed value would be two fields: it is never written.", "dca.restore.value");
}

void add_contents(const DcaAuthor& author, const Envelopes& envelopes) {
    const auto encoded = [&](std::string_view content) {
        return imf::encode_base64_lines(author.seal(content, {"dca-rsa"}));
    };
    envelopes.fails("content/no-entity", encoded("Hello"), "dca.decrypt.no-entity",
                    "What was encrypted has no header section that ends.", rather_not);
    envelopes.fails("content/empty", encoded(""), "dca.decrypt.no-entity", "Nothing was encrypted.",
                    rather_not);
    // Another authority encrypts the whole message, and not its entity alone.
    const Usual& usual = envelopes.usual();
    DecryptVector whole{.common = {.name = "content/whole-message",
                                   .requirement = "rfc7508/4.6.2/5",
                                   .note = "A whole message was encrypted, its header included.",
                                   .flags = {"open"},
                                   .outcomes = opened_or_not,
                                   .header = header::restored},
                        .message = DcaAuthor::carry(usual.carried, encoded(usual.message), {}),
                        .restored = usual.message,
                        .is_determined = false};
    author.add(std::move(whole));
}

}  // namespace

void add_envelope_vectors(const DcaAuthor& author) {
    const Envelopes envelopes(author);
    add_forms(envelopes);
    add_damaged(author, envelopes);
    add_malleable(author, envelopes);
    add_others(author, envelopes);
    add_contents(author, envelopes);
}

void add_condition_vectors(const DcaAuthor& author) {
    add_kept(author);
}

}  // namespace mailassay::vectors
