#include <fmt/format.h>

#include "base/base64.h"
#include "vectors/opes_author.h"

// The nine uses of OPES for mail that RFC 4496 collects in section 4, each as what a processor must
// make of it by the other texts.
namespace mailassay::vectors {

namespace {

OpesJson service(const std::string& name, std::vector<OpesJson> edits = {}) {
    OpesJson made{{"uri", service_uri(name)}};
    if (!edits.empty()) made["edits"] = list_of(std::move(edits));
    return made;
}

OpesJson refusing(const std::string& name, const std::string& reply) {
    return {{"uri", service_uri(name)}, {"reply", reply}};
}

OpesJson edit(const char* kind, const char* name, const std::string& value) {
    return {{"edit", kind}, {"name", name}, {"value", value}};
}

OpesJson body(const std::string& text) {
    return {{"edit", "body"}, {"value", base::encode_base64(text)}};
}

std::string typed(const std::string& type, const std::string& text) {
    return opes_message_with("", "MIME-Version: 1.0\r\nContent-Type: " + type + "\r\n", text);
}

constexpr const char* mixed = "multipart/mixed; boundary=b";
constexpr const char* signed_type =
    "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b";
constexpr const char* enveloped = "application/pkcs7-mime; smime-type=enveloped-data";
const std::string attachment =
    "--b\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\n\r\nall of the figures\r\n--b--\r\n";

// One use: the vectors of the case opes/scenario/NAME.
class Scenario {
  public:
    Scenario(OpesVectors& all, const std::string& name) : all_(all), prefix_("scenario/" + name) {}

    void changes(const std::string& name, const std::string& requirement,
                 const std::string& message, std::vector<OpesJson> services, OpesJson expected,
                 std::string note) const {
        expected["outcomes"] = list_of({"forwarded"});
        add("trace", name, requirement, message, std::move(services), std::move(expected),
            std::move(note));
    }
    void refuses(const std::string& name, const std::string& reply, const std::string& reason,
                 std::vector<OpesJson> services, std::string note) const {
        OpesJson expected{
            {"outcomes", list_of({"rejected"})}, {"code", reply.substr(0, 3)}, {"text", reason}};
        add("trace", name, "rfc4902/3.1/5", opes_message_with(""), std::move(services),
            std::move(expected), std::move(note));
    }
    // A field in the message asks for a bypass of all services.
    void asked(const std::string& name, const std::string& requirement, const char* requester,
               std::vector<OpesJson> services, std::vector<OpesJson> called,
               std::string note) const {
        const OpesJson recipient{{"address", "bob@example.net"}, {"parameters", OpesJson::array()}};
        const OpesJson wanted{{"called", list_of({list_of(std::move(called))})},
                              {"parameters", OpesJson::array()}};
        all_.push_back({.operation = "bypass",
                        .name = prefix_ + "/" + name,
                        .requirement = requirement,
                        .note = std::move(note),
                        .input = {{"message", opes_message_with("OPES-Bypass: *\r\n")},
                                  {"system", system_json()},
                                  {"services", list_of(std::move(services))},
                                  {"sender_parameters", OpesJson::array()},
                                  {"recipients", list_of({recipient})},
                                  {"requester", requester},
                                  {"next_hop", "supports"}},
                        .expected = {{"outcomes", list_of({"planned"})},
                                     {"recipients", list_of({wanted})},
                                     {"sender_parameters", OpesJson::array()},
                                     {"field", nullptr}}});
    }
    void readdresses(const std::string& name, const std::string& field, const std::string& wanted,
                     std::string note) const {
        const OpesJson locations = OpesJson::object(
            {{"joe@example.org", "joe@fr.example.org"}, {"eva@example.org", "eva@de.example.org"}});
        OpesVector made{
            .operation = "trace",
            .name = prefix_ + "/" + name,
            .requirement = "rfc4902/5.6/1",
            .note = std::move(note),
            .input = {{"message", opes_message_with("", field + "\r\n")},
                      {"system", system_json()},
                      {"services", list_of({service("directory")})},
                      {"readdress", locations}},
            .expected = {{"outcomes", list_of({"forwarded"})}, {"fields", list_of({wanted})}}};
        all_.push_back(std::move(made));
    }

  private:
    void add(const std::string& operation, const std::string& name, const std::string& requirement,
             const std::string& message, std::vector<OpesJson> services, OpesJson expected,
             std::string note) const {
        all_.push_back({.operation = operation,
                        .name = prefix_ + "/" + name,
                        .requirement = requirement,
                        .note = std::move(note),
                        .input = {{"message", message},
                                  {"system", system_json()},
                                  {"services", list_of(std::move(services))}},
                        .expected = std::move(expected)});
    }

