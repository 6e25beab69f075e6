#include <string>
#include <utility>

#include "base/base64.h"
#include "mixer/heading.h"
#include "vectors/mixer_author.h"

// Headings on their way from X.400.
namespace mailassay::vectors {

namespace {

using mixer::OrDescriptor;

struct Fields {
    std::string kind = "military";
    People from = {};
    People sender = {};
    People authorizing = {};
    std::string reading = {};
};

MixerJson mapped(const Fields& fields) {
    MixerJson outcome{{"outcome", "mapped"},
                      {"kind", fields.kind},
                      {"From", people_json(fields.from)},
                      {"Sender", people_json(fields.sender)},
                      {"MMHS-Authorizing-Users", people_json(fields.authorizing)}};
    if (!fields.reading.empty()) outcome["reading"] = fields.reading;
    return outcome;
}

OrDescriptor by_text(const std::string& text) {
    return {.address = mixer::parse_text(text).value()};
}

OrDescriptor user(const std::string& name) {
    return by_text("/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD= /C=XX/");
}

const std::string a = "a@example.mil";
const std::string q = "q@example.mil";
const std::string r = "r@example.mil";

// The author is user("a"), in a military message to somebody.
mixer::Heading heading(std::vector<OrDescriptor> users) {
    mixer::Heading made{.this_ipm = {.local = "1(a)example.mil"}};
    made.originator = user("a");
    if (!users.empty()) made.authorizing_users = std::move(users);
    made.primary = std::vector<mixer::Recipient>{{.descriptor = user("to")}};
    made.extensions = {{.oid = "1.3.26.0.4406.0.2.0", .value = der::make_integer(3)}};
    return made;
}

mixer::Heading civil(std::vector<OrDescriptor> users) {
    mixer::Heading made = heading(std::move(users));
    made.extensions.clear();
    return made;
}

struct Question {
    std::string name;
    std::string requirement;
    std::string note;
    std::string ipm;  // octets
    std::vector<MixerJson> outcomes;
    std::string military = "by-extension";
    MixerEditions editions = MixerEditions::Both;
};

void add(MixerVectors& all, Question question) {
    all.push_back(
        {.operation = "from-x400",
         .name = std::move(question.name),
         .requirement = std::move(question.requirement),
         .note = std::move(question.note),
         .input = {{"ipm", base::encode_base64(question.ipm)}, {"military", question.military}},
         .outcomes = outcomes_of(std::move(question.outcomes)),
         .editions = question.editions});
}

std::string ipm(const mixer::Heading& made) {
    return encode_ipm(made).value();
}

void add_military(MixerVectors& all) {
    add(all, {"military/one-user",
              "5.2/4",
              "The originator is the author.",
              ipm(heading({user("r")})),
              {mapped({.from = {a}, .authorizing = {r}})}});
    add(all, {"military/two-users",
              "5.2/5",
              "Users in their order.",
              ipm(heading({user("r"), user("q")})),
              {mapped({.from = {a}, .authorizing = {r, q}})}});
    add(all, {"military/two-users-reversed",
              "5.2/5",
              "Not sorted.",
              ipm(heading({user("q"), user("r")})),
              {mapped({.from = {a}, .authorizing = {q, r}})}});
    add(all, {"military/user-is-author",
              "5.2/5",
              "The author is a user too.",
              ipm(heading({user("a")})),
              {mapped({.from = {a}, .authorizing = {a}})}});
    add(all, {"military/no-users",
              "5.2/7",
              "Without users there is no field.",
              ipm(heading({})),
              {mapped({.from = {a}})}});
    mixer::Heading empty = heading({});
    empty.authorizing_users.emplace();
    add(all, {"military/empty-list",
              "5.2/7",
              "An empty list makes no field.",
              ipm(empty),
              {mapped({.from = {a}}), refused_json("refused")}});
    mixer::Heading unknown = heading({user("r")});
    unknown.extensions = {{.oid = "1.3.26.0.4406.0.2.99"}};
    add(all, {"military/unknown-mmhs-extension",
              "5.2/2",
              "Any MMHS extension will do, one without a mapping too.",
              ipm(unknown),
              {mapped({.from = {a}, .authorizing = {r}})}});
    mixer::Heading several = heading({user("r")});
    several.extensions.insert(several.extensions.begin(), {.oid = "2.6.1.10.1"});
    add(all, {"military/among-others",
              "5.2/2",
              "Behind an extension of X.420.",
              ipm(several),
              {mapped({.from = {a}, .authorizing = {r}})}});
    std::vector<OrDescriptor> many;
    People names;
    for (int i = 0; i < 40; ++i) {
        many.push_back(user("user" + std::to_string(39 - i)));
        names.push_back("user" + std::to_string(39 - i) + "@example.mil");
    }
    add(all, {"military/forty",
              "5.2/5",
              "Forty users in their order.",
              ipm(heading(many)),
              {mapped({.from = {a}, .authorizing = names})}});
}

void add_other(MixerVectors& all) {
    add(all, {"other/users",
              "5.2/3",
              "By RFC 2156: users are authors, the originator Sender.",
              ipm(civil({user("r"), user("q")})),
              {mapped({.kind = "other", .from = {r, q}, .sender = {a}})}});
    add(all, {"other/no-users",
              "5.2/3",
              "By RFC 2156: the originator is the author.",
              ipm(civil({})),
              {mapped({.kind = "other", .from = {a}})}});
    all[all.size() - 2].also = {"rfc2156/5.3.4/2", "rfc2156/5.3.4/3"};
    all.back().also = {"rfc2156/5.3.4/2"};
    add(all, {"other/user-is-originator",
              "5.2/3",
              "Author and sender are the same.",
              ipm(civil({user("a")})),
              {mapped({.kind = "other", .from = {a}, .sender = {a}}),
               mapped({.kind = "other", .from = {a}, .reading = "Sender left out"})}});
    mixer::Heading extended = civil({user("r")});
    extended.extensions = {{.oid = "2.6.1.10.1"}};
    add(all, {"other/extension-of-x420",
              "5.2/2",
              "An extension that is not of MMHS.",
              ipm(extended),
              {mapped({.kind = "other", .from = {r}, .sender = {a}})}});
    mixer::Heading near = civil({user("r")});
    near.extensions = {{.oid = "1.3.26.0.4406.0.20.0"}};
    add(all, {"other/neighbouring-arc",
              "5.2/2",
              "An arc that begins alike.",
              ipm(near),
              {mapped({.kind = "other", .from = {r}, .sender = {a}})}});
    add(all, {"configured/users",
              "5.2/1",
              "All messages are military by configuration.",
              ipm(civil({user("r")})),
              {mapped({.from = {a}, .authorizing = {r}})},
              "always"});
    add(all, {"configured/no-users",
              "5.2/7",
              "Configured, and nobody authorized.",
              ipm(civil({})),
              {mapped({.from = {a}})},
              "always"});
    add(all, {"configured/extension-too",
              "5.2/1",
              "By both.",
              ipm(heading({user("r")})),
              {mapped({.from = {a}, .authorizing = {r}})},
              "always"});
}

void add_names(MixerVectors& all) {
    const OrDescriptor group{.free_form = "Duty Officer"};
    const std::string named = "Duty Officer:;";
    const auto both = [&](const std::string& name, const std::string& note,
                          std::vector<OrDescriptor> users, const People& kept, const People& full) {
        add(all, {"unaddressed/" + name,
                  "5.2/8",
                  note,
                  ipm(heading(users)),
                  {mapped({.from = {a}, .authorizing = kept, .reading = "left out"}),
                   refused_json("refused")},
                  "by-extension",
                  MixerEditions::Rfc});
        add(all, {"unaddressed/" + name,
                  "5.2/8",
                  note,
                  ipm(heading(std::move(users))),
                  {mapped({.from = {a}, .authorizing = full, .reading = "group"}),
                   mapped({.from = {a}, .authorizing = kept, .reading = "left out"}),
                   refused_json("refused")},
                  "by-extension",
                  MixerEditions::Draft});
    };
    both("alone", "A user without address, alone.", {group}, {}, {named});
    both("first", "Before one with an address.", {group, user("r")}, {r}, {named, r});
    both("last", "After one with an address.", {user("r"), group}, {r}, {r, named});
    mixer::Heading sent = heading({user("r")});
    sent.originator = group;
    add(all, {"unaddressed/originator",
              "rfc2156/4.7.2/5",
              "The originator has no address.",
              ipm(sent),
              {mapped({.from = {named}, .authorizing = {r}}), refused_json("refused")}});
    mixer::Heading injected = heading({user("r")});
    injected.originator->free_form = "Ann\r\nSender: q@example.mil";
    add(all, {"hostile/line-end-in-name",
              "5.2/6",
              "A line end in a name ends no field.",
              ipm(injected),
              {mapped({.from = {a}, .authorizing = {r}}), refused_json("refused")}});
    mixer::Heading quoted = heading({user("r")});
    quoted.authorizing_users->front().free_form = "q@example.mil>, <x";
    add(all, {"hostile/address-in-name",
              "5.2/5",
              "An address in a name is no user.",
              ipm(quoted),
              {mapped({.from = {a}, .authorizing = {r}}), refused_json("refused")}});
}

void add_addresses(MixerVectors& all) {
    const auto one = [&](std::string name, const std::string& text, const std::string& address,
                         std::string note, std::string requirement) {
        add(all, {"address/" + name,
                  std::move(requirement),
                  std::move(note),
                  ipm(heading({by_text(text)})),
                  {mapped({.from = {a}, .authorizing = {address}})}});
    };
    one("or-address", "/S=Kille/PRMD=ISODE/ADMD=X/C=GB/",
        "/S=Kille/PRMD=ISODE/ADMD=X/C=GB/@gateway.example", "All of it in the local part.",
        "rfc2156/4.3.1/1");
    one("or-address-quoted", "/S=Kille/PRMD=ISODE/ADMD= /C=GB/",
        "\"/S=Kille/PRMD=ISODE/ADMD= /C=GB/\"@gateway.example", "Quotes where they are needed.",
        "rfc2156/4.3.5/6");
    one("units", "/S=K/OU=Low/OU=High/O=Org/ADMD=X/C=GB/",
        "/S=K/OU=Low/OU=High/O=Org/ADMD=X/C=GB/@gateway.example",
        "The most significant unit to the right.", "rfc2156/4.3.3/1");
    one("slash-in-value", "/CN=a$/b/ADMD=X/C=GB/", "/CN=a$/b/ADMD=X/C=GB/@gateway.example",
        "A slash in a value.", "rfc2156/4.1.3/3");
    one("small-letters", "/DD.rfc-822=r(A)example.mil/ADMD=X/C=GB/", r,
        "Type and escapes are read in any case.", "rfc2156/3.4/2");
    one("escapes", "/RFC-822=duty(u)officer(p)x(a)example.mil/ADMD=X/C=GB/",
        "duty_officer%x@example.mil", "Escapes are undone.", "rfc2156/3.4/1");
    one("continued", "/DD.RFC822C1=ample.mil/RFC-822=r(a)ex/ADMD=X/C=GB/", r,
        "An address that goes on in a second attribute.", "rfc2156/4.3.2/3");
    add(all,
        {"address/no-address-within",
         "rfc2156/4.3.5/2",
         "RFC-822 that holds no address.",
         ipm(heading({by_text("/RFC-822=nobody/ADMD=X/C=GB/")})),
         {mapped({.from = {a}, .authorizing = {"/RFC-822=nobody/ADMD=X/C=GB/@gateway.example"}}),
          mapped({.from = {a}, .reading = "left out"}), refused_json("refused")}});
    add(all,
        {"address/two-within",
         "rfc2156/4.3.5/1",
         "Two RFC-822 are not a single one.",
         ipm(heading({by_text("/RFC-822=q(a)b.example/RFC-822=r(a)b.example/ADMD=X/C=GB/")})),
         {mapped({.from = {a},
                  .authorizing = {"\"/RFC-822=q(a)b.example/RFC-822=r(a)b.example/ADMD=X/C=GB/\""
                                  "@gateway.example"}}),
          mapped({.from = {a}, .reading = "left out"}), refused_json("refused")}});
}

}  // namespace

void add_from_x400_vectors(MixerVectors& all) {
    add_military(all);
    add_other(all);
    add_names(all);
    add_addresses(all);
}

}  // namespace mailassay::vectors
