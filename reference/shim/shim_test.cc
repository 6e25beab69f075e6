#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "crypto/test_certificates.h"
#include "shim/answer.h"
#include "shim/request.h"

namespace mailassay::shim {
namespace {

using Json = nlohmann::json;

std::string pem_of_key(const crypto::Identity& identity) {
    const crypto::TestFolder folder;
    std::ifstream file(folder.write_key("key.pem", identity));
    return {std::istreambuf_iterator<char>(file), {}};
}

class Shim : public testing::Test {
  protected:
    secureheaders::StandardRules rules;
    dca::StandardRules confidentiality;
    opes::StandardRules adaptation;
    mixer::StandardRules border;
    release::StandardRules release;
    base::SystemClock clock;
    base::SeededRandom random{1};
    Environment environment{.secure_headers = rules,
                            .confidentiality = confidentiality,
                            .adaptation = adaptation,
                            .border = border,
                            .release = release,
                            .clock = clock,
                            .random = random,
                            .version = "1.2.3"};

    Json answered_line(std::string_view line) { return Json::parse(answer(line, environment)); }
    Json answered(const Json& request) { return answered_line(request.dump()); }
    std::string fault(std::string_view line) {
        const Json answer = answered_line(line);
        return answer.value("error", "no error in " + answer.dump());
    }
};

TEST_F(Shim, TellsWhatItIs) {
    const Json answer = answered_line(R"({"id": "7", "op": "info"})");
    EXPECT_EQ(answer["id"], "7");
    EXPECT_EQ(answer["result"]["version"], "1.2.3");
    EXPECT_EQ(answer["result"]["operations"],
              (Json{"verify", "sign", "canonicalize", "encrypt", "decrypt", "trace", "bypass",
                    "report", "statement", "to-x400", "from-x400", "authorize", "check-release"}));
}

TEST_F(Shim, WhatItDoesNotKnowIsUnimplemented) {
    EXPECT_EQ(answered_line(R"({"id": "a", "op": "fly", "higher": 1})"),
              (Json{{"id", "a"}, {"unimplemented", true}}));
}

TEST_F(Shim, EveryBadRequestIsAnsweredWithItsFault) {
    EXPECT_TRUE(fault("").starts_with("shim.request.syntax"));
    EXPECT_TRUE(fault("[1]").starts_with("shim.request.syntax"));
    EXPECT_TRUE(fault(R"({"op": "info"})").starts_with("shim.request.no-id"));
    EXPECT_TRUE(fault(R"({"id": 1, "op": "info"})").starts_with("shim.request.no-id"));
    EXPECT_TRUE(fault(R"({"id": "1"})").starts_with("shim.request.missing"));
    EXPECT_TRUE(
        fault(R"({"id": "1", "op": "info", "x": 1})").starts_with("shim.request.unknown-key"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify"})").starts_with("shim.request.missing"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify", "message": "%"})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify", "message": "", "trust": ["no PEM"]})")
                    .starts_with("crypto.certificate."));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify", "message": "", "time": "noon"})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(
        fault(R"({"id": "1", "op": "verify", "message": "", "policy": {"secured": {"a:": "x"}}})")
            .starts_with("secureheaders.policy."));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify", "message": "", "edition": "rfcs"})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "sign", "message": "", "signers": [{"key": ""}]})")
                    .starts_with("shim.request.missing"));
}

TEST_F(Shim, WhatIsToldOfASystemIsChecked) {
    const auto of_system = [&](const std::string& members) {
        return fault(
            R"({"id": "1", "op": "statement", "edition": "rfc", "services": [], "system": )"
            R"({"uri": "https://opes.example/", )" +
            members + "}}");
    };
    for (const char* wrong :
         {R"("consents": 1)", R"("consents": [1])",
          R"("consents": [{"who": ["nobody"], "services": []}])",
          R"("consents": [{"side": "both", "who": [], "services": []}])", R"("handling": 1)",
          R"("handling": {"sees": "all"})", R"("handling": {"kept_days": -1})",
          R"("handling": {"kept_days": 36501})", R"("responsible": 1)"}) {
        EXPECT_TRUE(of_system(wrong).starts_with("shim.request.wrong-type")) << wrong;
    }
    EXPECT_TRUE(of_system(R"("handling": {"kept": 1})").starts_with("shim.request.unknown-key"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "bypass", "message": "", "services": [], )"
                      R"("system": {"uri": "https://opes.example/"}, "recipients": [], )"
                      R"("allowed": [{"sender": "a@x"}]})")
                    .starts_with("shim.request.missing"));
}

TEST_F(Shim, PoliciesDoNotNestWithoutEnd) {
    std::string nested;
    for (int i = 0; i < 1000; ++i) nested += R"({"outer":)";
    nested += "1" + std::string(1000, '}');
    EXPECT_TRUE(fault(R"({"id": "1", "op": "verify", "message": "", "policy": )" + nested + "}")
                    .starts_with("shim.request.wrong-type"));
}

