#include <fmt/format.h>

#include <string>
#include <utility>

#include "imf/header.h"
#include "vectors/author.h"

// Fields that are missing, added, repeated, renamed, and fields that are not secured.
namespace mailassay::vectors {

namespace {

using secureheaders::FieldReport;
using secureheaders::Match;
using secureheaders::Policies;

// A group: vectors of one case about one clause.
class Group {
  public:
    // `when_valid` is the clause that a message found valid is judged by.
    Group(const Author& author, std::string slug, std::string requirement,
          std::string when_valid = "rfc7508/4/5")
        : author_(author),
          slug_(std::move(slug)),
          requirement_(std::move(requirement)),
          when_valid_(std::move(when_valid)) {}

    // All of the group is about the one clause.
    [[nodiscard]] static Group about(const Author& author, std::string slug,
                                     const std::string& requirement) {
        return {author, std::move(slug), requirement, requirement};
    }

    void add(std::string name, std::string message, Policies policies, Expected expected,
             std::string reason, std::string note) const {
        const bool valid = expected.outcomes.front() == outcome::valid;
        author_.add(VerifyVector{.common = {.name = slug_ + "/" + std::move(name),
                                            .case_slug = slug_,
                                            .requirement = valid ? when_valid_ : requirement_,
                                            .expected = std::move(expected),
                                            .reason = std::move(reason),
                                            .note = std::move(note)},
                                 .message = std::move(message),
                                 .policies = std::move(policies)});
    }

