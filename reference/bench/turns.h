#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace mailassay::bench {

// Two things in turn, so that whatever else the machine does falls on both alike. The counter
// `ratio` is the median of what one costs beside the other, over rounds of a few calls each.
template <class Ours, class Theirs>
void in_turns(benchmark::State& state, Ours ours, Theirs theirs, int a_round = 20) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> ratios;
    for (auto _ : state) {
        const auto start = Clock::now();
        for (int i = 0; i < a_round; ++i) ours();
        const auto between = Clock::now();
        for (int i = 0; i < a_round; ++i) theirs();
        const std::chrono::duration<double> of_ours = between - start;
        const std::chrono::duration<double> of_theirs = Clock::now() - between;
        ratios.push_back(of_ours / of_theirs);
    }
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::ranges::nth_element(ratios, middle);
    state.counters["ratio"] = *middle;
}

}  // namespace mailassay::bench
