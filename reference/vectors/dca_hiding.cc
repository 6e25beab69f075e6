#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "vectors/dca_author.h"

// What leaves the header when a message is encrypted, and what stays.
namespace mailassay::vectors {

namespace {

using secureheaders::SecureHeaderFields;

// One whose outcome is that its message is encrypted.
EncryptVector hiding(std::string name, std::string requirement, const std::string& message,
                     const Carried& carried, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::encrypted},
                       .header = header::hidden},
            .message = message,
            .replacements = {{"To", std::string(undisclosed)}},
            .outer = carried.fields(),
            .hidden = {"Hello Bob."}};
}

std::string in_words(Canonicalization algorithm, const char* name) {
    return fmt::format("{}-{}", word(algorithm), name);
}

// The text as a value of that algorithm, whose messages differ in the space behind the colon.
std::string body(Canonicalization algorithm, std::string_view text) {
    return (algorithm == Canonicalization::Relaxed ? " " : "") + std::string(text);
}

std::string replacing(std::string_view value) {
    return " " + std::string(value);
}

void add_usual(const DcaAuthor& author, Canonicalization algorithm) {
    for (const Encapsulation form : {Encapsulation::Detached, Encapsulation::Opaque}) {
        Draft draft = DcaAuthor::confidential(algorithm);
        draft.form = form;
        const std::string message = author.sign(draft);
        Carried carried(message);
        carried.remove("Subject").replace("To", replacing(undisclosed));
        const bool detached = form == Encapsulation::Detached;
        EncryptVector vector =
            hiding("statuses/" + in_words(algorithm, detached ? "detached" : "opaque"),
                   "rfc7508/4.6.1/5", message, carried, "One field of each status.");
        vector.hidden.insert(vector.hidden.end(), {"Quarterly figures", "bob@example.net"});
        author.add(std::move(vector));
    }
}

void add_duplicated(const DcaAuthor& author, Canonicalization algorithm) {
    Draft draft = DcaAuthor::confidential(algorithm);
    for (auto& [name, status] : draft.policy.secured) status = Status::Duplicated;
    draft.header.insert(draft.header.begin(), {"Received", body(algorithm, "from a.example")});
    const std::string message = author.sign(draft);
    author.add(hiding("duplicated/" + in_words(algorithm, "all"), "rfc7508/4.6.1/6", message,
                      Carried(message), "Every field is duplicated: none is touched."));
}

void add_deleted(const DcaAuthor& author, Canonicalization algorithm) {
    const auto add = [&](const char* name, const std::string& message, const Carried& carried,
                         std::vector<std::string> hidden, std::string note) {
        EncryptVector vector = hiding("deleted/" + in_words(algorithm, name), "rfc7508/4.6.1/7",
                                      message, carried, std::move(note));
        vector.hidden.insert(vector.hidden.end(), hidden.begin(), hidden.end());
        author.add(std::move(vector));
    };
    Draft draft = DcaAuthor::usual(algorithm);
    draft.field("Subject") = body(algorithm, "Quarterly\r\n figures");
    std::string message = author.sign(draft);
    add("folded", message, Carried(message).remove("Subject"), {"Quarterly figures"},
        "The field has two lines, and both go.");

    draft = DcaAuthor::usual(algorithm);
    draft.field("Subject") = "";
    message = author.sign(draft);
    add("empty", message, Carried(message).remove("Subject"), {},
        "The field has no value; its name goes nevertheless.");

    draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["Keywords"] = Status::Deleted;
    for (const char* value : {"budget of 2026", "Orionids", "budget of 2026"}) {
        draft.header.insert(draft.header.begin() + 2, {"Keywords", body(algorithm, value)});
    }
    message = author.sign(draft);
    add("three-of-a-name", message,
        Carried(message).remove("Subject").remove("Keywords").remove("Keywords").remove("Keywords"),
        {"budget of 2026", "Orionids"}, "Every instance goes, two of one value included.");

    draft = DcaAuthor::usual(algorithm);
    draft.header[2].name = "SUBJECT";
    message = author.sign(draft);
    add("name-in-capitals", message, Carried(message).remove("SUBJECT"), {"Quarterly figures"},
        "Names are compared without their case.");

    draft = DcaAuthor::usual(algorithm);
    draft.policy.secured = {{"From", Status::Duplicated},
                            {"To", Status::Deleted},
                            {"Subject", Status::Deleted},
                            {"Message-ID", Status::Deleted}};
    message = author.sign(draft);
    add("all-but-mandatory", message,
        Carried(message).remove("To").remove("Subject").remove("Message-ID"),
        {"bob@example.net", "Quarterly figures", "1@example.org"},
        "All that may go goes, To included: RFC 5322 does not ask for it.");

    draft = DcaAuthor::usual(algorithm);
    draft.field("Subject") = body(algorithm, "=?UTF-8?Q?caf=C3=A9_budget?=");
    message = author.sign(draft);
    add("encoded-word", message, Carried(message).remove("Subject"),
        {"caf=C3=A9_budget", "caf\xc3\xa9 budget"}, "The value is an encoded-word.");
}

