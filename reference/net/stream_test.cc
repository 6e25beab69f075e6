#include "net/stream.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <future>
#include <thread>

#include "crypto/test_certificates.h"

namespace mailassay::net {
namespace {

using crypto::certificate_digest;
using crypto::Identity;
using crypto::key_digest;
using crypto::make_identity;
using crypto::TestFolder;
using crypto::Wish;

using requiretls::Authentication;
using requiretls::CertificateFault;
using requiretls::TlsaRecord;
using requiretls::TlsFacts;
using requiretls::TlsOutcome;
using requiretls::TlsVersion;

Deadline soon() {
    return after(std::chrono::seconds(20));
}

// A server for one connection, in a thread of its own.
class OneConnection {
  public:
    explicit OneConnection(std::function<void(Stream)> serve)
        : listener_(Listener::open("127.0.0.1", 0).value()),
          thread_([this, serve = std::move(serve)] {
              auto accepted = listener_.accept(soon());
              if (accepted) serve(Stream(std::move(accepted->socket)));
          }) {}
    ~OneConnection() { thread_.join(); }
    OneConnection(const OneConnection&) = delete;
    OneConnection& operator=(const OneConnection&) = delete;

    [[nodiscard]] Stream connect() const {
        return Stream(connect_to("127.0.0.1", listener_.port(), soon()).value());
    }

  private:
    Listener listener_;
    std::thread thread_;
};

// The world of the TLS tests: an authority that the client trusts and one that it does not.
class Tls : public testing::Test {
  protected:
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

    [[nodiscard]] TlsServer server_with(const std::vector<Identity>& chain) const {
        return TlsServer::create(folder_.write_certificates("chain.pem", chain),
                                 folder_.write_key("key.pem", chain.front()))
            .value();
    }
    // Shakes hands with a server that shows this chain.
    TlsFacts shake_hands(const std::vector<Identity>& chain, const ServerIdentity& who) {
        return shake_hands(server_with(chain), who);
    }
    TlsFacts shake_hands(const TlsServer& server, const ServerIdentity& who) {
        OneConnection connection([&](Stream stream) {
            if (stream.start_tls(server, soon())) (void)stream.write("x", soon());
        });
        Stream stream = connection.connect();
        return stream.start_tls(client_, who, soon());
    }
    [[nodiscard]] Identity leaf(Wish wish) const {
        if (wish.names.empty()) wish.names = {"mx.example"};
        return make_identity(wish, &authority_);
    }

