#include "opes/consent.h"

#include <gtest/gtest.h>

#include "opes/processing.h"

namespace mailassay::opes {
namespace {

const Service spam{.uri = "https://opes.example/spam"};
const Service scan{.uri = "https://opes.example/scan", .necessity = Necessity::Indispensable};
const StandardRules rules;

System agreed_by(std::vector<Consent> consents) {
    return {
        .uri = "https://opes.example/", .services = {spam, scan}, .consents = std::move(consents)};
}

std::vector<std::string> called(const System& system, std::string_view recipient,
                                Requester requester = Requester::Unknown,
                                std::span<const Allowance> allowances = {}) {
    const Requests requests{.sender = "ann@sender.example",
                            .recipients = {{.address = std::string(recipient)}},
                            .requester = requester,
                            .allowances = allowances};
    std::vector<std::string> uris;
    const auto made = plan({}, requests, system, rules);
    for (const Service& each : made->recipients.front().called) uris.push_back(each.uri);
    return uris;
}

using Uris = std::vector<std::string>;

TEST(Consent, OfNobodyIsNone) {
    EXPECT_EQ(called(agreed_by({}), "bob@example.net"), Uris{});
}

TEST(Consent, OfARecipientIsForThatRecipient) {
    const System system =
        agreed_by({{.who = {"bob@example.net", "@all.example"}, .services = {spam.uri}}});
    EXPECT_EQ(called(system, "bob@example.net"), Uris{spam.uri});
    EXPECT_EQ(called(system, "Bob@Example.NET"), Uris{spam.uri});
    EXPECT_EQ(called(system, "anybody@all.example"), Uris{spam.uri});
    EXPECT_EQ(called(system, "ann@example.net"), Uris{});
    EXPECT_EQ(called(system, "anybody@not-all.example"), Uris{});
    EXPECT_EQ(called(system, ""), Uris{}) << "nobody is known at MAIL";
}

TEST(Consent, OfASenderIsHeldGoodWhenHeIsKnown) {
    const System system = agreed_by({{.side = Side::Sender,
                                      .who = {"@sender.example"},
                                      .services = {"https://opes.example/"}}});
    EXPECT_EQ(called(system, "bob@example.net"), Uris{});
    EXPECT_EQ(called(system, "bob@example.net", Requester::Authenticated),
              (Uris{spam.uri, scan.uri}));
}

TEST(AllowList, LetsAPairThroughWithoutWhatMayBeLeftOut) {
    const System system = agreed_by({consent_of_all_recipients()});
    const std::vector<Allowance> all{{"ann@sender.example", "bob@example.net"}};
    EXPECT_EQ(called(system, "bob@example.net", Requester::Unknown, all), Uris{scan.uri});
    EXPECT_EQ(called(system, "other@example.net", Requester::Unknown, all).size(), 2U);
    const std::vector<Allowance> one{{"@sender.example", "@example.net", {scan.uri}}};
    EXPECT_EQ(called(system, "bob@example.net", Requester::Unknown, one).size(), 2U);
}

TEST(AllowList, IsReadLineByLine) {
    const auto list = parse_allow_list(
        "# of the page\n\nann@a.example bob@b.example\r\n"
        "@a.example\tbob@b.example https://opes.example/spam?1 *  # why\n"
        "one@a.example\n* bob@b.example\nann@a.example * \nann@a.example bob@b.example no-uri\n"
        "ann bob@b.example\n");
    ASSERT_EQ(list.allowances.size(), 2U);
    EXPECT_EQ(list.allowances[0], (Allowance{"ann@a.example", "bob@b.example", {}}));
    EXPECT_EQ(list.allowances[1],
              (Allowance{"@a.example", "bob@b.example", {"https://opes.example/spam?1", "*"}}));
    EXPECT_EQ(list.faults, (std::vector<std::size_t>{5, 6, 7, 8, 9}));
}

TEST(AllowList, IsBounded) {
    std::string many;
    for (std::size_t i = 0; i < allow_list_lines + 5; ++i) many += "a@a b@b\n";
    EXPECT_EQ(parse_allow_list(many).allowances.size(), allow_list_lines);
    const std::string longest = "a@a b@b " + std::string(allow_line_octets, '*');
    EXPECT_EQ(parse_allow_list(longest).faults, std::vector<std::size_t>{1});
}

TEST(Quarantine, HoldsWhatIsRefusedForGood) {
    const System system = agreed_by({});
    const Service holding{.uri = "https://opes.example/spam", .refusing = Refusing::Quarantines};
    const auto refusal = smtp::make_reply(550, {5, 7, 1}, "Spam");
    EXPECT_EQ(rules.held(holding, refusal, system), "Spam; OPES-System: https://opes.example/");
    EXPECT_FALSE(rules.held(spam, refusal, system));
    const auto wordy = smtp::make_reply(550, {5, 7, 1}, std::string(480, 'x'));
    const auto reason = rules.held(holding, wordy, system).value();
    EXPECT_EQ(reason, std::string(400, 'x') + "; OPES-System: https://opes.example/");
    EXPECT_FALSE(rules.held(holding, smtp::make_reply(451, {4, 7, 1}, "Later"), system));
}

TEST(Statement, SaysWhatTheSystemIs) {
    System system = agreed_by({consent_of_all_recipients()});
    system.responsible = "mailto:postmaster@opes.example";
    system.services[1].handling = {.sees = Sight::Content, .references = References::Links};
    const Statement stated = rules.stated(system);
    EXPECT_EQ(stated.policy, system.uri) << "the URI leads to it unless a parameter does";
    EXPECT_EQ(stated.responsible, "mailto:postmaster@opes.example");
    ASSERT_EQ(stated.services.size(), 2U);
    EXPECT_EQ(stated.services[1].handling.references, References::Links);
    EXPECT_TRUE(stated.services[1].is_indispensable);
    EXPECT_EQ(stated.consents, system.consents);
    system.parameters = {{"policy", "https://opes.example/privacy"}};
    EXPECT_EQ(rules.stated(system).policy, "https://opes.example/privacy");
}

}  // namespace
}  // namespace mailassay::opes
