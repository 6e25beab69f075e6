// A whole session with one message through the server's state machine, against copying its octets.

#include <benchmark/benchmark.h>

#include <string>

#include "smtp/server.h"

namespace mailassay::smtp {
namespace {

class TakesEverything final : public ServerPolicy {
  public:
    std::vector<Extension> extensions(Channel) const override { return {}; }
    std::optional<Reply> on_mail(const Path&, const std::vector<Parameter>&, Channel) override {
        return std::nullopt;
    }
    std::optional<Reply> on_rcpt(const Recipient&, const Envelope&) override {
        return std::nullopt;
    }
};

std::string session_with(std::size_t octets) {
    std::string session =
        "EHLO client.example\r\nMAIL FROM:<a@a.example>\r\n"
        "RCPT TO:<b@b.example>\r\nDATA\r\n";
    const std::string line(70, 'x');
    while (octets > line.size()) {
        session += line + "\r\n";
        octets -= line.size() + 2 < octets ? line.size() + 2 : octets;
    }
    return session + ".\r\nQUIT\r\n";
}

void serve_session(benchmark::State& state) {
    const std::string session = session_with(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        TakesEverything policy;
        ServerConfig config;
        config.hostname = "mx.example";
        Server server(config, policy);
        server.receive(session);
        while (true) {
            const ServerEvent event = server.next_event();
            if (std::holds_alternative<Close>(event)) break;
            if (std::holds_alternative<MessageReceived>(event)) {
                server.message_answered(make_reply(250, "taken"));
            }
        }
        benchmark::DoNotOptimize(server.take_output());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(session.size()) * state.iterations());
}
BENCHMARK(serve_session)->Arg(1'000)->Arg(100'000)->Arg(10'000'000);

// The peer: what the memory itself costs.
void copy_session(benchmark::State& state) {
    const std::string session = session_with(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::string copy = session;
        benchmark::DoNotOptimize(copy.data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(session.size()) * state.iterations());
}
BENCHMARK(copy_session)->Arg(1'000)->Arg(100'000)->Arg(10'000'000);

}  // namespace
}  // namespace mailassay::smtp
