#include <utility>

#include "base/base64.h"
#include "mixer/heading.h"
#include "mixer/rfc822_fields.h"
#include "vectors/mixer_author.h"

// Headings on their way from X.400: elements other than the originator and the authorizing users.
namespace mailassay::vectors {

namespace {

using mixer::Heading;
using mixer::OrDescriptor;
using mixer::Recipient;
using Also = std::vector<std::string>;

const std::string r = "r@example.mil";

OrDescriptor user(const std::string& name) {
    const std::string text = "/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD= /C=XX/";
    return {.address = mixer::parse_text(text).value()};
}

std::vector<Recipient> recipients(std::vector<OrDescriptor> people) {
    std::vector<Recipient> all;
    for (OrDescriptor& each : people) all.push_back({.descriptor = std::move(each)});
    return all;
}

// A military message of user("a").
Heading heading() {
    Heading made{.this_ipm = {.local = "1(a)example.mil"}};
    made.originator = user("a");
    made.extensions = {{.oid = "1.3.26.0.4406.0.2.0", .value = der::make_integer(3)}};
    return made;
}

Heading to_somebody() {
    Heading made = heading();
    made.primary = recipients({user("to")});
    return made;
}

void add(MixerVectors& all, std::string name, std::string requirement, std::string note,
         const Heading& given, std::vector<MixerJson> outcomes, Also also = {}) {
    all.push_back({.operation = "from-x400",
                   .name = std::move(name),
                   .requirement = std::move(requirement),
                   .note = std::move(note),
                   .input = {{"ipm", base::encode_base64(encode_ipm(given).value())},
                             {"military", "by-extension"}},
                   .outcomes = outcomes_of(std::move(outcomes)),
                   .editions = MixerEditions::Both,
                   .also = std::move(also)});
}

void add_recipients(MixerVectors& all) {
    Heading made = heading();
    made.primary = recipients({user("z"), user("y")});
    add(all, "recipients/to", "rfc2156/5.3.4/4", "Primary recipients in their order.", made,
        {header_json({{"To", {"z@example.mil", "y@example.mil"}}, {"Cc", MixerJson::array()}})});
    made = to_somebody();
    made.copy = recipients({user("z"), user("y")});
    add(all, "recipients/cc", "rfc2156/5.3.4/5", "Copies.", made,
        {header_json({{"To", {"to@example.mil"}}, {"Cc", {"z@example.mil", "y@example.mil"}}})});
    made.copy.reset();
    made.blind_copy = recipients({user("z")});
    add(all, "recipients/bcc", "rfc2156/5.3.4/6", "Blind copies stay blind.", made,
        {header_json({{"Bcc", {"z@example.mil"}}, {"Cc", MixerJson::array()}}),
         header_json({{"absent", {"Bcc"}}, {"Cc", MixerJson::array()}, {"reading", "left out"}})});
    made.blind_copy.emplace();
    made.copy.emplace();
    add(all, "recipients/empty-lists", "rfc2156/5.3.4/7", "Empty lists make no field.", made,
        {header_json({{"To", {"to@example.mil"}}, {"absent", {"Cc"}}}), refused_json("refused")},
        {"rfc2156/5.3.4/6"});
    add(all, "recipients/none", "rfc2156/5.3.2/2", "Nobody gets it.", heading(),
        {header_json({{"To", {"list:;"}}})});
    made = to_somebody();
    made.primary->push_back({.descriptor = {.free_form = "All Ships"}});
    add(all, "recipients/unaddressed", "rfc2156/4.7.2/5", "A recipient without address.", made,
        {header_json({{"To", {"to@example.mil", "All Ships:;"}}})});
    made = to_somebody();
    made.reply_recipients = {user("z"), user("y")};
    add(all, "recipients/reply-to", "rfc2156/5.3.4/8", "Replies go elsewhere.", made,
        {header_json({{"Reply-To", {"z@example.mil", "y@example.mil"}}})});
}

der::Value attribute(const std::string& oid, const std::string& value) {
    return der::make_set({der::make_sequence(
        {der::make_oid(oid).value(), der::make_primitive(der::tag_printable_string, value)})});
}

void add_comments(MixerVectors& all) {
    const auto one = [&](const std::string& name, const Recipient& recipient,
                         const std::string& value, std::string note, std::string requirement) {
        Heading made = heading();
        made.primary = std::vector<Recipient>{recipient};
        add(all, "comments/" + name, std::move(requirement), std::move(note), made,
            {header_json({{"To", {"to@example.mil"}}, {"comments", {value}}})});
    };
    Recipient plain{.descriptor = user("to")};
    one("none", plain, "", "Nothing is said of him.", "rfc2156/4.7.2/1");
    Recipient called = plain;
    called.descriptor.telephone = "+44-181-333-7777";
    one("telephone", called, "Tel +44-181-333-7777", "A telephone number.", "rfc2156/4.7.2/2");
    Recipient listed = plain;
    listed.descriptor.directory_name = der::make_sequence(
        {attribute("2.5.4.6", "GB"), attribute("2.5.4.10", "Navy"), attribute("2.5.4.3", "Rose")});
    Heading made = heading();
    made.primary = std::vector<Recipient>{listed};
    add(all, "comments/directory-name", "rfc2156/4.7.2/3", "A directory name, in whatever form.",
        made, {header_json({{"To", {"to@example.mil"}}, {"mentioned", {"Rose", "Navy", "GB"}}})});
    Recipient asked = plain;
    asked.requests = {der::make_primitive(der::context(2), "\xff")};
    one("reply-requested", asked, "Reply requested", "A reply is asked for.", "rfc2156/4.7.2/4");
    asked.requests = {der::make_primitive(der::context(2), std::string(1, '\0'))};
    one("no-reply-requested", asked, "", "None is, in so many words.", "rfc2156/4.7.2/4");
    Recipient told = plain;
    told.requests = {der::make_constructed(
        der::context(3),
        {der::make_sequence({der::make_oid("1.3.26.0.4406.0.2.15").value(),
                             der::make_primitive(der::tag_bit_string, std::string("\5\xa0"))})})};
    Heading notifying = heading();
    notifying.primary = std::vector<Recipient>{told};
    add(all, "comments/acp127-notification", "rfc6477/6/8",
        "A notification by ACP 127 is asked for.", notifying,
        {header_json({{"To", {"to@example.mil"}}})});
}

void add_names(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& free_form,
                         const std::string& shown, std::string note, std::string requirement,
                         Also also = {}) {
        Heading made = to_somebody();
        made.authorizing_users = {user("r")};
        if (!free_form.empty()) made.authorizing_users->front().free_form = free_form;
        add(all, "names/" + name, std::move(requirement), std::move(note), made,
            {header_json({{"MMHS-Authorizing-Users", {r}}, {"names", {shown}}})}, std::move(also));
    };
    one("phrase", "Duty Officer", "Duty Officer", "A name is the phrase.", "rfc2156/4.7.2/1");
    one("specials", "Officer, Duty (on call)", "Officer, Duty (on call)",
        "A name that needs quotes.", "rfc2156/4.7.2/1");
    one("none", "", "", "A bare address.", "rfc2156/4.7.2/1");
    one("eight-bit", "Ren\xe9", "", "A character that ASCII lacks.", "rfc2156/3.3.4/1");
    all.back().outcomes = outcomes_of({header_json({{"MMHS-Authorizing-Users", {r}}})});
}

void add_text(MixerVectors& all) {
    Heading made = to_somebody();
    made.subject = "Exercise";
    add(all, "text/subject", "rfc2156/5.3.4/9", "A subject.", made,
        {header_json({{"fields", {{"Subject", "Exercise"}}}})});
    made.subject = "one\r\nBcc: evil@example.mil";
    add(all, "text/line-end-in-subject", "rfc2156/5.3.4/9",
        "A line end in a subject ends no field.", made,
        {header_json({{"absent", {"Bcc"}}}), refused_json("refused")});
    made.subject = "caf\xe9";
    add(all, "text/subject-eight-bit", "rfc2156/3.3.4/1", "A character that ASCII lacks.", made,
        {header_json(MixerJson::object())});
    const auto identifier = [&](const std::string& name, mixer::IpmIdentifier given,
                                const std::string& expected, std::string note,
                                std::string requirement, Also also = {}) {
        Heading identified = to_somebody();
        identified.this_ipm = std::move(given);
        add(all, "identifier/" + name, std::move(requirement), std::move(note), identified,
            {header_json({{"fields", {{"Message-ID", expected}}}})}, std::move(also));
    };
    const auto dietrich = mixer::parse_text("/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/").value();
    identifier("internet", {.local = "1.2(a)host.example"}, "<1.2@host.example>",
               "An Internet identifier comes back.", "rfc2156/4.7.3.4/1",
               {"rfc2156/5.3.4/1", "rfc2156/4.7.3/1"});
    identifier("filled-up", {.local = "1(a)x.example  "}, "<1@x.example>",
               "Spaces at its end are none of it.", "rfc2156/4.7.3.4/1", {"rfc6477/6/20"});
    identifier("of-x400", {.user = dietrich, .local = "147"},
               "<147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/@MHS>", "One of X.400.",
               "rfc2156/4.7.3.2/1", {"rfc2156/5.3.4/1"});
    identifier("of-x400-without-user", {.local = "no identifier"}, "<\"no identifier*\"@MHS>",
               "One without a user.", "rfc2156/4.7.3.2/1");
    made = to_somebody();
    made.replied_to = mixer::IpmIdentifier{.local = "2(a)example.mil"};
    add(all, "identifier/reply", "rfc2156/5.3.4/8", "A reply.", made,
        {header_json({{"fields", {{"In-Reply-To", "<2@example.mil>"}}}})});
    made.replied_to = mixer::IpmIdentifier{.local = "Your message"};
    add(all, "identifier/phrase", "rfc2156/4.7.3.5/1", "What makes no identifier is a phrase.",
        made,
        {header_json({{"fields", {{"In-Reply-To", "\"Your message\""}}}}),
         header_json({{"fields", {{"In-Reply-To", "Your message"}}}})});
    made.replied_to.reset();
    made.related = {{.local = "2(a)example.mil"}, {.user = dietrich, .local = "147"}};
    add(all, "identifier/references", "rfc2156/5.3.4/8", "Related messages.", made,
        {header_json({{"fields",
                       {{"References",
                         "<2@example.mil> <147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/@MHS>"}}}})});
}

Heading carrying(const std::vector<std::string>& fields) {
    Heading made = to_somebody();
    std::vector<der::Value> members;
    for (const std::string& each : fields) {
        members.push_back(der::make_primitive(der::tag_ia5_string, each));
    }
    made.extensions.push_back({.oid = std::string(mixer::oid_rfc_822_fields),
                               .value = der::make_sequence(std::move(members))});
    return made;
}

void add_extensions(MixerVectors& all) {
    add(all, "carried/fields", "rfc2156/5.3.4/10", "Carried fields are fields again.",
        carrying({"Comments: one two", "X-Fruit: Kiwi"}),
        {header_json({{"fields", {{"Comments", "one two"}, {"X-Fruit", "Kiwi"}}}})});
    add(all, "carried/users", "rfc7912/5.2/5", "A carried field makes nobody a user.",
        carrying({"MMHS-Authorizing-Users: q@example.mil"}),
        {header_json({{"absent", {"MMHS-Authorizing-Users"}}}), refused_json("refused")},
        {"rfc7912/5.2/7"});
    add(all, "carried/author", "rfc7912/5.2/4", "A carried field makes nobody an author.",
        carrying({"From: q@example.mil", "Sender: q@example.mil"}),
        {header_json(MixerJson::object()), refused_json("refused")}, {"rfc7912/5.2/6"});
    add(all, "carried/line-end", "rfc2156/5.3.4/10", "A line end in a carried field.",
        carrying({"X-Fruit: Kiwi\r\nMMHS-Authorizing-Users: q@example.mil"}),
        {header_json({{"absent", {"MMHS-Authorizing-Users"}}}), refused_json("refused")},
        {"rfc7912/5.2/7"});
    Heading made = to_somebody();
    made.extensions.push_back({.oid = "2.999.7"});
    add(all, "carried/discarded", "rfc2156/5.3.4/11", "What has no mapping is named.", made,
        {header_json({{"fields", {{"Discarded-X400-IPMS-Extensions", "2.999.7"}}}})});
}

}  // namespace

void add_from_x400_heading_vectors(MixerVectors& all) {
    add_recipients(all);
    add_comments(all);
    add_names(all);
    add_text(all);
    add_extensions(all);
}

}  // namespace mailassay::vectors
