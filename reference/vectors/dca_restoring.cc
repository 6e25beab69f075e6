#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "vectors/dca_author.h"

// What comes back into the header when a message is decrypted.
namespace mailassay::vectors {

namespace {

// How much of the header the text determines; the draft's text never all (DcaAuthor::add()).
enum class Determined : std::uint8_t { Wholly, InPart };

// One whose message comes out as it was signed.
DecryptVector restoring(const DcaAuthor& author, std::string name, std::string requirement,
                        const std::string& signed_message, const Carried& carried,
                        Determined determined, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::decrypted},
                       .header = header::restored},
            .message = author.carry(carried),
            .restored = signed_message,
            .is_determined = determined == Determined::Wholly};
}

std::string in_words(Canonicalization algorithm, const char* name) {
    return fmt::format("{}-{}", word(algorithm), name);
}

std::string body(Canonicalization algorithm, std::string_view text) {
    return (algorithm == Canonicalization::Relaxed ? " " : "") + std::string(text);
}

const std::string replaced_to = " " + std::string(undisclosed);

// All between the colon and the CRLF, as the originator wrote it.
Draft with_subject(Canonicalization algorithm, std::string written) {
    Draft draft = DcaAuthor::usual(algorithm);
    draft.field("Subject") = std::move(written);
    return draft;
}

void add_deleted_values(const DcaAuthor& author, Canonicalization algorithm) {
    // Simple keeps each octet, relaxed does not say how a value was folded and spaced.
    const Determined as_written =
        algorithm == Canonicalization::Simple ? Determined::Wholly : Determined::InPart;
    struct Value {
        const char* name;
        std::string written;
        Determined determined;
    };
    const std::vector<Value> values{
        {"one-line", body(algorithm, "Quarterly figures"), Determined::Wholly},
        {"folded", body(algorithm, "Quarterly\r\n figures"), as_written},
        {"folded-by-tab", body(algorithm, "Quarterly\r\n\tfigures of\r\n\tthe year"), as_written},
        {"spaces-within", body(algorithm, "Quarterly    figures"), as_written},
        {"spaces-behind", body(algorithm, "Quarterly figures  "), as_written},
        {"encoded-word", body(algorithm, "=?UTF-8?Q?caf=C3=A9_budget?="), Determined::Wholly},
        {"colons", body(algorithm, "Re: Fwd: figures: 1:2"), Determined::Wholly},
        {"looks-like-a-field", body(algorithm, "Bcc: eve@example.com"), Determined::Wholly},
        {"long-without-space", body(algorithm, std::string(300, 'x')), Determined::Wholly},
        {"empty", "", as_written},
    };
    for (const Value& value : values) {
        // The draft's values have no tab.
        if (author.is_draft() && value.written.contains('\t') &&
            algorithm == Canonicalization::Simple) {
            continue;
        }
        const std::string message = author.sign(with_subject(algorithm, value.written));
        author.add(restoring(author, "deleted-values/" + in_words(algorithm, value.name),
                             "rfc7508/4.6.2/8", message, Carried(message).remove("Subject"),
                             value.determined, "The value of Subject comes back."));
    }
    if (!author.is_draft()) {
        const std::string message =
            author.sign(with_subject(algorithm, body(algorithm, "caf\xc3\xa9, 7.50 \xe2\x82\xac")));
        author.add(restoring(author, "deleted-values/" + in_words(algorithm, "utf8"),
                             "rfc7508/4.6.2/8", message, Carried(message).remove("Subject"),
                             Determined::Wholly, "UTF-8, as RFC 6532 has it."));
    }
}

