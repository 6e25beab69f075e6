#include "opes/processing.h"

#include <gtest/gtest.h>

#include "opes/address_fields.h"

namespace mailassay::opes {
namespace {

const Service footer{.uri = "https://opes.example/footer"};
const Service scan{.uri = "https://opes.example/scan", .necessity = Necessity::Indispensable};
const Service filter{.uri = "https://opes.example/rcpt", .stage = Stage::Recipient};
const System here{.uri = "https://opes.example/",
                  .parameters = {{"policy", "https://opes.example/privacy"}},
                  .services = {filter, footer, scan},
                  .consents = {consent_of_all_recipients()}};
const StandardRules rules;

imf::Message message_of(std::string_view header, std::string_view body = "text\r\n") {
    return *imf::parse_message(std::string(header) + "\r\n" + std::string(body));
}

std::string header_after(Processing& processing, const Service& service,
                         const imf::HeaderSection& came) {
    processing.returned(service, came, processing.message().body);
    return processing.message().header.to_octets();
}

constexpr std::string_view own =
    "OPES-System: https://opes.example/; policy=\"https://opes.example/privacy\"\r\n";
constexpr std::string_view own_via = "OPES-Via: https://opes.example/footer\r\n";

TEST(Trace, StandsOnTopBeforeAnyServiceIsCalled) {
    const Processing processing(message_of("Received: x\r\nSubject: s\r\n"), here, rules);
    EXPECT_EQ(processing.message().header.to_octets(),
              std::string(own) + "Received: x\r\nSubject: s\r\n");
}

TEST(Trace, GoesIntoOpesViaToWhereOthersHaveIt) {
    const Processing processing(message_of("OPES-Via: http://other/\r\n"), here, rules);
    EXPECT_EQ(processing.message().header.to_octets(),
              std::string(own) + "OPES-Via: https://opes.example/\r\nOPES-Via: http://other/\r\n");
}

TEST(Trace, NamesTheServicesInTheirOrder) {
    Processing processing(message_of("Subject: s\r\n"), here, rules);
    EXPECT_EQ(header_after(processing, footer, processing.message().header),
              std::string(own) + std::string(own_via) + "Subject: s\r\n");
    EXPECT_EQ(header_after(processing, scan, processing.message().header),
              std::string(own) +
                  "OPES-Via: https://opes.example/footer, https://opes.example/scan\r\n"
                  "Subject: s\r\n");
    EXPECT_TRUE(processing.finished());
}

TEST(Trace, ComesBackWhenAServiceTakesIt) {
    Processing processing(message_of("OPES-System: http://a/\r\nSubject: s\r\n"), here, rules);
    EXPECT_EQ(header_after(processing, footer, message_of("Subject: s\r\n").header),
              std::string(own) + std::string(own_via) + "OPES-System: http://a/\r\nSubject: s\r\n");
}

TEST(Trace, ComesBackWhereItStoodWhenPartOfItIsTaken) {
    Processing processing(message_of("X: 1\r\nOPES-System: http://a/\r\nSubject: s\r\n"), here,
                          rules);
    const auto came = message_of("X: 1\r\nOPES-System: http://a/\r\nSubject: changed\r\n").header;
    EXPECT_EQ(header_after(processing, footer, came),
              "X: 1\r\n" + std::string(own) + std::string(own_via) +
                  "OPES-System: http://a/\r\nSubject: changed\r\n");
}

TEST(Trace, TakesNoSystemFromAService) {
    Processing processing(message_of("Subject: s\r\n"), here, rules);
    auto came = processing.message().header;
    came.prepend(*imf::make_field("OPES-System", "http://forged/"));
    came.prepend(*imf::make_field("OPES-Via", "http://delegated/"));
    EXPECT_EQ(header_after(processing, footer, came), "OPES-Via: http://delegated/\r\n" +
                                                          std::string(own) + std::string(own_via) +
                                                          "Subject: s\r\n");
}

TEST(Trace, IsInARefusal) {
    const auto reply =
        rules.explained(smtp::make_reply(550, {5, 7, 1}, "No viruses\xff here"), here);
    EXPECT_EQ(to_octets(reply),
              "550-5.7.1 No viruses? here\r\n550 5.7.1 OPES-System: https://opes.example/\r\n");
}

TEST(Content, ThatIsProtectedIsLeftAlone) {
    const std::string_view types[] = {"multipart/signed; boundary=b",
                                      "multipart/encrypted; boundary=b",
                                      "application/pkcs7-mime; smime-type=enveloped-data"};
    for (const std::string_view type : types) {
        Processing processing(message_of("Content-Type: " + std::string(type) + "\r\n", "as it is"),
                              here, rules);
        processing.returned(footer, processing.message().header, "changed");
        EXPECT_EQ(processing.message().body, "as it is") << type;
    }
    Processing plain(message_of("Subject: s\r\n", "as it is"), here, rules);
    plain.returned(footer, plain.message().header, "changed");
    EXPECT_EQ(plain.message().body, "changed");
}

TEST(Content, ThatIsProtectedKeepsItsDescription) {
    const std::string_view header =
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n";
    Processing processing(message_of(header, "as it is"), here, rules);
    auto came = message_of("Subject: new\r\nContent-Type: text/plain\r\nX: 1\r\n").header;
    EXPECT_EQ(header_after(processing, footer, came), std::string(own) + std::string(own_via) +
                                                          "Subject: new\r\n" + std::string(header) +
                                                          "X: 1\r\n");
}

TEST(Content, OfAProtectedPartStaysWhereItsNeighboursChange) {
    const std::string part =
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMII=";
    const std::string header = "Content-Type: multipart/mixed; boundary=b\r\n";
    const auto body = [&](const std::string& note, const std::string& kept) {
        return "--b\r\n\r\n" + note + "\r\n--b\r\n" + kept + "\r\n--b--\r\n";
    };
    Processing processing(message_of(header, body("note", part)), here, rules);
    const auto came = processing.message().header;
    processing.returned(footer, came, body("note and footer", part));
    EXPECT_EQ(processing.message().body, body("note and footer", part));
    processing.returned(footer, came, body("note", part + " "));
    EXPECT_EQ(processing.message().body, body("note and footer", part));
    processing.returned(footer, message_of("Content-Type: text/plain\r\n").header, "all text");
    EXPECT_EQ(processing.message().body, body("note and footer", part));
    EXPECT_NE(processing.message().header.to_octets().find(header), std::string::npos);
}

TEST(Addresses, AreRewrittenAlike) {
    const auto header = message_of(
                            "From: \"in@x\" <in@x> (in@x)\r\nCc: a@x, In@X,\r\n in@x.y\r\n"
                            "Subject: in@x\r\nResent-To: in@x\r\n")
                            .header;
    EXPECT_EQ(with_addresses(header, {{"in@x", "out@y"}}).to_octets(),
              "From: \"in@x\" <out@y> (in@x)\r\nCc: a@x, out@y,\r\n in@x.y\r\n"
              "Subject: in@x\r\nResent-To: out@y\r\n");
}

std::vector<std::string> called(const Plan& plan, std::size_t recipient = 0) {
    std::vector<std::string> uris;
    for (const Service& service : plan.recipients.at(recipient).called) uris.push_back(service.uri);
    return uris;
}

Requests by(std::string_view parameter, Requester requester = Requester::Authenticated) {
    Requests requests{.recipients = {{.address = "a@x"}, {.address = "b@x"}},
                      .requester = requester,
                      .next_hop = NextHop::Supports};
    if (!parameter.empty()) requests.sender_parameters = {std::string(parameter)};
    return requests;
}

TEST(Bypass, LeavesOutWhatMayBeLeftOut) {
    const auto made = plan({}, by("XOPESBYPASS=*"), here, rules);
    ASSERT_TRUE(made);
    EXPECT_EQ(called(*made), std::vector<std::string>{scan.uri});
    EXPECT_EQ(made->sender_parameters, std::vector<std::string>{"XOPESBYPASS=*"});
}

TEST(Bypass, IsHeededOfThoseWhoAreKnown) {
    const auto made = plan({}, by("XOPESBYPASS=*", Requester::Unknown), here, rules);
    EXPECT_EQ(called(*made).size(), 3U);
}

TEST(Bypass, OfOneServiceLeavesTheOthers) {
    const auto made = plan({}, by("XOPESBYPASS=https://opes.example/footer"), here, rules);
    EXPECT_EQ(called(*made), (std::vector<std::string>{filter.uri, scan.uri}));
}

TEST(Bypass, OfWhomNobodyKnowsIsOfAll) {
    const auto made = plan({}, by("XOPESBYPASS=https://elsewhere.example/"), here, rules);
    EXPECT_EQ(called(*made), std::vector<std::string>{scan.uri});
}

TEST(Bypass, ByTheMessageComesTooLateForTheDialogue) {
    const auto made = plan(message_of("OPES-Bypass: *\r\n").header, by(""), here, rules);
    EXPECT_EQ(called(*made), (std::vector<std::string>{filter.uri, scan.uri}));
}

TEST(Bypass, OfARecipientIsForThatRecipient) {
    Requests requests = by("");
    requests.recipients[1].parameters = {"XOPESBYPASS=*"};
    auto made = plan({}, requests, here, rules);
    EXPECT_EQ(called(*made, 0).size(), 3U);
    EXPECT_EQ(called(*made, 1), std::vector<std::string>{scan.uri});
    EXPECT_EQ(made->recipients[1].parameters, std::vector<std::string>{"XOPESBYPASS=*"});
    requests.next_hop = NextHop::DoesNot;
    made = plan({}, requests, here, rules);
    EXPECT_FALSE(made->field) << "the field would speak for the other one";
    requests.recipients[0].parameters = {"XOPESBYPASS=*"};
    EXPECT_TRUE(plan({}, requests, here, rules)->field->all);
}

TEST(Bypass, ThatCanNotBeReadEndsTheCommand) {
    EXPECT_EQ(plan({}, by("XOPESBYPASS=nonsense"), here, rules).error().id, "opes.bypass.agent");
}

TEST(Reports, NameTheSystem) {
    dsn::Report report;
    describe(report, here, rules);
    ASSERT_EQ(report.other_fields.size(), 1U);
    EXPECT_EQ(report.other_fields[0].first, "X-OPES-System");
    EXPECT_NE(report.explanation.find("https://opes.example/"), std::string::npos);
}

}  // namespace
}  // namespace mailassay::opes