TEST_F(Shim, AnIdThatIsNoUtf8StillGetsAnAnswer) {
    EXPECT_EQ(answered_line("{\"id\": \"\xff\", \"op\": \"info\"}")["id"], "");
}

TEST_F(Shim, CanonicalizesAField) {
    const Json answer = answered({{"id", "1"},
                                  {"op", "canonicalize"},
                                  {"algorithm", "relaxed"},
                                  {"field", base::encode_base64("SubJect: a\r\n  b \r\n")}});
    EXPECT_EQ(answer["result"]["name"], base::encode_base64("subject"));
    EXPECT_EQ(answer["result"]["value"], base::encode_base64("a b"));
    const Json two = answered(
        {{"id", "1"}, {"op", "canonicalize"}, {"field", base::encode_base64("A: b\r\nC: d\r\n")}});
    EXPECT_TRUE(two.contains("error"));
}

TEST_F(Shim, WhatItSignsItVerifies) {
    const crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    const crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    const std::string key_pem = pem_of_key(alice);
    const Json policy = {{"secured", {{"Subject", "duplicated"}}}, {"shared", true}};
    const Json made = answered(
        {{"id", "1"},
         {"op", "sign"},
         {"edition", "rfc"},
         {"message", base::encode_base64("From: alice@example.org\r\nSubject: x\r\n\r\nhello\r\n")},
         {"encapsulation", "opaque"},
         {"signers",
          {{{"certificate", crypto::Certificate(alice.certificate).to_pem()}, {"key", key_pem}}}},
         {"policy", policy}});
    ASSERT_EQ(made["result"]["outcome"], "signed") << made;
    const Json told = answered({{"id", "2"},
                                {"op", "verify"},
                                {"message", made["result"]["message"]},
                                {"trust", {crypto::Certificate(authority.certificate).to_pem()}},
                                {"policy", policy}});
    EXPECT_EQ(told["result"]["outcome"], "valid") << told;
    const Json garbage = answered(
        {{"id", "3"},
         {"op", "verify"},
         {"message", base::encode_base64("Content-Type: application/pkcs7-mime\r\n\r\nx\r\n")}});
    EXPECT_EQ(garbage["result"]["outcome"], "unreadable") << garbage;
    EXPECT_TRUE(garbage["result"].contains("reason"));
}

TEST_F(Shim, WhatItEncryptsItDecrypts) {
    const crypto::Identity bob = crypto::make_identity({.mail_addresses = {"bob@example.net"}});
    const crypto::Identity carol = crypto::make_identity({.mail_addresses = {"c@example.net"}});
    const auto pem_of = [](const crypto::Identity& identity) {
        return crypto::Certificate(identity.certificate).to_pem();
    };
    const std::string message = base::encode_base64(
        "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello\r\n");
    Json request = {{"id", "1"},
                    {"op", "encrypt"},
                    {"edition", "rfc"},
                    {"message", message},
                    {"cipher", "aes-256-gcm"},
                    {"recipients", {pem_of(bob)}},
                    {"replacements", {{"Subject", "..."}}}};
    const Json made = answered(request)["result"];
    ASSERT_EQ(made["outcome"], "encrypted") << made;
    EXPECT_EQ(made["header"], "not-signed");
    EXPECT_EQ(made["flags"], Json::array());
    const auto opened = [&](const Json& octets, const crypto::Identity& by) {
        return answered({{"id", "2"},
                         {"op", "decrypt"},
                         {"message", octets},
                         {"certificate", pem_of(by)},
                         {"key", pem_of_key(by)},
                         {"addresses", {"bob@example.net"}}})["result"];
    };
    EXPECT_EQ(opened(made["message"], bob)["message"], message);
    EXPECT_EQ(opened(made["message"], carol)["outcome"], "not-a-recipient");
    EXPECT_EQ(opened(message, bob)["outcome"], "not-encrypted");
    const std::string broken =
        base::encode_base64("Content-Type: application/pkcs7-mime\r\n\r\nx\r\n");
    EXPECT_EQ(opened(broken, bob)["outcome"], "unreadable");
    request["recipients"] = Json::array();
    EXPECT_EQ(answered(request)["result"]["outcome"], "refused");
}

TEST_F(Shim, BadRequestsToAnAuthorityAreTold) {
    EXPECT_TRUE(fault(R"({"id": "1", "op": "encrypt", "message": "", "cipher": "rot13"})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "encrypt", "message": "", "addresses": [1]})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "encrypt", "message": "", "replacements": {"To": 1}})")
                    .starts_with("shim.request.wrong-type"));
    EXPECT_TRUE(fault(R"({"id": "1", "op": "decrypt", "message": "", "certificate": "x"})")
                    .starts_with("crypto.certificate."));
}

}  // namespace
}  // namespace mailassay::shim
