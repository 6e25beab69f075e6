#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "vectors/author.h"

// Messages to be signed, and the structure that their signatures must hold.
namespace mailassay::vectors {

namespace {

using secureheaders::FieldReport;
using Wanted = std::vector<SecuredField>;

class Group {
  public:
    Group(const Author& author, std::string slug, std::string requirement)
        : author_(author), slug_(std::move(slug)), requirement_(std::move(requirement)) {}

    // `wanted` has the names as the message has them; relaxed puts them into lower case.
    void add(const std::string& name, const Draft& draft, const Wanted& wanted, std::string note,
             std::vector<std::string> flags = {}) const {
        Expected expected{.outcomes = {outcome::made}, .algorithm = draft.policy.algorithm};
        expected.fields.emplace();
        for (SecuredField field : wanted) {
            if (draft.policy.algorithm == Canonicalization::Relaxed) {
                field.name = base::to_lower(field.name);
            }
            expected.fields->push_back(
                FieldReport{.secured = std::move(field), .match = secureheaders::Match::Same});
        }
        author_.add(SignVector{.common = {.name = slug_ + "/" + name,
                                          .case_slug = slug_,
                                          .requirement = requirement_,
                                          .flags = std::move(flags),
                                          .expected = std::move(expected),
                                          .note = std::move(note)},
                               .message = draft.octets(),
                               .policy = draft.policy,
                               .encapsulation = draft.form,
                               .signers = draft.signers});
    }

    // What can't be signed as the policy has it: a refusal, or the signature without what can't be
    // in it.  The reference refuses, and says by `reason` why.
    void add_unsignable(const std::string& name, const Draft& draft, std::string_view otherwise,
                        std::string_view reason, std::string note) const {
        author_.add(
            SignVector{.common = {.name = slug_ + "/" + name,
                                  .case_slug = slug_,
                                  .requirement = requirement_,
                                  .expected = {.outcomes = {outcome::refused, outcome::made},
                                               .readings = {{outcome::refused, "refused"},
                                                            {outcome::made, otherwise}}},
                                  .reason = std::string(reason),
                                  .note = std::move(note)},
                       .message = draft.octets(),
                       .policy = draft.policy,
                       .encapsulation = draft.form,
                       .signers = draft.signers});
    }