void add_deleted_places(const DcaAuthor& author, Canonicalization algorithm) {
    const auto add = [&](const char* name, const Draft& draft, std::vector<std::string> hidden,
                         Determined determined, std::string note) {
        const std::string message = author.sign(draft);
        Carried carried(message);
        for (const std::string& each : hidden) carried.remove(each);
        author.add(restoring(author, "deleted-places/" + in_words(algorithm, name),
                             "rfc7508/4.6.2/7", message, carried, determined, std::move(note)));
    };
    Draft draft = DcaAuthor::usual(algorithm);
    std::swap(draft.header[0], draft.header[2]);
    add("first", draft, {"Subject"}, Determined::Wholly, "The hidden field was above all others.");
    draft = DcaAuthor::usual(algorithm);
    std::swap(draft.header[2], draft.header[3]);
    add("last-secured", draft, {"Subject"}, Determined::Wholly,
        "The hidden field was below all other secured ones.");
    draft = DcaAuthor::usual(algorithm);
    draft.header.insert(draft.header.begin() + 2, {"X-One", body(algorithm, "1")});
    draft.header.insert(draft.header.begin() + 4, {"X-Two", body(algorithm, "2")});
    add("among-unsecured", draft, {"Subject"}, Determined::InPart,
        "The hidden field stood between fields that nothing secures.");
    draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["Keywords"] = Status::Deleted;
    for (const char* value : {"budget of 2026", "Orionids", "budget of 2026"}) {
        draft.header.insert(draft.header.begin() + 2, {"Keywords", body(algorithm, value)});
    }
    add("three-of-a-name", draft, {"Subject", "Keywords", "Keywords", "Keywords"},
        Determined::Wholly, "Three fields of one name, two of them of one value.");
    draft = DcaAuthor::usual(algorithm);
    draft.policy.secured = {
        {"To", Status::Deleted}, {"Subject", Status::Deleted}, {"Message-ID", Status::Deleted}};
    draft.header.erase(draft.header.begin());
    draft.header.insert(draft.header.begin() + 2, {"From", body(algorithm, "alice@example.org")});
    draft.policy.secured["From"] = Status::Duplicated;
    add("around-the-one-left", draft, {"To", "Subject", "Message-ID"}, Determined::InPart,
        "From alone is left of the secured fields; the hidden ones stood above and below.");
    draft = DcaAuthor::usual(algorithm);
    draft.policy.secured = {{"Subject", Status::Deleted}};
    add("nothing-else-secured", draft, {"Subject"}, Determined::InPart,
        "The signature says nothing of any other field.");
    draft = DcaAuthor::usual(algorithm);
    draft.header[2].name = "SUBJECT";
    add("name-in-capitals", draft, {"Subject"},
        algorithm == Canonicalization::Simple ? Determined::Wholly : Determined::InPart,
        "Relaxed does not say in which case the name was written.");
}

void add_modified(const DcaAuthor& author, Canonicalization algorithm) {
    const auto add = [&](const char* name, const std::string& message, const Carried& carried,
                         Determined determined, std::string note) {
        author.add(restoring(author, "modified/" + in_words(algorithm, name), "rfc7508/4.6.2/10",
                             message, carried, determined, std::move(note)));
    };
    const std::string usual = author.sign(DcaAuthor::confidential(algorithm));
    const auto hidden = [&usual] {
        return Carried(usual).remove("Subject").replace("To", replaced_to);
    };
    add("one", usual, hidden(), Determined::Wholly, "To is rewritten where it stands.");
    add("emptied", usual, Carried(usual).remove("Subject").replace("To", ""), Determined::Wholly,
        "The other authority put no value at all into To.");
    add("folded-on-the-way", usual,
        Carried(usual).remove("Subject").replace("To", " undisclosed-recipients:\r\n ;"),
        Determined::Wholly, "What was put into To was folded on the way.");
    add("gone", usual, Carried(usual).remove("Subject").remove("To"), Determined::Wholly,
        "To is not there at all: it is written into the header.");
    add("never-replaced", usual, Carried(usual).remove("Subject"), Determined::Wholly,
        "To has its signed value: nothing is to be done.");

    Draft draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["Comments"] = Status::Modified;
    draft.header.insert(draft.header.begin() + 1, {"Comments", body(algorithm, "Orionids")});
    draft.header.insert(draft.header.begin() + 4, {"Comments", body(algorithm, "Geminids")});
    const std::string two = author.sign(draft);
    add("two-of-a-name", two,
        Carried(two)
            .remove("Subject")
            .replace("Comments", " withheld")
            .replace("Comments", " withheld", 1),
        Determined::Wholly, "Two fields of one name and replacement, each with its own value.");
    const std::string same = author.sign(DcaAuthor::confidential(algorithm));
    add("name-in-other-case", same,
        Carried(same).remove("Subject").insert_before("To", "TO:" + replaced_to).remove("To", 1),
        algorithm == Canonicalization::Simple ? Determined::Wholly : Determined::InPart,
        "The name of To was put into capitals on the way.");
}

