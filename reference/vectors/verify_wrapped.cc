#include <string>
#include <utility>

#include "crypto/fixed_randomness.h"
#include "dca/message.h"
#include "vectors/author.h"

// Triple wrapping: signed, encrypted, and signed again, each signature by its part of the policy.
namespace mailassay::vectors {

namespace {

// The sender's side: what he secures in each signature.
struct Wrapping {
    Draft draft = Author::usual();
    Policy outer = {.secured = {{"Message-ID", Status::Duplicated}}};
    bool inner_secured = true;
    bool outer_secured = true;
};

// A message as what is signed next.
Draft around(const std::string& message, const Policy& policy) {
    const auto parsed = imf::parse_message(message);
    Draft draft{.header = {}, .body = parsed->body, .policy = policy, .signers = {"carol-rsa"}};
    for (const auto& field : parsed->header.fields()) {
        draft.header.push_back({field.name, field.body});
    }
    return draft;
}

std::string wrapped(const Author& author, const Wrapping& wrapping) {
    const std::vector<std::vector<crypto::Attribute>> none{{}};
    Draft inner = wrapping.draft;
    if (!wrapping.inner_secured) inner.attributes = none;
    Draft outer = around(sealed_message(author, author.sign(inner)), wrapping.outer);
    if (!wrapping.outer_secured) outer.attributes = none;
    return author.sign(outer);
}

class Group {
  public:
    Group(const Author& author, std::string slug) : author_(author), slug_(std::move(slug)) {}

    void add(const std::string& name, const char* requirement, std::string message,
             const secureheaders::Policies& policies, Expected expected, std::string reason,
             std::string note) const {
        // The envelope's engine is asked what the outer signature is worth.
        VerifyVector vector{.common = {.name = slug_ + "/" + name,
                                       .case_slug = slug_,
                                       .requirement = requirement,
                                       .expected = std::move(expected),
                                       .reason = std::move(reason),
                                       .note = std::move(note)},
                            .message = std::move(message),
                            .policies = policies};
        if (slug_ == "wrapped-and-opened") vector.opener = opener_name;
        author_.add(std::move(vector));
    }

  private:
    const Author& author_;
    std::string slug_;
};

secureheaders::Policies two_parts(const Wrapping& wrapping) {
    return {.inner = wrapping.draft.policy, .outer = wrapping.outer};
}

// Without a key the outer signature is all that there is to verify.
void add_closed(const Author& author, const char* of_parts) {
    const Group group(author, "wrapped-and-closed");
    const Wrapping usual;
    const std::string sent = wrapped(author, usual);
    group.add("as-it-was-signed", of_parts, sent, two_parts(usual), is_valid(), "",
              "The outer signature holds, and what it secures is there.");
    group.add("outer-field-changed", of_parts, replaced(sent, "<1@example.org>", "<2@example.org>"),
              two_parts(usual), is_invalid({{Warning::Mismatch, "Message-ID"}}), "mismatch",
              "The field that the outer signature secures was changed.");
    group.add("envelope-changed", "rfc7508/4.5.2/10",
              replaced(sent, "application/pkcs7-mime", "application/PKCS7-mime"), two_parts(usual),
              is_signature_invalid(), "wrong-digest",
              "The envelope's own header was changed, which the outer signature is over.");
    Expected inner_only = is_valid();
    inner_only.silent = {Warning::Mismatch, Warning::Missing};
    group.add("inner-field-changed", of_parts, replaced(sent, "Alice <alice@", "Alicia <alice@"),
              two_parts(usual), inner_only, "",
              "From, which only the inner signature secures, was changed: the outer one holds.");
    auto mandatory = two_parts(usual);
    mandatory.outer.mandatory = {"Date"};
    mandatory.inner.mandatory = {"Message-ID"};
    Expected warned = is_valid();
    warned.warnings = {{Warning::MandatoryUnsigned, "Date"}};
    group.add("mandatory-by-the-outer-part", of_parts, sent, mandatory, warned, "",
              "Date is mandatory in the outer signature and not secured by it; Message-ID would be "
              "in the inner one, which can't be seen.");
    Wrapping inner_alone;
    inner_alone.outer_secured = false;
    group.add("inner-alone", "rfc7508/5/2", wrapped(author, inner_alone), two_parts(inner_alone),
              {.outcomes = {outcome::no_secure_headers}, .unaware = outcome::no_secure_headers}, "",
              "The outer signature has no structure, and what is below can't be seen.");
}

void add_opened(const Author& author, const char* of_parts, const char* differing) {
    const Group group(author, "wrapped-and-opened");
    const Wrapping usual;
    const std::string sent = wrapped(author, usual);
    Expected both = is_valid();
    both.silent = {Warning::Mismatch, Warning::Missing};
    group.add("as-it-was-signed", differing, sent, two_parts(usual), both, "",
              "Subject was deleted for the way and is restored: both signatures hold, each by its "
              "part of the policy.");
    group.add("outer-field-changed", of_parts, replaced(sent, "<1@example.org>", "<2@example.org>"),
              two_parts(usual), is_invalid({{Warning::Mismatch, "Message-ID"}}), "mismatch",
              "The field that the outer signature secures was changed; the inner one holds.");
    group.add("inner-field-changed", of_parts, replaced(sent, "Alice <alice@", "Alicia <alice@"),
              two_parts(usual), is_invalid({{Warning::Mismatch, "From"}}), "mismatch",
              "The field that the inner signature secures was changed; the outer one holds.");
    Wrapping outer_alone;
    outer_alone.inner_secured = false;
    outer_alone.outer.secured["From"] = Status::Duplicated;
    const std::string outer_sent = wrapped(author, outer_alone);
    group.add("outer-alone", "rfc7508/5/2", outer_sent, two_parts(outer_alone), is_valid(), "",
              "The outer signature holds the structure.");
    group.add("outer-alone-changed", "rfc7508/5/2",
              replaced(outer_sent, "Alice <alice@", "Alicia <alice@"), two_parts(outer_alone),
              is_invalid({{Warning::Mismatch, "From"}}), "mismatch",
              "The outer signature says what From was.");
    Wrapping inner_alone;
    inner_alone.outer_secured = false;
    const std::string inner_sent = wrapped(author, inner_alone);
    group.add("inner-alone", "rfc7508/5/2", inner_sent, two_parts(inner_alone), is_valid(), "",
              "The inner signature holds the structure.");
    group.add("inner-alone-changed", "rfc7508/5/2",
              replaced(inner_sent, "Alice <alice@", "Alicia <alice@"), two_parts(inner_alone),
              is_invalid({{Warning::Mismatch, "From"}}), "mismatch",
              "The inner signature says what From was.");
}

}  // namespace

std::string sealed_message(const Author& author, const std::string& message) {
    crypto::fix_randomness(2634);
    const dca::Encryption encryption{
        .recipients = {author.material().certificates.find(opener_name)->second},
        .replacements = {{"Subject", "secured"}},
        .edition = author.edition()};
    auto made = dca::encrypt_message(message, encryption, dca::StandardRules());
    if (!made) throw Misuse("the reference does not encrypt this: " + to_string(made.error()));
    return std::move(made->message);
}

void add_wrapped_vectors(const Author& author) {
    // The draft leaves open by which policy each signature is judged.
    const char* of_parts = author.is_draft() ? "rfc7508/5/3" : "rfc7508/5/7";
    add_closed(author, of_parts);
    add_opened(author, of_parts, "rfc7508/5/3");
}

}  // namespace mailassay::vectors
