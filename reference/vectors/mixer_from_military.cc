#include <utility>

#include "base/base64.h"
#include "mixer/heading.h"
#include "vectors/mixer_author.h"

// Headings on their way from X.400: the extensions of STANAG 4406.
namespace mailassay::vectors {

namespace {

using der::context;
using der::make_constructed;
using der::make_integer;
using der::make_primitive;
using der::make_sequence;
using der::make_set;
using der::Value;
using Also = std::vector<std::string>;
using Extensions = std::vector<mixer::Extension>;

const std::string arc = "1.3.26.0.4406.0.2.";

mixer::OrDescriptor user(const std::string& name) {
    const std::string text = "/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD= /C=XX/";
    return {.address = mixer::parse_text(text).value()};
}

Value printable(const std::string& text) {
    return make_primitive(der::tag_printable_string, text);
}

mixer::Extension extension(const std::string& number, Value value) {
    return {.oid = arc + number, .value = std::move(value)};
}

void add(MixerVectors& all, std::string name, std::string requirement, std::string note,
         Extensions extensions, std::vector<MixerJson> outcomes, Also also = {}) {
    mixer::Heading heading{.this_ipm = {.local = "1(a)example.mil"}};
    heading.originator = user("a");
    heading.primary = std::vector<mixer::Recipient>{{.descriptor = user("to")}};
    heading.extensions = std::move(extensions);
    all.push_back({.operation = "from-x400",
                   .name = std::move(name),
                   .requirement = std::move(requirement),
                   .note = std::move(note),
                   .input = {{"ipm", base::encode_base64(encode_ipm(heading).value())},
                             {"military", "by-extension"}},
                   .outcomes = outcomes_of(std::move(outcomes)),
                   .editions = MixerEditions::Both,
                   .also = std::move(also)});
}

void add_extensions(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& number, Value value,
                         const MixerJson& fields) {
        add(all, "fields/" + name, "rfc6477/6/2", fields.items().begin().key() + ".",
            {extension(number, std::move(value))}, {header_json({{"fields", fields}})});
    };
    one("primary-precedence", "0", make_integer(3), {{"MMHS-Primary-Precedence", "3 (immediate)"}});
    one("national-precedence", "0", make_integer(17), {{"MMHS-Primary-Precedence", "17"}});
    one("copy-precedence", "1", make_integer(1), {{"MMHS-Copy-Precedence", "1 (routine)"}});
    one("message-type", "2",
        make_set({make_integer(0, context(0)), make_primitive(context(1), "CANDLE FISH")}),
        {{"MMHS-Message-Type", "0 (exercise); identifier=\"CANDLE FISH\""}});
    one("message-type-alone", "2", make_set({make_integer(3, context(0))}),
        {{"MMHS-Message-Type", "3 (drill)"}});
    one("released", "5", make_primitive(der::tag_utc_time, "100809142740Z"),
        {{"MMHS-Extended-Authorisation-Info", "Mon, 09 Aug 2010 14:27:40 +0000"}});
    one("released-elsewhere", "5", make_primitive(der::tag_utc_time, "1008091527+0100"),
        {{"MMHS-Extended-Authorisation-Info", "Mon, 09 Aug 2010 14:27:00 +0000"}});
    one("codes", "6",
        make_set({make_constructed(context(0), {printable("SDM"), printable("KKZ")})}),
        {{"MMHS-Subject-Indicator-Codes", "SDM; KKZ"}});
    one("handling", "7", make_sequence({printable("RXFPA ZOV MINDEF")}),
        {{"MMHS-Handling-Instructions", "RXFPA ZOV MINDEF"}});
    one("instructions", "8",
        make_sequence({printable("MINIMIZE CONSIDERED"), printable("NO DISTRIBUTION")}),
        {{"MMHS-Message-Instructions", "MINIMIZE CONSIDERED; NO DISTRIBUTION"}});
    one("codress", "9", make_integer(23), {{"MMHS-Codress-Message-Indicator", "23"}});
    one("reference", "10", printable("IMSCOM-JIC-612-78"),
        {{"MMHS-Originator-Reference", "IMSCOM-JIC-612-78"}});
    const auto other = [](std::int64_t kind, const std::string& name) {
        return make_set({make_integer(kind, context(0)), make_primitive(context(1), name)});
    };
    one("others", "11",
        make_sequence({other(0, "UK SHL COS"), other(1, "UK SHL LEGAD"), other(0, "UK SHL IM")}),
        {{"MMHS-Other-Recipients-Indicator-To", "UK SHL COS; UK SHL IM"},
         {"MMHS-Other-Recipients-Indicator-CC", "UK SHL LEGAD"}});
    one("acp127", "13", printable("RPDLE 1234 0341215"),
        {{"MMHS-Acp127-Message-Identifier", "RPDLE 1234 0341215"}});
    one("plad", "14", printable("SACLANT"), {{"MMHS-Originator-PLAD", "SACLANT"}});
    add(all, "fields/exempted", "rfc6477/6/2", "MMHS-Exempted-Address.",
        {extension("4", mixer::encode_people({user("z"), user("y")}))},
        {header_json({{"MMHS-Exempted-Address", {"z@example.mil", "y@example.mil"}}})},
        {"rfc6477/6/1"});
    add(all, "fields/several", "rfc6477/6/2", "Several at once.",
        {extension("0", make_integer(4)), extension("1", make_integer(0)),
         extension("9", make_integer(7))},
        {header_json({{"fields",
                       {{"MMHS-Primary-Precedence", "4 (flash)"},
                        {"MMHS-Copy-Precedence", "0 (deferred)"},
                        {"MMHS-Codress-Message-Indicator", "7"}}}})},
        {"rfc6477/1/1"});
}

void add_without_field(MixerVectors& all) {
    for (const auto& [name, number, value] : {std::tuple{"address-list", "3", make_sequence({})},
                                              {"pilot-forwarding", "12", make_sequence({})},
                                              {"information-labels", "17", make_sequence({})}}) {
        add(all, std::string("without-field/") + name, "rfc6477/6/3",
            "An extension without a field.", {extension(number, value)},
            {header_json(MixerJson::object())}, {"rfc7912/5.2/2"});
    }
    const Value further =
        make_sequence({der::make_oid("2.999.7").value(), make_primitive(der::tag_boolean, "\xff")});
    add(all, "without-field/distribution-extension", "rfc6477/6/4",
        "Codes beside a distribution extension.",
        {extension("6", make_set({make_constructed(context(0), {printable("SDM")}),
                                  make_constructed(context(1), {further})}))},
        {header_json({{"fields", {{"MMHS-Subject-Indicator-Codes", "SDM"}}}})}, {"rfc6477/6/2"});
}

void add_bad_values(MixerVectors& all) {
    const auto bad = [&](const std::string& name, const std::string& number, Value value,
                         const std::string& field, std::string note) {
        add(all, "values/" + name, "rfc6477/4/1", std::move(note),
            {extension(number, std::move(value))},
            {header_json({{"absent", {field}}}), refused_json("refused")});
    };
    bad("negative", "0", make_integer(-1), "MMHS-Primary-Precedence", "No precedence.");
    bad("not-a-number", "0", printable("flash"), "MMHS-Primary-Precedence", "A word.");
    bad("too-long", "10", printable(std::string(70, 'x')), "MMHS-Originator-Reference",
        "Seventy characters.");
    bad("line-end", "10", make_primitive(der::tag_ia5_string, "x\r\nBcc: q@example.mil"),
        "MMHS-Originator-Reference", "A line end in a reference.");
    bad("no-day", "5", make_primitive(der::tag_utc_time, "100231000000Z"),
        "MMHS-Extended-Authorisation-Info", "The 31st of February.");
    bad("no-codes", "6", make_set({}), "MMHS-Subject-Indicator-Codes", "No code at all.");
    add(all, "values/twice", "rfc6477/3/1", "An extension twice: no field stands twice.",
        {extension("0", make_integer(3)), extension("0", make_integer(5))},
        {header_json(
             {{"fields", {{"MMHS-Primary-Precedence", "3 (immediate)"}}}, {"reading", "first"}}),
         header_json(
             {{"fields", {{"MMHS-Primary-Precedence", "5 (override)"}}}, {"reading", "last"}}),
         refused_json("refused")});
}

}  // namespace

void add_from_x400_military_vectors(MixerVectors& all) {
    add_extensions(all);
    add_without_field(all);
    add_bad_values(all);
}

}  // namespace mailassay::vectors
