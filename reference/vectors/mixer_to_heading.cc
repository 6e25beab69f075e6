#include <utility>

#include "vectors/mixer_author.h"

// Messages on their way to X.400: fields other than From, Sender and MMHS-Authorizing-Users.
namespace mailassay::vectors {

namespace {

using Also = std::vector<std::string>;

const std::string date = "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\n";
const std::string id = "Message-ID: <1@example.mil>\r\n";
const std::string to = "To: to@example.org\r\n";
const std::string b = "b@example.mil";
const std::string r = "r@example.mil";

struct Question {
    std::string name;
    std::string requirement;
    std::string note;
    std::string fields;  // beside From
    std::vector<MixerJson> outcomes;
    Also also = {};
};

void add(MixerVectors& all, Question question) {
    all.push_back(
        {.operation = "to-x400",
         .name = std::move(question.name),
         .requirement = std::move(question.requirement),
         .note = std::move(question.note),
         .input = {{"message", "From: a@example.mil\r\n" + question.fields + "\r\nText.\r\n"}},
         .outcomes = outcomes_of(std::move(question.outcomes)),
         .editions = MixerEditions::Both,
         .also = std::move(question.also)});
}

void add_recipients(MixerVectors& all) {
    add(all, {"recipients/two-fields",
              "rfc2156/5.1.3/4",
              "Two To fields are one list.",
              "To: z@example.org\r\nTo: y@example.org\r\n" + id,
              {heading_json({{"primary-recipients", {"z@example.org", "y@example.org"}}}),
               refused_json("malformed")},
              {"rfc2156/5.1.3/9"}});
    add(all, {"recipients/copies",
              "rfc2156/5.1.3/10",
              "Cc is for copies alone.",
              to + "Cc: z@example.org, y@example.org\r\n" + id,
              {heading_json({{"copy-recipients", {"z@example.org", "y@example.org"}},
                             {"blind-copy-recipients", MixerJson::array()}})}});
    add(all, {"recipients/blind-copies",
              "rfc2156/5.1.3/11",
              "Bcc is for blind copies, which nobody else sees.",
              to + "Bcc: y@example.org\r\n" + id,
              {heading_json({{"blind-copy-recipients", {"y@example.org"}},
                             {"copy-recipients", MixerJson::array()}})}});
    add(all, {"recipients/each-kind",
              "rfc2156/5.1.3/10",
              "One of each kind.",
              "Bcc: b@example.org\r\nCc: c@example.org\r\n" + to + id,
              {heading_json({{"copy-recipients", {"c@example.org"}},
                             {"blind-copy-recipients", {"b@example.org"}}})},
              {"rfc2156/5.1.3/9", "rfc2156/5.1.3/11"}});
    add(all,
        {"recipients/empty-bcc",
         "rfc2156/5.1.3/12",
         "An empty Bcc.",
         to + "Bcc: \r\n" + id,
         {heading_json({{"blind-copy-recipients", MixerJson::array()}, {"reading", "empty list"}}),
          heading_json({{"blind-copy-recipients", {"BCC:;"}}, {"reading", "BCC"}})}});
    add(all, {"recipients/defaults",
              "rfc2156/4.7.1/4",
              "Nobody is asked for a reply or a notification.",
              to + "Disposition-Notification-To: a@example.mil\r\n" + id,
              {heading_json({{"requests", 0}})}});
    add(all, {"recipients/reply-to",
              "rfc2156/5.1.3/8",
              "Replies go elsewhere.",
              to + "Reply-To: z@example.org, y@example.org\r\n" + id,
              {heading_json({{"reply-recipients", {"z@example.org", "y@example.org"}}})}});
    add(all, {"recipients/malformed-cc",
              "rfc2156/5.1.3/15",
              "A field that can't be read is carried as it is.",
              to + "Cc: nobody at all\r\n" + id,
              {heading_json(
                   {{"copy-recipients", MixerJson::array()}, {"carried", {"Cc: nobody at all"}}}),
               refused_json("refused")}});
}

void add_names(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& value,
                         const std::string& free_form, std::string note, Also also = {}) {
        add(all, {"names/" + name,
                  "rfc2156/4.7.1/2",
                  std::move(note),
                  "MMHS-Authorizing-Users: " + value + "\r\n" + to + id,
                  {heading_json(
                      {{"authorizing-users", {r}}, {"names", {free_form}}, {"telephones", 0}})},
                  std::move(also)});
    };
    one("phrase", "\"Officer, Duty\" <" + r + ">", "Officer, Duty", "A phrase.",
        {"rfc2156/4.7.1/1"});
    one("comment", r + " (Duty Officer)", "(Duty Officer)", "A comment, with its brackets.");
    one("phrase-and-comments", "Rose (on (all) days) <" + r + "> (Duty)",
        "Rose (on (all) days) (Duty)", "A phrase, and comments in their order.");
    one("telephone", "Rose <" + r + "> (Tel +44 181 333 7777)", "Rose (Tel +44 181 333 7777)",
        "A number in a comment is no telephone number.", {"rfc2156/4.7.1/3"});
    one("none", "<" + r + ">", "", "No name at all.", {"rfc2156/4.7.1/1"});
    one("long", std::string(90, 'n') + " <" + r + ">", std::string(64, 'n'),
        "Cut to 64 characters.", {"rfc2156/5.1.3/1"});
    one("long-comment", std::string(40, 'n') + " <" + r + "> (" + std::string(40, 'c') + ")",
        std::string(40, 'n'), "No comment is cut through.", {"rfc2156/5.1.3/2"});
    const std::string word = "=?utf-8?Q?Ren=C3=A9?=";
    add(all,
        {"names/encoded-word",
         "rfc2156/3.5/1",
         "An encoded-word.",
         "MMHS-Authorizing-Users: " + word + " <" + r + ">\r\n" + to + id,
         {heading_json({{"authorizing-users", {r}}, {"names", {word}}, {"reading", "as ASCII"}}),
          heading_json(
              {{"authorizing-users", {r}}, {"names", {"Ren\xC3\xA9"}}, {"reading", "decoded"}}),
          heading_json({{"authorizing-users", {r}},
                        {"names",
                         {"Ren\xC3\x82"
                          "e"}},
                        {"reading", "decoded"}})}});
}

void add_subject(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& value,
                         const std::string& subject, std::string note,
                         std::string requirement = "rfc2156/5.1.3/14") {
        add(all, {"text/" + name,
                  std::move(requirement),
                  std::move(note),
                  to + "Subject: " + value + "\r\n" + id,
                  {heading_json({{"subject", subject}})}});
    };
    one("subject", "Exercise", "Exercise", "A subject.");
    one("subject-folded", "Exercise\r\n and drill", "Exercise and drill",
        "A subject on two lines.");
    one("subject-long", std::string(200, 's'), std::string(128, 's'), "Cut to 128 characters.",
        "rfc2156/5.1.3/1");
    one("subject-escapes", "a(a)b @ c_d", "a(a)b @ c_d",
        "Teletex has these characters, so that nothing is escaped.");
    const std::string word = "=?utf-8?Q?Ren=C3=A9?=";
    add(all, {"text/subject-encoded",
              "rfc2156/3.5/1",
              "An encoded-word in a subject.",
              to + "Subject: " + word + "\r\n" + id,
              {heading_json({{"subject", word}, {"reading", "as ASCII"}}),
               heading_json({{"subject", "Ren\xC3\xA9"}, {"reading", "decoded"}}),
               heading_json({{"subject",
                              "Ren\xC3\x82"
                              "e"},
                             {"reading", "decoded"}})}});
    add(all, {"text/subject-twice",
              "rfc2156/5.1.3/14",
              "Two subjects, and no telling which.",
              to + "Subject: one\r\nSubject: two\r\n" + id,
              {refused_json("refused"), heading_json({{"subject", "one"}, {"reading", "first"}}),
               heading_json({{"subject", "two"}, {"reading", "last"}})}});
}

