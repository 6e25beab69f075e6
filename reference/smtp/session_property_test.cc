#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "smtp/command.h"
#include "smtp/data_codec.h"
#include "smtp/test_support.h"

namespace mailassay::smtp {
namespace {

using test::ClientDriver;
using test::Handshake;
using test::SamplePolicy;
using test::ServerDriver;
using test::Tls;

// ---- what sessions are made of ----

using Pieces = std::vector<std::string>;

rc::Gen<std::string> joined(rc::Gen<std::string> piece) {
    return rc::gen::map(rc::gen::container<Pieces>(std::move(piece)), [](const Pieces& pieces) {
        std::string text;
        for (const std::string& one : pieces) text += one;
        return text;
    });
}

// Command lines, whole and broken, and data, so that a random sequence gets deep into a session.
rc::Gen<std::string> client_octets() {
    const auto line = rc::gen::element<std::string>(
        "EHLO a\r\n", "EHLO a\r\n", "HELO a\r\n", "LHLO a\r\n", "MAIL FROM:<a@b>\r\n",
        "MAIL FROM:<a@b> XSAMPLE SIZE=5\r\n", "MAIL FROM:<nobody@b>\r\n", "MAIL FROM:x\r\n",
        "RCPT TO:<c@d>\r\n", "RCPT TO:<nobody@d>\r\n", "DATA\r\n", "DATA\r\n", "RSET\r\n",
        "STARTTLS\r\n", "QUIT\r\n", "NOOP\r\n", "VRFY x\r\n", "BDAT 1\r\n");
    const auto data = rc::gen::element<std::string>("Hi\r\n", ".\r\n", "..\r\n", ".\n", "\r\n.\r\n",
                                                    "\n.\r\n", "\r", "\n", ".", "x",
                                                    std::string(1, '\0'), std::string(70, 'y'));
    return joined(rc::gen::oneOf(line, line, line, data));
}

rc::Gen<std::string> server_octets() {
    return joined(rc::gen::element<std::string>(
        "220 mx\r\n", "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n", "250 ok\r\n", "250 ok\r\n",
        "250 ok\r\n", "354 go\r\n", "354 go\r\n", "550 5.1.1 no\r\n", "421 bye\r\n", "334 \r\n",
        "500 what\r\n", "250-a\r\n", "250\r\n", "25", "x\r\n", "\r", "\n", "250 a\rb\r\n",
        std::string(80, '2')));
}

ServerConfig server_config(Protocol protocol) {
    ServerConfig config;
    config.hostname = "mx.example";
    config.protocol = protocol;
    config.starttls = StartTlsOffer::Offered;
    config.size_limit = 40;
    config.command_line_limit = 60;
    config.text_line_limit = 30;
    config.recipient_limit = 3;
    config.error_limit = 10;
    return config;
}

ClientConfig client_config(Protocol protocol, Pipelining pipelining = Pipelining::WhenOffered) {
    ClientConfig config;
    config.helo = "client.example";
    config.protocol = protocol;
    config.pipelining = pipelining;
    return config;
}

rc::Gen<Protocol> any_protocol() {
    return rc::gen::element(Protocol::Smtp, Protocol::Lmtp);
}

Transaction random_transaction() {
    const auto local_part = rc::gen::element<std::string>("c", "nobody", "a b");
    Transaction transaction;
    transaction.reverse_path = {*local_part, "b"};
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
        transaction.recipients.push_back(Recipient{{*local_part, "d"}, {}});
    }
    transaction.data = *joined(rc::gen::element<std::string>("Hi", ".", "\r\n", "\r", "\n", " "));
    return transaction;
}

// Feeds `octets` in random pieces.
template <class Driver>
void feed_in_pieces(Driver& driver, std::string_view octets) {
    while (!octets.empty()) {
        const auto most = static_cast<int>(std::min<std::size_t>(octets.size(), 40));
        const auto size = static_cast<std::size_t>(*rc::gen::inRange(1, most + 1));
        driver.feed(octets.substr(0, size));
        octets.remove_prefix(size);
    }
}

std::size_t count_lines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// ---- whole input = any split of it ----

RC_GTEST_PROP(ServerProperty, TheSplitOfItsInputChangesNothing, ()) {
    const auto octets = *client_octets();
    const auto protocol = *any_protocol();
    SamplePolicy policy;
    const auto run = [&](auto feed) {
        ServerDriver driver(Server(server_config(protocol), policy), Handshake::AfterInput);
        feed(driver);
        driver.end();
        RC_ASSERT(std::holds_alternative<Close>(driver.run().events.back()));
        return std::pair(driver.run(), driver.server().discarded_octets());
    };
    const auto whole = run([&](ServerDriver& driver) { driver.feed(octets); });
    RC_ASSERT(whole == run([&](ServerDriver& driver) { feed_in_pieces(driver, octets); }));
    RC_ASSERT(whole == run([&](ServerDriver& driver) {
                  for (const char& c : octets) driver.feed(std::string_view(&c, 1));
              }));
}

RC_GTEST_PROP(ClientProperty, TheSplitOfItsInputChangesNothing, ()) {
    const auto octets = "220 mx\r\n" + *server_octets();
    const auto protocol = *any_protocol();
    const std::vector<Transaction> transactions = {random_transaction(), random_transaction()};
    const auto run = [&](auto feed) {
        ClientConfig config = client_config(protocol);
        config.reply_limits = {.line_octets = 50, .lines = 12};
        ClientDriver driver(Client(config), Tls::NotWanted, transactions);
        feed(driver);
        driver.end();
        RC_ASSERT(driver.over());
        return driver.run();
    };
    const auto whole = run([&](ClientDriver& driver) { driver.feed(octets); });
    RC_ASSERT(whole == run([&](ClientDriver& driver) { feed_in_pieces(driver, octets); }));
}

RC_GTEST_PROP(DataDecoderProperty, TheSplitOfItsInputChangesNothing, ()) {
    const auto octets = *joined(rc::gen::element<std::string>("\r", "\n", ".", "\r\n", "\r\n.",
                                                              "text", std::string(1, '\0')));
    const DataLimits limits{.message_octets = 30, .line_octets = 12};
    DataDecoder whole(limits);
    const std::size_t taken = whole.receive(octets);
    DataDecoder bytewise(limits);
    std::size_t taken_bytewise = 0;
    for (const char& c : octets) taken_bytewise += bytewise.receive(std::string_view(&c, 1));
    RC_ASSERT(taken == taken_bytewise);
    RC_ASSERT(whole.done() == bytewise.done());
    RC_ASSERT(whole.fault() == bytewise.fault());
    RC_ASSERT(whole.take_data() == bytewise.take_data());
}

// ---- order ----

RC_GTEST_PROP(ServerProperty, NeverAnswersWhatWasNotSaid, ()) {
    const auto octets = *client_octets();
    SamplePolicy policy;
    ServerDriver driver{Server(server_config(Protocol::Smtp), policy)};
    RC_ASSERT(driver.take_output() == "220 mx.example ESMTP\r\n");
    std::size_t complete_lines = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        driver.feed(std::string_view(octets).substr(i, 1));
        const bool line_ended = i > 0 && octets[i - 1] == '\r' && octets[i] == '\n';
        const std::string fresh = driver.take_output();
        // A reply is possible only where a line ended, or to data that runs on without end.
        RC_ASSERT(fresh.empty() || line_ended || fresh.starts_with("421 "));
        // And it is one reply: only its last line has no hyphen.
        std::size_t replies = 0;
        for (std::size_t at = 0; at < fresh.size(); at = fresh.find('\n', at) + 1) {
            if (fresh[at + 3] == ' ') ++replies;
        }
        RC_ASSERT(replies <= 1U);
        complete_lines += line_ended ? 1U : 0U;
    }
    RC_ASSERT(complete_lines == 0U || count_lines(driver.run().output) > 1U);
}