void add_modified(const DcaAuthor& author, Canonicalization algorithm) {
    Draft draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["Subject"] = Status::Modified;
    draft.field("Subject") = body(algorithm, "Quarterly\r\n figures");
    std::string message = author.sign(draft);
    EncryptVector vector = hiding("modified/" + in_words(algorithm, "folded"), "rfc7508/4.6.1/9",
                                  message, Carried(message).replace("Subject", " ..."),
                                  "The field gets the configured value, in one line.");
    vector.replacements = {{"Subject", "..."}};
    vector.hidden.insert(vector.hidden.end(), {"Quarterly figures"});
    author.add(std::move(vector));

    draft = DcaAuthor::confidential(algorithm);
    draft.policy.secured["Comments"] = Status::Modified;
    draft.policy.secured.erase("Subject");
    draft.header.insert(draft.header.begin(), {"Comments", body(algorithm, "Orionids")});
    draft.header.push_back({"Comments", body(algorithm, "Geminids")});
    message = author.sign(draft);
    vector = hiding("modified/" + in_words(algorithm, "two-of-a-name"), "rfc7508/4.6.1/9", message,
                    Carried(message)
                        .replace("Comments", " withheld")
                        .replace("Comments", " withheld", 1)
                        .replace("To", replacing(undisclosed)),
                    "Each instance gets the value of its name, and keeps its place.");
    vector.replacements = {{"COMMENTS", "withheld"}, {"to", std::string(undisclosed)}};
    vector.hidden.insert(vector.hidden.end(), {"Orionids", "Geminids", "bob@example.net"});
    author.add(std::move(vector));
}

void add_mandatory(const DcaAuthor& author, Canonicalization algorithm) {
    const std::string gap = body(algorithm, "");
    for (const char* name : {"From", "Date"}) {
        Draft draft = DcaAuthor::usual(algorithm);
        draft.policy.secured[name] = Status::Deleted;
        const std::string message = author.sign(draft);
        EncryptVector vector =
            hiding(fmt::format("mandatory/{}-{}-stays", word(algorithm),
                               name == std::string("From") ? "from" : "date"),
                   "rfc7508/4.6.1/8", message, Carried(message).remove("Subject"),
                   "To be deleted, but RFC 5322 has no message without it.");
        vector.hidden.emplace_back("Quarterly figures");
        author.add(std::move(vector));
    }
    Draft draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["From"] = Status::Deleted;
    const std::string message = author.sign(draft);
    EncryptVector vector = hiding(
        fmt::format("mandatory/{}-with-a-replacement", word(algorithm)), "rfc7508/4.6.1/8", message,
        Carried(message).remove("Subject").replace("From", " Somebody <gw@example.org>"),
        "It stays, with the value that is configured for it.");
    vector.common.flags = {"reading"};
    vector.replacements = {{"From", "Somebody <gw@example.org>"}};
    vector.hidden.emplace_back("Alice <alice@example.org>");
    author.add(std::move(vector));

    draft.policy.secured["From"] = Status::Modified;
    const std::string modified = author.sign(draft);
    vector =
        hiding(fmt::format("mandatory/{}-modified", word(algorithm)), "rfc7508/4.6.1/9", modified,
               Carried(modified).remove("Subject").replace("From", " Somebody <gw@example.org>"),
               "Nothing keeps a mandatory field from being modified.");
    vector.replacements = {{"From", "Somebody <gw@example.org>"}};
    vector.hidden.emplace_back("Alice <alice@example.org>");
    author.add(std::move(vector));
}

