#include <utility>

#include "vectors/mixer_author.h"

// Messages on their way to X.400: O/R addresses that stand in a local part, and what only looks
// like one.
namespace mailassay::vectors {

namespace {

using Also = std::vector<std::string>;

struct Question {
    std::string name;
    std::string requirement;
    std::string note;
    std::string local_part;  // as it stands there
    MixerJson aspects;
    Also also = {};
};

void add(MixerVectors& all, Question question) {
    all.push_back({.operation = "to-x400",
                   .name = "local-part/" + question.name,
                   .requirement = std::move(question.requirement),
                   .note = std::move(question.note),
                   .input = {{"message", "From: a@example.mil\r\nMMHS-Authorizing-Users: " +
                                             question.local_part +
                                             "@gateway.example\r\nTo: to@example.org\r\n"
                                             "Message-ID: <1@example.mil>\r\n\r\nText.\r\n"}},
                   .outcomes = outcomes_of({heading_json(question.aspects)}),
                   .editions = MixerEditions::Both,
                   .also = std::move(question.also)});
}

void add_text_forms(MixerVectors& all) {
    const auto one = [&](std::string name, std::string local_part, const std::string& address,
                         std::string note, std::string requirement, Also also = {}) {
        add(all, {std::move(name),
                  std::move(requirement),
                  std::move(note),
                  std::move(local_part),
                  {{"authorizing-users", {address}}, {"addresses", {address}}},
                  std::move(also)});
    };
    one("all-attributes",
        "\"/DD.T=v/CN=Post/G=Jo/I=MT/S=Rose/GQ=II/OU=Low/OU=High/O=Org/PRMD=P/ADMD=A/C=GB/\"",
        "/DD.T=v/CN=Post/G=Jo/I=MT/S=Rose/GQ=II/OU=Low/OU=High/O=Org/PRMD=P/ADMD=A/C=GB/",
        "All that has a key.", "rfc2156/4.1.1/1",
        {"rfc2156/4.1/1", "rfc2156/4.1.3/1", "rfc2156/4.1.3/7"});
    one("semicolons", "\";S=Rose;PRMD=P;ADMD=A;C=GB\"", "/S=Rose/PRMD=P/ADMD=A/C=GB/",
        "Semicolons, and none at the end.", "rfc2156/4.1.3/2");
    one("mixed-separators", "\"/S=Rose;PRMD=P/ADMD=A;C=GB;\"", "/S=Rose/PRMD=P/ADMD=A/C=GB/",
        "Slashes and semicolons.", "rfc2156/4.1.3/2");
    one("small-keys", "/s=Rose/prmd=P/Admd=A/c=GB/", "/S=Rose/PRMD=P/ADMD=A/C=GB/",
        "Keys in any case.", "rfc2156/4.1.3/4");
    one("keys-of-f401", "/S=Rose/Q=II/P=P/A=A/C=GB/", "/S=Rose/GQ=II/PRMD=P/ADMD=A/C=GB/",
        "The other keys.", "rfc2156/4.1.1/5");
    one("postal",
        "/PD-BOX=12/PD-A1=Dome/PD-A2=Richmond/PD-PC=TW91DJ/PD-C=GB/PD-SN=UKPM/ADMD=A/C=GB/",
        "/PD-BOX=12/PD-ADDRESS=Dome|Richmond/PD-CODE=TW91DJ/PD-C=GB/PD-SERVICE=UKPM/ADMD=A/C=GB/",
        "A postal address, by other keys.", "rfc2156/4.1.1/5",
        {"rfc2156/4.1/1", "rfc2156/4.1.1/1"});
    one("network", "/E.164=441812345/NET-SUB=12/ADMD=A/C=GB/",
        "/NET-SUB=12/NET-NUM=441812345/ADMD=A/C=GB/", "A number of the telephone network.",
        "rfc2156/4.1.1/5", {"rfc2156/4.1.1/1"});
    one("user-number", "/UA-ID=42/PRMD=P/ADMD=A/C=GB/", "/UA-ID=42/PRMD=P/ADMD=A/C=GB/",
        "A user by his number.", "rfc2156/4.1.1/1");
    one("terminal", "/T-ID=ab/X.121=1234/ADMD=A/C=GB/", "/T-ID=ab/X121=1234/ADMD=A/C=GB/",
        "A terminal.", "rfc2156/4.1.1/5");
    one("numbered-units", "/OU1=High/OU2=Low/O=Org/ADMD=A/C=GB/",
        "/OU=Low/OU=High/O=Org/ADMD=A/C=GB/", "The first unit is the most significant.",
        "rfc2156/4.1.1/6", {"rfc2156/4.3.3/2"});
    one("numbered-attributes", "/DD1.X=h/DD2.Y=l/ADMD=A/C=GB/", "/DD.Y=l/DD.X=h/ADMD=A/C=GB/",
        "So is the first domain-defined attribute.", "rfc2156/4.1.1/6", {"rfc2156/4.3.3/2"});
    one("personal-name", "/PN=Marshall.M.T.Rose/ADMD=A/C=GB/",
        "/G=Marshall/I=MT/S=Rose/ADMD=A/C=GB/", "A personal name, read and never written.",
        "rfc2156/4.1.2/3", {"rfc2156/4.1.3/7"});
    one("personal-name-initials", "/PN=M.T.Rose/ADMD=A/C=GB/", "/I=MT/S=Rose/ADMD=A/C=GB/",
        "Initials and surname.", "rfc2156/4.1.2/3");
    one("slash-and-equals", "/CN=a$/b$=c/ADMD=A/C=GB/", "/CN=a$/b$=c/ADMD=A/C=GB/",
        "Separators within a value.", "rfc2156/4.1.3/3");
    one("domain-defined", "/DD.TYPE=value/ADMD=A/C=GB/", "/DD.TYPE=value/ADMD=A/C=GB/",
        "A type and its value.", "rfc2156/4.1.3/5");
    one("no-admd", "\"/S=Rose/PRMD=P/C=GB/\"", "/S=Rose/PRMD=P/ADMD= /C=GB/",
        "A country without ADMD.", "rfc2156/4.1.3/8");
    add(all, {"rfc-822-key",
              "rfc2156/4.1.3/6",
              "An Internet address within the text form.",
              "\"/RFC-822=r(a)example.mil/PRMD=P/ADMD=A/C=GB/\"",
              {{"authorizing-users", {"r@example.mil"}},
               {"addresses", {"/RFC-822=r(a)example.mil/PRMD=P/ADMD=A/C=GB/"}}}});
    add(all, {"digits",
              "rfc2156/4.1.1/2",
              "Digits alone are a numeric string.",
              "/S=Rose/PRMD=12/ADMD=400/C=GB/",
              {{"authorizing-users", {"/S=Rose/PRMD=12/ADMD=400/C=GB/"}},
               {"numeric", MixerJson::array({"ADMD", "PRMD"})}}});
    add(all, {"digits-and-more",
              "rfc2156/4.1.1/2",
              "Digits and a letter are none.",
              "/S=Rose/PRMD=P12/ADMD=400A/C=GB/",
              {{"authorizing-users", {"/S=Rose/PRMD=P12/ADMD=400A/C=GB/"}},
               {"numeric", MixerJson::array()}}});
}

// What looks like an O/R address and is an Internet one, as it stands.
void add_internet(MixerVectors& all) {
    const auto one = [&](std::string name, const std::string& local_part,
                         const std::string& printable, std::string note, std::string requirement,
                         Also also = {}) {
        add(all, {std::move(name),
                  std::move(requirement),
                  std::move(note),
                  local_part,
                  {{"authorizing-users", {local_part + "@gateway.example"}},
                   {"addresses",
                    {"/RFC-822=" + printable + "(a)gateway.example/PRMD=GATEWAY/ADMD= /C=XX/"}}},
                  std::move(also)});
    };
    one("leading-space", "\" /S=Rose/ADMD=A/C=GB/\"", "(q) $/S$=Rose$/ADMD$=A$/C$=GB$/(q)",
        "A space at the start.", "rfc2156/4.3.4/2");
    one("double-space", "\"/S=Rose  Low/ADMD=A/C=GB/\"", "(q)$/S$=Rose  Low$/ADMD$=A$/C$=GB$/(q)",
        "Two spaces side by side.", "rfc2156/4.3.4/2");
    one("underscore", "/S=Ro_se/ADMD=A/C=GB/", "$/S$=Ro(u)se$/ADMD$=A$/C$=GB$/",
        "No character of a printable string.", "rfc2156/4.3.4/3");
    one("no-country", "/S=Rose/ADMD=A/", "$/S$=Rose$/ADMD$=A$/", "No country.", "rfc2156/4.3.4/5");
    one("unknown-key", "/S=Rose/XYZ=1/ADMD=A/C=GB/", "$/S$=Rose$/XYZ$=1$/ADMD$=A$/C$=GB$/",
        "A key of nothing.", "rfc2156/4.3.4/5");
    one("units-mixed", "/OU=Low/OU1=High/ADMD=A/C=GB/", "$/OU$=Low$/OU1$=High$/ADMD$=A$/C$=GB$/",
        "Units with and without a number.", "rfc2156/4.1.1/6");
    one("beyond-bounds", "/S=" + std::string(41, 's') + "/ADMD=A/C=GB/",
        "$/S$=" + std::string(41, 's') + "$/ADMD$=A$/C$=GB$/", "A surname of 41 characters.",
        "rfc2156/4.3.4/6");
    one("five-units", "/OU=5/OU=4/OU=3/OU=2/OU=1/ADMD=A/C=GB/",
        "$/OU$=5$/OU$=4$/OU$=3$/OU$=2$/OU$=1$/ADMD$=A$/C$=GB$/", "Five units.", "rfc2156/4.3.4/6");
    one("personal-name-alone", "J.Linnimouth", "J.Linnimouth",
        "A personal name alone makes no O/R address.", "rfc2156/4.3.4/4", {"rfc2156/4.3.4/5"});
    one("letters", "a!b%c_d", "a(b)b(p)c(u)d", "Every letter that an escape has.", "rfc2156/3.4/1",
        {"rfc2156/3.4/2", "rfc2156/4.3.2/1", "rfc2156/4.3.2/2"});
    one("numbers", "a*b{c}", "a(042)b(123)c(125)", "Characters by their numbers.", "rfc2156/3.4/1",
        {"rfc2156/4.3.2/4"});
}

void add_routes(MixerVectors& all) {
    all.push_back(
        {.operation = "to-x400",
         .name = "local-part/source-route",
         .requirement = "rfc2156/4.3.4/8",
         .note = "A source route.",
         .input = {{"message",
                    "From: a@example.mil\r\nMMHS-Authorizing-Users: "
                    "<@relay.example,@other.example:r@example.mil>\r\n"
                    "To: to@example.org\r\nMessage-ID: <1@example.mil>\r\n\r\nText.\r\n"}},
         .outcomes = outcomes_of(
             {heading_json({{"authorizing-users", {"r@example.mil"}}, {"reading", "cut"}}),
              heading_json({{"authorizing-users", {"@relay.example,@other.example:r@example.mil"}},
                            {"reading", "kept"}})}),
         .also = {"rfc2156/4.7.1/1"}});
}

}  // namespace

void add_to_x400_address_vectors(MixerVectors& all) {
    add_text_forms(all);
    add_internet(all);
    add_routes(all);
}

}  // namespace mailassay::vectors
