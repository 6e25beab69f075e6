#include <string>
#include <utility>
#include <vector>

#include "vectors/dca_author.h"

// Messages that are not encrypted, since they could not be hidden and restored.
namespace mailassay::vectors {

namespace {

using Outcomes = std::vector<std::string_view>;

// Sent half hidden or not at all: the texts don't tell.
const Outcomes open{outcome::refused, outcome::encrypted};

EncryptVector refusing(std::string name, std::string requirement, std::string message,
                       std::string reason, std::string note, const Outcomes& outcomes) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .flags = outcomes.size() > 1 ? std::vector<std::string>{"open"}
                                                    : std::vector<std::string>{},
                       .outcomes = outcomes,
                       .reason = std::move(reason)},
            .message = std::move(message),
            .replacements = {{"To", std::string(undisclosed)}}};
}

void add_headers(const DcaAuthor& author) {
    const Draft draft = DcaAuthor::confidential();
    const std::string sent = author.sign(draft);
    const auto add = [&](const char* name, const char* reason, std::string message,
                         std::string note) {
        author.add(refusing(std::string("not-half-hidden/") + name, "rfc7508/4.6.1/5",
                            std::move(message), reason, std::move(note), open));
    };
    add("subject-differs", "dca.hide.header-differs", replaced(sent, "Quarterly", "Monthly"),
        "The field to be deleted has another value than the signed one.");
    add("subject-missing", "dca.hide.header-differs", without_field(sent, "Subject"),
        "The field to be deleted is not there.");
    add("to-differs", "dca.hide.header-differs", replaced(sent, "To: bob", "To: carol"),
        "The field to be modified has another value than the signed one.");
    add("to-missing", "dca.hide.header-differs", without_field(sent, "To"),
        "The field to be modified is not there.");
    add("subject-once-more", "dca.hide.ambiguous", "Subject: Quarterly figures\r\n" + sent,
        "A field of the signed name and value was added, and would be seen on the wire.");
    add("to-once-more", "dca.hide.ambiguous", "To: eve@example.com\r\n" + sent,
        "A second To was added: one that decrypts could rewrite the wrong one.");
    EncryptVector unconfigured =
        refusing("not-half-hidden/no-replacement", "rfc7508/4.6.1/9", sent,
                 "dca.hide.no-replacement", "No value is configured for To.", open);
    unconfigured.replacements.clear();
    author.add(std::move(unconfigured));
}

void add_attributes(const DcaAuthor& author) {
    const Draft usual = DcaAuthor::confidential();
    const auto header = imf::parse_message(usual.octets())->header;
    const auto structure = secureheaders::StandardRules().select(header, usual.policy);
    const auto add = [&](const char* name, const char* reason, std::string message,
                         std::string note) {
        author.add(refusing(std::string("structure-unclear/") + name, "rfc7508/4.6.1/3",
                            std::move(message), reason, std::move(note), open));
    };
    Draft draft = usual;
    draft.attributes = {{author.raw_attribute(std::string("\x05\x00", 2))}};
    add("no-structure-in-it", "der.value.unexpected-tag", author.sign(draft),
        "The attribute's value is NULL: what it would have hidden is not known.");
    draft = usual;
    draft.signers = {"alice-rsa", "carol-rsa"};
    auto other = structure;
    for (auto& field : other.fields) field.status = Status::Duplicated;
    draft.attributes = {{author.attribute(structure)}, {author.attribute(other)}};
    add("signers-disagree", "dca.signers-disagree", author.sign(draft),
        "One signer wants Subject deleted, the other does not.");
    std::string broken = author.sign(usual);
    const std::size_t cms = broken.find("filename=\"smime.p7s\"\r\n\r\n") + 24;
    broken.replace(cms, 8, "AAAAAAAA");
    add("cms-broken", "crypto.cms.malformed", std::move(broken),
        "The signature is no CMS object: whether it has a structure is not known.");

    SecuredField named{"keywords", "budget", Status::Deleted};
    draft = usual;
    draft.header.push_back({"Keywords", " budget"});
    draft.attributes = {{author.attribute({.algorithm = Canonicalization::Relaxed,
                                           .fields = std::vector<SecuredField>(1000, named)})}};
    author.add(refusing("thousand/one-there", "rfc7508/4.6.1/5", author.sign(draft),
                        "dca.hide.header-differs",
                        "A field is named a thousand times, and the message has one.", open));
}

void add_messages(const DcaAuthor& author) {
    const std::string sent = author.sign(DcaAuthor::confidential());
    EncryptVector nobody =
        refusing("recipients/none", "rfc3183/4.2/1", sent, "crypto.encrypt.no-recipient",
                 "There is nobody to encrypt to.", {outcome::refused});
    nobody.recipients.clear();
    author.add(std::move(nobody));
    author.add(refusing("not-half-hidden/no-body", "rfc7508/4.6.1/2",
                        "From: alice@example.org\r\nSubject: Quarterly figures\r\n",
                        "dca.encrypt.no-separator", "The message ends within its header section.",
                        open));
}

}  // namespace

void add_refusal_vectors(const DcaAuthor& author) {
    add_headers(author);
    add_attributes(author);
    add_messages(author);
}

}  // namespace mailassay::vectors