    TestFolder folder_;
    Identity authority_ = make_identity({.common_name = "authority"});
    Identity stranger_ = make_identity({.common_name = "stranger"});
    TlsClient client_ =
        TlsClient::create(folder_.write_certificates("ca.pem", {authority_})).value();
    ServerIdentity mx_{.host = "mx.example", .tlsa = {}};
};

TEST_F(Tls, ATrustChainAndTheNameVouch) {
    const TlsFacts facts = shake_hands({leaf({})}, mx_);
    EXPECT_EQ(facts.outcome, TlsOutcome::Established);
    EXPECT_EQ(facts.version, TlsVersion::Tls13);
    EXPECT_FALSE(facts.cipher.empty());
    EXPECT_EQ(facts.authentication, Authentication::Pkix);
    EXPECT_EQ(facts.fault, CertificateFault::None);
}

TEST_F(Tls, WhatACertificateSaysIsAFact) {
    const auto now = std::chrono::system_clock::now();
    const TlsFacts facts = shake_hands(
        {leaf({.names = {"mx.example", "b.example"}, .valid_from_days = -3, .valid_to_days = -1})},
        mx_);
    ASSERT_TRUE(facts.certificate);
    EXPECT_EQ(facts.certificate->names, (std::vector<std::string>{"mx.example", "b.example"}));
    EXPECT_NE(facts.certificate->issuer.find("authority"), std::string::npos);
    ASSERT_TRUE(facts.certificate->not_before && facts.certificate->not_after);
    EXPECT_LT(*facts.certificate->not_before, now - std::chrono::hours(2 * 24));
    EXPECT_LT(*facts.certificate->not_after, now);
    EXPECT_GT(*facts.certificate->not_after, now - std::chrono::hours(2 * 24));
}

TEST_F(Tls, WhatACertificateSaysIsBounded) {
    const std::vector<std::string> many(50, std::string(200, 'a') + "\x1b[31m.example");
    const TlsFacts facts = shake_hands({leaf({.names = many})}, mx_);
    ASSERT_TRUE(facts.certificate);
    EXPECT_EQ(facts.certificate->names.size(), 20U);
}

TEST_F(Tls, WhatIsWrongWithACertificateIsAFact) {
    const auto fault_of = [&](const std::vector<Identity>& chain) {
        const TlsFacts facts = shake_hands(chain, mx_);
        EXPECT_EQ(facts.outcome, TlsOutcome::Established);
        EXPECT_EQ(facts.authentication, Authentication::None);
        EXPECT_FALSE(facts.detail.empty());
        return facts.fault;
    };
    EXPECT_EQ(fault_of({leaf({.valid_from_days = -3, .valid_to_days = -1})}),
              CertificateFault::Expired);
    EXPECT_EQ(fault_of({leaf({.valid_from_days = 1, .valid_to_days = 3})}),
              CertificateFault::NotYetValid);
    EXPECT_EQ(fault_of({leaf({.names = {"mx.other.example"}})}), CertificateFault::WrongName);
    EXPECT_EQ(fault_of({make_identity({.names = {"mx.example"}})}), CertificateFault::SelfSigned);
    EXPECT_EQ(fault_of({make_identity({.names = {"mx.example"}}, &stranger_)}),
              CertificateFault::UnknownAuthority);
    EXPECT_EQ(fault_of({make_identity({.names = {"mx.example"}}, &stranger_), stranger_}),
              CertificateFault::UnknownAuthority);
}

// Servers of our own would not even start with what these two offer.
TEST_F(Tls, AWeakKeyVouchesForNothing) {
    const Identity weak = leaf({.rsa_bits = 1024});
    const TlsServer server = server_with({leaf({.rsa_bits = 2048})});
    ASSERT_EQ(shake_hands(server, mx_).authentication, Authentication::Pkix);
    SSL_CTX_set_security_level(server.context(), 0);
    ASSERT_EQ(SSL_CTX_use_certificate(server.context(), weak.certificate.get()), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(server.context(), weak.key.get()), 1);
    for (const bool by_dane : {false, true}) {
        if (by_dane) mx_.tlsa = {{3, 1, 1, key_digest(weak)}};
        const TlsFacts facts = shake_hands(server, mx_);
        EXPECT_EQ(facts.outcome, TlsOutcome::Established);
        EXPECT_EQ(facts.authentication, Authentication::None);
        EXPECT_EQ(facts.fault, CertificateFault::Other);
    }
}

TEST_F(Tls, AnOldVersionIsToldAsItIs) {
    const TlsServer server = server_with({leaf({})});
    SSL_CTX_set_security_level(server.context(), 0);
    ASSERT_EQ(SSL_CTX_set_min_proto_version(server.context(), TLS1_VERSION), 1);
    ASSERT_EQ(SSL_CTX_set_max_proto_version(server.context(), TLS1_1_VERSION), 1);
    EXPECT_EQ(shake_hands(server, mx_).version, TlsVersion::Tls11);
    ASSERT_EQ(SSL_CTX_set_max_proto_version(server.context(), TLS1_2_VERSION), 1);
    EXPECT_EQ(shake_hands(server, mx_).version, TlsVersion::Tls12);
}

TEST_F(Tls, NamesOfCertificates) {
    const auto vouches = [&](const std::string& name, const std::string& host) {
        return shake_hands({leaf({.names = {name}})}, {.host = host, .tlsa = {}}).authentication ==
               Authentication::Pkix;
    };
    EXPECT_TRUE(vouches("*.to.example", "mx.to.example"));
    EXPECT_FALSE(vouches("*.to.example", "to.example"));
    EXPECT_FALSE(vouches("*.to.example", "a.mx.to.example"));
    EXPECT_FALSE(vouches("m*.to.example", "mx.to.example"));
    EXPECT_FALSE(vouches("mx.example", "[127.0.0.1]"));
}

TEST_F(Tls, ADaneEeRecordIsEnough) {
    // Neither name nor dates nor authority count (RFC 7672 section 3.1.1).
    const Identity identity = make_identity(
        {.names = {"elsewhere.example"}, .valid_from_days = -3, .valid_to_days = -1}, &stranger_);
    mx_.tlsa = {{3, 1, 1, std::string(32, 'x')}, {3, 1, 1, key_digest(identity)}};
    const TlsFacts facts = shake_hands({identity}, mx_);
    EXPECT_EQ(facts.authentication, Authentication::Dane);
    EXPECT_EQ(facts.fault, CertificateFault::None);
}

TEST_F(Tls, ATrustChainIsNoSubstituteForDane) {
    mx_.tlsa = {{3, 1, 1, std::string(32, 'x')}};
    const TlsFacts facts = shake_hands({leaf({})}, mx_);
    EXPECT_EQ(facts.outcome, TlsOutcome::Established);
    EXPECT_EQ(facts.authentication, Authentication::None);
    EXPECT_EQ(facts.fault, CertificateFault::NoTlsaMatch);
}

TEST_F(Tls, ADaneTaRecordNeedsTheNameOfHostOrDomain) {
    const auto shake = [&](const std::string& name) {
        const Identity identity = make_identity({.names = {name}}, &stranger_);
        return shake_hands({identity, stranger_},
                           {.host = "mx.example",
                            .tlsa = {{2, 0, 1, certificate_digest(stranger_)}},
                            .domain = "to.example",
                            .canonical_domain = "real.example"});
    };
    EXPECT_EQ(shake("mx.example").authentication, Authentication::Dane);
    EXPECT_EQ(shake("to.example").authentication, Authentication::Dane);
    EXPECT_EQ(shake("real.example").authentication, Authentication::Dane);
    const TlsFacts wrong = shake("other.example");
    EXPECT_EQ(wrong.authentication, Authentication::None);
    EXPECT_EQ(wrong.fault, CertificateFault::WrongName);
}

TEST_F(Tls, ARecordThatHoldsNoCertificateDoesNotMakePkixDane) {
    mx_.tlsa = {{3, 0, 0, "not DER"}};
    EXPECT_NE(shake_hands({leaf({})}, mx_).authentication, Authentication::Dane);
}

TEST_F(Tls, AHandshakeThatFailsIsAFact) {
    for (const char* answer : {"", "500 What?\r\n", "\x15\x03\x03\x00\x02\x02\x28"}) {
        OneConnection connection([&](Stream stream) {
            const std::string octets(answer, *answer == '\x15' ? 7 : std::strlen(answer));
            if (!octets.empty()) (void)stream.write(octets, soon());
            stream.close();
        });
        Stream stream = connection.connect();
        const TlsFacts facts = stream.start_tls(client_, mx_, soon());
        EXPECT_EQ(facts.outcome, TlsOutcome::HandshakeFailed);
        EXPECT_FALSE(facts.detail.empty());
    }
}

TEST_F(Tls, ASilentPeerEndsWithTheDeadline) {
    std::promise<void> over;
    OneConnection connection([&](Stream) { over.get_future().wait(); });
    Stream stream = connection.connect();
    const TlsFacts facts = stream.start_tls(client_, mx_, after(std::chrono::milliseconds(50)));
    EXPECT_EQ(facts.outcome, TlsOutcome::HandshakeFailed);
    EXPECT_EQ(facts.detail, "no handshake within the deadline");
    over.set_value();
}

// What a client reads from a server that does this after the handshake.
class TlsStream : public Tls {
  protected:
    void serve(std::function<void(Stream&, int descriptor)> act,
               const std::function<void(Stream&)>& check) {
        const Identity identity = leaf({});
        const TlsServer server = TlsServer::create(folder_.write_certificates("c.pem", {identity}),
                                                   folder_.write_key("k.pem", identity))
                                     .value();
        Listener listener = Listener::open("127.0.0.1", 0).value();
        std::thread thread([&] {
            Socket socket = std::move(listener.accept(soon())->socket);
            const int descriptor = socket.descriptor();
            Stream stream(std::move(socket));
            if (stream.start_tls(server, soon())) act(stream, descriptor);
        });
        Stream stream(connect_to("127.0.0.1", listener.port(), soon()).value());
        EXPECT_EQ(stream.start_tls(client_, mx_, soon()).outcome, TlsOutcome::Established);
        check(stream);
        stream.close();
        thread.join();
    }
};

TEST_F(TlsStream, OctetsGoBothWays) {
    const std::string much(300'000, 'm');
    serve(
        [&](Stream& stream, int) {
            EXPECT_EQ(stream.read(soon()).value(), "ping");
            EXPECT_TRUE(stream.write(much, soon()));
            stream.close();
        },
        [&](Stream& stream) {
            EXPECT_TRUE(stream.write("ping", soon()));
            std::string all;
            while (true) {
                const auto octets = stream.read(soon());
                ASSERT_TRUE(octets);
                if (octets->empty()) break;
                all += *octets;
            }
            EXPECT_EQ(all, much);
        });
}

TEST_F(TlsStream, AnEndWithoutGoodbyeIsATruncation) {
    serve([](Stream&, int descriptor) { ::shutdown(descriptor, SHUT_RDWR); },
          [](Stream& stream) {
              const auto octets = stream.read(soon());
              ASSERT_FALSE(octets);
              EXPECT_EQ(octets.error().id, "net.tls.truncated");
          });
}

TEST(PlainStream, EndAndDeadline) {
    std::promise<void> over;
    OneConnection connection([&](Stream stream) {
        (void)stream.write("hello", soon());
        over.get_future().wait();
    });
    Stream stream = connection.connect();
    EXPECT_EQ(stream.read(soon()).value(), "hello");
    const auto late = stream.read(after(std::chrono::milliseconds(20)));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().id, "net.timeout");
    over.set_value();
    EXPECT_EQ(stream.read(soon()).value(), "");
}

TEST(Sockets, WhatCanGoWrong) {
    EXPECT_EQ(connect_to("not an address", 25, soon()).error().id, "net.address");
    EXPECT_EQ(Listener::open("mx.example", 0).error().id, "net.address");
    Listener listener = Listener::open("127.0.0.1", 0).value();
    EXPECT_EQ(Listener::open("127.0.0.1", listener.port()).error().id, "net.listen");
    EXPECT_EQ(listener.accept(after(std::chrono::milliseconds(1))).error().id, "net.timeout");
    const std::uint16_t port = listener.port();
    {
        const Listener gone = std::move(listener);
    }
    EXPECT_EQ(connect_to("127.0.0.1", port, soon()).error().id, "net.connect");
}

TEST(Sockets, Ipv6) {
    auto listener = Listener::open("::1", 0);
    if (!listener) GTEST_SKIP() << "this machine has no IPv6 loopback";
    const auto socket = connect_to("::1", listener->port(), soon());
    ASSERT_TRUE(socket);
    EXPECT_EQ(listener->accept(soon())->peer_address, "::1");
}

TEST(TlsSettings, WhatCanGoWrong) {
    const TestFolder folder;
    const Identity one = make_identity({.names = {"one.example"}});
    const Identity other = make_identity({.names = {"other.example"}});
    const auto chain = folder.write_certificates("chain.pem", {one});
    EXPECT_EQ(TlsClient::create(folder.path("missing.pem")).error().id, "net.tls.ca-file");
    EXPECT_EQ(TlsClient::create(folder.write("junk.pem", "junk")).error().id, "net.tls.ca-file");
    EXPECT_EQ(TlsServer::create(folder.path("missing.pem"), chain).error().id,
              "net.tls.certificate");
    EXPECT_EQ(TlsServer::create(chain, folder.write_key("other.pem", other)).error().id,
              "net.tls.key");
    EXPECT_EQ(TlsServer::create(chain, folder.path("missing.pem")).error().id, "net.tls.key");
    EXPECT_TRUE(TlsServer::create(chain, folder.write_key("one.pem", one)));
    EXPECT_TRUE(TlsClient::create(""));
}

}  // namespace
}  // namespace mailassay::net