RC_GTEST_PROP(ServerProperty, WithinTlsNothingFromPlaintextRemains, ()) {
    SamplePolicy policy;
    Server server(server_config(Protocol::Smtp), policy);
    server.receive("EHLO plain\r\nSTARTTLS\r\n" + *client_octets());
    RC_ASSERT(std::holds_alternative<StartTls>(server.next_event()));
    server.receive(*client_octets());
    server.tls_established();
    (void)server.take_output();
    RC_ASSERT(std::holds_alternative<NeedData>(server.next_event()));
    RC_ASSERT(server.take_output().empty());
    server.receive("MAIL FROM:<a@b>\r\n");
    RC_ASSERT(std::holds_alternative<NeedData>(server.next_event()));
    RC_ASSERT(server.take_output().starts_with("503 "));
}

RC_GTEST_PROP(ClientProperty, WithinTlsNothingFromPlaintextRemains, ()) {
    Client client(client_config(Protocol::Smtp));
    client.receive("220 mx\r\n250-mx\r\n250 REQUIRETLS\r\n");
    RC_ASSERT(std::holds_alternative<Ready>(client.next_event()));
    client.start_tls();
    client.receive("220 go\r\n" + *server_octets());
    RC_ASSERT(std::holds_alternative<StartTlsGo>(client.next_event()));
    client.receive(*server_octets());
    client.tls_established();
    RC_ASSERT(std::holds_alternative<ClientNeedData>(client.next_event()));
    client.receive("250 mx\r\n");
    RC_ASSERT(client.next_event() == ClientEvent(Ready{Capabilities(), Channel::Tls}));
}