void add_identifiers(MixerVectors& all) {
    const auto one = [&](const std::string& name, const std::string& value,
                         const std::string& expected, std::string note, std::string requirement,
                         Also also = {}) {
        add(all, {"identifier/" + name,
                  std::move(requirement),
                  std::move(note),
                  to + "Message-ID: " + value + "\r\n",
                  {heading_json({{"this-ipm", expected}})},
                  std::move(also)});
    };
    one("internet", "<1.2@host.example>", "1.2(a)host.example", "Escaped, without brackets.",
        "rfc2156/4.7.3/2", {"rfc2156/5.1.3/3", "rfc2156/4.7.3/1"});
    one("escaped", "<a_b%c@host.example>", "a(u)b(p)c(a)host.example", "All escapes.",
        "rfc2156/4.7.3/2", {"rfc2156/3.4/1"});
    one("of-x400", "<\"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/\"@MHS>",
        "147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/", "One of X.400 is taken apart again.",
        "rfc2156/4.7.3/3", {"rfc2156/4.7.3/1"});
    one("of-x400-without-user", "<\"147*\"@MHS>", "147", "One without its user.",
        "rfc2156/4.7.3/3");
    one("not-of-x400", "<147.example@MHS>", "147.example(a)MHS", "Of MHS, and not of that form.",
        "rfc2156/4.7.3/3");
    add(all, {"identifier/none",
              "rfc2156/5.1.3/3",
              "No Message-ID: the gateway makes an identifier.",
              to,
              {heading_json(MixerJson::object())}});
    add(all, {"identifier/too-long",
              "rfc6477/6/21",
              "One that X.400 has no room for.",
              to + "Message-ID: <" + std::string(80, 'i') + "@host.example>\r\n",
              {heading_json(MixerJson::object()), refused_json("refused")},
              {"rfc2156/5.1.3/1"}});
    add(all,
        {"identifier/reply",
         "rfc2156/5.1.3/13",
         "A reply to one message.",
         to + id + "In-Reply-To: <2@example.mil>\r\n",
         {heading_json({{"replied-to", "2(a)example.mil"}, {"related", MixerJson::array()}})}});
    add(all, {"identifier/reply-to-two",
              "rfc2156/5.1.3/13",
              "A reply to two is related to both.",
              to + id + "In-Reply-To: <2@example.mil> <3@example.mil>\r\n",
              {heading_json(
                  {{"replied-to", ""}, {"related", {"2(a)example.mil", "3(a)example.mil"}}})}});
    add(all, {"identifier/references",
              "rfc2156/5.1.3/13",
              "References, one of them of X.400.",
              to + id + "References: <2@example.mil>\r\n <\"147*/S=D/ADMD=DBP/C=DE/\"@MHS>\r\n",
              {heading_json({{"related", {"2(a)example.mil", "147*/S=D/ADMD=DBP/C=DE/"}}})}});
    add(all, {"identifier/phrase",
              "rfc2156/4.7.3.5/1",
              "A phrase in place of an identifier.",
              to + id + "In-Reply-To: Your message of today\r\n",
              {heading_json({{"replied-to", "Your message of today"}})}});
}

