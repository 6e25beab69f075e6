#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "requiretls/facts.h"
#include "simulate/simulation.h"

// What a run of simulations came to, for a person and for a program. The same outcomes give the
// same octets.
namespace mailassay::simulate {

// One network at one state of adoption.
struct Point {
    double adoption = 0;  // percent of the domains
    Outcome outcome;
};

struct Setting {
    std::size_t servers = 0;
    std::size_t domains = 0;
    std::uint64_t messages = 0;  // for each point
    std::uint64_t seed = 0;
    requiretls::Edition edition = requiretls::Edition::Rfc;
    Assumptions assumptions;
};

// Of a part in a whole, in percent; 0 when the whole is nothing.
[[nodiscard]] double share(std::uint64_t part, std::uint64_t whole);

// The assumptions, a table with a row for each point, and what the numbers mean.
[[nodiscard]] std::string to_table(const Setting& setting, std::span<const Point> points);
[[nodiscard]] std::string to_json(const Setting& setting, std::span<const Point> points);
// A drawing of its own: adoption from left to right, shares from bottom to top.
[[nodiscard]] std::string to_svg(const Setting& setting, std::span<const Point> points);

}  // namespace mailassay::simulate