void add_mandatory(const DcaAuthor& author, Canonicalization algorithm) {
    Draft draft = DcaAuthor::usual(algorithm);
    draft.policy.secured["From"] = Status::Deleted;
    draft.policy.secured["Date"] = Status::Deleted;
    const std::string message = author.sign(draft);
    const auto add = [&](const char* name, const Carried& carried, Determined determined,
                         std::string note) {
        author.add(restoring(author, "mandatory/" + in_words(algorithm, name), "rfc7508/4.6.2/7",
                             message, carried, determined, std::move(note)));
    };
    add("kept", Carried(message).remove("Subject"), Determined::Wholly,
        "To be deleted, and kept: it is not written a second time.");
    add("replaced",
        Carried(message)
            .remove("Subject")
            .replace("From", " Somebody <gw@example.org>")
            .replace("Date", " Thu, 01 Jan 1970 00:00:00 +0000"),
        Determined::Wholly, "To be deleted, and replaced: it is rewritten, and not added.");
    add("dropped", Carried(message).remove("Subject").remove("From").remove("Date"),
        Determined::Wholly, "The other authority dropped them, and they come back.");
}

void add_on_the_way(const DcaAuthor& author, Canonicalization algorithm) {
    const std::string message = author.sign(DcaAuthor::confidential(algorithm));
    const auto hidden = [&message] {
        return Carried(message).remove("Subject").replace("To", replaced_to);
    };
    const auto add = [&](const char* name, const Carried& carried, const std::string& restored,
                         std::string_view verifies, Determined determined, std::string note) {
        DecryptVector vector =
            restoring(author, "on-the-way/" + in_words(algorithm, name), "rfc7508/4.6.2/5",
                      restored, carried, determined, std::move(note));
        vector.common.verifies = verifies;
        author.add(std::move(vector));
    };
    const std::string trace =
        "Received: from b.example by c.example;\r\n Thu, 1 Jan 2026 12:00:01 +0000";
    add("trace-fields", hidden().on_top(trace).on_top(trace),
        trace + "\r\n" + trace + "\r\n" + message, outcome::valid, Determined::Wholly,
        "Trace fields were added above, and stay there.");
    add("fields-below", hidden().below("X-Spam: no"),
        replaced(message, "MIME-Version:" + body(algorithm, "1.0\r\n"),
                 "MIME-Version:" + body(algorithm, "1.0\r\nX-Spam: no\r\n")),
        outcome::valid, Determined::Wholly, "A field was added below, and stays there.");
    add("duplicated-changed",
        hidden().replace("Date", body(algorithm, "Fri, 02 Jan 2026 12:00:00 +0000")),
        replaced(message, "Thu, 01 Jan", "Fri, 02 Jan"), outcome::invalid, Determined::Wholly,
        "A duplicated field was changed: it stays so, and the verifier tells.");
    add("duplicated-gone", hidden().remove("Date"), without_field(message, "Date"),
        outcome::invalid, Determined::Wholly,
        "A duplicated field is gone: it stays so, and the verifier tells.");
    add("nothing-hidden", Carried(message), message, outcome::valid, Determined::Wholly,
        "An authority without the mechanism encrypted: there is nothing to be restored.");
    add("spoofed", hidden().insert_before("Date", "Subject:" + body(algorithm, "Pay at once")),
        replaced(message,
                 "\r\nSubject:", "\r\nSubject:" + body(algorithm, "Pay at once\r\nSubject:")),
        author.is_draft() ? outcome::invalid : outcome::valid, Determined::InPart,
        "A Subject was put in on the way: the signed one is written beside it. By the "
        "RFC only a verifier that shares the signer's policy takes notice.");
    Carried turned = hidden();
    turned.remove("Date").on_top("Date:" + body(algorithm, "Thu, 01 Jan 2026 12:00:00 +0000"));
    add("order-changed", turned, message, outcome::valid, Determined::InPart,
        "The fields that cross the wire were put into another order.");
}