RC_GTEST_PROP(ClientProperty, SendsNoMessageThatNobodyAgreedTo, ()) {
    const auto octets = "220 mx\r\n" + *server_octets();
    Transaction transaction = random_transaction();
    transaction.data = "the message\r\n";
    ClientDriver driver(Client(client_config(*any_protocol())), Tls::NotWanted, {transaction});
    driver.feed(octets);
    if (octets.find("354") == std::string::npos) {
        RC_ASSERT(driver.run().output.find("the message") == std::string::npos);
    }
    for (const ClientEvent& event : driver.run().events) {
        const auto* done = std::get_if<TransactionDone>(&event);
        if (done == nullptr) continue;
        const auto& recipients = done->outcome.recipients;
        RC_ASSERT(recipients.size() == transaction.recipients.size());
        const bool accepted = std::any_of(recipients.begin(), recipients.end(),
                                          [](const auto& one) { return one.accepted(); });
        if (accepted) RC_ASSERT(driver.run().output.find("the message") != std::string::npos);
    }
}

// ---- client and server against each other ----

// What happens to the octets between the two.
struct Wire {
    std::size_t cut_after;      // the connection breaks after so many octets of both directions
    std::size_t garble_at;      // this octet is changed
    unsigned char garble_with;  // by this mask; 0 leaves it as it is
};

class Conversation {
  public:
    Conversation(ClientDriver& client, ServerDriver& server, Wire wire)
        : client_(client), server_(server), wire_(wire) {}

    // Carries octets until neither side has any, then ends both inputs. Gives the number of rounds.
    std::size_t run() {
        std::size_t rounds = 0;
        for (; rounds < kMostRounds; ++rounds) {
            const std::string to_client = carry(server_.take_output());
            const std::string to_server = carry(client_.take_output());
            if (to_client.empty() && to_server.empty()) break;
            if (!to_client.empty()) client_.feed(to_client);
            if (!to_server.empty()) server_.feed(to_server);
        }
        server_.end();
        client_.end();
        return rounds;
    }

    static constexpr std::size_t kMostRounds = 1000;

  private:
    std::string carry(std::string octets) {
        for (char& c : octets) {
            if (carried_++ == wire_.garble_at) c = static_cast<char>(c ^ wire_.garble_with);
        }
        if (carried_ > wire_.cut_after) {
            const std::size_t lost = std::min(octets.size(), carried_ - wire_.cut_after);
            octets.resize(octets.size() - lost);
        }
        return octets;
    }

    ClientDriver& client_;
    ServerDriver& server_;
    Wire wire_;
    std::size_t carried_ = 0;
};

std::vector<MessageReceived> messages_of(const ServerDriver& server) {
    std::vector<MessageReceived> messages;
    for (const ServerEvent& event : server.run().events) {
        if (const auto* message = std::get_if<MessageReceived>(&event))
            messages.push_back(*message);
    }
    return messages;
}

RC_GTEST_PROP(ConversationProperty, AlwaysEnds, ()) {
    SamplePolicy policy;
    ServerConfig settings = server_config(*any_protocol());
    settings.starttls = *rc::gen::element(StartTlsOffer::Offered, StartTlsOffer::NotOffered);
    ServerDriver server{Server(settings, policy)};
    const auto pipelining = *rc::gen::element(Pipelining::WhenOffered, Pipelining::Never);
    std::vector<Transaction> transactions;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) transactions.push_back(random_transaction());
    ClientDriver client(Client(client_config(*any_protocol(), pipelining)),
                        *rc::gen::element(Tls::Wanted, Tls::NotWanted), transactions);
    const Wire wire{*rc::gen::inRange<std::size_t>(0, 1500), *rc::gen::inRange<std::size_t>(0, 800),
                    *rc::gen::arbitrary<unsigned char>()};
    RC_ASSERT(Conversation(client, server, wire).run() < Conversation::kMostRounds);
    RC_ASSERT(client.over());
    RC_ASSERT(!server.run().events.empty());
    RC_ASSERT(std::holds_alternative<Close>(server.run().events.back()));
}

