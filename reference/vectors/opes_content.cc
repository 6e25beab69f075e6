#include <fmt/format.h>

#include "base/base64.h"
#include "vectors/opes_author.h"

// What a service may change, addresses that are rewritten, and mail that is refused.
namespace mailassay::vectors {

namespace {

OpesJson called(const std::string& name) {
    return {{"uri", service_uri(name)}};
}

OpesJson refusing(const std::string& reply) {
    return {{"uri", service_uri("scan")}, {"reply", reply}};
}

OpesJson editing(const std::string& body) {
    OpesJson made = called("footer");
    made["edits"] = list_of({OpesJson{{"edit", "body"}, {"value", body}}});
    return made;
}

struct Kind {
    const char* name;
    const char* type;
    bool is_protected;
};

constexpr Kind kinds[] = {
    {"multipart-signed",
     "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b",
     true},
    {"signed-data", "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", true},
    {"enveloped-data", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", true},
    {"old-type", "application/x-pkcs7-mime; smime-type=enveloped-data", true},
    {"openpgp-encrypted", "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
     true},
    {"openpgp-signed", "multipart/signed; protocol=\"application/pgp-signature\"; boundary=b",
     true},
    {"plain", "text/plain", false},
    {"mixed", "multipart/mixed; boundary=b", false},
};

void add_protected(OpesVectors& all) {
    for (const Kind& kind : kinds) {
        const std::string body = "--b\r\nContent-Type: text/plain\r\n\r\nas it was\r\n--b--\r\n";
        const std::string changed = "Changed on the way.\r\n";
        all.push_back(
            {.operation = "trace",
             .name = std::string("content/") + kind.name,
             .requirement = "rfc4902/3.3/1",
             .note = kind.is_protected ? "A service changes content that cryptography protects."
                                       : "A service changes content that nothing protects.",
             .input = {{"message",
                        opes_message_with(
                            "", fmt::format("MIME-Version: 1.0\r\nContent-Type: {}\r\n", kind.type),
                            body)},
                       {"system", system_json()},
                       {"services", list_of({editing(base::encode_base64(changed))})}},
             .expected = {{"outcomes", list_of({"forwarded"})},
                          {"body", kind.is_protected ? body : changed}}});
    }
}

// A message whose second part is signed, and what services make of it.
void add_nested(OpesVectors& all) {
    const std::string sealed =
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMIIB";
    const auto mixed = [&](const std::string& note, const std::string& part) {
        return "--b\r\nContent-Type: text/plain\r\n\r\n" + note + "\r\n--b\r\n" + part +
               "\r\n--b--\r\n";
    };
    const std::string type = "Content-Type: multipart/mixed; boundary=b";
    const std::string signed_type =
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
        "micalg=sha-256; boundary=b";
    const std::string before = mixed("A note.", sealed);
    const auto edited = [](const std::string& body, const char* new_type = nullptr) {
        OpesJson made = editing(base::encode_base64(body));
        if (new_type != nullptr) {
            made["edits"].push_back(
                {{"edit", "replace"}, {"name", "Content-Type"}, {"value", new_type}});
        }
        return list_of({made});
    };
    const auto add = [&](const char* name, const char* note, const std::string& of,
                         OpesJson services, const std::string& body) {
        all.push_back(
            {.operation = "trace",
             .name = std::string("content/") + name,
             .requirement = "rfc4902/3.3/1",
             .note = note,
             .input = {{"message",
                        opes_message_with("", "MIME-Version: 1.0\r\n" + of + "\r\n", before)},
                       {"system", system_json()},
                       {"services", std::move(services)}},
             .expected = {
                 {"outcomes", list_of({"forwarded"})}, {"body", body}, {"fields", list_of({of})}}});
    };
    const std::string with_footer = mixed("A note.\r\nA footer.", sealed);
    add("beside-a-signed-part", "A service changes the neighbour of a part that is signed.", type,
        edited(with_footer), with_footer);
    add("within-a-signed-part", "A service changes a signed part within a message.", type,
        edited(mixed("A note.", sealed + "\r\nA footer.")), before);
    add("without-a-signed-part", "A service takes a signed part out.", type,
        edited("A note.\r\n", "text/plain"), before);
    add("signed-type", "A service calls signed content something else.", signed_type,
        edited(before, "multipart/mixed; boundary=b"), before);
}

struct Mapped {
    const char* name;
    const char* field;
    const char* wanted;
    const char* note;
};

constexpr Mapped mapped[] = {
    {"from", "Sender: ann@inside.example", "Sender: ann@example.org", "The whole field."},
    {"named", "Reply-To: Ann <ann@inside.example>", "Reply-To: Ann <ann@example.org>",
     "An address in angle brackets."},
    {"list", "Cc: x@y.example, ann@inside.example, Bob <bob@inside.example>",
     "Cc: x@y.example, ann@example.org, Bob <bob@example.org>", "Two of a list."},
    {"group", "Cc: Team: ann@inside.example, x@y.example;",
     "Cc: Team: ann@example.org, x@y.example;", "One within a group."},
    {"folded", "Cc: x@y.example,\r\n\tann@inside.example", "Cc: x@y.example,\r\n\tann@example.org",
     "Behind a fold."},
    {"other-case", "Cc: Ann@INSIDE.example", "Cc: ann@example.org", "In another case."},
    {"comment", "Cc: x@y.example (ann@inside.example)", "Cc: x@y.example (ann@inside.example)",
     "In a comment it is no address."},
    {"display-name", "Cc: \"ann@inside.example\" <x@y.example>",
     "Cc: \"ann@inside.example\" <x@y.example>", "In a display name it is none."},
    {"longer", "Cc: joann@inside.example, ann@inside.example.org",
     "Cc: joann@inside.example, ann@inside.example.org", "Addresses that only hold it."},
    {"resent", "Resent-From: ann@inside.example", "Resent-From: ann@example.org",
     "A resent field."},
    {"authorizing", "MMHS-Authorizing-Users: Ann <ann@inside.example>",
     "MMHS-Authorizing-Users: Ann <ann@example.org>", "A field of RFC 7912."},
    {"quoted", "Cc: \"ann\"@inside.example", "Cc: ann@example.org",
     "A local part that is quoted without need is the same."},
    {"quoted-with-need", "Cc: \"ann b\"@inside.example", "Cc: \"ann b\"@inside.example",
     "One that needs its quotes is another."},
    {"routed", "Sender: <@relay.example:ann@inside.example>",
     "Sender: <@relay.example:ann@example.org>", "Behind a route."},
    {"identifier", "In-Reply-To: <ann@inside.example>", "In-Reply-To: <ann@inside.example>",
     "An identifier is no address, whatever it looks like."},
    {"receipt", "Disposition-Notification-To: ann@inside.example",
     "Disposition-Notification-To: ann@example.org", "Whoever wants to be told."},
};

void add_addresses(OpesVectors& all) {
    for (const Mapped& each : mapped) {
        all.push_back(
            {.operation = "trace",
             .name = std::string("addresses/") + each.name,
             .requirement = "rfc4902/5.6/1",
             .note = each.note,
             .input = {{"message", opes_message_with("", std::string(each.field) + "\r\n")},
                       {"system", system_json()},
                       {"services", list_of({called("rewrite")})},
                       {"readdress",
                        OpesJson::object({{"ann@inside.example", "ann@example.org"},
                                          {"bob@inside.example", "bob@example.org"}})}},
             .expected = {{"outcomes", list_of({"forwarded"})},
                          {"fields", list_of({each.wanted})}}});
    }
}

struct Refused {
    const char* name;
    const char* reply;
    const char* reason;
    const char* note;
};

constexpr Refused refusals[] = {
    {"plain", "550 5.7.1 No viruses here", "No viruses here", "One line, with a status."},
    {"for-now", "451 4.7.1 Come back later", "Come back later", "For now."},
    {"no-status", "554 Not wanted", "Not wanted", "Without an enhanced status."},
    {"several-lines", "550-5.7.1 No viruses here\r\n550 5.7.1 Ask the postmaster",
     "Ask the postmaster", "Two lines."},
    {"no-text", "550 5.7.1", "", "Without a text."},
    {"at-recipient", "550 5.1.1 No such user", "No such user", "As an answer to RCPT."},
};

void add_refused(OpesVectors& all) {
    for (const Refused& each : refusals) {
        all.push_back({.operation = "trace",
                       .name = std::string("refused/") + each.name,
                       .requirement = "rfc4902/3.1/5",
                       .note = each.note,
                       .input = {{"message", opes_message_with("")},
                                 {"system", system_json()},
                                 {"services", list_of({called("footer"), refusing(each.reply),
                                                       called("never")})}},
                       .expected = {{"outcomes", list_of({"rejected"})},
                                    {"code", std::string(each.reply).substr(0, 3)},
                                    {"text", each.reason}}});
    }
    all.push_back(
        {.operation = "trace",
         .name = "refused/long",
         .requirement = "rfc4902/3.1/5",
         .note = "A text that fills the line by itself.",
         .input = {{"message", opes_message_with("")},
                   {"system", system_json()},
                   {"services", list_of({refusing("550 5.7.1 " + std::string(480, 'x'))})}},
         .expected = {{"outcomes", list_of({"rejected"})}, {"code", "550"}, {"text", "xxxx"}}});
}

void add_reports(OpesVectors& all) {
    const std::string traced = fmt::format("OPES-System: {}\r\n", opes_system);
    const auto add = [&](const char* name, std::string message, const char* reply,
                         const char* note) {
        all.push_back({.operation = "report",
                       .name = std::string("undelivered/") + name,
                       .requirement = "rfc4902/4/2",
                       .note = note,
                       .input = {{"message", std::move(message)},
                                 {"system", system_json()},
                                 {"recipient", "bob@example.net"},
                                 {"reply", reply}},
                       .expected = {{"outcomes", list_of({"reported"})}}});
    };
    add("unknown-user", opes_message_with(traced), "550 5.1.1 No such user",
        "The next hop knows no such recipient.");
    add("policy", opes_message_with(traced), "550 5.7.1 Not wanted", "The next hop refuses it.");
    add("given-up", opes_message_with(traced), "451 4.4.1 No answer", "The queue has given it up.");
    add("no-trace", opes_message_with(""), "550 5.1.1 No such user",
        "The message itself tells nothing of the system.");
    const auto also = [&](const char* group, const char* name, std::string message,
                          const char* reply, const char* note) {
        add(name, std::move(message), reply, note);
        all.back().name = std::string(group) + "/" + name;
    };
    also("given-up", "after-days", opes_message_with(traced), "451 4.4.7 Too long in the queue",
         "The queue has given it up.");
    also("given-up", "no-status", opes_message_with(traced), "421 Not now",
         "The last reply had no status.");
    also(
        "odd-messages", "long-trace",
        opes_message_with(traced + "OPES-Via: https://b.example/" + std::string(400, 'x') + "\r\n"),
        "550 5.1.1 No such user", "A trace that fills its line.");
    also("odd-messages", "malformed-trace", opes_message_with("OPES-System: we were here\r\n"),
         "550 5.1.1 No such user", "A trace that is no list.");
    also("odd-messages", "eight-bit",
         opes_message_with(traced, "X-Name: J\xc3\xbcrgen\r\n",
                           "Gr\xc3\xbc\xc3\x9f"
                           "e\r\n"),
         "550 5.1.1 No such user", "Octets beyond ASCII.");
    also("odd-messages", "no-header", "\r\nNothing but a text.\r\n", "550 5.1.1 No such user",
         "No header at all.");
    also("traced-by-others", "forged",
         opes_message_with("OPES-System: https://elsewhere.example/; policy=\"https://opes.example/"
                           "privacy\"\r\n"),
         "550 5.1.1 No such user", "Somebody has written a trace that looks like the system's.");
    also("traced-by-others", "long-chain",
         opes_message_with(traced + "OPES-System: https://b.example/\r\n"
                                    "OPES-System: https://a.example/\r\n"),
         "550 5.7.1 Not wanted", "Two systems before.");
    add("others-too", opes_message_with(traced + "OPES-System: https://other.example/\r\n"),
        "550 5.1.1 No such user", "Another system has had it before.");
}

}  // namespace

void add_content_vectors(OpesVectors& all) {
    add_protected(all);
    add_nested(all);
    add_addresses(all);
}

void add_refusal_vectors(OpesVectors& all) {
    add_refused(all);
    add_reports(all);
}

}  // namespace mailassay::vectors
