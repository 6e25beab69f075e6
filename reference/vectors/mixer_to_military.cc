#include <utility>

#include "vectors/mixer_author.h"

// Messages on their way to X.400: the fields of RFC 6477. The octets that are expected are put
// together here, tag by tag as STANAG 4406 has them.
namespace mailassay::vectors {

namespace {

using Also = std::vector<std::string>;

const std::string to = "To: to@example.org\r\n";
const std::string id = "Message-ID: <1@example.mil>\r\n";
const std::string date = "Date: Thu, 01 Jan 2026 12:00:00 +0100\r\n";
const std::string arc = "1.3.26.0.4406.0.2.";

// A short value: tag, length, content.
std::string tlv(int tag, const std::string& content) {
    return std::string{static_cast<char>(tag), static_cast<char>(content.size())} + content;
}

std::string printable(const std::string& text) {
    return tlv(0x13, text);
}

std::string hex(const std::string& octets) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        text += {digits[octet >> 4], digits[octet & 15]};
    }
    return text;
}

MixerJson with_extension(const std::string& number, const std::string& octets) {
    return heading_json({{"mmhs", {{arc + number, hex(octets)}}}});
}

MixerJson without_extension(const std::string& number, const std::string& reading) {
    return heading_json({{"mmhs", {{arc + number, nullptr}}}, {"reading", reading}});
}

void add(MixerVectors& all, std::string name, std::string requirement, std::string note,
         const std::string& fields, std::vector<MixerJson> outcomes, Also also = {}) {
    all.push_back({.operation = "to-x400",
                   .name = std::move(name),
                   .requirement = std::move(requirement),
                   .note = std::move(note),
                   .input = {{"message", "From: a@example.mil\r\n" + fields + "\r\nText.\r\n"}},
                   .outcomes = outcomes_of(std::move(outcomes)),
                   .editions = MixerEditions::Both,
                   .also = std::move(also)});
}

void add_precedence(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& value, int number,
                         std::string note) {
        add(all, "precedence/" + name, "rfc6477/3.8/2", std::move(note),
            to + id + "MMHS-Primary-Precedence: " + value + "\r\n",
            {with_extension("0", tlv(2, std::string(1, static_cast<char>(number))))},
            {"rfc6477/6/10", "rfc6477/6/15"});
    };
    one("number", "3", 3, "A number.");
    one("word", "flash", 4, "A word.");
    one("capitals", "FLASH", 4, "A word in capitals.");
    one("comment", "0 (Deferred)", 0, "A comment after it.");
    one("comment-lies", "1 (flash)", 1, "A comment says nothing of it.");
    one("national", "17", 17, "A number without a word.");
    one("folded", "\r\n override", 5, "Folded before the word.");
    for (const std::string value : {"urgent", "-1", "", "3 4"}) {
        const std::string name = value.empty() ? "empty" : value == "3 4" ? "two" : value;
        add(all, "precedence/no-" + (name == "-1" ? std::string("negative") : name), "rfc6477/4/1",
            "'" + value + "' is no precedence.",
            to + id + "MMHS-Primary-Precedence: " + value + "\r\n",
            {without_extension("0", "no extension"), refused_json("refused")});
    }
    add(all, "precedence/of-copies", "rfc6477/6/16", "Copies have a precedence of their own.",
        to + "Cc: c@example.org\r\n" + id +
            "MMHS-Primary-Precedence: 3\r\nMMHS-Copy-Precedence: routine\r\n",
        {heading_json({{"mmhs", {{arc + "0", "020103"}, {arc + "1", "020101"}}}})},
        {"rfc6477/6/10"});
    add(all, "precedence/none", "rfc6477/1/1", "None of the fields, and nothing military.", to + id,
        {without_extension("0", "")}, {"rfc6477/6/15"});
}

