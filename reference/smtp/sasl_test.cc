#include "smtp/sasl.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "smtp/server.h"
#include "smtp/test_support.h"

namespace mailassay::smtp {
namespace {

using namespace std::string_literals;

// Lets roger in, inside TLS.
class LoginPolicy final : public ServerPolicy {
  public:
    std::vector<Extension> extensions(Channel) const override { return {}; }
    std::optional<Reply> on_mail(const Path&, const std::vector<Parameter>&, Channel) override {
        return std::nullopt;
    }
    std::optional<Reply> on_rcpt(const Recipient&, const Envelope&) override {
        return std::nullopt;
    }
    AuthOffer auth_offer(Channel channel) const override {
        return channel == Channel::Tls ? AuthOffer::Now : AuthOffer::NeedsTls;
    }
    std::optional<Reply> on_credentials(const Credentials& given) override {
        if (given == Credentials{"", "roger", "secret"}) return std::nullopt;
        return make_reply(535, {5, 7, 8}, "Wrong credentials");
    }
};

// What a server says to the lines, behind its greeting.
std::string replies(const std::vector<std::string>& lines, Channel channel = Channel::Tls) {
    LoginPolicy policy;
    Server server(ServerConfig{.hostname = "mx.example", .channel = channel}, policy);
    (void)server.take_output();
    std::string said;
    for (const std::string& line : lines) {
        server.receive(line + "\r\n");
        (void)server.next_event();
        const std::string output = server.take_output();
        if (!line.starts_with("EHLO")) said += output.substr(0, output.find(' ')) + "\n";
    }
    return said;
}

const std::string plain = base::encode_base64("\0roger\0secret"s);
const std::string name = base::encode_base64("roger");
const std::string password = base::encode_base64("secret");

TEST(Sasl, PlainHasThreeParts) {
    EXPECT_EQ(parse_plain("a\0b\0c"s), (Credentials{"a", "b", "c"}));
    for (const std::string& bad :
         {""s, "b"s, "a\0b"s, "a\0\0c"s, "a\0b\0"s, "a\0b\0c\0d"s, "a\0b\0\xff"s, "\xff\0b\0c"s}) {
        EXPECT_EQ(parse_plain(bad).error().id, "smtp.sasl.plain") << bad;
    }
}

TEST(Sasl, LogsInByEveryWay) {
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN " + plain}), "235\n");
    EXPECT_EQ(replies({"EHLO c", "auth plain", plain}), "334\n235\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH LOGIN", name, password}), "334\n334\n235\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH LOGIN " + name, password}), "334\n235\n");
}

TEST(Sasl, RefusesWhatIsOutOfPlace) {
    EXPECT_EQ(replies({"AUTH PLAIN " + plain}), "502\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN " + plain}, Channel::Plaintext), "538\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN " + plain, "AUTH PLAIN " + plain}), "235\n503\n");
    EXPECT_EQ(replies({"EHLO c", "MAIL FROM:<>", "AUTH PLAIN " + plain}), "250\n503\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH GSSAPI"}), "504\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH"}), "501\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN a b"}), "501\n");
}

TEST(Sasl, AFailedExchangeLeavesTheSessionAsItWas) {
    const std::string wrong = base::encode_base64("\0roger\0guess"s);
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN " + wrong, "AUTH PLAIN " + plain}), "535\n235\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN", "*", "NOOP"}), "334\n501\n250\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN", "no base64", "NOOP"}), "334\n501\n250\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN =", "NOOP"}), "501\n250\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH LOGIN", "", "NOOP"}), "334\n501\n250\n");
    EXPECT_EQ(replies({"EHLO c", "AUTH PLAIN", std::string(3000, 'A'), "NOOP"}), "334\n500\n250\n");
}

TEST(Sasl, GuessesEndTheSession) {
    std::vector<std::string> lines = {"EHLO c"};
    lines.resize(21, "AUTH PLAIN " + base::encode_base64("\0roger\0guess"s));
    EXPECT_TRUE(replies(lines).ends_with("535\n421\n"));
}

}  // namespace
}  // namespace mailassay::smtp
