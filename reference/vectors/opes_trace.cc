#include <fmt/format.h>

#include "vectors/opes_author.h"

// Messages that pass through a processor, and the trace that they must have behind it.
namespace mailassay::vectors {

namespace {

OpesJson service(const std::string& name, std::vector<OpesJson> edits = {}) {
    OpesJson made{{"uri", service_uri(name)}};
    if (!edits.empty()) made["edits"] = list_of(std::move(edits));
    return made;
}

OpesJson remove(const char* name) {
    return {{"edit", "remove"}, {"name", name}};
}

OpesJson edit(const char* kind, const char* name, const std::string& value) {
    return {{"edit", kind}, {"name", name}, {"value", value}};
}

class Group {
  public:
    Group(OpesVectors& all, std::string name, std::string requirement)
        : all_(all), name_(std::move(name)), requirement_(std::move(requirement)) {}

    void add(const std::string& name, std::string message, std::vector<OpesJson> services,
             std::string note, std::vector<std::string> flags = {}) const {
        all_.push_back({.operation = "trace",
                        .name = name_ + "/" + name,
                        .requirement = requirement_,
                        .note = std::move(note),
                        .input = {{"message", std::move(message)},
                                  {"system", system_json()},
                                  {"services", list_of(std::move(services))}},
                        .expected = {{"outcomes", list_of({"forwarded"})}},
                        .flags = std::move(flags)});
    }

