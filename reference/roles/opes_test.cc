#include "roles/opes.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "milter/conversation.h"

namespace mailassay::roles {
namespace {

using milter::CalloutVerdict;
using milter::Changed;

constexpr std::string_view system_uri = "https://opes.example/";
constexpr std::string_view spam = "https://opes.example/spam";
constexpr std::string_view virus = "https://opes.example/virus";

// What services answer, by the path of their socket.
struct Caller final : ServiceCaller {
    using Answer = std::function<Result<CalloutVerdict>(const milter::Message&)>;
    std::map<std::string, Answer> answers;
    std::vector<std::string>* calls = nullptr;

    Result<CalloutVerdict> call(const ServiceSocket& where, const milter::Message& message,
                                milter::Extent) const override {
        calls->push_back(where.path);
        const auto found = answers.find(where.path);
        if (found != answers.end()) return found->second(message);
        return Changed{.header = message.header};
    }
};

class OpesRole : public testing::Test {
  protected:
    opes::StandardRules rules;
    std::vector<std::string> calls;
    std::map<std::string, Caller::Answer> answers;
    std::vector<std::string> parameters;  // of MAIL
    std::string login;
    OpesSettings settings{
        .system = {.uri = std::string(system_uri), .consents = {opes::consent_of_all_recipients()}},
        .services = {
            {.what = {.uri = std::string(spam)}, .where = {.path = "spam"}},
            {.what = {.uri = std::string(virus), .necessity = opes::Necessity::Indispensable},
             .where = {.path = "virus"}}}};

    Opes role() {
        auto caller = std::make_unique<Caller>();
        caller->answers = answers;
        caller->calls = &calls;
        return Opes(settings, rules, std::move(caller));
    }
    milter::Session session() const {
        milter::Session made{.connection = {.host = "h", .address = "192.0.2.1", .helo = "h"},
                             .envelope = {.reverse_path = {"<a@x.example>", parameters},
                                          .recipients = {{"<b@y.example>", {}}}},
                             .macros = {}};
        if (!login.empty()) made.macros["auth_authen"] = login;
        return made;
    }
    milter::Answer judged(std::string_view octets = "Subject: s\r\n\r\nbody\r\n") {
        const auto shown = session();
        const auto parsed = imf::view_message(octets).value();
        return role().judge(
            {.session = shown, .octets = octets, .header = parsed.header, .body = parsed.body});
    }
    static std::string header(const milter::Answer& answer) {
        return std::get<milter::Deliver>(answer.verdict).changes.header.value().to_octets();
    }
    static milter::Reply reply(const milter::Answer& answer) {
        return std::get<milter::Refuse>(answer.verdict).reply;
    }
    using Calls = std::vector<std::string>;
};

TEST_F(OpesRole, TracesItselfBeforeTheFirstServiceAndEachServiceBehindIt) {
    std::vector<std::string> shown;
    for (const char* each : {"spam", "virus"}) {
        answers[each] = [&](const milter::Message& message) -> Result<CalloutVerdict> {
            shown.push_back(message.header.to_octets());
            EXPECT_EQ(message.body, "body\r\n");
            return Changed{.header = message.header};
        };
    }
    const auto answer = judged();
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0], "OPES-System: https://opes.example/\r\nSubject: s\r\n");
    EXPECT_EQ(shown[1],
              "OPES-System: https://opes.example/\r\nOPES-Via: https://opes.example/spam\r\n"
              "Subject: s\r\n");
    EXPECT_EQ(header(answer),
              "OPES-System: https://opes.example/\r\n"
              "OPES-Via: https://opes.example/spam, https://opes.example/virus\r\nSubject: s\r\n");
    EXPECT_FALSE(std::get<milter::Deliver>(answer.verdict).changes.body);
}

TEST_F(OpesRole, PutsBackWhatAServiceTakesAndGoesOnWithWhatItChanged) {
    answers["spam"] = [](const milter::Message& message) -> Result<CalloutVerdict> {
        auto without = message.header;
        without.remove_all("OPES-System");
        return Changed{.header = without,
                       .body = "other\r\n",
                       .reverse_path = "<c@x.example>",
                       .added_recipients = {"<d@y.example>"}};
    };
    answers["virus"] = [](const milter::Message& message) -> Result<CalloutVerdict> {
        EXPECT_EQ(message.body, "other\r\n");
        EXPECT_EQ(message.session.envelope.reverse_path.address, "<c@x.example>");
        EXPECT_EQ(message.session.envelope.recipients.size(), 2u);
        return Changed{.header = message.header};
    };
    const auto answer = judged();
    EXPECT_TRUE(header(answer).starts_with("OPES-System: https://opes.example/\r\n"));
    const auto& changes = std::get<milter::Deliver>(answer.verdict).changes;
    EXPECT_EQ(changes.body->view(), "other\r\n");
    EXPECT_EQ(changes.reverse_path, "<c@x.example>");
    EXPECT_EQ(changes.added_recipients, Calls{"<d@y.example>"});
}

