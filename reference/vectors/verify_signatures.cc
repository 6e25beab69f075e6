#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/base64.h"
#include "der/read.h"
#include "der/value.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/signed_message.h"
#include "vectors/author.h"

// Signatures that hold and that do not, chains, several signers, and messages without any.
namespace mailassay::vectors {

namespace {

// The usual expectations, with where a vector belongs.
VerifyVector vector_of(const std::string& slug, const std::string& name,
                       const std::string& requirement, Expected expected, std::string reason,
                       std::string note) {
    return {.common = {.name = slug + "/" + name,
                       .case_slug = slug,
                       .requirement = requirement,
                       .expected = std::move(expected),
                       .reason = std::move(reason),
                       .note = std::move(note)}};
}

VerifyVector with(VerifyVector vector, std::string message, const Policy& policy) {
    vector.message = std::move(message);
    vector.policies = not_shared(policy);
    return vector;
}

void add_good(const Author& author) {
    for (const char* signer : {"alice-rsa", "alice-rsa+sha-384", "alice-rsa+sha-512",
                               "alice-rsa+pss", "alice-p256", "alice-p384+sha-384"}) {
        for (const Canonicalization algorithm : algorithms) {
            for (const Encapsulation form : {Encapsulation::Detached, Encapsulation::Opaque}) {
                Draft draft = Author::usual(algorithm);
                draft.form = form;
                draft.signers = {signer};
                const bool detached = form == Encapsulation::Detached;
                author.add(with(vector_of("as-it-was-signed",
                                          fmt::format("{}-{}-{}", signer, word(algorithm),
                                                      detached ? "detached" : "opaque"),
                                          "rfc7508/4/5", is_valid(), "", "Nothing was changed."),
                                author.sign(draft), draft.policy));
            }
        }
    }
}

// The octets of the message's CMS object, changed by `edit`, in the place of the original.
template <class Edit>
std::string with_cms(const std::string& message, Edit edit) {
    const auto parsed = imf::parse_message(message);
    const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
    std::string changed((*parts)->cms.view());
    edit(changed);
    return replaced(message, imf::encode_base64_lines((*parts)->cms.view()),
                    imf::encode_base64_lines(changed));
}

// The message with an attribute of those octets among its first signer's unsigned ones.
std::string with_unsigned(const std::string& message, const crypto::Attribute& attribute) {
    return with_cms(message, [&](std::string& cms) {
        auto value = der::read_der(cms).value();
        der::Value& signer = value.members[1].members[0].members.back().members.front();
        signer.members.push_back(der::make_constructed(
            der::context(1),
            {der::make_sequence({der::make_oid(attribute.oid).value(),
                                 der::make_set({der::read_der(attribute.value).value()})})}));
        cms = der::write(value);
    });
}

// The attribute that the reference would make for a draft's header.
crypto::Attribute attribute_for(const Author& author, const Draft& draft) {
    const auto message = imf::parse_message(draft.octets());
    return author.attribute(secureheaders::StandardRules().select(message->header, draft.policy));
}

void add_broken(const Author& author) {
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    const auto add = [&](const std::string& name, std::string message, std::string reason,
                         std::string note, Expected expected = is_signature_invalid()) {
        author.add(with(vector_of("signature-broken", name, "rfc7508/4.5.2/10", std::move(expected),
                                  std::move(reason), std::move(note)),
                        std::move(message), draft.policy));
    };
    add("body-changed", replaced(sent, "Hello Bob.", "Hello Eve."), "wrong-digest",
        "The body was changed.");
    add("footer-within", replaced(sent, "Hello Bob.\r\n", "Hello Bob.\r\n-- \r\nstaff list\r\n"),
        "wrong-digest", "A list put its footer into the signed part.");
    add("content-type-changed", replaced(sent, "text/plain", "text/html"), "wrong-digest",
        "The signed part's own type was changed.");
    add("line-ends-lost", replaced(sent, "Hello Bob.\r\n", "Hello Bob.\n"), "wrong-digest",
        "A line of the signed part lost its CR.");
    add("space-at-line-end", replaced(sent, "Hello Bob.\r\n", "Hello Bob. \r\n"), "wrong-digest",
        "A space came to the end of a line.");
    add("both-changed",
        replaced(replaced(sent, "Hello Bob.", "Hello Eve."), "Quarterly", "Monthly"),
        "wrong-digest", "Body and Subject were changed: the body's fault ends the process.");
    add("signed-value-changed",
        with_cms(sent,
                 [](std::string& cms) {
                     cms = replaced(cms, "Quarterly figures", "Monthlyly figures");
                 }),
        "wrong-signature", "The value was changed within the signed attribute.");
    add("status-changed",
        with_cms(sent,
                 [](std::string& cms) {
                     cms = replaced(cms, std::string("figures\x02\x01\x01", 10),
                                    "figures\x02\x01\x02");
                 }),
        "wrong-signature", "The status was changed within the signed attribute.");
    add("signature-value-changed",
        with_cms(sent, [](std::string& cms) { cms.back() = static_cast<char>(cms.back() ^ 1); }),
        "wrong-signature", "The last octet of the signature value was changed.");
    add("other-fields-attribute",
        with_cms(sent,
                 [&](std::string& cms) {
                     Draft other = draft;
                     other.field("Subject") = " Quarterly Figures";
                     const auto parsed = imf::parse_message(author.sign(other));
                     const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
                     cms = (*parts)->cms.view();
                 }),
        "mismatch", "The signature of another message with the same body and another Subject.",
        is_invalid({{Warning::Mismatch, "Subject"}}));
    Draft forged = draft;
    forged.field("Subject") = " Monthly figures";
    add("unsigned-attribute-fits",
        with_unsigned(replaced(sent, "Quarterly", "Monthly"), attribute_for(author, forged)),
        "mismatch",
        "Subject was changed, and a structure that fits was put beside the signed ones.",
        is_invalid({{Warning::Mismatch, "Subject"}}));
    Draft opaque = draft;
    opaque.form = Encapsulation::Opaque;
    author.add(with(
        vector_of("signature-broken", "opaque-content-changed", "rfc7508/4.5.2/10",
                  is_signature_invalid(), "wrong-digest",
                  "The content within an opaque signature was changed."),
        with_cms(author.sign(opaque), [](std::string& cms) { cms = replaced(cms, "Bob", "Eve"); }),
        draft.policy));
}

// Whether a chain is a part of the signature's validity is a matter of reading.
Expected is_badly_certified() {
    Expected expected = is_signature_invalid();
    for (const std::string_view each : expected.outcomes) {
        expected.readings[each] = "with its certificate";
    }
    expected.outcomes.push_back(outcome::valid);
    expected.readings[outcome::valid] = "the signature alone";
    return expected;
}

void add_chains(const Author& author) {
    const auto add = [&](const std::string& name, Draft draft, Expected expected,
                         std::string reason, std::string note,
                         std::vector<std::string> trust = {"root"},
                         std::string time = std::string(verifying_time)) {
        VerifyVector vector =
            with(vector_of("chains", name, "rfc7508/4.5.2/10", std::move(expected),
                           std::move(reason), std::move(note)),
                 author.sign(draft), draft.policy);
        vector.trust = std::move(trust);
        vector.time = std::move(time);
        author.add(std::move(vector));
    };
    const auto by = [](const std::string& signer) {
        Draft draft = Author::usual();
        draft.signers = {signer};
        return draft;
    };
    // Not every client can be told the time, or asks about the chain at all before it answers.
    add("expired", by("alice-expired"), is_badly_certified(), "expired",
        "The signer's certificate ended before the message was signed.");
    add("not-yet-valid", by("alice-future"), is_badly_certified(), "not-yet-valid",
        "The signer's certificate begins long after the message was signed.");
    add("stranger", by("alice-stranger"), is_badly_certified(), "not-trusted",
        "The chain ends in a root that the recipient does not trust.");
    add("other-root-trusted", by("alice-rsa"), is_badly_certified(), "not-trusted",
        "The recipient trusts another root only.", {"stranger-root"});
    Draft below = by("alice-below");
    add("intermediate-missing", below, is_badly_certified(), "not-trusted",
        "The certificate between signer and root was not sent along.");
    below.chain = {"intermediate"};
    add("intermediate-sent", below, is_valid(), "",
        "The certificate between signer and root was sent along.");
    add(
        "expired-in-its-time", by("alice-expired"),
        [] {
            Expected expected = is_valid();
            expected.unaware = {};
            return expected;
        }(),
        "", "Verified while the certificate was valid.", {"root"}, "2020-06-01T12:00:00Z");
}

// What a mailing list makes of a message to which it adds a footer: its content becomes a part.
std::string in_a_list(const std::string& message) {
    const auto parsed = imf::parse_message(message);
    std::string header;
    std::string part;
    for (const imf::HeaderField& field : parsed->header.fields()) {
        (field.name.starts_with("Content-") ? part : header) += field.raw;
    }
    return header + "Content-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n" + part +
           "\r\n" + parsed->body +
           "\r\n--list\r\nContent-Type: text/plain\r\n\r\nstaff list\r\n--list--\r\n";
}

// A signature over a part is not one over the message; a client may tell of it all the same.
Expected within_another() {
    return {.outcomes = {outcome::not_signed, outcome::no_secure_headers, outcome::valid},
            .readings = {{outcome::not_signed, "the message as a whole"},
                         {outcome::no_secure_headers, "the message as a whole"},
                         {outcome::valid, "the signed part"}},
            .unaware = outcome::not_signed};
}

void add_none(const Author& author) {
    const Draft draft = Author::usual();
    Expected not_signed{.outcomes = {outcome::not_signed, outcome::no_secure_headers},
                        .unaware = outcome::not_signed};
    const auto add = [&](const std::string& name, std::string message, Expected expected,
                         std::string note, std::string reason = "") {
        author.add(with(vector_of("nothing-secured", name, "rfc7508/4.5.2/31", std::move(expected),
                                  std::move(reason), std::move(note)),
                        std::move(message), draft.policy));
    };
    add("not-signed", draft.octets(), not_signed, "A message without any signature.");
    add("signature-cut-off",
        replaced(draft.octets(), "Content-Type: text/plain; charset=utf-8",
                 "Content-Type: multipart/mixed; boundary=b") +
            "--b\r\n\r\nHello\r\n--b--\r\n",
        not_signed, "A multipart message that is not signed.");
    Draft without = draft;
    without.attributes = {{std::vector<crypto::Attribute>{}}};
    Expected none{.outcomes = {outcome::no_secure_headers}, .unaware = outcome::no_secure_headers};
    add("without-attribute", author.sign(without), none, "A signature that secures no field.");
    add("unsigned-attribute", with_unsigned(author.sign(without), attribute_for(author, draft)),
        none, "The structure stands among the attributes that nobody signed.");
    add("within-a-list", in_a_list(author.sign(draft)), within_another(),
        "A list put the message into a part, and its footer into another.");
    without.form = Encapsulation::Opaque;
    add("opaque-without-attribute", author.sign(without), none,
        "An opaque signature that secures no field.");
    Draft other = draft;
    crypto::Attribute unknown = author.raw_attribute(std::string("\x05\x00", 2));
    unknown.oid = "1.2.840.113549.1.9.16.2.4711";
    other.attributes = {{{unknown}}};
    add("unknown-attribute", author.sign(other), none,
        "An attribute that nobody knows is no reason to refuse.");
}

// The attribute of the other edition.
void add_other_edition(const Author& author) {
    const Author other(author, author.is_draft() ? Edition::Rfc : Edition::Draft);
    const Draft draft = Author::usual();
    const std::string sent = other.sign(draft);
    const std::string_view unknown = author.is_draft() ? "the example's" : "unknown";
    const std::string_view known = author.is_draft() ? "the one registered later" : "a dialect";
    const auto add = [&](const std::string& name, std::string message, Expected expected,
                         std::string note) {
        VerifyVector vector =
            with(vector_of("other-edition", name,
                           author.is_draft() ? "draft-cailleux/4.1/2" : "rfc7508/4.1/3",
                           std::move(expected), "", std::move(note)),
                 std::move(message), draft.policy);
        vector.common.flags = {"reading"};
        author.add(std::move(vector));
    };
    add("unchanged", sent,
        {.outcomes = {outcome::no_secure_headers, outcome::valid},
         .readings = {{outcome::no_secure_headers, unknown}, {outcome::valid, known}},
         .unaware = outcome::no_secure_headers},
        "Signed with the attribute of the other edition.");
    add("changed", replaced(sent, "Quarterly", "Monthly"),
        {.outcomes = {outcome::no_secure_headers, outcome::invalid},
         .readings = {{outcome::no_secure_headers, unknown}, {outcome::invalid, known}},
         .unaware = outcome::no_secure_headers},
        "Signed with the attribute of the other edition, and changed.");
}

void add_several(const Author& author) {
    const auto add = [&](const std::string& name, const Draft& draft, Expected expected,
                         std::string reason, std::string note,
                         std::vector<std::string> flags = {}) {
        VerifyVector vector =
            with(vector_of("several-signers", name, "rfc7508/4.5.2/32", std::move(expected),
                           std::move(reason), std::move(note)),
                 author.sign(draft), draft.policy);
        vector.common.flags = std::move(flags);
        author.add(std::move(vector));
    };
    Draft draft = Author::usual();
    draft.signers = {"alice-rsa", "carol-rsa"};
    add("two-alike", draft, is_valid(), "", "Two signers with the same structure.");
    draft.signers = {"alice-rsa", "carol-rsa", "alice-p256"};
    add("three-alike", draft, is_valid(), "", "Three signers with the same structure.");
    draft.signers = {"alice-rsa", "alice-p256"};
    add("two-keys-of-one", draft, is_valid(), "", "Two signatures of one person.");

    draft = Author::usual();
    draft.signers = {"alice-rsa", "carol-rsa"};
    const auto header = imf::parse_message(draft.octets())->header;
    const auto structure = secureheaders::StandardRules().select(header, draft.policy);
    auto lying = structure;
    // As long as the other, so that DER keeps the signers in their order.
    lying.fields[2].value = "Quarterly Figures";
    Expected mismatch = is_invalid();
    draft.attributes = {{author.attribute(structure)}, {author.attribute(lying)}};
    add("second-signed-another-value", draft, mismatch, "signers-disagree",
        "What the second signer signed is not what the message has.");
    draft.attributes = {{author.attribute(lying)}, {author.attribute(structure)}};
    add("first-signed-another-value", draft, mismatch, "mismatch",
        "What the first signer signed is not what the message has.");
    auto fewer = structure;
    fewer.fields.pop_back();
    draft.attributes = {{author.attribute(structure)}, {author.attribute(fewer)}};
    Expected open = is_invalid();
    open.outcomes = {outcome::invalid, outcome::valid, outcome::signature_invalid};
    open.readings = {{outcome::invalid, "invalid"}, {outcome::valid, "warned of"}};
    add("second-signed-fewer", draft, open, author.is_draft() ? "extra" : "signers-disagree",
        "The signers secured different fields, and all of them match.", {"open"});
    draft.attributes = {{author.attribute(structure)}, {}};
    Expected gateway = is_valid();
    gateway.outcomes = {outcome::valid, outcome::invalid, outcome::signature_invalid};
    gateway.readings = {{outcome::valid, "one without is let pass"}, {outcome::invalid, "invalid"}};
    add("second-without", draft, gateway, "",
        "A gateway that does not know Secure Headers added its signature.", {"open"});
}

void add_wrapped(const Author& author) {
    // An inner signature in an outer one, with what the second signing does to a signed message.
    const auto wrapped = [&](const Draft& inner, const std::string& outer_signer, bool secured) {
        Draft outer = inner;
        outer.header.clear();
        const auto parsed = imf::parse_message(author.sign(inner));
        for (const auto& field : parsed->header.fields()) {
            outer.header.push_back({field.name, field.body});
        }
        outer.body = parsed->body;
        outer.signers = {outer_signer};
        if (!secured) outer.attributes = {{std::vector<crypto::Attribute>{}}};
        return author.sign(outer);
    };
    const auto add = [&](const std::string& name, std::string message,
                         secureheaders::Policies policies, Expected expected, std::string reason,
                         std::string note, const char* requirement = "rfc7508/5/2") {
        VerifyVector vector = vector_of("signed-twice", name, requirement, std::move(expected),
                                        std::move(reason), std::move(note));
        vector.message = std::move(message);
        vector.policies = std::move(policies);
        author.add(std::move(vector));
    };
    const Draft draft = Author::usual();
    Draft bare = draft;
    bare.attributes = {{std::vector<crypto::Attribute>{}}};
    const std::string both = wrapped(draft, "carol-rsa", true);
    const auto policies = not_shared(draft.policy);
    Expected changed = is_invalid({{Warning::Mismatch, "Subject"}});
    add("both", both, policies, is_valid(), "", "Inner and outer signature hold a structure.");
    add("both-changed", replaced(both, "Subject: Quarterly", "Subject: Monthly"), policies, changed,
        "mismatch", "Both signatures say what Subject was.");
    add("inner-only", wrapped(draft, "carol-rsa", false), policies, is_valid(), "",
        "The inner signature holds a structure.");
    add("inner-only-changed",
        replaced(wrapped(draft, "carol-rsa", false), "Subject: Quarterly", "Subject: Monthly"),
        policies, changed, "mismatch", "The inner signature says what Subject was.");
    Draft plain = bare;
    const auto parsed = imf::parse_message(author.sign(plain));
    Draft outer = draft;
    outer.header.clear();
    for (const auto& field : parsed->header.fields()) {
        outer.header.push_back({field.name, field.body});
    }
    outer.body = parsed->body;
    outer.signers = {"carol-rsa"};
    add("outer-only", author.sign(outer), policies, is_valid(), "",
        "The outer signature holds a structure.");
    add("outer-only-changed",
        replaced(author.sign(outer), "Subject: Quarterly", "Subject: Monthly"), policies, changed,
        "mismatch", "The outer signature says what Subject was.");
    // The draft leaves open by which policy each signature is judged.
    const char* two_policies = author.is_draft() ? "rfc7508/5/3" : "rfc7508/5/7";
    auto two_parts = policies;
    two_parts.outer.secured = {{"Message-ID", Status::Duplicated}};
    Draft differing = draft;
    differing.header = outer.header;
    const auto inner_parsed = imf::parse_message(author.sign(draft));
    differing.header.clear();
    for (const auto& field : inner_parsed->header.fields()) {
        differing.header.push_back({field.name, field.body});
    }
    differing.body = inner_parsed->body;
    differing.signers = {"carol-rsa"};
    differing.policy.secured = two_parts.outer.secured;
    add("each-its-own", author.sign(differing), two_parts, is_valid(), "",
        "Inner and outer signature secure different fields, as each part of the policy says.",
        two_policies);
    add("each-its-own-outer-changed",
        replaced(author.sign(differing), "Message-ID: <1@", "Message-ID: <2@"), two_parts,
        is_invalid({{Warning::Mismatch, "Message-ID"}}), "mismatch",
        "The field that only the outer signature secures was changed.", two_policies);
}

}  // namespace

void add_signature_vectors(const Author& author) {
    add_good(author);
    add_broken(author);
    add_chains(author);
    add_none(author);
    add_other_edition(author);
    add_several(author);
    add_wrapped(author);
}

}  // namespace mailassay::vectors