// Statuses of several entries of one name, given by hand.
void add_several_statuses(const DcaAuthor& author) {
    const auto add = [&](const char* name, const std::vector<SecuredField>& entries,
                         const std::vector<std::string>& values,
                         const std::vector<std::string>& left, std::string_view verifies,
                         std::string note) {
        Draft draft = DcaAuthor::usual();
        draft.header.erase(draft.header.begin() + 2);
        for (std::size_t i = 0; i < values.size(); ++i) {
            draft.header.insert(draft.header.begin() + 2 + static_cast<std::ptrdiff_t>(i),
                                {"Comments", " " + values[i]});
        }
        draft.attributes = {
            {author.attribute({.algorithm = Canonicalization::Relaxed, .fields = entries})}};
        const std::string message = author.sign(draft);
        Carried carried(message);
        for (std::size_t i = 0; i < values.size(); ++i) carried.remove("Comments");
        for (const std::string& value : left) {
            carried.insert_before("Date", "Comments: " + value);
        }
        EncryptVector vector = hiding(std::string("contradictions/") + name, "rfc7508/4.6.1/5",
                                      message, carried, std::move(note));
        vector.common.flags = {"open"};
        vector.common.outcomes = {outcome::encrypted, outcome::refused};
        vector.common.verifies = verifies;
        vector.replacements = {{"Comments", "withheld"}};
        std::ranges::copy_if(values, std::back_inserter(vector.hidden), [&](const auto& value) {
            return std::ranges::find(left, value) == left.end();
        });
        author.add(std::move(vector));
    };
    const SecuredField duplicated{"comments", "Orionids", Status::Duplicated};
    const SecuredField deleted{"comments", "Orionids", Status::Deleted};
    const SecuredField modified{"comments", "Orionids", Status::Modified};
    add("deleted-and-duplicated", {deleted, duplicated}, {"Orionids", "Orionids"}, {"Orionids"},
        outcome::valid, "Two fields of one name and value: one is hidden, one is not.");
    add("deleted-and-modified", {deleted, modified}, {"Orionids", "Orionids"}, {"withheld"},
        outcome::valid, "Two fields of one name and value: one goes, one is replaced.");
    if (!author.is_draft()) {
        // The draft's SET would have them in its own order.
        add("one-field-two-statuses", {deleted, duplicated}, {"Orionids"}, {}, outcome::invalid,
            "One field, named with two statuses: it is hidden, and the other was never there.");
    }
    add("each-value-its-status",
        {{"comments", "Orionids", Status::Deleted},
         {"comments", "Geminids", Status::Modified},
         {"comments", "Perseids", Status::Duplicated}},
        {"Perseids", "Orionids", "Geminids"}, {"Perseids", "withheld"}, outcome::valid,
        "Three fields of one name: each is treated by its own status.");
}

void add_thousand(const DcaAuthor& author) {
    Draft draft = DcaAuthor::usual();
    draft.policy.secured["Keywords"] = Status::Deleted;
    for (int i = 0; i < 1000; ++i) {
        draft.header.push_back({"Keywords", fmt::format(" harbour-{}", i)});
    }
    const std::string message = author.sign(draft);
    Carried carried(message);
    carried.remove("Subject");
    for (int i = 0; i < 1000; ++i) carried.remove("Keywords");
    EncryptVector vector = hiding("thousand/all-there", "rfc7508/4.6.1/7", message, carried,
                                  "A thousand fields of one name, and all go.");
    for (const char* value : {"harbour-999", "Quarterly figures"}) {
        vector.hidden.emplace_back(value);
    }
    author.add(std::move(vector));
}