// On a good wire what the client reports is what the server received, octet by octet.
RC_GTEST_PROP(ConversationProperty, BothSidesTellTheSameStory, ()) {
    SamplePolicy policy;
    const auto protocol = *any_protocol();
    ServerConfig settings = server_config(protocol);
    settings.size_limit = 10'000;
    settings.text_line_limit = 10'000;
    settings.recipient_limit = *rc::gen::inRange<std::size_t>(1, 6);
    ServerDriver server{Server(settings, policy)};
    std::vector<Transaction> transactions;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) transactions.push_back(random_transaction());
    const auto pipelining = *rc::gen::element(Pipelining::WhenOffered, Pipelining::Never);
    const auto tls = *rc::gen::element(Tls::Wanted, Tls::NotWanted);
    ClientDriver client(Client(client_config(protocol, pipelining)), tls, transactions);
    constexpr Wire kGoodWire{.cut_after = SIZE_MAX, .garble_at = 0, .garble_with = 0};
    RC_ASSERT(Conversation(client, server, kGoodWire).run() < Conversation::kMostRounds);

    const auto messages = messages_of(server);
    std::size_t next_message = 0;
    std::size_t next_transaction = 0;
    for (const ClientEvent& event : client.run().events) {
        RC_ASSERT(!std::holds_alternative<Violation>(event));
        const auto* done = std::get_if<TransactionDone>(&event);
        if (done == nullptr) continue;
        const Transaction& sent = transactions[next_transaction++];
        std::vector<Recipient> accepted;
        for (std::size_t i = 0; i < sent.recipients.size(); ++i) {
            if (done->outcome.recipients[i].accepted()) accepted.push_back(sent.recipients[i]);
        }
        if (accepted.empty()) continue;
        RC_ASSERT(next_message < messages.size());
        const MessageReceived& received = messages[next_message++];
        RC_ASSERT(received.envelope.reverse_path == sent.reverse_path);
        RC_ASSERT(received.envelope.recipients == accepted);
        RC_ASSERT(received.envelope.channel ==
                  (tls == Tls::Wanted ? Channel::Tls : Channel::Plaintext));
        RC_ASSERT(encode_data(received.data) == encode_data(sent.data));
    }
    RC_ASSERT(next_transaction == transactions.size());
    RC_ASSERT(next_message == messages.size());
}

// ---- codecs ----

RC_GTEST_PROP(CodecProperty, DataSurvivesItsTransparency, ()) {
    const auto data = *joined(rc::gen::element<std::string>(".", "\r\n", "text", " ", "\xc3\xa9"));
    DataDecoder decoder(DataLimits{.message_octets = UINT64_MAX, .line_octets = SIZE_MAX});
    const std::string encoded = encode_data(data);
    RC_ASSERT(decoder.receive(encoded) == encoded.size());
    RC_ASSERT(decoder.done());
    const bool whole_lines = data.empty() || data.ends_with("\r\n");
    RC_ASSERT(decoder.take_data() == (whole_lines ? data : data + "\r\n"));
}

// The end of the message can stand nowhere but at its end, for any reader: one that ends lines at
// CRLF, at LF, or at CR.
RC_GTEST_PROP(CodecProperty, EncodedDataSmugglesNothing, ()) {
    const auto data = *joined(rc::gen::element<std::string>(".", "\r", "\n", "\r\n", "x"));
    std::string encoded = encode_data(data);
    encoded.resize(encoded.size() - 3);
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        const bool crlf = encoded.compare(at, 2, "\r\n") == 0;
        const bool second = at > 0 && encoded.compare(at - 1, 2, "\r\n") == 0;
        RC_ASSERT((encoded[at] != '\r' && encoded[at] != '\n') || crlf || second);
    }
    RC_ASSERT(("\r\n" + encoded).find("\r\n.\r\n") == std::string::npos);
}

RC_GTEST_PROP(CodecProperty, RepliesAreReadAsWritten, ()) {
    Reply reply;
    reply.code = *rc::gen::element(220, 250, 354, 421, 550);
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
        reply.lines.push_back(
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab- "))));
    }
    const int cls = reply.code / 100;
    if (cls != 3 && *rc::gen::arbitrary<bool>()) {
        reply.status = dsn::EnhancedStatus{cls, *rc::gen::inRange(0, 9), *rc::gen::inRange(0, 99)};
    }
    ReplyReader reader;
    reader.receive(to_octets(reply));
    const auto again = reader.next();
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->has_value());
    RC_ASSERT(**again == reply);
    RC_ASSERT(reader.empty());
}

RC_GTEST_PROP(CodecProperty, PathsAreReadAsWritten, ()) {
    const Path path{
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab.@<> \"\\\xc3\xa9"))),
        "example.org"};
    const auto again = parse_forward_path(to_string(path));
    // Octets above 127 in a random order are seldom UTF-8.
    if (again) {
        RC_ASSERT(*again == path);
    } else {
        RC_ASSERT(again.error().id == "smtp.path.not-utf8");
    }
}

RC_GTEST_PROP(CodecProperty, WhatParsesAsACommandPrintsAsThatCommand, ()) {
    const auto line = *joined(rc::gen::element<std::string>(
        "MAIL FROM:", "RCPT TO:", "<a@b>", "<>", "<\"x y\"@b>", " ", "SIZE=1", "X", "EHLO ", "a",
        "=", "\t", "<@c:a@b>", "<postmaster>", "VRFY "));
    if (const auto command = parse_command(line)) {
        if (std::holds_alternative<UnknownCommand>(*command)) return;
        const auto again = parse_command(to_string(*command));
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *command);
    }
}

}  // namespace
}  // namespace mailassay::smtp
