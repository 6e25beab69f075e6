// What the border to X.400 costs in both directions, from octets to octets: messages a second, and
// by the number of recipients, in which it is linear.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "mixer/mapping.h"

namespace {

using namespace mailassay;

const mixer::StandardRules rules;
const mixer::Mapping mapping{.military = mixer::Military::Always};

std::string message_to(std::int64_t recipients) {
    std::string text =
        "From: Drafter <drafter@example.mil>\r\nMMHS-Authorizing-Users: r@example.mil\r\n"
        "Subject: figures\r\nMessage-ID: <1@example.mil>\r\nTo: ";
    for (std::int64_t i = 0; i < recipients; ++i) {
        text += (i == 0 ? "" : ",\r\n ") + std::string("recipient") + std::to_string(i) +
                "@example.mil";
    }
    return text + "\r\n\r\n";
}

std::string to_x400(const std::string& text) {
    const auto message = imf::parse_message(text);
    if (!message) std::abort();
    const auto made = mixer::to_x400(message->header, mapping, rules);
    if (!made) std::abort();
    return mixer::encode_ipm(made->heading).value();
}

void measure(benchmark::State& state, std::size_t octets) {
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets));
    state.SetComplexityN(state.range(0));
}

void ToX400(benchmark::State& state) {
    const std::string text = message_to(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(to_x400(text));
    measure(state, text.size());
}

void FromX400(benchmark::State& state) {
    const std::string octets = to_x400(message_to(state.range(0)));
    for (auto _ : state) {
        const auto reading = mixer::decode_ipm(octets);
        if (!reading) std::abort();
        const auto made = mixer::from_x400(reading->heading, mapping, rules);
        if (!made) std::abort();
        benchmark::DoNotOptimize(made->header.to_octets());
    }
    measure(state, octets.size());
}

BENCHMARK(ToX400)->RangeMultiplier(10)->Range(1, 10'000)->Complexity(benchmark::oN);
BENCHMARK(FromX400)->RangeMultiplier(10)->Range(1, 10'000)->Complexity(benchmark::oN);

}  // namespace