  private:
    const Author& author_;
    std::string slug_;
    std::string requirement_;
    std::string when_valid_;
};

void add_missing(const Author& author) {
    const Group group(author, "field-missing", "rfc7508/4.5.2/14");
    for (const Canonicalization algorithm : algorithms) {
        const Draft draft = Author::usual(algorithm);
        const std::string sent = author.sign(draft);
        for (const std::string name : {"From", "To", "Subject", "Date"}) {
            group.add(fmt::format("{}-{}", word(algorithm), base::to_lower(name)),
                      without_field(sent, name), not_shared(draft.policy),
                      is_invalid({{Warning::Missing, name}}), "missing",
                      name + " was signed and is gone.");
        }
    }
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    group.add("renamed", replaced(sent, "Subject:", "X-Subject:"), not_shared(draft.policy),
              is_invalid({{Warning::Missing, "Subject"}}), "missing",
              "The field got another name.");
    group.add("name-with-hyphen", replaced(sent, "Subject:", "Sub-ject:"), not_shared(draft.policy),
              is_invalid({{Warning::Missing, "Subject"}}), "missing",
              "A hyphen within the name makes it another name.");
    group.add("name-look-alike",
              replaced(sent, "Subject:",
                       "Sub\xd1\x98"
                       "ect:"),
              not_shared(draft.policy), is_invalid({{Warning::Missing, "Subject"}}), "missing",
              "The name has a Cyrillic letter that looks like its own.");
    group.add("two-missing", without_field(without_field(sent, "To"), "Subject"),
              not_shared(draft.policy),
              is_invalid({{Warning::Missing, "To"}, {Warning::Missing, "Subject"}}), "missing",
              "Two signed fields are gone; both are named.");
    group.add("behind-the-header",
              without_field(sent, "Subject") + "Subject: Quarterly figures\r\n",
              not_shared(draft.policy), is_invalid({{Warning::Missing, "Subject"}}), "missing",
              "The field stands behind the body, where no field is.");
    Draft opaque = Author::usual();
    opaque.form = Encapsulation::Opaque;
    group.add("opaque", without_field(author.sign(opaque), "Subject"), not_shared(draft.policy),
              is_invalid({{Warning::Missing, "Subject"}}), "missing",
              "The content is inside the signature; the header is where it always is.");
}

// Which fields are looked for; the draft has the step without a condition.
std::string step_6_of(const Author& author) {
    return author.is_draft() ? "draft-cailleux/4.5.2/23" : "rfc7508/4.5.2/23";
}

void add_added(const Author& author) {
    const Group group(author, "field-added", "rfc7508/4.5.2/27");
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    const auto extra = [](const std::string& name) { return is_invalid({{Warning::Extra, name}}); };
    group.add("second-from-on-top", "From: Mallory <mallory@example.com>\r\n" + sent,
              shared(draft.policy), extra("From"), "extra",
              "A second From above the signed one, which many clients would show.");
    group.add("second-from-below", with_field(sent, "From: Mallory <mallory@example.com>"),
              shared(draft.policy), extra("From"), "extra", "A second From below the signed one.");
    group.add("second-from-with-space", with_field(sent, "From : Mallory <mallory@example.com>"),
              shared(draft.policy), extra("From"), "extra",
              "A second From whose name has a space before its colon.");
    group.add("second-subject", "Subject: Pay at once\r\n" + sent, shared(draft.policy),
              extra("Subject"), "extra", "A second Subject.");
    group.add("second-subject-other-case", "SUBJECT: Pay at once\r\n" + sent, shared(draft.policy),
              extra("Subject"), "extra", "A second Subject whose name is in upper case.");
    group.add("same-value-twice", with_field(sent, "Subject: Quarterly figures"),
              shared(draft.policy), extra("Subject"), "extra",
              "The signed field stands twice: one of them was added.");
    group.add("empty-one", with_field(sent, "Subject:"), shared(draft.policy), extra("Subject"),
              "extra", "An empty second Subject.");
    group.add("second-to-folded", with_field(sent, "To: eve@example.com,\r\n mallory@example.com"),
              shared(draft.policy), extra("To"), "extra", "A second To, folded.");
    Policy wider = draft.policy;
    wider.secured["Cc"] = Status::Duplicated;
    Expected expected = is_invalid();
    expected.outcomes = {outcome::invalid, outcome::valid, outcome::signature_invalid};
    expected.readings = {{outcome::invalid, "names of the policy"},
                         {outcome::valid, "names of the signature"}};
    const Group names(author, "field-added", step_6_of(author));
    names.add(
        "name-of-the-list", with_field(sent, "Cc: eve@example.com"), shared(wider),
        std::move(expected), "extra",
        "The shared policy secures Cc; the message had none when it was signed, and has one.");
}

void add_added_unshared(const Author& author) {
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    if (author.is_draft()) {
        const Group group(author, "field-added-draft", "draft-cailleux/4.5.2/23");
        group.add("second-from", "From: Mallory <mallory@example.com>\r\n" + sent,
                  not_shared(draft.policy), is_invalid({{Warning::Extra, "From"}}), "extra",
                  "The draft looks for additions whether or not the policy is shared.");
        group.add("second-subject", with_field(sent, "Subject: Pay at once"),
                  not_shared(draft.policy), is_invalid({{Warning::Extra, "Subject"}}), "extra",
                  "The draft looks for additions whether or not the policy is shared.");
        return;
    }
    const Group group = Group::about(author, "field-added-not-shared", "rfc7508/4.5.2/24");
    Expected expected = is_valid();
    expected.silent = {Warning::Extra};
    group.add("second-to", with_field(sent, "To: carol@example.net"), not_shared(draft.policy),
              expected, "", "Without a shared policy nobody knows what the sender would secure.");
    group.add("second-subject", "Subject: Pay at once\r\n" + sent, not_shared(draft.policy),
              expected, "", "Without a shared policy an addition does not invalidate.");
    group.add("without-a-policy-of-its-own", with_field(sent, "Date: x"), not_shared({}), expected,
              "", "The recipient has no policy at all.");
}

void add_mandatory(const Author& author) {
    const Group group = Group::about(author, "mandatory-not-secured", "rfc7508/4.5.2/28");
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    const auto demanding = [&](std::vector<std::string> names) {
        Policy policy = draft.policy;
        policy.mandatory = std::move(names);
        return not_shared(policy);
    };
    const auto warned = [](const std::string& name) {
        Expected expected = is_valid();
        expected.outcomes = {outcome::valid, outcome::invalid};
        expected.readings = {{outcome::valid, "a warning"}, {outcome::invalid, "invalid as well"}};
        expected.warnings = {{Warning::MandatoryUnsigned, name}};
        return expected;
    };
    Expected silent = is_valid();
    silent.silent = {Warning::MandatoryUnsigned};
    group.add("message-id", sent, demanding({"Message-ID"}), warned("Message-ID"), "",
              "Message-ID is mandatory, in the message, and not signed.");
    group.add("other-case", sent, demanding({"message-id"}), warned("Message-ID"), "",
              "The policy writes the name in lower case.");
    Expected both = warned("Message-ID");
    both.warnings.emplace_back(Warning::MandatoryUnsigned, "MIME-Version");
    group.add("two-of-them", sent, demanding({"Message-ID", "MIME-Version"}), both, "",
              "Two mandatory fields are not signed; both are named.");
    group.add("secured", sent, demanding({"From", "Subject"}), silent, "",
              "What is mandatory is secured.");
    group.add("absent", sent, demanding({"Cc", "Reply-To"}), silent, "",
              "What is mandatory and not in the message needs no signature.");
    group.add("added-later", with_field(sent, "Reply-To: mallory@example.com"),
              demanding({"Reply-To"}), warned("Reply-To"), "",
              "A mandatory field that came on the way.");
}

void add_not_secured(const Author& author) {
    const Group group(author, "field-not-secured", step_6_of(author));
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    const auto demanding = [&](const std::string& name) {
        Policy policy = draft.policy;
        policy.secured[name] = Status::Duplicated;
        return policy;
    };
    const auto warned = [&](const std::string& name) {
        // The draft looks for additions here, too.
        Expected expected = author.is_draft() ? is_invalid() : is_valid();
        if (author.is_draft()) {
            expected.outcomes.emplace_back(outcome::valid);
            expected.readings = {{outcome::invalid, "names of the policy"},
                                 {outcome::valid, "names of the signature"}};
        }
        expected.warnings = {{Warning::NotSecured, name}};
        return expected;
    };
    const std::string reason = author.is_draft() ? "extra" : "";
    group.add("message-id", sent, not_shared(demanding("Message-ID")), warned("Message-ID"), reason,
              "The list has Message-ID, which the sender did not sign.");
    group.add("cc-added", with_field(sent, "Cc: eve@example.com"), not_shared(demanding("Cc")),
              warned("Cc"), reason, "The list has Cc, which came on the way.");
    Expected silent = is_valid();
    silent.silent = {Warning::NotSecured, Warning::Extra, Warning::MandatoryUnsigned};
    group.add("nobody-asked", with_field(sent, "X-Spam-Score: 7"), shared(draft.policy), silent, "",
              "A field that is in nobody's list.");
}

void add_transport(const Author& author) {
    const Group group(author, "transport-changes", "rfc7508/4.5.2/3");
    const Draft draft = Author::usual();
    const std::string sent = author.sign(draft);
    const Policies policies = shared(draft.policy);
    group.add("received",
              "Received: from a.example by b.example; Thu, 1 Jan 2026 12:00:01 +0000\r\n" + sent,
              policies, is_valid(), "", "A trace field on top.");
    group.add("return-path", "Return-Path: <alice@example.org>\r\n" + sent, policies, is_valid(),
              "", "The delivery agent's field on top.");
    group.add(
        "authentication-results",
        "Authentication-Results: mx.example.net;\r\n dkim=pass header.d=example.org\r\n" + sent,
        policies, is_valid(), "", "A field of the receiving side.");
    group.add("footer-behind", sent + "-- \r\nstaff list\r\n", policies, is_valid(), "",
              "A list put its footer behind the last boundary, where it is no part of anything.");
    group.add("list-fields", with_field(sent, "List-Id: <staff.example.net>\r\nPrecedence: list"),
              policies, is_valid(), "", "A list's own fields.");
    group.add("resent", "Resent-From: bob@example.net\r\nResent-To: carol@example.org\r\n" + sent,
              policies, is_valid(), "", "Sent on by its recipient: other names.");
    const std::string subject = "Subject: Quarterly figures\r\n";
    group.add("reordered", subject + replaced(sent, subject, ""), policies, is_valid(), "",
              "Fields are found by name, wherever they stand.");
    group.add("unsecured-field-gone", without_field(sent, "Message-ID"), policies, is_valid(), "",
              "A field that nobody signed went.");
    group.add("unsecured-field-changed", replaced(sent, "<1@example.org>", "<2@example.net>"),
              policies, is_valid(), "", "A field that nobody signed was changed.");
    group.add("list-tag-in-subject", replaced(sent, "Quarterly", "[staff] Quarterly"), policies,
              is_invalid({{Warning::Mismatch, "Subject"}}), "mismatch",
              "A list that puts its tag into Subject breaks what was signed.");
    group.add("from-rewritten",
              replaced(sent, "Alice <alice@example.org>", "Alice via staff <staff@example.net>"),
              policies, is_invalid({{Warning::Mismatch, "From"}}), "mismatch",
              "A list that rewrites From breaks what was signed.");
}

void add_name_case(const Author& author) {
    for (const Canonicalization algorithm : algorithms) {
        const bool relaxed = algorithm == Canonicalization::Relaxed;
        const Group group =
            Group::about(author, "case-of-names", relaxed ? "rfc7508/4.3/4" : "rfc7508/4.3/3");
        const Draft draft = Author::usual(algorithm);
        const std::string sent = author.sign(draft);
        Expected expected = is_valid();
        if (algorithm == Canonicalization::Simple) {
            expected.outcomes = {outcome::valid, outcome::invalid, outcome::signature_invalid};
            expected.readings = {{outcome::valid, "names in any case"},
                                 {outcome::invalid, "names as they stand"}};
        }
        for (const auto& [name, written] :
             {std::pair("upper", "SUBJECT:"), {"lower", "subject:"}, {"mixed", "sUbJeCt:"}}) {
            group.add(fmt::format("{}-{}", word(algorithm), name),
                      replaced(sent, "Subject:", written), not_shared(draft.policy), expected, "",
                      "A relay wrote the name in another case.");
        }
    }
}

Draft with_repeated(Canonicalization algorithm) {
    Draft draft = Author::usual(algorithm);
    const std::string gap = algorithm == Canonicalization::Relaxed ? " " : "";
    for (const char* value : {"one", "two", "three"}) {
        draft.header.push_back({"Keywords", gap + value});
    }
    draft.policy.secured["Keywords"] = Status::Duplicated;
    return draft;
}

void add_repeated(const Author& author) {
    const Group group(author, "repeated-fields", "rfc7508/4.5.2/21");
    const Warning mismatch = Warning::Mismatch;
    for (const Canonicalization algorithm : algorithms) {
        const Draft draft = with_repeated(algorithm);
        const std::string sent = author.sign(draft);
        const std::string prefix(word(algorithm));
        const std::string gap = algorithm == Canonicalization::Relaxed ? " " : "";
        const Policies policies = shared(draft.policy);
        group.add(prefix + "-unchanged", sent, policies, is_valid(), "",
                  "Three fields of one name, all signed.");
        group.add(prefix + "-second-changed", replaced(sent, gap + "two\r\n", gap + "2\r\n"),
                  policies, is_invalid({{mismatch, "Keywords"}}), "mismatch",
                  "The second of three was changed.");
        group.add(prefix + "-last-changed", replaced(sent, gap + "three\r\n", gap + "3\r\n"),
                  policies, is_invalid({{mismatch, "Keywords"}}), "mismatch",
                  "The last of three was changed.");
        group.add(prefix + "-one-gone", replaced(sent, "Keywords:" + gap + "two\r\n", ""), policies,
                  is_invalid({{Warning::Missing, "Keywords"}}), "missing", "One of three is gone.");
        group.add(prefix + "-one-more", with_field(sent, "Keywords:" + gap + "four"), policies,
                  is_invalid({{Warning::Extra, "Keywords"}}), "extra", "A fourth was added.");
        group.add(prefix + "-one-became-another",
                  replaced(sent, gap + "three\r\n", gap + "one\r\n"), policies,
                  is_invalid({{mismatch, "Keywords"}}), "mismatch",
                  "The last has the value of the first: each signed field wants one of its own.");
    }
}

void add_empty(const Author& author) {
    const Group group(author, "empty-values", "rfc7508/4.5.2/21");
    for (const Canonicalization algorithm : algorithms) {
        Draft draft = Author::usual(algorithm);
        draft.field("Subject") = "";
        const std::string sent = author.sign(draft);
        const std::string prefix(word(algorithm));
        const Policies policies = not_shared(draft.policy);
        group.add(prefix + "-unchanged", sent, policies, is_valid(), "",
                  "Subject is there, and empty.");
        group.add(prefix + "-filled", replaced(sent, "Subject:", "Subject: Pay at once"), policies,
                  is_invalid({{Warning::Mismatch, "Subject"}}), "mismatch",
                  "The empty Subject got a value.");
        group.add(prefix + "-gone", without_field(sent, "Subject"), policies,
                  is_invalid({{Warning::Missing, "Subject"}}), "missing",
                  "An empty field is not a field that is missing.");
    }
    Draft draft = Author::usual();
    draft.field("Subject") = "";
    group.add("relaxed-white-space", replaced(author.sign(draft), "Subject:", "Subject: \t"),
              not_shared(draft.policy), is_valid(), "", "White space alone is empty when relaxed.");
}

// What the user is shown: everything about each field.
void add_display(const Author& author) {
    const Group group = Group(author, "fields-shown", "rfc7508/4.5.2/3");
    for (const Canonicalization algorithm : algorithms) {
        Draft draft = Author::usual(algorithm);
        const bool relaxed = algorithm == Canonicalization::Relaxed;
        draft.policy.secured = {
            {"From", Status::Duplicated}, {"Subject", Status::Deleted}, {"Date", Status::Modified}};
        const std::string sent = author.sign(draft);
        const auto report = [&](std::string name, std::string value, Status status, Match match) {
            if (relaxed) name = base::to_lower(name);
            return FieldReport{.secured = {std::move(name), std::move(value), status},
                               .match = match};
        };
        const auto with = [&](Expected expected, Match of_subject) {
            expected.algorithm = algorithm;
            expected.fields = {
                {report("From", "Alice <alice@example.org>", Status::Duplicated, Match::Same),
                 report("Subject", "Quarterly figures", Status::Deleted, of_subject),
                 report("Date", "Thu, 01 Jan 2026 12:00:00 +0000", Status::Modified, Match::Same)}};
            return expected;
        };
        const std::string prefix(word(algorithm));
        const Policies policies = not_shared(draft.policy);
        group.add(prefix + "-all-same", sent, policies, with(is_valid(), Match::Same), "",
                  "Three fields, one of each status.");
        group.add(prefix + "-one-changed", replaced(sent, "Quarterly", "Monthly"), policies,
                  with(is_invalid({{Warning::Mismatch, "Subject"}}), Match::Different), "mismatch",
                  "The value that was signed is shown, not the one in the message.");
        group.add(prefix + "-one-missing", without_field(sent, "Subject"), policies,
                  with(is_invalid({{Warning::Missing, "Subject"}}), Match::Missing), "missing",
                  "A field that is gone is shown all the same.");
    }
}

void add_status(const Author& author) {
    const Group group = Group::about(author, "status-makes-no-difference", "rfc7508/4.4/1");
    for (const Status status : {Status::Duplicated, Status::Deleted, Status::Modified}) {
        Draft draft = Author::usual();
        draft.policy.secured = {{"From", Status::Duplicated}, {"Subject", status}};
        const std::string sent = author.sign(draft);
        const std::string name(to_string(status));
        const Policies policies = not_shared(draft.policy);
        group.add(name + "-unchanged", sent, policies, is_valid(), "",
                  "Verified as it was signed.");
        group.add(name + "-changed", replaced(sent, "Quarterly", "Monthly"), policies,
                  is_invalid({{Warning::Mismatch, "Subject"}}), "mismatch",
                  "A field of any status must be what was signed.");
        group.add(name + "-gone", without_field(sent, "Subject"), policies,
                  is_invalid({{Warning::Missing, "Subject"}}), "missing",
                  "A field of any status must be there when the signature is verified.");
    }
}

// The structure's algorithm counts, whatever the recipient's policy would choose.
void add_algorithm(const Author& author) {
    const Group group = Group::about(author, "algorithm-of-the-structure", "rfc7508/4.5.2/11");
    for (const Canonicalization algorithm : algorithms) {
        const bool relaxed = algorithm == Canonicalization::Relaxed;
        const Draft draft = Author::usual(algorithm);
        Policy other = draft.policy;
        other.algorithm = relaxed ? Canonicalization::Simple : Canonicalization::Relaxed;
        const std::string sent = author.sign(draft);
        const std::string changed = replaced(sent, "Quarterly figures", "Quarterly  figures");
        const std::string prefix = "signed-" + std::string(word(algorithm));
        group.add(prefix + "-unchanged", sent, not_shared(other), is_valid(), "",
                  "The recipient's policy has the other algorithm.");
        group.add(prefix + "-white-space", changed, not_shared(other),
                  relaxed ? is_valid() : is_invalid({{Warning::Mismatch, "Subject"}}),
                  relaxed ? "" : "mismatch",
                  "White space changed: the algorithm that was signed decides.");
    }
}

}  // namespace

void add_field_vectors(const Author& author) {
    add_missing(author);
    add_added(author);
    add_added_unshared(author);
    add_mandatory(author);
    add_not_secured(author);
    add_transport(author);
    add_name_case(author);
    add_repeated(author);
    add_empty(author);
    add_display(author);
    add_status(author);
    add_algorithm(author);
}

}  // namespace mailassay::vectors
