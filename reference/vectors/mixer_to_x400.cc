#include <utility>

#include "vectors/mixer_author.h"

// Messages on their way to X.400.
namespace mailassay::vectors {

namespace {

// Who stands where in the heading.
struct Heading {
    std::string originator;
    People users = {};
    People primary = {"to@example.org"};
    std::string reading = {};
};

MixerJson mapped(const Heading& heading) {
    MixerJson outcome{{"outcome", "mapped"},
                      {"originator", heading.originator},
                      {"authorizing-users", people_json(heading.users)},
                      {"primary-recipients", people_json(heading.primary)}};
    if (!heading.reading.empty()) outcome["reading"] = heading.reading;
    return outcome;
}

struct Question {
    std::string name;
    std::string requirement;
    std::string note;
    std::string fields;  // above To and Date
    std::vector<MixerJson> outcomes;
    MixerEditions editions = MixerEditions::Both;
    std::string to = "To: to@example.org\r\n";
};

void add(MixerVectors& all, Question question) {
    const std::string message = question.fields + question.to +
                                "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\n"
                                "Message-ID: <1@example.mil>\r\n\r\nText.\r\n";
    all.push_back({.operation = "to-x400",
                   .name = std::move(question.name),
                   .requirement = std::move(question.requirement),
                   .note = std::move(question.note),
                   .input = {{"message", message}},
                   .outcomes = outcomes_of(std::move(question.outcomes)),
                   .editions = question.editions});
}

// Of the vectors from `first` on: what else they tell of.
void tell_of(MixerVectors& all, std::size_t first, const std::vector<std::string>& clauses) {
    for (std::size_t i = first; i < all.size(); ++i) {
        all[i].also.insert(all[i].also.end(), clauses.begin(), clauses.end());
    }
}

const std::string a = "a@example.mil";
const std::string b = "b@example.mil";
const std::string s = "s@example.mil";
const std::string q = "q@example.mil";
const std::string r = "r@example.mil";

std::string from(const std::string& value) {
    return "From: " + value + "\r\n";
}
std::string sender(const std::string& value) {
    return "Sender: " + value + "\r\n";
}
std::string field(const std::string& value) {
    return "MMHS-Authorizing-Users: " + value + "\r\n";
}

void add_without_the_field(MixerVectors& all) {
    const std::size_t first = all.size();
    add(all, {"without-the-field/one-author",
              "5.1/1",
              "One author, who is the originator.",
              from(a),
              {mapped({a})}});
    tell_of(all, first, {"rfc2156/5.1.3/5"});
    add(all, {"without-the-field/sender",
              "5.1/1",
              "Sender and author.",
              from(a) + sender(s),
              {mapped({s, {a}})}});
    add(all, {"without-the-field/sender-is-author",
              "5.1/1",
              "Sender is the author.",
              from(a) + sender(a),
              {mapped({a, {a}})}});
    add(all, {"without-the-field/authors-and-sender",
              "5.1/1",
              "Two authors and a sender.",
              from(a + ", " + b) + sender(s),
              {mapped({s, {a, b}})}});
    tell_of(all, first + 1, {"rfc2156/5.1.3/5", "rfc2156/5.1.3/6"});
    add(all, {"without-the-field/two-authors",
              "rfc2156/5.1.3/7",
              "Two authors without sender, of which RFC 2156 says nothing.",
              from(a + ", " + b),
              {mapped({.originator = a, .users = {b}, .reading = "first"}),
               mapped({.originator = a, .users = {a, b}, .reading = "first and all"}),
               mapped({.originator = a, .reading = "first alone"}), refused_json("refused")}});
}

void add_roles(MixerVectors& all) {
    add(all, {"sender/with-the-field",
              "5.1/2",
              "Sender is the originator, all others users.",
              from(a) + sender(s) + field(r),
              {mapped({s, {a, r}})}});
    add(all, {"sender/two-authors",
              "5.1/2",
              "No author is left out.",
              from(a + ", " + b) + sender(s) + field(r),
              {mapped({s, {a, b, r}})}});
    add(all, {"sender/below-the-field",
              "5.1/2",
              "The order of fields says nothing.",
              field(r) + sender(s) + from(a),
              {mapped({s, {a, r}})}});
    add(all, {"sender/is-author",
              "5.1/5",
              "The originator by Sender is an author too, and not left out of the users.",
              from(a) + sender(a) + field(r),
              {mapped({a, {a, r}})}});
    add(all, {"sender/is-second-author",
              "5.1/5",
              "The sender is the second author.",
              from(a + ", " + b) + sender(b) + field(r),
              {mapped({b, {a, b, r}})}});
    add(all, {"author/one",
              "5.1/3",
              "The author is the originator and no user.",
              from(a) + field(r),
              {mapped({a, {r}})}});
    add(all, {"author/two",
              "5.1/3",
              "The first is the originator, the second a user.",
              from(a + ", " + b) + field(r),
              {mapped({a, {b, r}})}});
    add(all, {"author/three",
              "5.1/3",
              "The others in their order.",
              from(b + ", " + a + ", " + s) + field(r),
              {mapped({b, {a, s, r}})}});
    add(all, {"author/two-fields",
              "rfc2156/5.1.3/4",
              "Two From fields are one list.",
              from(a) + from(b) + field(r),
              {mapped({a, {b, r}}), refused_json("malformed")}});
}

void add_order(MixerVectors& all) {
    add(all, {"order/two-users",
              "5.1/4",
              "Users in the field's order.",
              from(a) + field(r + ", " + q),
              {mapped({a, {r, q}})}});
    add(all, {"order/two-users-reversed",
              "5.1/4",
              "Not sorted by name.",
              from(a) + field(q + ", " + r),
              {mapped({a, {q, r}})}});
    add(all, {"order/authors-first",
              "5.1/4",
              "Authors before the users, whatever comes first.",
              field(q + ", " + r) + from(a + ", " + b),
              {mapped({a, {b, q, r}})}});
    std::string many;
    People users;
    for (int i = 0; i < 40; ++i) {
        users.push_back("user" + std::to_string(39 - i) + "@example.mil");
        many += (i == 0 ? "" : ",\r\n ") + users.back();
    }
    add(all, {"order/forty",
              "5.1/4",
              "Forty users, folded.",
              from(a) + field(many),
              {mapped({a, users})}});
    add(all, {"twice/author-is-user",
              "5.1/6",
              "The author authorized too.",
              from(a) + field(a + ", " + r),
              {mapped({a, {a, r}})}});
    add(all, {"twice/second-author-is-user",
              "5.1/6",
              "The second author authorized too.",
              from(a + ", " + b) + field(b),
              {mapped({.originator = a, .users = {b, b}, .reading = "as mapped"}),
               mapped({.originator = a, .users = {b}, .reading = "once"})}});
    add(all, {"twice/user-twice",
              "5.1/6",
              "A user stands twice in the field.",
              from(a) + field(r + ", " + r),
              {mapped({.originator = a, .users = {r, r}, .reading = "as mapped"}),
               mapped({.originator = a, .users = {r}, .reading = "once"})}});
    add(all, {"twice/author-and-user-with-sender",
              "5.1/6",
              "Author and user beside a sender.",
              from(a) + sender(s) + field(a),
              {mapped({.originator = s, .users = {a, a}, .reading = "as mapped"}),
               mapped({.originator = s, .users = {a}, .reading = "once"})}});
}

void add_syntax(MixerVectors& all) {
    const std::size_t first = all.size();
    add(all, {"syntax/folded",
              "5.1/4",
              "Folded before the address.",
              from(a) + field("\r\n\t" + r),
              {mapped({a, {r}})}});
    add(all, {"syntax/comments",
              "5.1/4",
              "Comments are nobody.",
              from(a) + field("(" + q + ") " + r + " (duty)"),
              {mapped({a, {r}})}});
    add(all, {"syntax/names",
              "5.1/4",
              "Names before addresses.",
              from("Ann <" + a + ">") + field("\"Officer, Duty\" <" + r + ">, Q <" + q + ">"),
              {mapped({a, {r, q}})}});
    add(all, {"syntax/small-letters",
              "5.1/4",
              "A field's name is read in any case.",
              from(a) + "mmhs-authorizing-users: " + r + "\r\n",
              {mapped({a, {r}})}});
    add(all, {"syntax/encoded-name",
              "5.1/4",
              "An encoded-word that decodes to an address.",
              from(a) + field("=?utf-8?Q?q=40example=2Emil?= <" + r + ">"),
              {mapped({a, {r}})}});
    add(all, {"syntax/group-of-the-draft",
              "4/4",
              "A group's members are users, its name nobody.",
              from(a) + field("Releasers: " + r + ", " + q + ";"),
              {mapped({a, {r, q}})},
              MixerEditions::Draft});
    tell_of(all, first, {"rfc7912/4/4"});
}

void add_malformed(MixerVectors& all) {
    const std::size_t first = all.size();
    const auto malformed = [&](std::string name, const std::string& value, std::string note,
                               MixerEditions editions = MixerEditions::Both) {
        add(all, {"malformed/" + name,
                  "5.1/7",
                  std::move(note),
                  from(a) + field(value),
                  {refused_json("refused"), mapped({.originator = a, .reading = "as absent"})},
                  editions});
    };
    malformed("group", "Releasers: " + r + ";", "A mailbox-list has no group.", MixerEditions::Rfc);
    tell_of(all, first, {"rfc7912/4/5"});
    malformed("empty", "", "No user.");
    malformed("comment-alone", "(" + r + ")", "A comment alone.");
    tell_of(all, first + 1, {"rfc7912/4/6"});
    malformed("no-domain", "officer", "A word that is no address.");
    malformed("unterminated", "\"Officer <" + r + ">", "A quoted string that does not end.");
    malformed("words-before", "one two " + r, "Words, then an address without brackets.");
    malformed("open-bracket", "Officer <" + r, "A bracket that does not close.");
    malformed("two-at", "r@x@example.mil", "Two at signs.");
    malformed("nested-comment", std::string(40, '(') + r, "Comments that do not end.");
    add(all, {"malformed/twice",
              "4/1",
              "Two fields: returned, or mended to one.",
              from(a) + field(r) + field(q),
              {refused_json("refused"), mapped({.originator = a, .users = {r}, .reading = "first"}),
               mapped({.originator = a, .users = {q}, .reading = "last"}),
               mapped({.originator = a, .users = {r, q}, .reading = "joined"}),
               mapped({.originator = a, .reading = "as absent"})}});
    tell_of(all, all.size() - 1, {"rfc7912/4/2", "rfc7912/4/3"});
    tell_of(all, first, {"rfc7912/7.2/1"});
}

void add_addresses(MixerVectors& all) {
    const auto one = [&](std::string name, const std::string& address, std::string note,
                         std::string requirement = "rfc2156/4.3.2/1") {
        add(all, {"address/" + name,
                  std::move(requirement),
                  std::move(note),
                  from(a) + field(address),
                  {mapped({a, {address}})}});
    };
    one("underscore", "duty_officer@example.mil", "An underscore is escaped.", "rfc2156/3.4/1");
    one("percent", "a%b@example.mil", "A percent sign is escaped.", "rfc2156/3.4/1");
    one("quoted", "\"duty officer\"@example.mil", "A local part in quotes.");
    one("brackets", "\"a(b)c\"@example.mil", "Brackets are escaped, so that they are no escape.",
        "rfc2156/3.4/1");
    one("escape-in-text", "\"x(a)y\"@example.mil", "What looks like an escape is none.",
        "rfc2156/3.4/1");
    one("star", "a*b@example.mil", "A character with a number.", "rfc2156/3.4/1");
    one("literal", "a@[192.0.2.1]", "A domain literal.");
    one("long", std::string(200, 'x') + "@example.mil", "Goes on in a second attribute.",
        "rfc2156/4.3.2/3");
    one("longest", std::string(490, 'x') + "@example.mil", "Goes on in four.", "rfc2156/4.3.2/3");
    one("almost-an-or-address", "/S=Kille/@example.mil", "Attributes that are no O/R address.",
        "rfc2156/4.3.4/5");
    add(all, {"address/or-address",
              "rfc2156/4.3.4/4",
              "An O/R address in the local part.",
              from(a) + field("/S=Kille/PRMD=ISODE/ADMD=X/C=GB/@gateway.example"),
              {mapped({a, {"/S=Kille/PRMD=ISODE/ADMD=X/C=GB/"}})}});
    add(all, {"address/or-address-in-quotes",
              "rfc2156/4.3.4/1",
              "The same in quotes.",
              from(a) + field("\"/S=Kille/PRMD=ISODE/ADMD= /C=GB/\"@gateway.example"),
              {mapped({a, {"/S=Kille/PRMD=ISODE/ADMD= /C=GB/"}})}});
    add(all, {"address/too-long",
              "rfc2156/4.3.2/3",
              "Past 512 characters: never cut.",
              from(a) + field(std::string(560, 'x') + "@example.mil"),
              {refused_json("refused"), mapped({.originator = a, .reading = "left out"})}});
    add(all, {"recipients/group",
              "rfc2156/4.7.1/5",
              "A group's name is nobody's address.",
              from(a) + field(r),
              {mapped({a, {r}, {"m@example.org", "n@example.org", "Team:;"}}),
               mapped({.originator = a,
                       .users = {r},
                       .primary = {"Team:;", "m@example.org", "n@example.org"},
                       .reading = "name first"})},
              MixerEditions::Both,
              "To: Team: m@example.org, n@example.org;\r\n"});
    add(all, {"recipients/order",
              "rfc2156/5.1.3/9",
              "Recipients in their order.",
              from(a) + field(r),
              {mapped({a, {r}, {"z@example.org", "y@example.org"}})},
              MixerEditions::Both,
              "To: z@example.org, y@example.org\r\n"});
}

}  // namespace

void add_to_x400_vectors(MixerVectors& all) {
    add_without_the_field(all);
    add_roles(all);
    add_order(all);
    add_syntax(all);
    add_malformed(all);
    add_addresses(all);
}

}  // namespace mailassay::vectors