TEST_F(OpesRole, LeavesContentThatIsSignedAsItIs) {
    answers["spam"] = [](const milter::Message& message) -> Result<CalloutVerdict> {
        return Changed{.header = message.header, .body = "footer\r\n"};
    };
    const auto answer =
        judged("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n");
    const auto& changes = std::get<milter::Deliver>(answer.verdict).changes;
    EXPECT_EQ(changes.body->view(), "--b\r\n\r\nx\r\n--b--\r\n");
}

TEST_F(OpesRole, ARefusalHoldsTheReasonAndTheTrace) {
    answers["spam"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return milter::Refused{{"554-5.7.1 spam,", "554 5.7.1 says 100%"}};
    };
    const auto told = reply(judged());
    EXPECT_EQ(told.code + " " + told.status, "554 5.7.1");
    EXPECT_EQ(told.first_lines, (Calls{"spam,", "says 100%"}));
    EXPECT_EQ(told.text, "OPES-System: https://opes.example/");
    EXPECT_EQ(calls, Calls{"spam"});
}

TEST_F(OpesRole, ADiscardIsARefusal) {
    answers["spam"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return milter::Discard{};
    };
    EXPECT_EQ(reply(judged()).code, "550");
}

TEST_F(OpesRole, AServiceThatFailsEndsTheMessageUnlessItMayBeMissing) {
    answers["spam"] = answers["virus"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return std::unexpected(Error{.id = "roles.service.silent"});
    };
    const auto told = reply(judged());
    EXPECT_EQ(told.code + " " + told.status, "451 4.3.0");
    EXPECT_EQ(told.text, "OPES-System: https://opes.example/");
    EXPECT_EQ(calls, Calls{"spam"});

    calls.clear();
    for (OpesService& service : settings.services) service.on_failure = OnFailure::GoOn;
    EXPECT_EQ(reply(judged()).code, "451");  // for the one that is indispensable
    EXPECT_EQ(calls, (Calls{"spam", "virus"}));

    answers.erase("virus");
    EXPECT_EQ(header(judged()).find(spam), std::string::npos);
}

TEST_F(OpesRole, WhoMayAskIsHeard) {
    constexpr std::string_view asking = "OPES-Bypass: *\r\nSubject: s\r\n\r\nbody\r\n";
    (void)judged(asking);
    EXPECT_EQ(calls, (Calls{"spam", "virus"}));
    calls.clear();
    login = "alice";
    const auto by_field = judged(asking);
    EXPECT_EQ(calls, Calls{"virus"});
    EXPECT_EQ(header(by_field),
              "OPES-System: https://opes.example/\r\nOPES-Via: https://opes.example/virus\r\n"
              "OPES-Bypass: *\r\nSubject: s\r\n");
    calls.clear();
    login.clear();
    settings.own_clients = {"192.0.2.1"};
    (void)judged(asking);
    EXPECT_EQ(calls, Calls{"virus"});
}

TEST_F(OpesRole, ARequestOfTheDialogueGoesOnInTheMessage) {
    login = "alice";
    parameters = {"SIZE=1", "XOPESBYPASS=https://opes.example/spam"};
    const auto answer = judged();
    EXPECT_EQ(calls, Calls{"virus"});
    EXPECT_TRUE(header(answer).starts_with("OPES-Bypass: https://opes.example/spam\r\n"));
}

TEST_F(OpesRole, AParameterThatCanNotBeReadIsRefusedAtOnce) {
    parameters = {"XOPESBYPASS=+zz"};
    const auto refused = role().refuses_sender(session());
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code + " " + refused->status, "501 5.5.4");
    parameters.clear();
    const auto of_recipient =
        role().refuses_recipient(session(), {"<c@y.example>", {"XOPESBYPASS="}});
    ASSERT_TRUE(of_recipient);
    EXPECT_EQ(of_recipient->code, "501");
}