void add_fields(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& field,
                         const std::string& number, const std::string& octets) {
        add(all, "fields/" + name, "rfc6477/6/10", field.substr(0, field.find(':')) + ".",
            to + id + field + "\r\n", {with_extension(number, octets)}, {"rfc6477/1/1"});
    };
    one("message-type", "MMHS-Message-Type: 0(exercise); identifier=\"CANDLE FISH\"", "2",
        tlv(0x31, tlv(0x80, std::string(1, '\0')) + tlv(0x81, "CANDLE FISH")));
    one("message-type-word", "MMHS-Message-Type: drill", "2", tlv(0x31, tlv(0x80, "\3")));
    one("released", "MMHS-Extended-Authorisation-Info: Mon, 09 Aug 2010 15:27:40 +0100", "5",
        tlv(0x17, "100809142740Z"));
    one("codes", "MMHS-Subject-Indicator-Codes: SDM; KKZ ; BRL", "6",
        tlv(0x31, tlv(0xa0, printable("SDM") + printable("KKZ") + printable("BRL"))));
    one("handling", "MMHS-Handling-Instructions: RXFPA ZOV MINDEF", "7",
        tlv(0x30, printable("RXFPA ZOV MINDEF")));
    one("instructions", "MMHS-Message-Instructions: MINIMIZE CONSIDERED; NO DISTRIBUTION", "8",
        tlv(0x30, printable("MINIMIZE CONSIDERED") + printable("NO DISTRIBUTION")));
    one("codress", "MMHS-Codress-Message-Indicator: 23", "9", tlv(2, "\x17"));
    one("reference", "MMHS-Originator-Reference: IMSCOM-JIC-612-78", "10",
        printable("IMSCOM-JIC-612-78"));
    const auto other = [](char kind, const std::string& name) {
        return tlv(0x31, tlv(0x80, std::string(1, kind)) + tlv(0x81, name));
    };
    one("others-in-to", "MMHS-Other-Recipients-Indicator-To: UK SHL COS; UK SHL IM", "11",
        tlv(0x30, other('\0', "UK SHL COS") + other('\0', "UK SHL IM")));
    one("others-in-both",
        "MMHS-Other-Recipients-Indicator-To: UK SHL COS\r\n"
        "MMHS-Other-Recipients-Indicator-CC: UK SHL LEGAD",
        "11", tlv(0x30, other('\0', "UK SHL COS") + other('\1', "UK SHL LEGAD")));
    one("acp127", "MMHS-Acp127-Message-Identifier: RPDLE 1234 0341215", "13",
        printable("RPDLE 1234 0341215"));
    one("plad", "MMHS-Originator-PLAD: SACLANT", "14", printable("SACLANT"));
    add(all, "fields/exempted", "rfc6477/6/1", "Exempted addresses are mapped like all others.",
        to + id +
            "MMHS-Exempted-Address: Graham <g.s@shl.example.com>,\r\n duty@shl.example.com\r\n",
        {heading_json({{"exempted", {"g.s@shl.example.com", "duty@shl.example.com"}}})},
        {"rfc6477/6/10"});
}

void add_bad_fields(MixerVectors& all) {
    const auto bad = [&](const std::string& name, const std::string& field,
                         const std::string& number, std::string note) {
        add(all, "values/" + name, "rfc6477/4/1", std::move(note), to + id + field + "\r\n",
            {without_extension(number, "no extension"), refused_json("refused")});
    };
    add(all, "values/longest", "rfc6477/4/1", "As long as a string may be.",
        to + id + "MMHS-Originator-Reference: " + std::string(69, 'x') + "\r\n",
        {with_extension("10", printable(std::string(69, 'x')))});
    bad("too-long", "MMHS-Originator-Reference: " + std::string(70, 'x'), "10",
        "Seventy characters.");
    bad("underscore", "MMHS-Originator-Reference: a_b", "10",
        "No character of a printable string.");
    bad("short-code", "MMHS-Subject-Indicator-Codes: SD", "6", "A code of two characters.");
    bad("long-code", "MMHS-Subject-Indicator-Codes: SDMKKZBRL", "6", "A code of nine.");
    bad("empty-instruction", "MMHS-Message-Instructions: A; ; B", "8", "Nothing between two.");
    bad("no-date", "MMHS-Extended-Authorisation-Info: today", "5", "No date.");
    bad("unknown-type", "MMHS-Message-Type: party", "2", "No type of a message.");
    bad("unquoted-name", "MMHS-Message-Type: drill; identifier=FISH", "2",
        "A name that is not in quotes.");
    add(all, "values/twice", "rfc6477/3/1", "A field twice.",
        to + id + "MMHS-Primary-Precedence: 3\r\nMMHS-Primary-Precedence: 5\r\n",
        {refused_json("refused"),
         heading_json({{"mmhs", {{arc + "0", "020103"}}}, {"reading", "first"}}),
         heading_json({{"mmhs", {{arc + "0", "020105"}}}, {"reading", "last"}})});
}

void add_required(MixerVectors& all) {
    const std::string precedence = "MMHS-Primary-Precedence: 3\r\n";
    add(all, "required/release-from-date", "rfc6477/6/14", "Without a time of release, Date's.",
        date + to + id + precedence, {with_extension("5", tlv(0x17, "260101110000Z"))},
        {"rfc6477/6/13"});
    add(all, "required/release-told", "rfc6477/6/13", "What is told goes before Date.",
        date + to + id + precedence +
            "MMHS-Extended-Authorisation-Info: Mon, 09 Aug 2010 15:27:40 +0100\r\n",
        {with_extension("5", tlv(0x17, "100809142740Z"))});
    const auto identifier = [&](const std::string& name, const std::string& value,
                                const std::string& local, std::string note, std::string requirement,
                                Also also) {
        add(all, "required/" + name, std::move(requirement), std::move(note),
            to + "Message-ID: " + value + "\r\n" + precedence,
            {heading_json({{"local-identifier", local}, {"has-user", true}})}, std::move(also));
    };
    identifier("short-identifier", "<1@x.example>", "1(a)x.example  ",
               "Filled up to fifteen characters.", "rfc6477/6/18",
               {"rfc6477/6/17", "rfc6477/6/19"});
    identifier("long-identifier", "<12345.678@host.example>", "12345.678(a)host.example",
               "Long enough.", "rfc6477/6/19", {"rfc6477/6/17"});
    identifier("identifier-of-x400", "<\"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/\"@MHS>",
               "147            ", "One of X.400, filled up.", "rfc6477/6/18", {});
}

}  // namespace

void add_to_x400_military_vectors(MixerVectors& all) {
    add_precedence(all);
    add_fields(all);
    add_bad_fields(all);
    add_required(all);
}

}  // namespace mailassay::vectors
