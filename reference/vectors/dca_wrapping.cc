#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "dca/names.h"
#include "der/value.h"
#include "vectors/dca_author.h"

// Signatures around envelopes (triple wrapping): put on, and found there; in both directions.
namespace mailassay::vectors {

namespace {

using Attributes = std::vector<crypto::Attribute>;
using Names = std::vector<std::string>;

constexpr std::string_view domain_type = "1.2.840.113549.1.9.16.9.2";
constexpr std::string_view attributes_type = "1.2.840.113549.1.9.16.9.3";
constexpr std::string_view review_type = "1.2.840.113549.1.9.16.9.4";
constexpr std::string_view originator_type = "1.2.840.113549.1.9.16.9.1";
constexpr std::string_view signing_authority = "domain-signing-authority";
constexpr std::string_view review_authority = "review-authority";

// A message that is signed, hidden by hand, and as it was.
struct Pair {
    std::string message;
    Carried carried;
};

Pair pair_by(const DcaAuthor& author, std::string_view originator = "alice-rsa") {
    Draft draft = DcaAuthor::confidential();
    draft.signers = {std::string(originator)};
    std::string message = author.sign(draft);
    Carried carried(message);
    carried.remove("Subject").replace("To", " " + std::string(undisclosed));
    return {.message = std::move(message), .carried = std::move(carried)};
}

// The attribute for the type of a signature, written by hand.
crypto::Attribute marked(const std::vector<std::string_view>& types,
                         std::string_view attribute = dca::oid_signature_type) {
    std::vector<der::Value> members;
    for (const std::string_view type : types) members.push_back(der::make_oid(type).value());
    return {.oid = std::string(attribute),
            .value = der::write(der::make_sequence(std::move(members)))};
}

// A signature around a message: who signs, and with which attributes each.
struct Around {
    Names signers;
    std::vector<Attributes> attributes;
    Encapsulation form = Encapsulation::Detached;
};

Around by_domain(std::string signer, Encapsulation form = Encapsulation::Detached) {
    return {.signers = {std::move(signer)}, .attributes = {{marked({domain_type})}}, .form = form};
}

std::string sign_around(const DcaAuthor& author, const std::string& message, const Around& around) {
    const auto parsed = imf::parse_message(message);
    Draft outer = DcaAuthor::confidential();
    outer.header.clear();
    for (const imf::HeaderField& field : parsed->header.fields()) {
        outer.header.push_back({field.name, field.body});
    }
    outer.body = parsed->body;
    outer.signers = around.signers;
    outer.attributes = around.attributes;
    outer.form = around.form;
    return author.sign(outer);
}

// -- put on -----------------------------------------------------------------------------------

EncryptVector encrypting(const Pair& pair, std::string name, std::string requirement,
                         OuterWish wish, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::encrypted},
                       .header = header::hidden},
            .message = pair.message,
            .replacements = {{"To", std::string(undisclosed)}},
            .outer = pair.carried.fields(),
            .hidden = {"Quarterly figures", "bob@example.net", "Hello Bob."},
            .signature = std::move(wish),
            .wrapped = wrapped::is_signed};
}

void add_made(const DcaAuthor& author) {
    const Pair pair = pair_by(author);
    for (const auto& [form, word] : {std::pair{Encapsulation::Detached, "detached"},
                                     std::pair{Encapsulation::Opaque, "opaque"}}) {
        author.add(encrypting(pair, fmt::format("signed-around/by-the-domain-{}", word),
                              "rfc3183/3.1.2/4", {"signer-domain", "domain", form},
                              "Signed, encrypted, and signed for the domain."));
        author.add(encrypting(pair, fmt::format("signed-around/by-the-user-{}", word),
                              "rfc3183/3.5/1", {"alice-rsa", "user", form},
                              "Signed, encrypted, and signed once more by the originator."));
        author.add(encrypting(pair, fmt::format("signed-around/by-a-reviewer-{}", word),
                              "rfc3183/3.1.2/6", {"signer-review", "review", form},
                              "A reviewer of another domain signs what is encrypted."));
    }
    for (const ContentCipher cipher : ciphers) {
        EncryptVector vector =
            encrypting(pair, fmt::format("signed-around/of-{}", word(cipher)), "rfc3183/3/2",
                       {"signer-domain", "domain"}, "A signature around each kind of envelope.");
        vector.cipher = cipher;
        vector.recipients = {"dca-rsa", "dca-p256"};
        author.add(std::move(vector));
    }
    Draft draft = DcaAuthor::confidential();
    draft.form = Encapsulation::Opaque;
    Pair opaque = pair;
    opaque.message = author.sign(draft);
    author.add(encrypting(opaque, "signed-around/an-opaque-one", "rfc3183/3/2",
                          {"signer-domain", "domain"}, "The inner signature is opaque."));
    // Nothing is within that an agent's signature could wrap.
    const std::string unsigned_message = draft.octets();
    Carried plain(unsigned_message);
    Pair bare{.message = unsigned_message, .carried = plain};
    EncryptVector nothing =
        encrypting(bare, "signed-around/not-signed-by-the-domain", "rfc3183/3.1.2/8",
                   {"signer-domain", "domain"},
                   "A message without a signature gets none of the domain's, or one around an "
                   "empty one.");
    nothing.common.header = header::not_signed;
    nothing.common.verifies = outcome::not_signed;
    nothing.common.flags = {"reading"};
    nothing.hidden = {"Hello Bob."};
    nothing.replacements.clear();
    nothing.wrapped = wrapped::nothing_within;
    EncryptVector own = nothing;
    own.common.name = "signed-around/not-signed-by-the-user";
    own.common.requirement = "rfc3183/3.5/1";
    own.common.note = "A user's signature around an envelope wraps no other.";
    own.common.flags = {};
    own.signature = OuterWish{"alice-rsa", "user"};
    own.wrapped = wrapped::is_signed;
    author.add(std::move(nothing));
    author.add(std::move(own));
}

