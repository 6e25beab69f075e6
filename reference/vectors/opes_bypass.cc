#include <fmt/format.h>

#include "vectors/opes_author.h"

// Requests to leave services out, and whom a processor calls then.
namespace mailassay::vectors {

namespace {

// Called for everybody at RCPT; may be left out; must not be.
const std::string filter = service_uri("filter");
const std::string footer = service_uri("footer");
const std::string translate = service_uri("translate");
const std::string scan = service_uri("scan");

const std::vector<std::string> all_of_them{filter, footer, translate, scan};
const std::vector<std::string> without_optional{scan};
const std::vector<std::string> of_message_left_out{filter, scan};

OpesJson services_json() {
    return list_of({OpesJson{{"uri", filter}, {"stage", "recipient"}, {"necessity", "optional"}},
                    OpesJson{{"uri", footer}, {"stage", "message"}, {"necessity", "optional"}},
                    OpesJson{{"uri", translate}, {"stage", "message"}, {"necessity", "optional"}},
                    OpesJson{{"uri", scan}, {"stage", "message"}, {"necessity", "indispensable"}}});
}

struct Recipient {
    std::string address;
    std::vector<std::string> parameters = {};
    // Each list of services that the text allows.
    std::vector<std::vector<std::string>> called = {};
    std::vector<std::string> passed = {};  // parameters to the next hop
};

struct Question {
    std::string name;
    std::string note;
    std::vector<Recipient> recipients;
    std::string field = {};  // above the message
    std::vector<std::string> sender = {};
    bool authenticated = true;
    bool next_hop_supports = true;
    std::vector<std::string> passed = {};  // sender's parameters to the next hop
    std::string added = {};                // what a field added asks; empty: none
    std::vector<std::string> outcomes = {"planned"};
    std::vector<std::string> flags = {};
};

OpesJson texts(const std::vector<std::string>& all) {
    OpesJson list = OpesJson::array();
    for (const std::string& each : all) list.push_back(each);
    return list;
}

void add(OpesVectors& all, const std::string& group, const std::string& requirement,
         const Question& question) {
    OpesJson recipients = OpesJson::array();
    OpesJson wanted = OpesJson::array();
    for (const Recipient& each : question.recipients) {
        recipients.push_back({{"address", each.address}, {"parameters", texts(each.parameters)}});
        OpesJson called = OpesJson::array();
        for (const auto& alternative : each.called) called.push_back(texts(alternative));
        wanted.push_back({{"called", std::move(called)}, {"parameters", texts(each.passed)}});
    }
    OpesJson expected{{"outcomes", texts(question.outcomes)},
                      {"recipients", std::move(wanted)},
                      {"sender_parameters", texts(question.passed)}};
    expected["field"] = question.added.empty() ? OpesJson(nullptr) : OpesJson(question.added);
    all.push_back({.operation = "bypass",
                   .name = group + "/" + question.name,
                   .requirement = requirement,
                   .note = question.note,
                   .input = {{"message", opes_message_with(question.field)},
                             {"system", system_json()},
                             {"services", services_json()},
                             {"sender_parameters", texts(question.sender)},
                             {"recipients", std::move(recipients)},
                             {"requester", question.authenticated ? "authenticated" : "unknown"},
                             {"next_hop", question.next_hop_supports ? "supports" : "does-not"}},
                   .expected = std::move(expected),
                   .flags = question.flags});
}

Recipient bob(std::vector<std::string> called) {
    return {.address = "bob@example.net", .called = {std::move(called)}};
}

std::string parameter(const std::string& value) {
    return fmt::format("XOPESBYPASS={}", value);
}

// The sender asks in the dialogue, and the request goes on.
Question by_sender(std::string name, const std::string& value, std::vector<std::string> called,
                   std::string note) {
    return {.name = std::move(name),
            .note = std::move(note),
            .recipients = {bob(std::move(called))},
            .sender = {parameter(value)},
            .passed = {parameter(value)}};
}

Question by_field(std::string name, const std::string& value, std::vector<std::string> called,
                  std::string note) {
    return {.name = std::move(name),
            .note = std::move(note),
            .recipients = {bob(std::move(called))},
            .field = fmt::format("OPES-Bypass:{}\r\n", value)};
}

void add_by_dialogue(OpesVectors& all) {
    const std::string requirement = "rfc4902/4/4";
    add(all, "by-dialogue", requirement,
        by_sender("all", "*", without_optional, "All of the services that can be left out."));
    add(all, "by-dialogue", requirement,
        by_sender("one", footer, {filter, translate, scan}, "One of them."));
    add(all, "by-dialogue", requirement,
        by_sender("two", fmt::format("{},{}", footer, translate), {filter, scan}, "Two of them."));
    add(all, "by-dialogue", requirement,
        by_sender("system", opes_system, without_optional, "The system stands for its services."));
    Question none{.name = "none", .note = "Nobody asks.", .recipients = {bob(all_of_them)}};
    add(all, "by-dialogue", requirement, none);
    Question small = by_sender("keyword-in-small-letters", "*", without_optional,
                               "The keyword is read in any case.");
    small.sender = {"xopesbypass=*"};
    add(all, "by-dialogue", requirement, small);
    Question others =
        by_sender("among-others", "*", without_optional, "It stands among parameters of others.");
    others.sender = {"SIZE=1000", "BODY=8BITMIME", parameter("*")};
    add(all, "by-dialogue", requirement, others);
}

void add_by_field(OpesVectors& all) {
    const std::string requirement = "rfc4902/4/3";
    add(all, "by-field", requirement,
        by_field("all", " *", of_message_left_out, "All services of the message."));
    add(all, "by-field", requirement,
        by_field("one", fmt::format(" {}", footer), {filter, translate, scan}, "One of them."));
    add(all, "by-field", requirement,
        by_field("folded", fmt::format(" {}", footer) + ",\r\n\t" + translate, {filter, scan},
                 "Two of them, folded."));
    add(all, "by-field", requirement,
        by_field("empty-elements", fmt::format(" , {}, ,", footer), {filter, translate, scan},
                 "Empty elements of a list are none."));
    add(all, "by-field", requirement,
        by_field("no-space", footer, {filter, translate, scan}, "Without a space."));
    Question several =
        by_field("several-fields", fmt::format(" {}", footer), {filter, scan}, "In two fields.");
    several.field += fmt::format("OPES-Bypass: {}\r\n", translate);
    add(all, "by-field", requirement, several);
    Question both = by_field("and-dialogue", fmt::format(" {}", footer), {filter, scan},
                             "One by the field, another by the dialogue.");
    both.sender = {parameter(translate)};
    both.passed = {parameter(translate)};
    add(all, "by-field", requirement, both);
}

void add_unknown(OpesVectors& all) {
    const std::string requirement = "rfc3897/4.3/4";
    const std::string elsewhere = "https://elsewhere.example/opes";
    add(all, "unknown-agent", requirement,
        by_sender("alone", elsewhere, without_optional, "An agent that nobody here knows."));
    add(all, "unknown-agent", requirement,
        by_sender("beside-a-known-one", fmt::format("{},{}", footer, elsewhere), without_optional,
                  "One that is known, and one that is not."));
    add(all, "unknown-agent", requirement,
        by_field("in-the-field", fmt::format(" {}", elsewhere), of_message_left_out,
                 "In a field."));
    add(all, "unknown-agent", requirement,
        by_sender("another-scheme", "urn:example:opes", without_optional, "Another scheme."));
}

void add_same_agent(OpesVectors& all) {
    const std::string requirement = "rfc3897/4.3/1";
    add(all, "same-agent", requirement,
        by_sender("other-case", "HTTPS://OPES.example/services/footer", {filter, translate, scan},
                  "Scheme and host are the same in any case."));
    Question port =
        by_sender("with-a-port", "https://opes.example:443/services/footer", without_optional,
                  "Who is not sure whether a URI is a service's leaves out what he may.");
    port.recipients[0].called = {without_optional, {filter, translate, scan}};
    add(all, "same-agent", "rfc3897/4.3/4", port);
    add(all, "same-agent", requirement,
        by_sender("repeated", fmt::format("{},{}", footer, footer), {filter, translate, scan},
                  "Named twice."));
}

void add_indispensable(OpesVectors& all) {
    const std::string requirement = "rfc3897/4.2/2";
    add(all, "indispensable", requirement,
        by_sender("by-name", scan, all_of_them, "A scan is asked away that can't be left out."));
    add(all, "indispensable", requirement,
        by_sender("with-others", fmt::format("{},{}", scan, footer), {filter, translate, scan},
                  "With another that can."));
    add(all, "indispensable", requirement,
        by_field("in-the-field", fmt::format(" {}", scan), all_of_them, "By a field."));
    Question recipient{.name = "by-recipient",
                       .note = "By a recipient's parameter.",
                       .recipients = {{.address = "bob@example.net",
                                       .parameters = {parameter(scan)},
                                       .called = {all_of_them},
                                       .passed = {parameter(scan)}}}};
    add(all, "indispensable", requirement, recipient);
}

void add_unauthenticated(OpesVectors& all) {
    const std::string requirement = "rfc3835/3.2/1";
    for (Question question :
         {by_sender("dialogue", "*", all_of_them, "Nobody knows who asks."),
          by_field("field", " *", all_of_them, "Nobody knows who wrote the field."),
          by_sender("unknown-agent", "https://elsewhere.example/", all_of_them,
                    "Nobody knows who asks, nor for what.")}) {
        question.authenticated = false;
        add(all, "unauthenticated", requirement, question);
    }
}

void add_too_late(OpesVectors& all) {
    const std::string requirement = "rfc4902/3.2/4";
    add(all, "too-late", requirement,
        by_field("named", fmt::format(" {}", filter), all_of_them,
                 "The field names a service that was called before it was seen."));
    add(all, "too-late", requirement,
        by_field("among-others", fmt::format(" {}", filter) + ", " + footer,
                 {filter, translate, scan}, "The same, with one that comes later."));
    add(all, "too-late", requirement,
        by_sender("in-time", filter, {footer, translate, scan}, "The dialogue comes in time."));
}

void add_recipients(OpesVectors& all) {
    const std::string requirement = "rfc4902/3.2/3";
    const Recipient plain{.address = "ann@example.net", .called = {all_of_them}};
    const Recipient asking{.address = "bob@example.net",
                           .parameters = {parameter("*")},
                           .called = {without_optional},
                           .passed = {parameter("*")}};
    add(all, "per-recipient", requirement,
        {.name = "one-of-two",
         .note = "One asks, the other does not.",
         .recipients = {plain, asking}});
    add(all, "per-recipient", requirement,
        {.name = "each-its-own",
         .note = "Each asks for another service to be left out.",
         .recipients = {{.address = "ann@example.net",
                         .parameters = {parameter(footer)},
                         .called = {{filter, translate, scan}},
                         .passed = {parameter(footer)}},
                        {.address = "bob@example.net",
                         .parameters = {parameter(filter)},
                         .called = {{footer, translate, scan}},
                         .passed = {parameter(filter)}}}});
    add(all, "per-recipient", requirement,
        {.name = "with-the-sender",
         .note = "The sender asks for all, and one recipient for more.",
         .recipients = {{.address = "ann@example.net", .called = {{filter, translate, scan}}},
                        {.address = "bob@example.net",
                         .parameters = {parameter(translate)},
                         .called = {{filter, scan}},
                         .passed = {parameter(translate)}}},
         .sender = {parameter(footer)},
         .passed = {parameter(footer)}});
}

void add_forwarded(OpesVectors& all) {
    const std::string requirement = "rfc3897/4.3/2";
    add(all, "forwarded", requirement,
        by_sender("supported", "*", without_optional, "The next hop knows the parameter."));
    add(all, "forwarded", requirement,
        by_sender("xtext", "https://elsewhere.example/?a+3Db", without_optional,
                  "A URI with a character that the parameter writes in another way."));
    Question refused =
        by_sender("not-heeded", "*", all_of_them, "It goes on even where it is not heeded.");
    refused.authenticated = false;
    add(all, "forwarded", requirement, refused);
    Question unsupported = by_sender("not-supported", "*", without_optional,
                                     "The next hop does not know it: the message can carry it.");
    unsupported.next_hop_supports = false;
    unsupported.passed = {};
    unsupported.added = std::string("*");
    add(all, "forwarded", "rfc4902/3.2/5", unsupported);
    Question one = by_sender("not-supported-one", footer, {filter, translate, scan},
                             "The same of one service.");
    one.next_hop_supports = false;
    one.passed = {};
    one.added = footer;
    add(all, "forwarded", "rfc4902/3.2/5", one);
    add(all, "forwarded", "rfc4902/3.2/5",
        {.name = "not-supported-recipients",
         .note = "One of two recipients asks: a field would speak for both.",
         .recipients = {{.address = "ann@example.net", .called = {all_of_them}},
                        {.address = "bob@example.net",
                         .parameters = {parameter("*")},
                         .called = {without_optional}}},
         .next_hop_supports = false});
}

void add_malformed(OpesVectors& all) {
    const std::string requirement = "rfc4236/5/1";
    const auto refused = [&](const char* name, const char* value, const char* note) {
        Question question = by_sender(name, value, all_of_them, note);
        question.outcomes = {"refused", "planned"};
        question.recipients[0].called = {all_of_them, without_optional};
        question.passed = {};
        question.flags = {"open"};
        add(all, "malformed", requirement, question);
    };
    refused("parameter-no-uri", "everything", "The parameter holds no URI.");
    refused("parameter-empty", "", "The parameter holds nothing.");
    refused("parameter-xtext", "+ZZ", "The parameter is no xtext.");
    refused("parameter-line-end", "*+0D+0AX:+20y", "The parameter hides a line end.");
    const auto ignored = [&](const char* name, const char* value, const char* note) {
        Question question = by_field(name, value, all_of_them, note);
        // The text says nothing; who is not sure may leave out what can be left out.
        question.recipients[0].called = {all_of_them, of_message_left_out};
        question.flags = {"open"};
        add(all, "malformed", requirement, question);
    };
    ignored("field-no-uri", " everything", "The field holds no URI.");
    ignored("field-empty", "", "The field holds nothing.");
    ignored("field-commas", " , ,", "The field holds commas alone.");
    ignored("field-star-and-uri", " *, https://opes.example/services/footer",
            "The star stands alone or not at all.");
}

}  // namespace

void add_bypass_vectors(OpesVectors& all) {
    add_by_dialogue(all);
    add_by_field(all);
    add_unknown(all);
    add_same_agent(all);
    add_indispensable(all);
    add_unauthenticated(all);
    add_too_late(all);
    add_recipients(all);
    add_forwarded(all);
    add_malformed(all);
}

}  // namespace mailassay::vectors