  private:
    OpesVectors& all_;
    std::string name_;
    std::string requirement_;
};

void add_added(OpesVectors& all) {
    const Group group(all, "added", "rfc4902/4/1");
    group.add("without-services", opes_message_with(""), {}, "No service is called.");
    group.add("one-service", opes_message_with(""), {service("footer")}, "One service is called.");
    group.add("no-body", std::string(opes_message) + "\r\n", {service("footer")},
              "The message ends with its header.");
    group.add("two-fields",
              "From: ann@example.org\r\nDate: Thu, 01 Jan 2026 12:00:00 +0000\r\n\r\n", {},
              "The least that a header holds.");
    std::string many;
    for (int i = 0; i < 300; ++i) many += fmt::format("X-Field-{}: {}\r\n", i, i);
    group.add("three-hundred-fields", opes_message_with("", many), {service("footer")},
              "A header of three hundred fields.");
    group.add("utf8", opes_message_with("", "X-Name: caf\xc3\xa9\r\n"), {service("footer")},
              "A field in UTF-8.");
    group.add("folded", opes_message_with("", "X-Folded: one\r\n\ttwo\r\n  three\r\n"),
              {service("footer")}, "A field that is folded in two ways.");
}

void add_kept(OpesVectors& all) {
    const Group group(all, "kept", "rfc4236/4/3");
    const std::string others = "OPES-System: https://other.example/opes\r\n";
    group.add("one", opes_message_with(others), {service("footer")},
              "One system was there before.");
    group.add("three",
              opes_message_with(others + "OPES-System: https://b.example/, "
                                         "https://c.example/;v=1\r\n"),
              {service("footer")}, "Three systems were, in two fields.");
    group.add("below", opes_message_with("", others), {service("footer")},
              "An entry stands at the end of the header.");
    group.add("folded",
              opes_message_with("OPES-System: https://b.example/,\r\n"
                                "\thttps://c.example/\r\n"),
              {service("footer")}, "A list is folded behind its comma.");
    group.add("empty", opes_message_with("OPES-System:\r\n"), {service("footer")},
              "A list of no entry.");
    group.add("malformed", opes_message_with("OPES-System: we were here\r\n"), {service("footer")},
              "A field that is no list of URIs stays: who signed it will look.");
    group.add("other-case", opes_message_with("opes-SYSTEM: https://b.example/\r\n"),
              {service("footer")}, "The name is written in another case.");
    group.add("forged", opes_message_with(fmt::format("OPES-System: {}\r\n", opes_system)),
              {service("footer")}, "A sender has written the system's own name already.");
    std::string huge = "OPES-System: https://b.example/0";
    for (int i = 1; i < 2000; ++i) huge += fmt::format(",\r\n https://b.example/{}", i);
    group.add("two-thousand", opes_message_with(huge + "\r\n"), {service("footer")},
              "Two thousand entries.");
}

void add_via(OpesVectors& all) {
    const Group group(all, "via", "rfc4236/4/4");
    group.add("one", opes_message_with("OPES-Via: https://other.example/x\r\n"), {},
              "Somebody before has used OPES-Via.");
    group.add("with-service", opes_message_with("OPES-Via: https://other.example/x\r\n"),
              {service("footer")}, "The same, and a service is called.");
    group.add("both",
              opes_message_with("OPES-System: https://other.example/\r\n"
                                "OPES-Via: https://other.example/x\r\n"),
              {service("footer")}, "Both fields are there.");
    group.add("several",
              opes_message_with("OPES-Via: https://a.example/x\r\n"
                                "OPES-Via: https://b.example/y\r\n"),
              {service("footer"), service("scan")}, "OPES-Via stands twice.");
}

void add_services(OpesVectors& all) {
    const Group group(all, "services", "rfc4902/3.1/7");
    group.add("two", opes_message_with(""), {service("footer"), service("scan")},
              "Two services, one behind the other.");
    std::vector<OpesJson> five;
    for (const char* name : {"a", "b", "c", "d", "e"}) five.push_back(service(name));
    group.add("five", opes_message_with(""), five, "Five services.");
    std::vector<OpesJson> forty;
    for (int i = 0; i < 40; ++i) forty.push_back(service(fmt::format("number-{}", i)));
    group.add("forty", opes_message_with(""), forty, "Forty services: the list has to be folded.");
    group.add("adds-fields", opes_message_with(""),
              {service("footer", {edit("add", "X-Footer", "added")}),
               service("scan", {edit("insert", "X-Scan", "clean")})},
              "Each service adds a field, one on top and one at the end.");
    group.add("own-entry", opes_message_with(""),
              {service("footer", {edit("insert", "OPES-Via", service_uri("footer"))})},
              "A service writes its entry by itself.", {"reading"});
}

void add_deleted(OpesVectors& all) {
    const Group group(all, "deleted", "rfc4902/3.1/8");
    const std::string others =
        "OPES-System: https://other.example/\r\nOPES-Via: https://other.example/x\r\n";
    group.add("own-system", opes_message_with(""), {service("footer", {remove("OPES-System")})},
              "A service takes OPES-System out.");
    group.add("all-systems", opes_message_with(others),
              {service("footer", {remove("OPES-System")})},
              "The same, and that of a system before is gone as well.");
    group.add("via", opes_message_with(others),
              {service("footer"), service("scan", {remove("OPES-Via")})},
              "A service takes OPES-Via out, with the entry of the service before it.");
    group.add("both", opes_message_with(others),
              {service("footer", {remove("OPES-System"), remove("OPES-Via")}),
               service("scan", {remove("OPES-System"), remove("OPES-Via")})},
              "Two services take all of the trace out.");
    group.add("emptied", opes_message_with(others),
              {service("footer", {edit("replace", "OPES-System", "")})},
              "A service empties the fields.");
    group.add("replaced", opes_message_with(others),
              {service("footer", {edit("replace", "OPES-System", "https://elsewhere.example/")})},
              "A service writes another system into the fields.");
    group.add("and-written-again", opes_message_with(others),
              {service("footer", {remove("OPES-System"),
                                  edit("add", "OPES-System", "https://other.example/")})},
              "A service takes them out and puts one of them at the end.");
}

void add_forged(OpesVectors& all) {
    const Group group(all, "forged-by-service", "rfc4236/4/2");
    group.add("on-top", opes_message_with(""),
              {service("footer", {edit("insert", "OPES-System", "https://elsewhere.example/")})},
              "A service, which is no system, writes an entry into OPES-System.");
    group.add("at-the-end", opes_message_with(""),
              {service("footer", {edit("add", "opes-system", service_uri("footer"))})},
              "A service writes its own entry into OPES-System.");
}

}  // namespace

void add_trace_vectors(OpesVectors& all) {
    add_added(all);
    add_kept(all);
    add_via(all);
    add_services(all);
    add_deleted(all);
    add_forged(all);
}

}  // namespace mailassay::vectors