void add_named(const DcaAuthor& author) {
    const auto named = [&](const char* name, const char* requirement, const char* originator,
                           const char* signer, std::string note) {
        author.add(encrypting(pair_by(author, originator), std::string("signers/") + name,
                              requirement, {signer, "domain"}, std::move(note)));
    };
    named("of-a-unit-above", "rfc3183/3.1.1/11", "alice-in-units", "signer-of-defence",
          "Of two units of the originator the signer has the more significant one.");
    named("by-components-above", "rfc3183/3.1.1/9", "alice-by-components", "signer-by-components",
          "The signer's domain components are above the originator's.");
    const auto refused = [&](const char* name, const char* requirement, const char* reason,
                             std::string message, OuterWish wish, std::string note) {
        EncryptVector vector = encrypting(pair_by(author), std::string("signers/") + name,
                                          requirement, std::move(wish), std::move(note));
        vector.message = std::move(message);
        vector.common.outcomes = {outcome::refused};
        vector.common.header = {};
        vector.common.reason = reason;
        vector.outer.clear();
        vector.hidden.clear();
        vector.wrapped = {};
        author.add(std::move(vector));
    };
    const auto misnamed = [&](const char* name, const char* requirement, const char* originator,
                              const char* signer, std::string note) {
        refused(name, requirement, "dca.sign.name", pair_by(author, originator).message,
                {signer, "domain"}, std::move(note));
    };
    misnamed("misnamed", "rfc3183/3.1.1/4", "alice-rsa", "signer-misnamed",
             "The signer's common name is another.");
    misnamed("mail-misnamed", "rfc3183/3.1.1/6", "alice-rsa", "signer-mail-misnamed",
             "The signer's mail address has another name before its at sign.");
    misnamed("named-twice", "rfc3183/3.1.1/5", "alice-rsa", "signer-named-twice",
             "The signer has the common name twice.");
    misnamed("a-reviewer", "rfc3183/3.1.1/1", "alice-rsa", "signer-review",
             "A reviewer's name does not do for a domain's signature.");
    misnamed("of-another-domain", "rfc3183/3.1.1/7", "alice-rsa", "signer-elsewhere",
             "The signer's mail domain is another.");
    misnamed("of-a-domain-below", "rfc3183/3.1.1/10", "alice-rsa", "signer-below",
             "The signer's mail domain is below the originator's.");
    misnamed("of-a-unit-below", "rfc3183/3.1.1/8", "alice-rsa", "signer-of-defence",
             "The signer's X.500 name is of a unit, the originator's of the organization.");
    misnamed("of-the-lesser-unit", "rfc3183/3.1.1/11", "alice-in-units", "signer-of-marketing",
             "Of two units of the originator the signer has the less significant one.");
    misnamed("by-other-components", "rfc3183/3.1.1/9", "alice-by-components",
             "signer-by-other-components",
             "The signer's domain components are not above the originator's.");
    const Pair pair = pair_by(author);
    refused("not-a-reviewer", "rfc3183/3.4/3", "dca.sign.name", pair.message,
            {"signer-domain", "review"}, "A domain's name does not do for a reviewer's signature.");
    refused("signature-broken", "rfc3183/3.2/7", "dca.sign.not-authentic",
            replaced(pair.message, "Hello Bob.", "Hello Eve."), {"signer-domain", "domain"},
            "The originator's signature does not hold: the domain does not sign.");
    refused("originator-not-trusted", "rfc3183/3.2/2", "dca.sign.not-authentic",
            pair_by(author, "alice-stranger").message, {"signer-domain", "domain"},
            "The originator's certificate is of nobody that is trusted.");
    refused("field-changed", "rfc3183/3.2/2", "dca.sign.not-authentic",
            replaced(pair.message, "Thu, 01 Jan", "Fri, 02 Jan"), {"signer-domain", "domain"},
            "A secured field is not as it was signed.");
}