TEST_F(OpesRole, ARecipientWhoAsksForAnotherBypassGetsAMessageOfItsOwn) {
    login = "alice";
    const milter::Path asking{"<c@y.example>", {"XOPESBYPASS=*"}};
    const auto refused = role().refuses_recipient(session(), asking);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code + " " + refused->status, "452 4.5.3");
    EXPECT_FALSE(role().refuses_recipient(session(), {"<c@y.example>", {}}));
    // It changes nothing for whoever is not heard.
    login.clear();
    EXPECT_FALSE(role().refuses_recipient(session(), asking));
}

TEST_F(OpesRole, WhatAServiceRefusesIsHeldWhereItIsToBe) {
    settings.services[0].what.refusing = opes::Refusing::Quarantines;
    answers["spam"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return milter::Refused{{"550 5.7.1 Spam"}};
    };
    auto answer = judged();
    EXPECT_EQ(std::get<milter::Deliver>(answer.verdict).changes.quarantine,
              "Spam; OPES-System: https://opes.example/");
    EXPECT_EQ(calls, (Calls{"spam", "virus"}));
    EXPECT_NE(
        header(answer).find("OPES-Via: https://opes.example/spam, https://opes.example/virus"),
        std::string::npos);

    answers["spam"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return milter::Discard{};
    };
    answer = judged();
    EXPECT_TRUE(std::get<milter::Deliver>(answer.verdict).changes.quarantine);
    answers["spam"] = [](const milter::Message&) -> Result<CalloutVerdict> {
        return milter::Refused{{"451 4.7.1 Later"}};
    };
    EXPECT_EQ(reply(judged()).code, "451");
}

TEST_F(OpesRole, WhoHasNotAgreedIsNotServed) {
    settings.system.consents = {{.who = {"c@y.example"}, .services = {"*"}}};
    const auto answer = judged();
    EXPECT_TRUE(calls.empty());
    EXPECT_EQ(header(answer), "OPES-System: https://opes.example/\r\nSubject: s\r\n");
    // One who has needs a message of its own.
    const auto other = role().refuses_recipient(session(), {"<c@y.example>", {}});
    ASSERT_TRUE(other);
    EXPECT_EQ(other->code, "452");
}

TEST_F(OpesRole, AListOfPairsLetsMailThrough) {
    struct Listed final : Allowances {
        std::shared_ptr<const opes::AllowList> now() const override {
            return std::make_shared<const opes::AllowList>(
                opes::parse_allow_list("@x.example b@y.example\n"));
        }
    };
    auto caller = std::make_unique<Caller>();
    caller->calls = &calls;
    const Opes listing(settings, rules, std::move(caller), std::make_unique<Listed>());
    const auto shown = session();
    constexpr std::string_view octets = "Subject: s\r\n\r\nbody\r\n";
    const auto parsed = imf::view_message(octets).value();
    (void)listing.judge(
        {.session = shown, .octets = octets, .header = parsed.header, .body = parsed.body});
    EXPECT_EQ(calls, Calls{"virus"});
}

TEST_F(OpesRole, AServiceOfTheDialogueIsAskedForItsCommand) {
    settings.services[0].what.stage = opes::Stage::Sender;
    settings.services[1].what.stage = opes::Stage::Recipient;
    answers["virus"] = [](const milter::Message& message) -> Result<CalloutVerdict> {
        EXPECT_EQ(message.session.envelope.recipients.size(), 1u);
        EXPECT_EQ(message.session.envelope.recipients.front().address, "<c@y.example>");
        return milter::Refused{{"550 5.7.1 not this one"}};
    };
    EXPECT_FALSE(role().refuses_sender(session()));
    EXPECT_EQ(calls, Calls{"spam"});
    const auto refused = role().refuses_recipient(session(), {"<c@y.example>", {}});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->first_lines, Calls{"not this one"});
    EXPECT_EQ(refused->text, "OPES-System: https://opes.example/");
    calls.clear();
    (void)judged();
    EXPECT_TRUE(calls.empty());
}

TEST(ServiceSocket, IsWrittenAsLibmilterHasIt) {
    EXPECT_EQ(parse_service_socket("unix:/run/a"), ServiceSocket{.path = "/run/a"});
    EXPECT_EQ(parse_service_socket("inet:8891@127.0.0.1"),
              (ServiceSocket{.address = "127.0.0.1", .port = 8891}));
    EXPECT_EQ(parse_service_socket("inet6:8891@::1"),
              (ServiceSocket{.address = "::1", .port = 8891}));
    for (const char* wrong : {"", "unix:", "inet:", "inet:8891", "inet:0@::1", "inet:65536@::1",
                              "inet:8891@", "/run/a"}) {
        EXPECT_EQ(parse_service_socket(wrong).error().id, "roles.service.socket") << wrong;
    }
}

}  // namespace
}  // namespace mailassay::roles
