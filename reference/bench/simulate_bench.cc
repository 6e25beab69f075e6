// Messages a second through a simulated network, each hop by the state machines.

#include <benchmark/benchmark.h>

#include "simulate/simulation.h"

namespace mailassay::simulate {
namespace {

void simulate_messages(benchmark::State& state) {
    const Assumptions assumptions;
    Network network(static_cast<std::size_t>(state.range(0)), 1, assumptions);
    network.adopt(50);
    const requiretls::StandardRules rules(requiretls::Edition::Rfc);
    constexpr std::uint64_t messages = 1'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            simulate(network, assumptions, rules, {.seed = 1, .messages = messages}));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(messages) * state.iterations());
}
BENCHMARK(simulate_messages)->Arg(10)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mailassay::simulate