// -- found there ------------------------------------------------------------------------------

OuterSeen seen(std::string signer, std::string_view as = signing_authority,
               std::string_view standing = standing::holds, std::vector<std::string> faults = {}) {
    return {.signer = std::move(signer),
            .standing = standing,
            .as = as.empty() ? std::vector<std::string_view>{} : std::vector{as},
            .faults = std::move(faults)};
}

DecryptVector decrypting(const Pair& pair, std::string name, std::string requirement,
                         std::string message, std::vector<OuterSeen> around, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::decrypted},
                       .header = header::restored},
            .message = std::move(message),
            .restored = pair.message,
            .around = std::move(around)};
}

void add_found(const DcaAuthor& author) {
    const Pair pair = pair_by(author);
    const std::string envelope = author.carry(pair.carried);
    const auto found = [&](const char* name, const char* requirement, const Around& around,
                           std::vector<OuterSeen> expected, std::string note) {
        author.add(decrypting(pair, std::string("signed-around/") + name, requirement,
                              sign_around(author, envelope, around), std::move(expected),
                              std::move(note)));
    };
    for (const auto& [form, word] : {std::pair{Encapsulation::Detached, "detached"},
                                     std::pair{Encapsulation::Opaque, "opaque"}}) {
        found(fmt::format("by-the-domain-{}", word).c_str(), "rfc3183/3.2/8",
              by_domain("signer-domain", form), {seen("signer-domain")},
              "Signed, encrypted, and signed for the domain.");
        found(fmt::format("by-the-user-{}", word).c_str(), "rfc3183/3.1.2/3",
              {.signers = {"alice-rsa"}, .attributes = {Attributes{}}, .form = form},
              {seen("alice-rsa", "")}, "A signature without a mark is an originator's.");
    }
    found("marked-as-the-originators", "rfc3183/3.1.2/7",
          {.signers = {"alice-rsa"}, .attributes = {{marked({originator_type})}}},
          {seen("alice-rsa", "")}, "An originator's signature may be marked as such.");
    found("marked-by-the-registered-number", "rfc3183/3.1.2/1",
          {.signers = {"signer-domain"},
           .attributes = {{marked({domain_type}, dca::oid_signature_type_registered)}}},
          {seen("signer-domain")}, "The attribute by the number that it has been given since.");
    found("by-a-reviewer", "rfc3183/3.4/4",
          {.signers = {"signer-review"}, .attributes = {{marked({review_type})}}},
          {seen("signer-review", review_authority)},
          "A reviewer's domain is not compared with the originator's.");
    const std::string twice = sign_around(
        author, sign_around(author, envelope, by_domain("signer-domain", Encapsulation::Opaque)),
        {.signers = {"signer-review"}, .attributes = {{marked({review_type})}}});
    author.add(decrypting(pair, "signed-around/twice", "rfc3183/5/3", twice,
                          {seen("signer-review", review_authority), seen("signer-domain")},
                          "Two signatures around the envelope: both come off."));
    author.add(
        decrypting(pair, "signed-around/by-two-of-the-domain", "rfc3183/3.2/13",
                   sign_around(author, sign_around(author, envelope, by_domain("signer-domain")),
                               by_domain("signer-by-components")),
                   {seen("signer-by-components"), seen("signer-domain")},
                   "A message may have several domain signatures."));
    found("not-trusted", "rfc3183/3.2/8",
          {.signers = {"alice-stranger"}, .attributes = {Attributes{}}},
          {seen("alice-stranger", "", standing::not_trusted)},
          "It holds, and its certificate is of nobody that is trusted.");
    // In the entity that the signature is over, and of no matter for the envelope.
    DecryptVector broken = decrypting(
        pair, "signed-around/broken", "rfc3183/3.2/8",
        replaced(sign_around(author, envelope, by_domain("signer-domain")), "name=\"smime.p7m\"",
                 "name=\"other.p7m\""),
        {seen("signer-domain", signing_authority, standing::broken)},
        "It does not hold: what is in the envelope is not taken for what the domain sent.");
    broken.common.outcomes = {outcome::unreadable, outcome::decrypted};
    broken.common.flags = {"reading"};
    broken.common.reason = "dca.decrypt.outer-signature";
    broken.common.header = {};
    broken.restored.reset();
    author.add(std::move(broken));
    DecryptVector foreign{.common = {.name = "signed-around/for-somebody-else",
                                     .requirement = "rfc3183/4.3/1",
                                     .note = "The envelope within is somebody else's.",
                                     .outcomes = {outcome::not_a_recipient},
                                     .reason = "crypto.decrypt.not-a-recipient"},
                          .message = sign_around(author, author.carry(pair.carried, {"bob-rsa"}),
                                                 by_domain("signer-domain"))};
    author.add(std::move(foreign));
    DecryptVector no_envelope{
        .common = {.name = "signed-around/no-envelope",
                   .requirement = "rfc3183/5/3",
                   .note = "Two signatures, and no envelope within.",
                   .outcomes = {outcome::not_encrypted, outcome::unreadable},
                   .reason = "dca.decrypt.not-enveloped"},
        .message = sign_around(author, pair.message, by_domain("signer-domain"))};
    author.add(std::move(no_envelope));
}

