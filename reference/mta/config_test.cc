#include "mta/config.h"

#include <gtest/gtest.h>

namespace mailassay::mta {
namespace {

constexpr std::string_view least = R"(
[server]
hostname = "mx.example"
listen = ["127.0.0.25:25"]
[queue]
directory = "/var/spool/mailassay"
)";

std::string error_of(std::string_view toml) {
    const auto config = parse_config(toml, "relay.toml");
    return config ? "no error" : config.error().detail;
}

TEST(Config, LeastNeededGetsDefaults) {
    const auto config = parse_config(least, "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->server.hostname, "mx.example");
    EXPECT_EQ(config->server.listen, (std::vector<Endpoint>{{"127.0.0.25", 25}}));
    EXPECT_EQ(config->server.protocol, smtp::Protocol::Smtp);
    EXPECT_EQ(config->client.helo, "mx.example");
    EXPECT_EQ(config->client.port, 25);
    EXPECT_EQ(config->edition, requiretls::Edition::Rfc);
    ASSERT_EQ(config->server.relay_from.size(), 2U);
    EXPECT_TRUE(config->server.relay_from[0].contains("127.9.9.9"));
    EXPECT_FALSE(config->server.relay_from[0].contains("128.0.0.1"));
}

TEST(Config, EverythingCanBeSet) {
    const auto config = parse_config(R"(
[server]
hostname = "mx.example"
listen = ["127.0.0.25:25", "[::1]:0"]
protocol = "lmtp"
tls_certificate = "mx.pem"
tls_key = "mx.key"
relay_from = ["192.0.2.0/24", "2001:db8::/32"]
size_limit = 1_000_000
max_connections = 7
command_timeout_seconds = 1.5
[client]
helo = "out.example"
ca_file = "ca.pem"
port = 2525
connect_timeout_seconds = 2
command_timeout_seconds = 3
max_deliveries = 9
[dns]
resolver = "127.0.0.53@53"
trust_anchor_file = "root.key"
[queue]
directory = "spool"
retry_seconds = 0.25
lifetime_seconds = 60
[policy]
edition = "draft"
)",
                                     "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->server.protocol, smtp::Protocol::Lmtp);
    EXPECT_EQ(config->server.listen[1], (Endpoint{"::1", 0}));
    EXPECT_EQ(config->server.size_limit, 1'000'000U);
    EXPECT_EQ(config->server.command_timeout, std::chrono::milliseconds(1500));
    EXPECT_TRUE(config->server.relay_from[1].contains("2001:db8:1::2"));
    EXPECT_EQ(config->client.helo, "out.example");
    EXPECT_EQ(config->client.port, 2525);
    EXPECT_EQ(config->dns.resolver, "127.0.0.53@53");
    EXPECT_EQ(config->queue.retry, std::chrono::milliseconds(250));
    EXPECT_EQ(config->edition, requiretls::Edition::Draft);
}

TEST(Config, AnErrorIsOneLineThatSaysWhatAndWhere) {
    const std::string start(least);
    EXPECT_EQ(error_of("[server]\nhostname = 'a'\nlisten = ['127.0.0.1:1']\nlistn = 1\n"
                       "[queue]\ndirectory = 'q'\n"),
              "relay.toml:4: server.listn: unknown key");
    EXPECT_EQ(
        error_of(start + "[sever]\n"),
        "relay.toml:7: sever: unknown table (known: server, submission, lmtp, users, aliases, "
        "lists, forwards, vacations, stores, client, dns, queue, policy)");
    EXPECT_EQ(error_of(start + "retry_seconds = 'soon'\n"),
              "relay.toml:7: queue.retry_seconds: must be a number");
    EXPECT_EQ(error_of(start + "retry_seconds = 0\n"),
              "relay.toml:7: queue.retry_seconds: must be from 0.001 to 2592000 seconds");
    EXPECT_EQ(error_of(start + "[policy]\nedition = 'new'\n"),
              "relay.toml:8: policy.edition: must be \"rfc\" or \"draft\", not \"new\"");
    EXPECT_EQ(error_of(start + "[client]\nport = 70000\n"),
              "relay.toml:8: client.port: must be from 1 to 65535");
    EXPECT_EQ(error_of(start + "[dns]\nresolver = 53\n"),
              "relay.toml:8: dns.resolver: must be a string");
    EXPECT_EQ(error_of("[queue]\ndirectory = 'q'\n"), "relay.toml: server.hostname: missing");
    EXPECT_EQ(error_of("server = 1"), "relay.toml:1: server: must be a table");
}

TEST(Config, ValuesAreChecked) {
    const auto with_listen = [](std::string_view listen) {
        return error_of("[server]\nhostname = 'a'\nlisten = " + std::string(listen) +
                        "\n[queue]\ndirectory = 'q'\n");
    };
    EXPECT_EQ(with_listen("[]"), "relay.toml:3: server.listen: must not be empty");
    EXPECT_EQ(with_listen("[25]"), "relay.toml:3: server.listen: must hold strings only");
    EXPECT_EQ(with_listen("'127.0.0.1:25'"), "relay.toml:3: server.listen: must be an array");
    EXPECT_EQ(with_listen("['localhost:25']"),
              "relay.toml:3: server.listen: \"localhost:25\" is no endpoint such as "
              "\"127.0.0.25:25\" or \"[::1]:25\"");
    EXPECT_NE(with_listen("['127.0.0.1:65536']"), "no error");
    EXPECT_NE(with_listen("['::1:25']"), "no error");
    EXPECT_NE(with_listen("['[127.0.0.1]:25']"), "no error");
    EXPECT_EQ(error_of(std::string(least) + "[dns]\nresolver = \"a\\u0000b\"\n"),
              "relay.toml:8: dns.resolver: must not hold control characters");
    EXPECT_NE(error_of("[server]\nhostname = 'a b'\nlisten = ['127.0.0.1:1']\n"
                       "[queue]\ndirectory = 'q'\n"),
              "no error");
    EXPECT_EQ(error_of("[server]\nhostname = 'a'\nlisten = ['127.0.0.1:1']\ntls_key = 'k'\n"
                       "[queue]\ndirectory = 'q'\n"),
              "relay.toml: server.tls_certificate and server.tls_key: give both or neither");
}

TEST(Config, Aliases) {
    const auto config = parse_config(std::string(least) +
                                         "[aliases]\n\"Team@lists.example\" = ['a@x.example', "
                                         "'b@y.example']\npostmaster = ['admin@ops.example']\n",
                                     "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    ASSERT_EQ(config->aliases.size(), 2U);
    const Alias& team = config->aliases[0];
    EXPECT_EQ(team.targets, (std::vector<smtp::Path>{{"a", "x.example"}, {"b", "y.example"}}));
    EXPECT_TRUE(team.is({"TEAM", "Lists.example"}, "mx.example"));
    EXPECT_FALSE(team.is({"team", "mx.example"}, "mx.example"));
    EXPECT_FALSE(team.is({"team", ""}, "mx.example"));
    const Alias& postmaster = config->aliases[1];
    EXPECT_TRUE(postmaster.is({"Postmaster", ""}, "mx.example"));
    EXPECT_TRUE(postmaster.is({"postmaster", "MX.example"}, "mx.example"));
    EXPECT_FALSE(postmaster.is({"postmaster", "other.example"}, "mx.example"));
    EXPECT_EQ(error_of(std::string(least) + "[aliases]\nx = ['a@b']\n"),
              "relay.toml:8: aliases: \"x\" is no mail address");
    EXPECT_EQ(error_of(std::string(least) + "[aliases]\n'x@y' = ['a']\n"),
              "relay.toml:8: aliases.x@y: \"a\" is no mail address");
    EXPECT_EQ(error_of(std::string(least) + "[aliases]\n'x@y' = []\n"),
              "relay.toml:8: aliases.x@y: must not be empty");
}

TEST(Config, SubmissionAndLmtpHaveListenersOfTheirOwn) {
    const std::string start =
        "[server]\nhostname = 'a'\nlisten = ['127.0.0.1:1']\ntls_certificate = 'c'\n"
        "tls_key = 'k'\n[queue]\ndirectory = 'q'\n";
    const auto config = parse_config(start +
                                         "[submission]\nlisten = ['127.0.0.1:587']\n"
                                         "[lmtp]\nlisten = ['127.0.0.1:24', '[::1]:24']\n"
                                         "[users]\nroger = 'secret'\n'a b' = 'c'\n",
                                     "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_EQ(config->submission, (std::vector<Endpoint>{{"127.0.0.1", 587}}));
    EXPECT_EQ(config->lmtp, (std::vector<Endpoint>{{"127.0.0.1", 24}, {"::1", 24}}));
    ASSERT_EQ(config->users.size(), 2U);
    EXPECT_EQ(config->users[1].name, "roger");
    EXPECT_EQ(config->users[1].password, "secret");
    EXPECT_EQ(error_of(std::string(least) + "[submission]\nlisten = ['127.0.0.1:587']\n"),
              "relay.toml: submission: needs server.tls_certificate");
    EXPECT_EQ(error_of(start + "[users]\nroger = 1\n"),
              "relay.toml:9: users.roger: must be a string");
}

TEST(Config, Mediators) {
    const std::string start(least);
    const auto config = parse_config(
        start +
            "[lists.'staff@l.example']\nowner = 'o@a.example'\nmembers = ['m@b.example']\n"
            "posting = 'moderated'\n[forwards]\n'r@u.example' = 'r@e.example'\n"
            "[vacations.'a@u.example']\ndeputy = 'b@f.example'\ntext = 'Away.'\n",
        "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    ASSERT_EQ(config->lists.size(), 1U);
    EXPECT_EQ(config->lists[0].name, (smtp::Path{"staff", "l.example"}));
    EXPECT_EQ(config->lists[0].owner, (smtp::Path{"o", "a.example"}));
    EXPECT_EQ(config->lists[0].members, (std::vector<smtp::Path>{{"m", "b.example"}}));
    EXPECT_EQ(config->lists[0].posting, Posting::Moderated);
    ASSERT_EQ(config->forwards.size(), 1U);
    EXPECT_EQ(config->forwards[0].target, (smtp::Path{"r", "e.example"}));
    ASSERT_EQ(config->vacations.size(), 1U);
    EXPECT_EQ(config->vacations[0].deputy, (smtp::Path{"b", "f.example"}));
    EXPECT_EQ(config->vacations[0].text, "Away.");

    EXPECT_EQ(error_of(start + "[lists.staff]\nowner = 'o@a'\nmembers = ['m@b']\n"),
              "relay.toml:7: lists: \"staff\" is no mail address");
    EXPECT_EQ(error_of(start + "[lists]\n's@l' = 1\n"), "relay.toml:8: s@l: must be a table");
    EXPECT_EQ(error_of(start + "[lists.'s@l']\nmembers = ['m@b']\n"),
              "relay.toml: s@l.owner: missing");
    EXPECT_EQ(error_of(start + "[lists.'s@l']\nowner = 'o@a'\nmembers = []\n"),
              "relay.toml:9: s@l.members: must not be empty");
    EXPECT_EQ(error_of(start + "[forwards]\n'r@u' = 'nobody'\n"),
              "relay.toml:8: forwards.r@u: \"nobody\" is no mail address");
    EXPECT_EQ(error_of(start + "[vacations.'a@u']\ndeputy = 'b@f'\n"),
              "relay.toml: a@u.text: missing");
}

TEST(Config, Stores) {
    const std::string start(least);
    const auto config = parse_config(start +
                                         "[stores.'users.example']\nhost = 'store.example'\n"
                                         "address = '127.0.0.2:24'\n",
                                     "relay.toml");
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    const Store* store = find_store(*config, "Users.example");
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(store->host, "store.example");
    EXPECT_EQ(store->address, (Endpoint{"127.0.0.2", 24}));
    EXPECT_EQ(find_store(*config, "store.example"), nullptr);
    EXPECT_EQ(error_of(start + "[stores.'u']\nhost = 's'\n"), "relay.toml: u.address: missing");
    EXPECT_EQ(error_of(start + "[stores]\nu = 's'\n"), "relay.toml:8: u: must be a table");
}

TEST(Config, BadTomlSaysTheLine) {
    EXPECT_TRUE(error_of("[server\nhostname = 1").starts_with("relay.toml:1: syntax: "));
}

TEST(Config, AFileThatIsNotThere) {
    const auto config = load_config("/nowhere/relay.toml");
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().id, "mta.config.unreadable");
    EXPECT_EQ(config.error().detail, "/nowhere/relay.toml: No such file or directory");
}

TEST(Config, ADirectoryIsNoFile) {
    EXPECT_FALSE(load_config("/").has_value());
}

TEST(Network, PrefixesOfAnyLength) {
    const auto odd = Network::parse("10.16.0.0/12");
    ASSERT_TRUE(odd.has_value());
    EXPECT_TRUE(odd->contains("10.31.255.255"));
    EXPECT_FALSE(odd->contains("10.32.0.0"));
    EXPECT_FALSE(odd->contains("::1"));
    EXPECT_FALSE(odd->contains("nonsense"));
    EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains("203.0.113.9"));
    for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::1/129", "a/8"}) {
        EXPECT_FALSE(Network::parse(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace mailassay::mta