void add_kept(const DcaAuthor& author) {
    const auto add = [&](const char* name, const std::string& message, std::string_view became,
                         std::string_view verifies, std::string note) {
        EncryptVector vector =
            hiding(std::string("conditions/") + name,
                   became == header::not_signed ? "rfc7508/4.6.1/2" : "rfc7508/4.6.1/3", message,
                   Carried(message), std::move(note));
        vector.common.header = became;
        vector.common.verifies = verifies;
        author.add(std::move(vector));
    };
    const Draft draft = DcaAuthor::confidential();
    add("not-signed", draft.octets(), header::not_signed, outcome::not_signed,
        "Without a signature the header stays.");
    Draft part = draft;
    part.field("Content-Type") = " multipart/mixed; boundary=mixed";
    part.body = "--mixed\r\n" + Carried(author.sign(draft)).entity() + "\r\n--mixed--\r\n";
    add("a-part-is-signed", part.octets(), header::not_signed, outcome::not_signed,
        "A part of the message is signed, and the message is not.");
    Draft bare = draft;
    bare.attributes = {{std::vector<crypto::Attribute>{}}};
    add("no-structure", author.sign(bare), header::no_secure_headers, outcome::no_secure_headers,
        "A signature without the attribute.");
    const Originator other(author.material(), author.is_draft() ? Edition::Rfc : Edition::Draft);
    add("other-edition", other.sign(draft), header::no_secure_headers, outcome::no_secure_headers,
        "A signature with the attribute of the other edition.");
    add("encrypted-already",
        author.carry(Carried(author.sign(draft)).remove("Subject"), {"bob-rsa"}),
        header::not_signed, outcome::not_signed, "What is in the envelope is not to be seen.");
}

void add_wrapped(const DcaAuthor& author) {
    const auto add = [&](const char* name, const std::string& message, const Carried& carried,
                         std::string note) {
        EncryptVector vector = hiding(std::string("signed-twice/") + name, "rfc7508/5/2", message,
                                      carried, std::move(note));
        vector.common.flags = {"open"};
        author.add(std::move(vector));
    };
    const Draft draft = DcaAuthor::confidential();
    Draft bare = draft;
    bare.attributes = {{std::vector<crypto::Attribute>{}}};
    const std::string inner = author.sign_again(author.sign(draft));
    add("inner-only", inner, Carried(inner).remove("Subject").replace("To", replacing(undisclosed)),
        "The originator's signature has the structure, the gateway's around it has none.");
    const std::string outer = author.sign_again(author.sign(bare), draft.policy);
    add("outer-only", outer, Carried(outer).remove("Subject").replace("To", replacing(undisclosed)),
        "The gateway's signature has the structure, the originator's in it has none.");
    const std::string both = author.sign_again(author.sign(draft), draft.policy);
    add("both-alike", both, Carried(both).remove("Subject").replace("To", replacing(undisclosed)),
        "Both signatures have the same structure.");
    Policy delivery = draft.policy;
    delivery.secured = {{"Message-ID", Status::Deleted}};
    const std::string each = author.sign_again(author.sign(draft), delivery);
    add("each-its-own", each, Carried(each).remove("Message-ID"),
        "Both have structures of their own: the outer one is followed.");
}

}  // namespace

void add_hiding_vectors(const DcaAuthor& author) {
    for (const Canonicalization algorithm : algorithms) {
        add_usual(author, algorithm);
        add_duplicated(author, algorithm);
        add_deleted(author, algorithm);
        add_modified(author, algorithm);
        add_mandatory(author, algorithm);
    }
    add_several_statuses(author);
    add_thousand(author);
    add_kept(author);
    add_wrapped(author);
}

}  // namespace mailassay::vectors
