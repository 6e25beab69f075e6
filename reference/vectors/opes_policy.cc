#include <fmt/format.h>

#include <utility>

#include "vectors/opes_author.h"

// Who has agreed to services, whose mail is let through without them, what is held, and what a
// system states of itself.
namespace mailassay::vectors {

namespace {

const std::string footer = service_uri("footer");
const std::string translate = service_uri("translate");
const std::string scan = service_uri("scan");

using Uris = std::vector<std::string>;
const Uris all_of_them{footer, translate, scan};

OpesJson services_json() {
    return list_of({OpesJson{{"uri", footer}}, OpesJson{{"uri", translate}},
                    OpesJson{{"uri", scan}, {"necessity", "indispensable"}}});
}

OpesJson texts(const Uris& all) {
    OpesJson list = OpesJson::array();
    for (const std::string& each : all) list.push_back(each);
    return list;
}

struct Recipient {
    std::string address;
    Uris called;
};

struct Question {
    std::string name;
    std::string note;
    OpesJson consents = nullptr;  // null: of all who receive
    OpesJson allowed = nullptr;
    std::vector<Recipient> recipients = {};
    std::string field = {};
    bool authenticated = false;
    std::vector<std::string> flags = {};
};

void add(OpesVectors& all, const std::string& group, const std::string& requirement,
         const Question& question) {
    OpesJson recipients = OpesJson::array();
    OpesJson wanted = OpesJson::array();
    for (const Recipient& each : question.recipients) {
        recipients.push_back({{"address", each.address}, {"parameters", OpesJson::array()}});
        wanted.push_back(
            {{"called", list_of({texts(each.called)})}, {"parameters", OpesJson::array()}});
    }
    OpesJson system = system_json();
    if (!question.consents.is_null()) system["consents"] = question.consents;
    OpesJson input{{"message", opes_message_with(question.field)},
                   {"system", std::move(system)},
                   {"services", services_json()},
                   {"sender", "ann@example.org"},
                   {"recipients", std::move(recipients)},
                   {"requester", question.authenticated ? "authenticated" : "unknown"},
                   {"next_hop", "does-not"}};
    if (!question.allowed.is_null()) input["allowed"] = question.allowed;
    all.push_back({.operation = "bypass",
                   .name = group + "/" + question.name,
                   .requirement = requirement,
                   .note = question.note,
                   .input = std::move(input),
                   .expected = {{"outcomes", list_of({"planned"})},
                                {"recipients", std::move(wanted)},
                                {"sender_parameters", OpesJson::array()},
                                {"field", nullptr}},
                   .flags = question.flags});
}

OpesJson consent(const std::string& side, const Uris& who, const Uris& services) {
    return {{"side", side}, {"who", texts(who)}, {"services", texts(services)}};
}

OpesJson pair(const std::string& sender, const std::string& recipient, const Uris& services = {}) {
    OpesJson made{{"sender", sender}, {"recipient", recipient}};
    if (!services.empty()) made["services"] = texts(services);
    return made;
}

Recipient bob(Uris called) {
    return {.address = "bob@example.net", .called = std::move(called)};
}

void add_consents(OpesVectors& all) {
    const std::string requirement = "rfc3835/2.1/1";
    const auto ask = [&](Question question) { add(all, "consent", requirement, question); };
    ask({.name = "nobodys",
         .note = "Neither side has agreed to anything.",
         .consents = OpesJson::array(),
         .recipients = {bob({})}});
    ask({.name = "recipients",
         .note = "One recipient has agreed; the other has not.",
         .consents = list_of({consent("recipient", {"bob@example.net"}, {"*"})}),
         .recipients = {bob(all_of_them), {"cid@example.net", {}}}});
    ask({.name = "domains",
         .note = "The recipient's administration has agreed for its domain, and for no other.",
         .consents = list_of({consent("recipient", {"@example.net"}, {"*"})}),
         .recipients = {
             bob(all_of_them), {"bob@sub.example.net", {}}, {"bob@an-example.net", {}}}});
    ask({.name = "in-other-letters",
         .note = "A domain is the same in any case.",
         .consents = list_of({consent("recipient", {"@EXAMPLE.NET"}, {"*"})}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "to-one-service",
         .note = "To one of the services.",
         .consents = list_of({consent("recipient", {"@example.net"}, {translate})}),
         .recipients = {bob({translate})}});
    ask({.name = "to-the-system",
         .note = "The system's URI stands for its services.",
         .consents = list_of({consent("recipient", {"*"}, {opes_system})}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "to-others",
         .note = "To services of somebody else.",
         .consents = list_of({consent("recipient", {"*"}, {"https://elsewhere.example/"})}),
         .recipients = {bob({})}});
    ask({.name = "of-the-sender",
         .note = "The sender, who is known, has agreed; the recipient was not asked.",
         .consents = list_of({consent("sender", {"ann@example.org"}, {footer})}),
         .recipients = {bob({footer})},
         .authenticated = true});
    ask({.name = "of-a-sender-unknown",
         .note = "Somebody has written an address of one who has agreed into the reverse-path.",
         .consents = list_of({consent("sender", {"ann@example.org"}, {"*"})}),
         .recipients = {bob({})}});
    ask({.name = "of-another-sender",
         .note = "Another sender has agreed.",
         .consents = list_of({consent("sender", {"eve@example.org"}, {"*"})}),
         .recipients = {bob({})},
         .authenticated = true});
    ask({.name = "of-both-sides",
         .note = "Each side has agreed to another service.",
         .consents = list_of({consent("sender", {"@example.org"}, {footer}),
                              consent("recipient", {"@example.net"}, {scan})}),
         .recipients = {bob({footer, scan})},
         .authenticated = true});
}

void add_allowed(OpesVectors& all) {
    const std::string requirement = "rfc4902/3.2/7";
    const Uris scan_alone{scan};
    const auto ask = [&](Question question) { add(all, "allow-list", requirement, question); };
    ask({.name = "pair",
         .note = "Mail of this pair is let through; nobody needs to be known for it.",
         .allowed = list_of({pair("ann@example.org", "bob@example.net")}),
         .recipients = {bob(scan_alone), {"cid@example.net", all_of_them}}});
    ask({.name = "another-sender",
         .note = "Mail of another sender is.",
         .allowed = list_of({pair("eve@example.org", "bob@example.net")}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "another-recipient",
         .note = "Mail to another recipient is.",
         .allowed = list_of({pair("ann@example.org", "cid@example.net")}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "turned-round",
         .note = "Mail of the other direction is.",
         .allowed = list_of({pair("bob@example.net", "ann@example.org")}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "domains",
         .note = "Domains stand for all of their addresses.",
         .allowed = list_of({pair("@example.org", "@example.net")}),
         .recipients = {bob(scan_alone)}});
    ask({.name = "one-service",
         .note = "Without one service.",
         .allowed = list_of({pair("ann@example.org", "bob@example.net", {footer})}),
         .recipients = {bob({translate, scan})}});
    ask({.name = "indispensable",
         .note = "A scan that can't be left out is not.",
         .allowed = list_of({pair("ann@example.org", "bob@example.net", {scan})}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "beside-a-request",
         .note = "The list and a field of one who is known leave out a service each.",
         .allowed = list_of({pair("ann@example.org", "bob@example.net", {footer})}),
         .recipients = {bob(scan_alone)},
         .field = fmt::format("OPES-Bypass: {}\r\n", translate),
         .authenticated = true});
}

void add_same_answers(OpesVectors& all) {
    const std::string requirement = "rfc3835/2.1.1/1";
    const auto ask = [&](Question question) { add(all, "same-answer", requirement, question); };
    ask({.name = "nobody-asks", .note = "Asked again.", .recipients = {bob(all_of_them)}});
    ask({.name = "consents-that-overlap",
         .note = "Two agreements name the same service.",
         .consents = list_of({consent("recipient", {"@example.net"}, {"*"}),
                              consent("recipient", {"bob@example.net"}, {footer})}),
         .recipients = {bob(all_of_them)}});
    ask({.name = "lists-that-overlap",
         .note = "Two entries of the list, and a field, name the same service.",
         .allowed = list_of({pair("ann@example.org", "bob@example.net", {footer}),
                             pair("@example.org", "@example.net", {footer})}),
         .recipients = {bob({translate, scan})},
         .field = fmt::format("OPES-Bypass: {}\r\n", footer),
         .authenticated = true});
}

OpesJson holding(const std::string& reply, const char* refusing = "quarantines") {
    return {{"uri", footer}, {"refusing", refusing}, {"reply", reply}};
}

void add_held(OpesVectors& all) {
    const auto ask = [&](const char* name, const char* note, std::vector<OpesJson> services,
                         OpesJson expected) {
        all.push_back({.operation = "trace",
                       .name = std::string("quarantine/") + name,
                       .requirement = "rfc4902/3.2/8",
                       .note = note,
                       .input = {{"message", opes_message_with("")},
                                 {"system", system_json()},
                                 {"services", list_of(std::move(services))}},
                       .expected = std::move(expected)});
    };
    const auto held = [](const char* text) {
        return OpesJson{
            {"outcomes", list_of({"quarantined"})}, {"text", text}, {"body", opes_body}};
    };
    ask("for-good", "What a service refuses is held, with its reason and the trace.",
        {holding("550 5.7.1 Looks like spam")}, held("Looks like spam"));
    ask("and-on", "The services behind it are called all the same.",
        {holding("550 5.7.1 Looks like spam"), OpesJson{{"uri", scan}}}, held("Looks like spam"));
    ask("twice", "Two services refuse it.",
        {holding("554 Looks like spam"),
         OpesJson{
             {"uri", translate}, {"refusing", "quarantines"}, {"reply", "550 5.7.0 So it does"}}},
        held("Looks like spam"));
    ask("for-now", "Who is told to come back later keeps the message.",
        {holding("451 4.7.1 Come back later")},
        {{"outcomes", list_of({"rejected"})}, {"code", "451"}, {"text", "Come back later"}});
    ask("then-refused", "A service behind it refuses for good.",
        {holding("550 5.7.1 Looks like spam"),
         OpesJson{{"uri", scan}, {"reply", "550 5.7.1 A virus"}}},
        {{"outcomes", list_of({"rejected"})}, {"code", "550"}, {"text", "A virus"}});
}

OpesJson handling(const char* sees, int days, const Uris& shared, const char* references) {
    return {{"sees", sees},
            {"kept_days", days},
            {"shared_with", texts(shared)},
            {"references", references}};
}

void add_statements(OpesVectors& all) {
    const auto ask = [&](const char* name, const char* requirement, const char* note,
                         OpesJson system, OpesJson services) {
        all.push_back({.operation = "statement",
                       .name = std::string("statement/") + name,
                       .requirement = requirement,
                       .note = note,
                       .input = {{"system", std::move(system)}, {"services", std::move(services)}},
                       .expected = {{"outcomes", list_of({"stated"})}}});
    };
    OpesJson system = system_json();
    system["responsible"] = "mailto:postmaster@opes.example";
    ask("who-answers", "rfc3897/3.2/3", "Who answers for the system, and its policy for people.",
        system, list_of({OpesJson{{"uri", scan}}}));
    ask("what-the-trace-reveals", "rfc4902/5.7/1",
        "The trace tells the system, its services, their order and their refusals.", system,
        services_json());
    OpesJson keeping = system;
    keeping["handling"] = handling("header", 14, {}, "untouched");
    ask("what-is-kept", "rfc3835/3.4/1", "What each agent sees, keeps and tells others.", keeping,
        list_of(
            {OpesJson{{"uri", scan},
                      {"handling", handling("content", 0, {"Example Scanners"}, "untouched")}},
             OpesJson{{"uri", footer}, {"handling", handling("envelope", 365, {}, "untouched")}}}));
    ask("what-becomes-of-references", "rfc3897/3.2/2",
        "One service rewrites addresses, another puts links in place of attachments.", system,
        list_of({OpesJson{{"uri", service_uri("rewrite")},
                          {"handling", handling("header", 0, {}, "addresses")}},
                 OpesJson{{"uri", service_uri("links")},
                          {"handling", handling("content", 30, {}, "links")}}}));
    OpesJson agreed = system;
    agreed["consents"] =
        list_of({consent("recipient", {"@example.net", "eve@example.com", "*"}, {"*"}),
                 consent("sender", {"ann@example.org"}, {footer})});
    ask("who-has-agreed", "rfc4902/5.1/1",
        "Who has agreed to what; single addresses are nobody else's business.", agreed,
        services_json());
}

}  // namespace

void add_policy_vectors(OpesVectors& all) {
    add_consents(all);
    add_allowed(all);
    add_same_answers(all);
    add_held(all);
    add_statements(all);
}

}  // namespace mailassay::vectors