// Structures that no signer of ours makes.
void add_odd_structures(const DcaAuthor& author) {
    const SecuredField deleted{"comments", "Orionids", Status::Deleted};
    const SecuredField duplicated{"comments", "Orionids", Status::Duplicated};
    const SecuredField modified{"comments", "Orionids", Status::Modified};
    const auto signed_with = [&](const std::vector<SecuredField>& entries, std::size_t count) {
        Draft draft = DcaAuthor::usual();
        draft.header.erase(draft.header.begin() + 2);
        for (std::size_t i = 0; i < count; ++i) {
            draft.header.insert(draft.header.begin() + 2, {"Comments", " Orionids"});
        }
        draft.attributes = {
            {author.attribute({.algorithm = Canonicalization::Relaxed, .fields = entries})}};
        return author.sign(draft);
    };
    const auto add = [&](const char* name, const std::string& restored, const Carried& carried,
                         std::string_view verifies, std::string note) {
        DecryptVector vector = restoring(author, name, "rfc7508/4.6.2/5", restored, carried,
                                         Determined::InPart, std::move(note));
        vector.common.flags = {"open"};
        vector.common.verifies = verifies;
        author.add(std::move(vector));
    };
    const std::string both = signed_with({deleted, duplicated}, 2);
    add("contradictions/deleted-and-duplicated", both, Carried(both).remove("Comments"),
        outcome::valid, "Of two equal fields the one that is left is the duplicated one.");
    const std::string mixed = signed_with({deleted, modified}, 2);
    add("contradictions/deleted-and-modified", mixed,
        Carried(mixed).remove("Comments").replace("Comments", " withheld"), outcome::valid,
        "Of two equal fields one comes back and one is rewritten.");
    const std::string one = signed_with({deleted, duplicated}, 1);
    add("contradictions/one-field-two-statuses", one, Carried(one).remove("Comments"),
        outcome::invalid, "The hidden one is written; the other never was there.");

    const std::string thousand = signed_with(std::vector<SecuredField>(1000, deleted), 1000);
    Carried none(thousand);
    for (int i = 0; i < 1000; ++i) none.remove("Comments");
    add("thousand/all-hidden", thousand, none, outcome::valid,
        "A field is named a thousand times, and comes back as often.");
    const std::string few = signed_with(std::vector<SecuredField>(1000, deleted), 3);
    std::string filled = few;
    for (int i = 0; i < 997; ++i) {
        filled = replaced(std::move(filled), "Comments: Orionids\r\n",
                          "Comments: Orionids\r\nComments: Orionids\r\n");
    }
    add("thousand/three-left", filled, Carried(few), outcome::valid,
        "A field is named a thousand times, and three are there: the rest is written.");
}

void add_broken_signature(const DcaAuthor& author) {
    const Draft draft = DcaAuthor::confidential();
    const std::string message = replaced(author.sign(draft), "Hello Bob.", "Hello Eve.");
    DecryptVector vector = restoring(
        author, "signature-broken/body-changed", "rfc7508/4.6.2/5", message,
        Carried(message).remove("Subject").replace("To", replaced_to), Determined::Wholly,
        "The signature did not hold before: it is restored as it was, and does not hold.");
    vector.common.verifies = outcome::signature_invalid;
    vector.common.flags = {"open"};
    author.add(std::move(vector));
}

void add_wrapped(const DcaAuthor& author) {
    const auto add = [&](const char* name, const std::string& message, const Carried& carried,
                         std::string note, Determined determined = Determined::Wholly) {
        DecryptVector vector = restoring(author, std::string("signed-twice/") + name, "rfc7508/5/2",
                                         message, carried, determined, std::move(note));
        vector.common.flags = {"open"};
        author.add(std::move(vector));
    };
    const Draft draft = DcaAuthor::confidential();
    Draft bare = draft;
    bare.attributes = {{std::vector<crypto::Attribute>{}}};
    const auto hidden = [](const std::string& message) {
        return Carried(message).remove("Subject").replace("To", replaced_to);
    };
    const std::string inner = author.sign_again(author.sign(draft));
    add("inner-only", inner, hidden(inner), "The structure is the originator's.");
    const std::string outer = author.sign_again(author.sign(bare), draft.policy);
    add("outer-only", outer, hidden(outer), "The structure is the gateway's.");
    const std::string both = author.sign_again(author.sign(draft), draft.policy);
    add("both-alike", both, hidden(both), "Both signatures have the same structure.");
    Policy delivery = draft.policy;
    delivery.secured = {{"Date", Status::Duplicated}, {"Message-ID", Status::Deleted}};
    const std::string each = author.sign_again(author.sign(draft), delivery);
    add("each-its-own", each, Carried(each).remove("Message-ID"),
        "Both have structures of their own: the outer one is followed.", Determined::InPart);
}

}  // namespace

void add_restoring_vectors(const DcaAuthor& author) {
    for (const Canonicalization algorithm : algorithms) {
        add_deleted_values(author, algorithm);
        add_deleted_places(author, algorithm);
        add_modified(author, algorithm);
        add_mandatory(author, algorithm);
        add_on_the_way(author, algorithm);
    }
    add_odd_structures(author);
    add_broken_signature(author);
    add_wrapped(author);
}

}  // namespace mailassay::vectors