void add_others(MixerVectors& all) {
    add(all, {"others/carried",
              "rfc2156/5.1.3/15",
              "Other fields are carried, unfolded, without space before the colon.",
              to + id + "Comments: one\r\n two\r\nX-Fruit : Kiwi\r\n",
              {heading_json({{"carried", {"Comments: one two", "X-Fruit: Kiwi"}}})},
              {"rfc2156/5.1.2/1"}});
    add(all, {"others/envelope-and-body",
              "rfc2156/5.1.3/15",
              "Date, trace and the body's fields have their places elsewhere.",
              "Received: by host.example; Thu, 01 Jan 2026 12:00:00 +0000\r\n" + date + to + id +
                  "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n",
              {heading_json({{"carried", MixerJson::array()}})}});
    std::string many;
    People users;
    for (int i = 0; i < 1000; ++i) {
        users.push_back("u" + std::to_string(i) + "@example.mil");
        many += (i == 0 ? "" : ",\r\n ") + users.back();
    }
    add(all,
        {"large/thousand-users",
         "5.1/4",
         "A thousand users, none lost.",
         "MMHS-Authorizing-Users: " + many + "\r\n" + to + id,
         {heading_json({{"authorizing-users", people_json(users)}}), refused_json("refused")}});
    add(all, {"large/empty-members",
              "5.1/4",
              "Five thousand commas and a user.",
              "MMHS-Authorizing-Users: " + std::string(5000, ',') + r + "\r\n" + to + id,
              {heading_json({{"authorizing-users", {r}}}), refused_json("refused"),
               heading_json({{"reading", "as absent"}})}});
    add(all,
        {"large/long-name",
         "5.1/4",
         "A name of five thousand octets is no address.",
         "MMHS-Authorizing-Users: \"" + std::string(5000, 'n') + "\" <" + r + ">\r\n" + to + id,
         {heading_json({{"authorizing-users", {r}}}), refused_json("refused")}});
    add(all, {"large/nested-groups",
              "5.1/7",
              "Groups within groups are none.",
              "MMHS-Authorizing-Users: a:b:c:" + r + ";;;\r\n" + to + id,
              {refused_json("refused"), heading_json({{"reading", "as absent"}})}});
    for (std::size_t last = all.size() - 4; last < all.size(); ++last) {
        all[last].also = {"rfc7912/7.2/1", "rfc7912/4/4"};
    }
}

}  // namespace

void add_to_x400_heading_vectors(MixerVectors& all) {
    add_recipients(all);
    add_names(all);
    add_subject(all);
    add_identifiers(all);
    add_others(all);
}

}  // namespace mailassay::vectors
