// What a border makes of a released message beside its signatures alone: the same two SignedData,
// the drafter's and the user's, verified by the same function in the same run.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "crypto/signed_data.h"
#include "crypto/test_certificates.h"
#include "imf/header.h"
#include "releasing/agent.h"
#include "releasing/review.h"
#include "secureheaders/signed_message.h"
#include "turns.h"

namespace {

using namespace mailassay;

struct Released {
    explicit Released(std::size_t body = 4096) {
        std::string text = "From: ann@mil.example\r\nSubject: s\r\n\r\n";
        for (std::size_t i = 0; i < body / 64; ++i) text += std::string(62, 'x') + "\r\n";
        const std::string draft =
            releasing::review(text, signer("ann@mil.example"), random).value();
        message = releasing::authorize(draft, verification,
                                       {.user = verification.policy.officers.front(),
                                        .decision = release::Decision::Release},
                                       signer("one@mil.example"), rules, random)
                      .value()
                      .message.value();
        std::string inside = message;
        while (true) {
            const auto parsed = imf::parse_message(inside).value();
            const auto parts = secureheaders::find_signature(parsed.header, parsed.body).value();
            if (!parts) break;
            const std::string entity(parts->content.value());
            layers.emplace_back(parts->cms.view(), entity);
            inside = entity.substr(entity.find("\r\n\r\n") + 4);
        }
    }

    crypto::Signer signer(const std::string& address) const {
        const auto made =
            crypto::make_identity({.mail_addresses = {address}, .rsa_bits = 2048}, &authority);
        return {.key = crypto::PrivateKey(made.key),
                .certificate = crypto::Certificate(made.certificate)};
    }
    void check() const {
        const auto judgement = releasing::check(message, recipients, release::Place::Border,
                                                verification, base::Edition::Rfc, rules);
        if (judgement.recipients.front().fate != release::Fate::Passes) std::abort();
    }
    void verify() const {
        for (const auto& [cms, content] : layers) {
            const auto report = crypto::verify(cms, content, verification.trust);
            if (!report || !report->signers.front().is_good()) std::abort();
        }
    }

    crypto::Identity authority = crypto::make_identity({.common_name = "TEST CA"});
    base::SeededRandom random{7912};
    release::StandardRules rules;
    releasing::Verification verification{
        .policy = {.officers = {imf::parse_mailbox("one@mil.example").value()}},
        .trust = {.anchors = {crypto::Certificate(authority.certificate)},
                  .at = std::chrono::system_clock::now()}};
    std::vector<imf::Mailbox> recipients{imf::parse_mailbox("bob@example.net").value()};
    std::string message;
    std::vector<std::pair<std::string, std::string>> layers;
};

void check_beside_bare(benchmark::State& state) {
    const Released released;
    if (released.layers.size() != 2) std::abort();
    bench::in_turns(state, [&] { released.check(); }, [&] { released.verify(); });
}
BENCHMARK(check_beside_bare)->MinTime(3.0);

void check_size(benchmark::State& state) {
    const Released released(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) released.check();
    state.SetComplexityN(state.range(0));
}
BENCHMARK(check_size)->RangeMultiplier(10)->Range(1'000, 10'000'000)->Complexity(benchmark::oN);

// A field with so many users of whom none may authorize.
void check_users(benchmark::State& state) {
    const Released released;
    std::string field = "MMHS-Authorizing-Users: x0@mil.example";
    for (int i = 1; i < state.range(0); ++i) {
        field += ",\r\n x" + std::to_string(i) + "@mil.example";
    }
    const std::string message = field + "\r\nFrom: ann@mil.example\r\n\r\nText\r\n";
    for (auto _ : state) {
        benchmark::DoNotOptimize(releasing::check(message, released.recipients,
                                                  release::Place::Border, released.verification,
                                                  base::Edition::Rfc, released.rules));
    }
    state.SetComplexityN(state.range(0));
}
BENCHMARK(check_users)->RangeMultiplier(10)->Range(1, 1'000)->Complexity(benchmark::oN);

}  // namespace