  private:
    const Author& author_;
    std::string slug_;
    std::string requirement_;
};

const SecuredField from{"From", "Alice <alice@example.org>", Status::Duplicated};
const SecuredField to{"To", "bob@example.net", Status::Duplicated};
const SecuredField subject{"Subject", "Quarterly figures", Status::Deleted};
const SecuredField date{"Date", "Thu, 01 Jan 2026 12:00:00 +0000", Status::Duplicated};

void add_fields(const Author& author) {
    const Group group(author, "signs-the-fields-of-the-policy", "rfc7508/4.5.1/9");
    for (const Canonicalization algorithm : algorithms) {
        const std::string prefix(word(algorithm));
        Draft draft = Author::usual(algorithm);
        group.add(prefix + "-four", draft, {from, to, subject, date},
                  "Four fields of the policy, all in the message.");
        draft.policy.secured = {{"Subject", Status::Deleted}};
        group.add(prefix + "-one", draft, {subject}, "One field of the policy, and no other.");
        draft.policy.secured["Cc"] = Status::Duplicated;
        draft.policy.secured["X-Absent"] = Status::Modified;
        group.add(prefix + "-absent-ones", draft, {subject},
                  "What the policy lists and the message lacks is not in the structure.");
        draft.policy.secured = {{"subject", Status::Deleted}, {"FROM", Status::Duplicated}};
        group.add(prefix + "-names-in-other-case", draft, {from, subject},
                  "The policy writes the names in another case.");
    }
}

void add_instances(const Author& author) {
    const Group group(author, "signs-every-instance", "rfc7508/4.5.1/5");
    for (const Canonicalization algorithm : algorithms) {
        const std::string gap = algorithm == Canonicalization::Relaxed ? " " : "";
        const std::string prefix(word(algorithm));
        Draft draft = Author::usual(algorithm);
        draft.policy.secured = {{"From", Status::Duplicated}, {"Keywords", Status::Modified}};
        for (const char* value : {"one", "two", "one"}) {
            draft.header.push_back({"Keywords", gap + value});
        }
        group.add(prefix + "-three", draft,
                  {from,
                   {"Keywords", "one", Status::Modified},
                   {"Keywords", "two", Status::Modified},
                   {"Keywords", "one", Status::Modified}},
                  "Three fields of one name, two of them with the same value.");
        draft = Author::usual(algorithm);
        draft.policy.secured = {{"Comments", Status::Duplicated}};
        Wanted wanted;
        for (int i = 0; i < 50; ++i) {
            draft.header.push_back({"Comments", fmt::format("{}number {}", gap, i)});
            wanted.push_back({"Comments", fmt::format("number {}", i), Status::Duplicated});
        }
        group.add(prefix + "-fifty", draft, wanted, "Fifty fields of one name.");
    }
}

void add_empty(const Author& author) {
    const Group group(author, "signs-empty-values", "rfc7508/4.5.1/7");
    for (const Canonicalization algorithm : algorithms) {
        Draft draft = Author::usual(algorithm);
        draft.policy.secured = {{"From", Status::Duplicated}, {"Subject", Status::Deleted}};
        draft.field("Subject") = "";
        const Wanted wanted{from, {"Subject", "", Status::Deleted}};
        group.add(std::string(word(algorithm)) + "-nothing", draft, wanted,
                  "Subject has no octet behind its colon.");
        if (algorithm == Canonicalization::Relaxed) {
            draft.field("Subject") = " ";
            group.add("relaxed-space", draft, wanted, "Subject has a space behind its colon.");
            draft.field("Subject") = " \t \r\n ";
            group.add("relaxed-white-space", draft, wanted,
                      "Subject has white space and a fold behind its colon.");
        }
    }
}

void add_values(const Author& author) {
    const Group group(author, "signs-canonical-values", "rfc7508/4.5.1/10");
    struct Value {
        const char* name;
        const char* written;
        const char* relaxed;
    };
    // None begins with white space, which a simple value would or would not hold.
    constexpr Value values[] = {
        {"plain", "one two", "one two"},
        {"folded", "one\r\n two", "one two"},
        {"folded-twice", "one\r\n two\r\n three", "one two three"},
        {"spaces", "one    two", "one two"},
        {"trailing-space", "one two  ", "one two"},
        {"upper-case", "One TWO", "One TWO"},
        {"punctuation", "a:b;c,d<e>(f)\"g\"", "a:b;c,d<e>(f)\"g\""},
        {"encoded-word", "=?UTF-8?Q?caf=C3=A9?=", "=?UTF-8?Q?caf=C3=A9?="},
        {"quoted-spaces", "\"one  two\"", "\"one two\""},
    };
    for (const Canonicalization algorithm : algorithms) {
        const bool relaxed = algorithm == Canonicalization::Relaxed;
        for (const Value& value : values) {
            Draft draft = Author::usual(algorithm);
            draft.header.push_back({"X-Note", (relaxed ? " " : "") + std::string(value.written)});
            draft.policy.secured = {{"X-Note", Status::Duplicated}};
            group.add(fmt::format("{}-{}", word(algorithm), value.name), draft,
                      {{"X-Note", relaxed ? value.relaxed : value.written, Status::Duplicated}},
                      relaxed ? "The value, relaxed." : "The value as it stands.");
        }
    }
    Draft tab = Author::usual();
    tab.header.push_back({"X-Note", "\tone\t\ttwo\r\n\tthree"});
    tab.policy.secured = {{"X-Note", Status::Duplicated}};
    group.add("relaxed-tabs", tab, {{"X-Note", "one two three", Status::Duplicated}},
              "Tabs are white space.");
    if (!author.is_draft()) {
        Draft utf8 = Author::usual();
        utf8.header.push_back({"X-Note", " caf\xc3\xa9  \xe2\x82\xac"});
        utf8.policy.secured = {{"X-Note", Status::Duplicated}};
        group.add("relaxed-utf8", utf8,
                  {{"X-Note", "caf\xc3\xa9 \xe2\x82\xac", Status::Duplicated}},
                  "UTF-8, as RFC 6532 has it.");
    }
}

void add_statuses(const Author& author) {
    const Group group(author, "signs-the-statuses-of-the-policy", "rfc7508/4.5.1/3");
    for (const Status status : {Status::Duplicated, Status::Deleted, Status::Modified}) {
        Draft draft = Author::usual();
        draft.policy.secured = {{"From", Status::Duplicated}, {"Subject", status}};
        group.add(std::string(to_string(status)), draft,
                  {from, {"Subject", "Quarterly figures", status}},
                  "The status of Subject is the policy's choice.");
    }
}

void add_algorithms(const Author& author) {
    const Group group(author, "signs-by-the-algorithm-of-the-policy", "rfc7508/4.5.1/12");
    for (const Canonicalization algorithm : algorithms) {
        group.add(std::string(word(algorithm)), Author::usual(algorithm), {from, to, subject, date},
                  "The policy names the algorithm.");
    }
    if (!author.is_draft()) {
        Group(author, "signs-relaxed-by-default", "rfc7508/4.3/11")
            .add("not-named", Author::usual(), {from, to, subject, date},
                 "The policy names no algorithm.", {"default-algorithm"});
    }
}

void add_signers(const Author& author) {
    const Group group(author, "signers-alike", "rfc7508/4.5.1/6");
    for (const Canonicalization algorithm : algorithms) {
        Draft draft = Author::usual(algorithm);
        draft.signers = {"alice-rsa", "carol-rsa"};
        group.add(std::string(word(algorithm)) + "-two", draft, {from, to, subject, date},
                  "Two people sign.");
        draft.signers = {"alice-rsa", "carol-rsa", "alice-p256"};
        group.add(std::string(word(algorithm)) + "-three", draft, {from, to, subject, date},
                  "Three keys sign.");
    }
}

void add_forms(const Author& author) {
    const Group group(author, "signs-so-that-cms-verifies", "rfc7508/4.5.1/14");
    for (const char* signer : {"alice-rsa", "alice-p256", "alice-p384"}) {
        for (const Encapsulation form : {Encapsulation::Detached, Encapsulation::Opaque}) {
            Draft draft = Author::usual();
            draft.signers = {signer};
            draft.form = form;
            group.add(fmt::format("{}-{}", signer,
                                  form == Encapsulation::Detached ? "detached" : "opaque"),
                      draft, {from, to, subject, date}, "One key, one form.");
        }
    }
    Draft multipart = Author::usual();
    multipart.field("Content-Type") = " multipart/mixed; boundary=inner";
    multipart.body =
        "--inner\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
        "--inner\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--inner--\r\n";
    group.add("multipart", multipart, {from, to, subject, date}, "A message of two parts.");
    Draft empty = Author::usual();
    empty.body = "";
    group.add("empty-body", empty, {from, to, subject, date}, "A message without a body.");
}

void add_long(const Author& author) {
    const Group group(author, "signs-long-fields", "rfc7508/4.2/1");
    for (const std::size_t words : {20UZ, 2000UZ}) {
        Draft draft = Author::usual();
        std::string written = " start";
        std::string wanted = "start";
        for (std::size_t i = 0; i < words; ++i) {
            written += i % 10 == 9 ? "\r\n word" : " word";
            wanted += " word";
        }
        draft.header.push_back({"X-Note", written});
        draft.policy.secured = {{"X-Note", Status::Duplicated}};
        group.add(fmt::format("{}-words", words), draft, {{"X-Note", wanted, Status::Duplicated}},
                  "A long, folded value.");
    }
}

void add_nothing_to_sign(const Author& author) {
    const Group group(author, "nothing-to-secure", "rfc7508/4.1/7");
    for (const Canonicalization algorithm : algorithms) {
        Draft draft = Author::usual(algorithm);
        draft.policy.secured = {{"X-Absent", Status::Deleted}, {"Cc", Status::Duplicated}};
        group.add_unsignable(std::string(word(algorithm)), draft, "without the attribute",
                             "secureheaders.sign.nothing-to-secure",
                             "The message has none of the fields that the policy lists.");
    }
}

void add_other_characters(const Author& author) {
    const Group group(author, "value-of-other-characters",
                      author.is_draft() ? "draft-cailleux/4.1/18" : "rfc7508/4.1/19");
    struct Value {
        const char* name;
        const char* written;
        bool in_the_draft_alone;
    };
    constexpr Value values[] = {
        {"latin-1", "caf\xe9", false},    {"cut-short", "caf\xc3", false},
        {"over-long", "\xc0\xaf", false}, {"surrogate", "\xed\xa0\x80", false},
        {"utf8", "caf\xc3\xa9", true},
    };
    for (const Canonicalization algorithm : algorithms) {
        for (const Value& value : values) {
            if (value.in_the_draft_alone && !author.is_draft()) continue;
            Draft draft = Author::usual(algorithm);
            draft.header.push_back({"X-Note", std::string(" ") + value.written});
            draft.policy.secured = {{"From", Status::Duplicated}, {"X-Note", Status::Duplicated}};
            group.add_unsignable(fmt::format("{}-{}", word(algorithm), value.name), draft,
                                 "left out and told", "secureheaders.field.value-characters",
                                 "A value with octets that the string type does not have.");
        }
    }
}

}  // namespace

void add_sign_vectors(const Author& author) {
    add_fields(author);
    add_instances(author);
    add_empty(author);
    add_values(author);
    add_statuses(author);
    add_algorithms(author);
    add_signers(author);
    add_forms(author);
    add_long(author);
    add_nothing_to_sign(author);
    add_other_characters(author);
}

}  // namespace mailassay::vectors
