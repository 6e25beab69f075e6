#include "net/https.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "crypto/test_certificates.h"
#include "net/stream.h"

namespace mailassay::net {
namespace {

using crypto::Identity;
using crypto::make_identity;
using crypto::TestFolder;
using crypto::Wish;

Deadline soon() {
    return after(std::chrono::seconds(20));
}

std::string reply(std::string_view status, std::string_view more, std::string_view body) {
    return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                       more, body.size(), body);
}

class Https : public testing::Test {
  protected:
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

    // Asks a server that answers with these octets, and shows this certificate.
    Result<std::string> get(const std::string& answer, HttpsRequest request,
                            const Identity& identity) {
        const TlsServer tls = TlsServer::create(folder_.write_certificates("c.pem", {identity}),
                                                folder_.write_key("k.pem", identity))
                                  .value();
        Listener listener = Listener::open("127.0.0.1", 0).value();
        std::thread server([&] {
            auto accepted = listener.accept(soon());
            if (!accepted) return;
            Stream stream(std::move(accepted->socket));
            if (!stream.start_tls(tls, soon())) return;
            const auto asked = stream.read(soon());
            if (!asked || asked->empty()) return;
            asked_ = *asked;
            (void)stream.write(answer, soon());
            stream.close();
        });
        request.port = listener.port();
        auto result = https_get(request);
        server.join();
        return result;
    }
    Result<std::string> get(const std::string& answer) { return get(answer, request_, good_); }
    [[nodiscard]] std::string_view fault_of(const std::string& answer) {
        const auto result = get(answer);
        return result ? std::string_view("none") : result.error().id;
    }

    TestFolder folder_;
    Identity authority_ = make_identity({.common_name = "authority"});
    Identity good_ = make_identity({.names = {"mta-sts.to.example"}}, &authority_);
    HttpsRequest request_{.host = "mta-sts.to.example",
                          .path = "/.well-known/mta-sts.txt",
                          .addresses = {"127.0.0.1"},
                          .ca_file = folder_.write_certificates("ca.pem", {authority_}),
                          .max_octets = 100,
                          .media_type = "text/plain"};
    std::string asked_;
};

constexpr std::string_view text = "Content-Type: text/plain\r\n";

TEST_F(Https, GetsABody) {
    EXPECT_EQ(get(reply("200 OK", text, "hello")), "hello");
    EXPECT_TRUE(asked_.starts_with("GET /.well-known/mta-sts.txt HTTP/")) << asked_;
    EXPECT_NE(asked_.find("Host: mta-sts.to.example"), std::string::npos);
}

TEST_F(Https, MediaType) {
    EXPECT_EQ(fault_of(reply("200 OK", "Content-Type: Text/Plain ; charset=utf-8\r\n", "x")),
              "none");
    EXPECT_EQ(fault_of(reply("200 OK", "Content-Type: text/html\r\n", "x")),
              "net.https.media-type");
    EXPECT_EQ(fault_of(reply("200 OK", "", "x")), "net.https.media-type");
}

TEST_F(Https, OnlyStatus200Counts) {
    for (const char* status : {"204 No Content", "404 Not Found", "500 Oops"}) {
        EXPECT_EQ(fault_of(reply(status, text, "")), "net.https.status") << status;
    }
}

TEST_F(Https, RedirectsAreNotFollowed) {
    EXPECT_EQ(fault_of(reply("301 Moved", "Location: https://127.0.0.1/\r\n", "")),
              "net.https.status");
}

TEST_F(Https, SizeIsBounded) {
    EXPECT_EQ(fault_of(reply("200 OK", text, std::string(100, 'x'))), "none");
    EXPECT_EQ(fault_of(reply("200 OK", text, std::string(101, 'x'))), "net.https.too-large");
}

TEST_F(Https, NonsenseAndTruncation) {
    EXPECT_EQ(fault_of("\x01\x02\x03 nonsense\r\n\r\n"), "net.https.transport");
    EXPECT_EQ(fault_of("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"),
              "net.https.transport");
}

TEST_F(Https, CertificatesAreVerified) {
    const Identity stranger = make_identity({.common_name = "stranger"});
    const Wish named{.names = {"mta-sts.to.example"}};
    const Wish expired{.names = named.names, .valid_from_days = -3, .valid_to_days = -1};
    for (const Identity& bad : {make_identity(named, &stranger), make_identity(named),
                                make_identity({.names = {"to.example"}}, &authority_),
                                make_identity(expired, &authority_)}) {
        const auto result = get(reply("200 OK", text, "x"), request_, bad);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().id, "net.https.transport");
    }
}

TEST_F(Https, UnlessAnybodyWillDo) {
    request_.trust = requiretls::PolicyServerTrust::TakeAnything;
    EXPECT_EQ(
        get(reply("200 OK", text, "x"), request_, make_identity({.names = {"other.example"}})),
        "x");
}

TEST(HttpsRequests, HostsThatCanNotBeAsked) {
    for (const char* host : {"", "a b", "a@b", "a/b", "a:1", "a?b", "[::1]", "a#b"}) {
        const auto result = https_get({.host = host, .path = "/", .addresses = {"127.0.0.1"}});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().id, "net.https.address") << host;
    }
    EXPECT_EQ(https_get({.host = "a.example", .path = "/", .addresses = {}}).error().id,
              "net.https.address");
}

}  // namespace
}  // namespace mailassay::net
