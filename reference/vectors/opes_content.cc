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
    add("others-too", opes_message_with(traced + "OPES-System: https://other.example/\r\n"),
        "550 5.1.1 No such user", "Another system has had it before.");
}

}  // namespace

void add_content_vectors(OpesVectors& all) {
    add_protected(all);
    add_addresses(all);
}

void add_refusal_vectors(OpesVectors& all) {
    add_refused(all);
    add_reports(all);
}

}  // namespace mailassay::vectors
