#include <utility>

#include "base/base64.h"
#include "mixer/heading.h"
#include "vectors/mixer_author.h"

// Headings on their way from X.400: O/R addresses in all their forms.
namespace mailassay::vectors {

namespace {

using mixer::OrAddress;
using Also = std::vector<std::string>;

OrAddress by_text(const std::string& text) {
    return mixer::parse_text(text).value();
}

mixer::OrDescriptor user(const std::string& name) {
    return {.address = by_text("/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD= /C=XX/")};
}

// With the address as its one authorizing user.
std::string ipm(OrAddress address) {
    mixer::Heading heading{.this_ipm = {.local = "1(a)example.mil"}};
    heading.originator = user("a");
    heading.authorizing_users = {{.address = std::move(address)}};
    heading.primary = std::vector<mixer::Recipient>{{.descriptor = user("to")}};
    heading.extensions = {{.oid = "1.3.26.0.4406.0.2.0", .value = der::make_integer(3)}};
    return encode_ipm(heading).value();
}

MixerJson named(const std::string& address, const std::string& reading = "") {
    MixerJson more{{"MMHS-Authorizing-Users", {address}}};
    if (!reading.empty()) more["reading"] = reading;
    return header_json(more);
}

struct Question {
    std::string name;
    std::string requirement;
    std::string note;
    std::string ipm;
    std::vector<MixerJson> outcomes;
    Also also = {};
};

void add(MixerVectors& all, Question question) {
    all.push_back(
        {.operation = "from-x400",
         .name = "text-form/" + question.name,
         .requirement = std::move(question.requirement),
         .note = std::move(question.note),
         .input = {{"ipm", base::encode_base64(question.ipm)}, {"military", "by-extension"}},
         .outcomes = outcomes_of(std::move(question.outcomes)),
         .editions = MixerEditions::Both,
         .also = std::move(question.also)});
}

void add_text_forms(MixerVectors& all) {
    const auto one = [&](std::string name, OrAddress address, const std::string& local_part,
                         std::string note, std::string requirement, Also also = {}) {
        add(all, {std::move(name),
                  std::move(requirement),
                  std::move(note),
                  ipm(std::move(address)),
                  {named(local_part + "@gateway.example")},
                  std::move(also)});
    };
    const std::string full =
        "/DD.T=v/CN=Post/G=Jo/I=MT/S=Rose/GQ=II/OU=Low/OU=High/O=Org/PRMD=P/ADMD=A/C=GB/";
    one("all-attributes", by_text(full), full, "All that has a key.", "rfc2156/4.1/1",
        {"rfc2156/4.1.1/1", "rfc2156/4.1.3/1", "rfc2156/4.1.3/7", "rfc2156/4.3.3/1"});
    const std::string postal =
        "/PD-BOX=12/PD-ADDRESS=Dome|Richmond/PD-CODE=TW91DJ/PD-C=GB/PD-SERVICE=UKPM/ADMD=A/C=GB/";
    one("postal", by_text(postal), postal, "A postal address.", "rfc2156/4.1/1",
        {"rfc2156/4.1.1/1", "rfc2156/4.3.5/5"});
    const std::string network = "/NET-SUB=12/NET-NUM=441812345/ADMD=A/C=GB/";
    one("network", by_text(network), network, "A number of the telephone network.",
        "rfc2156/4.1.1/1", {"rfc2156/4.1/1", "rfc2156/4.3.5/5"});
    OrAddress universal = by_text("/S=Rose/ADMD=A/C=GB/");
    universal.others = {der::make_sequence(
        {der::make_integer(24, der::context(0)),
         der::make_constructed(der::context(1), {der::make_set({der::make_primitive(
                                                    {der::Class::Universal, 30},
                                                    std::string("\0R\0o\0s\0e", 8))})})})};
    add(all,
        {"universal-name",
         "rfc2156/4.1/1",
         "A common name in BMPString, which came to X.411 after the text.",
         ipm(universal),
         {named("/S=Rose/ADMD=A/C=GB/@gateway.example", "left out"), refused_json("refused")}});
    one("terminal", by_text("/T-ID=ab/X121=1234/ADMD=A/C=GB/"), "/T-ID=ab/X121=1234/ADMD=A/C=GB/",
        "Attributes that the mnemonic form lacks.", "rfc2156/4.3.5/5", {"rfc2156/4.1.1/1"});
    one("user-number", by_text("/UA-ID=42/ADMD=A/C=GB/"), "/UA-ID=42/ADMD=A/C=GB/",
        "The numeric form.", "rfc2156/4.3.5/5");
    one("spaces", by_text("/S= Rose /ADMD=A/C=GB/"), "\"/S= Rose /ADMD=A/C=GB/\"",
        "Spaces are kept.", "rfc2156/4.3.5/3", {"rfc2156/4.3.5/6"});
    one("equals", by_text("/CN=a$=b/ADMD=A/C=GB/"), "/CN=a$=b/ADMD=A/C=GB/",
        "An equals sign in a value.", "rfc2156/4.1.3/3");
    one("domain-defined", by_text("/DD.Y=l/DD.X=h/ADMD=A/C=GB/"), "/DD.Y=l/DD.X=h/ADMD=A/C=GB/",
        "The most significant to the right.", "rfc2156/4.1.3/5", {"rfc2156/4.3.3/2"});
    one("plain-name", by_text("/G=Marshall/S=Rose/ADMD=A/C=GB/"), "/G=Marshall/S=Rose/ADMD=A/C=GB/",
        "A personal name is written as its parts.", "rfc2156/4.1.3/7");
    std::string printed = ipm(by_text("/S=Rose/PRMD=P/ADMD=400/C=GB/"));
    const std::size_t digits = printed.find(
        "\x12\x03"
        "400");
    printed[digits] = '\x13';
    add(all, {"printed-digits",
              "rfc2156/4.1.1/3",
              "Digits in a printable string.",
              printed,
              {named("/S=Rose/PRMD=P/ADMD=400/C=GB/@gateway.example")}});
    add(all, {"numeric-digits",
              "rfc2156/4.1.1/3",
              "Digits in a numeric string.",
              ipm(by_text("/S=Rose/PRMD=P/ADMD=400/C=GB/")),
              {named("/S=Rose/PRMD=P/ADMD=400/C=GB/@gateway.example")}});
}

void add_teletex(MixerVectors& all) {
    const auto surname = [&](std::string name, mixer::DualString value, const std::string& text,
                             std::string note, std::string requirement) {
        OrAddress address = by_text("/S=x/ADMD=A/C=GB/");
        address.personal_name.surname = std::move(value);
        add(all, {std::move(name),
                  std::move(requirement),
                  std::move(note),
                  ipm(std::move(address)),
                  {named(text + "@gateway.example")}});
    };
    surname("teletex-alone", {.teletex = "M\xfcller"}, "/S=*M{252}ller/ADMD=A/C=GB/",
            "A name in teletex, its octets as digits.", "rfc2156/3.3.4/2");
    surname("teletex-beside", {.printable = "Mueller", .teletex = "M\xfcller"},
            "/S=Mueller*M{252}ller/ADMD=A/C=GB/", "A name in both.", "rfc2156/3.3.4/3");
    surname("teletex-printable", {.teletex = "Rose"}, "/S=Rose/ADMD=A/C=GB/",
            "Teletex that need not be.", "rfc2156/4.1.1/4");
    surname("teletex-the-same", {.printable = "Rose", .teletex = "Rose"}, "/S=Rose/ADMD=A/C=GB/",
            "Both say the same.", "rfc2156/4.1.1/4");
    const auto within = [&](std::string name, mixer::DualString value,
                            std::vector<MixerJson> outcomes, std::string note,
                            std::string requirement) {
        OrAddress address = by_text("/ADMD=A/C=GB/");
        mixer::DualString type;
        if (value.printable) type.printable = "RFC-822";
        if (value.teletex) type.teletex = "RFC-822";
        address.domain_defined = {{std::move(type), std::move(value)}};
        add(all, {std::move(name), std::move(requirement), std::move(note), ipm(std::move(address)),
                  std::move(outcomes)});
    };
    within("address-in-teletex", {.teletex = "r(a)example.mil"}, {named("r@example.mil")},
           "An address in teletex, escaped.", "rfc2156/4.3.2/5");
    within("address-in-teletex-as-it-is", {.teletex = "duty_r@example.mil"},
           {named("duty_r@example.mil")}, "An address in teletex, unescaped.", "rfc2156/4.3.2/5");
    within("address-in-both", {.printable = "r(a)example.mil", .teletex = "r@example.mil"},
           {named("r@example.mil")}, "The same in both.", "rfc2156/4.3.2/6");
    MixerJson neither = named("", "neither");
    neither.erase("MMHS-Authorizing-Users");
    neither["never"] = {"r@example.mil", "q@example.mil"};
    within("addresses-differ", {.printable = "r(a)example.mil", .teletex = "q@example.mil"},
           {neither, refused_json("refused")}, "Two addresses, and no telling which.",
           "rfc2156/4.3.2/6");
}

void add_escapes(MixerVectors& all) {
    const auto one = [&](std::string name, const std::string& value, const std::string& address,
                         std::string note, std::string requirement) {
        add(all, {std::move(name),
                  std::move(requirement),
                  std::move(note),
                  ipm(by_text("/RFC-822=" + value + "/ADMD=A/C=GB/")),
                  {named(address)}});
    };
    one("escape-capital", "x(U)y(A)example.mil", "x_y@example.mil", "Letters in capitals.",
        "rfc2156/3.4/2");
    one("escape-number", "x(042)y(a)example.mil", "x*y@example.mil", "A number.", "rfc2156/3.4/3");
    MixerJson unread = header_json({{"never", {"x\xc3\x88y@example.mil"}}, {"reading", "error"}});
    unread.erase("MMHS-Authorizing-Users");
    add(all, {"escape-beyond-ascii",
              "rfc2156/3.4/3",
              "A number above 127 is no character.",
              ipm(by_text("/RFC-822=x(200)y(a)example.mil/ADMD=A/C=GB/")),
              {unread, refused_json("refused")}});
    MixerJson error = header_json(MixerJson::object());
    error.erase("MMHS-Authorizing-Users");
    add(all, {"escape-unknown",
              "rfc2156/3.4/4",
              "Letters that are no escape.",
              ipm(by_text("/RFC-822=x(zz)y(a)example.mil/ADMD=A/C=GB/")),
              {error, refused_json("error")}});
}

}  // namespace

void add_from_x400_address_vectors(MixerVectors& all) {
    add_text_forms(all);
    add_teletex(all);
    add_escapes(all);
}

}  // namespace mailassay::vectors
