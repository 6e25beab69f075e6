#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "vectors/author.h"

// Signatures that are no first ones: a gateway's beside others, and the outer one of triple
// wrapping.
namespace mailassay::vectors {

namespace {

using secureheaders::FieldReport;
using secureheaders::Layer;
using secureheaders::Match;

Expected is_made(Canonicalization algorithm, const std::vector<SecuredField>& wanted) {
    Expected expected{.outcomes = {outcome::made}, .algorithm = algorithm};
    expected.fields.emplace();
    for (SecuredField field : wanted) {
        if (algorithm == Canonicalization::Relaxed) field.name = base::to_lower(field.name);
        expected.fields->push_back({.secured = std::move(field), .match = Match::Same});
    }
    return expected;
}

const SecuredField from{"From", "Alice <alice@example.org>", Status::Duplicated};
const SecuredField to{"To", "bob@example.net", Status::Duplicated};
const SecuredField subject{"Subject", "Quarterly figures", Status::Deleted};
const SecuredField date{"Date", "Thu, 01 Jan 2026 12:00:00 +0000", Status::Duplicated};
const SecuredField id{"Message-ID", "<1@example.org>", Status::Duplicated};

SignVector gateway_vector(const std::string& slug, const std::string& name, const char* requirement,
                          std::string message, Expected expected, std::string note) {
    return {.common = {.name = slug + "/" + name,
                       .case_slug = slug,
                       .requirement = requirement,
                       .expected = std::move(expected),
                       .note = std::move(note)},
            .message = std::move(message),
            // The statuses are others than the sender's, which makes no difference beside his
            // structure.
            .policy = {.secured = {{"From", Status::Modified},
                                   {"To", Status::Modified},
                                   {"Subject", Status::Modified},
                                   {"Date", Status::Modified}}},
            .signers = {"gateway-rsa"},
            .place = Place::Beside};
}

// The structure is the same in each signerInfo, so it is that of those who signed first.
void add_beside(const Author& author) {
    const std::string slug = "signs-beside-others";
    const auto add = [&](const std::string& name, const Draft& draft,
                         const std::vector<SecuredField>& wanted, std::string note,
                         std::vector<std::string> signers = {"gateway-rsa"}) {
        SignVector vector =
            gateway_vector(slug, name, "rfc7508/4.5.1/6", author.sign(draft),
                           is_made(draft.policy.algorithm, wanted), std::move(note));
        vector.signers = std::move(signers);
        author.add(std::move(vector));
    };
    for (const Canonicalization algorithm : algorithms) {
        for (const Encapsulation form : {Encapsulation::Detached, Encapsulation::Opaque}) {
            Draft draft = Author::usual(algorithm);
            draft.form = form;
            add(std::string(word(algorithm)) +
                    (form == Encapsulation::Detached ? "-detached" : "-opaque"),
                draft, {from, to, subject, date}, "A gateway's signerInfo beside the sender's.");
        }
    }
    Draft draft = Author::usual();
    draft.signers = {"alice-rsa", "carol-rsa"};
    add("two-there", draft, {from, to, subject, date}, "A third signerInfo beside two.");
    draft.signers = {"alice-rsa"};
    add("two-come", draft, {from, to, subject, date}, "Two signerInfos come to one.",
        {"gateway-rsa", "carol-rsa"});
    for (const char* signer : {"alice-rsa+pss", "alice-p256", "alice-rsa+sha-384"}) {
        draft.signers = {signer};
        add(std::string(signer), draft, {from, to, subject, date},
            "The sender's signature is by another algorithm or digest.");
    }
    draft.signers = {"alice-rsa"};
    draft.header.push_back({"Received", " by relay.example.net; Thu, 01 Jan 2026 12:01:00 +0000"});
    add("beneath-received", draft, {from, to, subject, date}, "The message is on its way already.");
}

// Where nobody has a structure the policy says what is in it.
void add_first_structure(const Author& author) {
    Draft draft = Author::usual();
    draft.attributes = {{std::vector<crypto::Attribute>{}}};
    SignVector vector =
        gateway_vector("signs-beside-unaware-signers", "unaware", "rfc7508/6/1", author.sign(draft),
                       is_made(Canonicalization::Relaxed, {id}),
                       "The sender's signature secures no field: the gateway's does.");
    vector.policy = {.secured = {{"Message-ID", Status::Duplicated}}};
    author.add(std::move(vector));
}

// What is embedded is the same as others embedded, and the same as the message has: where both
// can't be, no signerInfo is put there.
void add_refused(const Author& author) {
    const auto add = [&](const std::string& name, std::string message, std::string reason,
                         std::string note) {
        SignVector vector =
            gateway_vector("signs-nothing-that-was-changed", name, "rfc7508/4.5.1/4",
                           std::move(message), {.outcomes = {outcome::refused}}, std::move(note));
        vector.common.reason = std::move(reason);
        author.add(std::move(vector));
    };
    const std::string sent = author.sign(Author::usual());
    add("value-changed", replaced(sent, "Quarterly", "Monthly"), "secureheaders.add.header-changed",
        "Subject is not what the sender secured.");
    add("field-missing", without_field(sent, "Date"), "secureheaders.add.header-changed",
        "Date, which the sender secured, is gone.");
}

// Each signature of triple wrapping is made by its part of the policy.
void add_outer(const Author& author) {
    const auto add = [&](const std::string& name, Layer layer, std::string message,
                         const std::vector<SecuredField>& wanted, std::string note) {
        const Draft draft = Author::usual();
        author.add(SignVector{
            .common = {.name = "signs-by-its-part-of-the-policy/" + name,
                       .case_slug = "signs-by-its-part-of-the-policy",
                       // The draft leaves open by which policy each signature is made.
                       .requirement = author.is_draft() ? "rfc7508/5/3" : "rfc7508/5/7",
                       .expected = is_made(Canonicalization::Relaxed, wanted),
                       .note = std::move(note)},
            .message = std::move(message),
            .policy = draft.policy,
            .outer =
                Policy{.secured = {{"Message-ID", Status::Duplicated}, {"To", Status::Duplicated}}},
            .layer = layer});
    };
    const Draft draft = Author::usual();
    add("inner", Layer::Inner, draft.octets(), {from, to, subject, date},
        "The inner signature, over the message.");
    add("outer", Layer::Outer, sealed_message(author, author.sign(draft)), {to, id},
        "The outer signature, over the message encrypted.");
}

}  // namespace

void add_place_vectors(const Author& author) {
    add_beside(author);
    add_first_structure(author);
    add_refused(author);
    add_outer(author);
}

}  // namespace mailassay::vectors