    OpesVectors& all_;
    std::string prefix_;
};

OpesJson at(const char* name, const char* stage, const char* necessity) {
    return {{"uri", service_uri(name)}, {"stage", stage}, {"necessity", necessity}};
}

// Section 4.1.
void add_security(OpesVectors& all) {
    const Scenario scenario(all, "security-filter");
    const std::string error =
        "--b\r\nContent-Type: text/plain\r\n\r\nA virus was here.\r\n--b--\r\n";
    scenario.changes("attachment-replaced", "rfc4902/3.1/7", typed(mixed, attachment),
                     {service("virus", {body(error)})}, {{"body", error}},
                     "An attachment gives way to a message about it.");
    scenario.changes("subject-marked", "rfc4902/3.1/7", opes_message_with(""),
                     {service("virus", {edit("replace", "Subject", "[suspect] figures")})},
                     {{"fields", list_of({"Subject: [suspect] figures"})}},
                     "A warning in the subject.");
    scenario.changes("field-added", "rfc4902/3.1/7", opes_message_with(""),
                     {service("virus", {edit("insert", "X-Virus-Scanned", "yes")})},
                     {{"fields", list_of({"X-Virus-Scanned: yes"})}},
                     "A field for those who come behind it.");
    scenario.changes("signed", "rfc4902/3.3/1", typed(signed_type, attachment),
                     {service("virus", {body(error)})}, {{"body", attachment}},
                     "What is signed is not mended: it is held, refused, or let through.");
    scenario.refuses("refused", "554 5.7.1 It has a virus", "It has a virus",
                     {service("log"), refusing("virus", "554 5.7.1 It has a virus")},
                     "The message is not taken.");
    scenario.asked("not-left-out", "rfc4902/3.2/6", "authenticated",
                   {at("virus", "message", "indispensable"), at("footer", "message", "optional")},
                   {service_uri("virus")}, "Nobody asks a virus scanner away.");
}

// Section 4.2.
void add_spam(OpesVectors& all) {
    const Scenario scenario(all, "spam-filter");
    scenario.changes("subject-marked", "rfc4902/3.1/7", opes_message_with(""),
                     {service("spam", {edit("replace", "Subject", "[spam] figures")})},
                     {{"fields", list_of({"Subject: [spam] figures"})}}, "A mark in the subject.");
    scenario.changes("score-added", "rfc4902/3.1/7", opes_message_with(""),
                     {service("spam", {edit("add", "X-Spam-Score", "4.2")})},
                     {{"fields", list_of({"X-Spam-Score: 4.2"})}},
                     "A field for a mailbox to sort by.");
    scenario.refuses("refused", "550 5.7.1 It looks like spam", "It looks like spam",
                     {refusing("spam", "550 5.7.1 It looks like spam")},
                     "Whoever was taken for a spammer learns by whom, and why.");
    scenario.asked("asked-away", "rfc4902/5.5/1", "authenticated",
                   {at("spam", "message", "optional")}, {},
                   "Who is known gets his mail without it.");
    scenario.asked("asked-away-by-a-spammer", "rfc3835/3.2/1", "unknown",
                   {at("spam", "message", "optional")}, {service_uri("spam")},
                   "A spammer asks for it in his own mail.");
}

// Section 4.3.
void add_logging(OpesVectors& all) {
    const Scenario scenario(all, "logging");
    scenario.changes("unchanged", "rfc4902/3.1/7", typed(mixed, attachment), {service("log")},
                     {{"body", attachment}},
                     "It changes nothing, and the trace tells of it all the same.");
    scenario.changes("behind-another", "rfc4902/3.1/7", opes_message_with(""),
                     {service("footer", {edit("add", "X-Footer", "yes")}), service("log")},
                     {{"fields", list_of({"X-Footer: yes"})}}, "It logs what another made.");
    scenario.asked("left-out", "rfc4902/5.5/1", "authenticated",
                   {at("log", "message", "optional"), at("archive", "message", "indispensable")},
                   {service_uri("archive")},
                   "One that the law asks for, and one that it does not.");
}

// Section 4.4.
void add_access(OpesVectors& all) {
    const Scenario scenario(all, "access-control");
    scenario.refuses("sender", "550 5.7.1 You may not write to this list", "may not write",
                     {refusing("access", "550 5.7.1 You may not write to this list")},
                     "A sender without the right to.");
    scenario.refuses("hours", "450 4.7.1 The office is closed", "The office is closed",
                     {refusing("access", "450 4.7.1 The office is closed")}, "Not now.");
    scenario.asked("called-before", "rfc4902/3.2/4", "authenticated",
                   {at("access", "recipient", "optional"), at("footer", "message", "optional")},
                   {service_uri("access")},
                   "It was called for the recipient, before the message asked for anything.");
}

// Section 4.5.
void add_secure_mail(OpesVectors& all) {
    const Scenario scenario(all, "secure-email");
    const std::string sealed = "TUlNRSBpcyBub3QgaGVyZQ==\r\n";
    scenario.changes(
        "encrypts", "rfc4902/3.1/7", typed("text/plain", "Figures.\r\n"),
        {service("gateway", {edit("replace", "Content-Type", enveloped), body(sealed)})},
        {{"body", sealed}, {"fields", list_of({fmt::format("Content-Type: {}", enveloped)})}},
        "A gateway encrypts what its user wrote in the clear.");
    scenario.changes("encrypted-already", "rfc4902/3.3/1", typed(enveloped, sealed),
                     {service("footer", {body("An advertisement.\r\n")})}, {{"body", sealed}},
                     "What is encrypted gets no footer.");
    scenario.changes("signed-already", "rfc4902/3.3/1", typed(signed_type, attachment),
                     {service("footer", {body(attachment + "An advertisement.\r\n")})},
                     {{"body", attachment}}, "Nor does what is signed.");
    scenario.refuses("can-not-be-verified", "554 5.7.5 The signature does not hold",
                     "The signature does not hold",
                     {refusing("gateway", "554 5.7.5 The signature does not hold")},
                     "A gateway finds the signature broken.");
}

// Section 4.6.
void add_normalization(OpesVectors& all) {
    const Scenario scenario(all, "normalization");
    scenario.changes(
        "field-mended", "rfc4902/3.1/7", opes_message_with(""),
        {service("normal", {edit("replace", "Date", "Thu, 1 Jan 2026 12:00:00 +0000")})},
        {{"fields", list_of({"Date: Thu, 1 Jan 2026 12:00:00 +0000"})}},
        "A date in its usual form.");
    scenario.changes("strange-fields-removed", "rfc4902/3.1/8",
                     opes_message_with("OPES-System: https://other.example/\r\n"),
                     {service("normal", {OpesJson{{"edit", "remove"}, {"name", "OPES-System"}}})},
                     OpesJson::object(), "It takes out what it does not know, the trace with it.");
    scenario.refuses("command-too-long", "501 5.5.4 The address is too long",
                     "The address is too long",
                     {refusing("normal", "501 5.5.4 The address is too long")},
                     "What can't be mended is refused.");
}

// Section 4.7.
void add_rerouting(OpesVectors& all) {
    const Scenario scenario(all, "rerouting");
    scenario.readdresses("one", "Cc: joe@example.org", "Cc: joe@fr.example.org",
                         "To the location where his mailbox is.");
    scenario.readdresses("two", "Cc: Joe <joe@example.org>, eva@example.org",
                         "Cc: Joe <joe@fr.example.org>, eva@de.example.org",
                         "Two, at two locations.");
    scenario.readdresses("elsewhere", "Cc: joe@example.com", "Cc: joe@example.com",
                         "An address of another domain stays.");
}

// Section 4.8.
void add_blocked(OpesVectors& all) {
    const Scenario scenario(all, "blocked-in-dialogue");
    scenario.refuses("by-sender", "550 5.7.1 Nothing from there", "Nothing from there",
                     {refusing("policy", "550 5.7.1 Nothing from there"), service("never")},
                     "Nothing from this sender; no service behind it is asked.");
    scenario.refuses("by-recipient", "550 5.1.1 Not to them", "Not to them",
                     {refusing("policy", "550 5.1.1 Not to them")}, "Nothing to that recipient.");
    scenario.refuses("by-words", "554 5.6.0 Not in these words", "Not in these words",
                     {service("log"), refusing("policy", "554 5.6.0 Not in these words")},
                     "Not what the subject says.");
    scenario.refuses("in-two-lines", "550-5.7.1 Not wanted\r\n550 5.7.1 See the policy",
                     "See the policy",
                     {refusing("policy", "550-5.7.1 Not wanted\r\n550 5.7.1 See the policy")},
                     "The answer has several lines, and the trace is in one of them.");
}

// Section 4.9.
void add_links(OpesVectors& all) {
    const Scenario scenario(all, "links-for-attachments");
    const std::string link =
        "--b\r\nContent-Type: text/plain\r\n\r\n"
        "See the attachment.\r\nhttps://files.example.org/7\r\n--b--\r\n";
    scenario.changes("converted", "rfc4902/3.1/7", typed(mixed, attachment),
                     {service("links", {body(link)})}, {{"body", link}},
                     "An attachment becomes a link in the text.");
    scenario.changes("signed", "rfc4902/3.3/1", typed(signed_type, attachment),
                     {service("links", {body(link)})}, {{"body", attachment}},
                     "One that is signed stays where it is.");
    scenario.asked("asked-away", "rfc4902/4/3", "authenticated",
                   {at("links", "message", "optional"), at("virus", "message", "indispensable")},
                   {service_uri("virus")}, "Its sender wants the attachment to arrive.");
}

}  // namespace

void add_scenario_vectors(OpesVectors& all) {
    add_security(all);
    add_spam(all);
    add_logging(all);
    add_access(all);
    add_secure_mail(all);
    add_normalization(all);
    add_rerouting(all);
    add_blocked(all);
    add_links(all);
}

}  // namespace mailassay::vectors