void add_flagged(const DcaAuthor& author) {
    const auto flagged = [&](const char* name, const char* requirement, const char* originator,
                             const Around& around, std::vector<OuterSeen> expected,
                             std::string note) {
        const Pair pair = pair_by(author, originator);
        author.add(decrypting(pair, std::string("signers/") + name, requirement,
                              sign_around(author, author.carry(pair.carried), around),
                              std::move(expected), std::move(note)));
    };
    const auto named = [&](const char* name, const char* requirement, const char* originator,
                           const char* signer, std::vector<std::string> faults, std::string note) {
        flagged(name, requirement, originator, by_domain(signer),
                {seen(signer, signing_authority, standing::holds, std::move(faults))},
                std::move(note));
    };
    const char* differs = "domain-differs";
    named("misnamed", "rfc3183/3.1.1/19", "alice-rsa", "signer-misnamed", {"common-name-differs"},
          "The signer's common name is another.");
    named("mail-misnamed", "rfc3183/3.1.1/18", "alice-rsa", "signer-mail-misnamed",
          {"mail-name-differs"}, "The signer's mail address has another name.");
    named("named-twice", "rfc3183/3.2/9", "alice-rsa", "signer-named-twice",
          {"common-name-repeated"}, "The signer has the common name twice.");
    named("of-another-domain", "rfc3183/3.1.1/13", "alice-rsa", "signer-elsewhere", {differs},
          "The signer's mail domain is another.");
    named("of-a-domain-below", "rfc3183/3.1.1/13", "alice-rsa", "signer-below", {differs},
          "The signer's mail domain is below the originator's.");
    named("of-a-unit-below", "rfc3183/3.1.1/8", "alice-rsa", "signer-of-defence", {differs},
          "The signer's X.500 name is of a unit, the originator's of the organization.");
    named("of-a-unit-above", "rfc3183/3.1.1/11", "alice-in-units", "signer-of-defence", {},
          "Of two units of the originator the signer has the more significant one.");
    named("of-the-lesser-unit", "rfc3183/3.1.1/11", "alice-in-units", "signer-of-marketing",
          {differs}, "Of two units of the originator the signer has the less significant one.");
    named("by-components-above", "rfc3183/3.1.1/9", "alice-by-components", "signer-by-components",
          {}, "The signer's domain components are above the originator's.");
    named("by-other-components", "rfc3183/3.1.1/9", "alice-by-components",
          "signer-by-other-components", {differs},
          "The signer's domain components are not above the originator's.");
    const auto marked_so = [&](const char* name, const char* requirement, Attributes attributes,
                               const char* fault, std::string note) {
        flagged(name, requirement, "alice-rsa",
                {.signers = {"signer-domain"}, .attributes = {std::move(attributes)}},
                {seen("signer-domain", "", standing::holds, {fault})}, std::move(note));
    };
    marked_so("mark-with-attributes-and-another", "rfc3183/3.1.2/10",
              {marked({domain_type, attributes_type})}, "dca.signature-type.not-alone",
              "Additional attributes stand beside another type.");
    marked_so("mark-of-both-numbers", "rfc3183/3.1.2/9",
              {marked({domain_type}), marked({domain_type}, dca::oid_signature_type_registered)},
              "dca.signature-type.repeated", "The attribute stands twice, once by each number.");
    flagged(
        "marks-that-differ", "rfc3183/3.1.2/11", "alice-rsa",
        {.signers = {"signer-domain", "signer-by-components"},
         .attributes = {{marked({domain_type})}, Attributes{}}},
        // As DER sorts them.
        {seen("signer-by-components", "", standing::holds, {"dca.signature-type.differs"}),
         seen("signer-domain", signing_authority, standing::holds, {"dca.signature-type.differs"})},
        "Of two signers one has the mark.");
}

}  // namespace

void add_wrapping_vectors(const DcaAuthor& author) {
    add_made(author);
    add_named(author);
    add_found(author);
    add_flagged(author);
}

}  // namespace mailassay::vectors
