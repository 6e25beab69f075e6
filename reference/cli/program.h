#pragma once

#include <span>
#include <string>

#include "mta/relay.h"

namespace mailassay::cli {

// The program `mailassay`: arguments without the program's name; the exit code. `decisions` makes
// what the relay and the submitting client decide by.
[[nodiscard]] int run(std::span<const std::string> arguments,
                      const mta::DecisionsFactory& decisions);

// `mailassay mta`: arguments behind the command's name. `mailassay-deviant NAME mta ...` calls it
// with decisions of its own.
[[nodiscard]] int run_mta(std::span<const std::string> arguments,
                          const mta::DecisionsFactory& decisions);

// `mailassay simulate`.
[[nodiscard]] int run_simulate(std::span<const std::string> arguments,
                               const mta::DecisionsFactory& decisions);

// `mailassay sendmail`.
[[nodiscard]] int run_sendmail(std::span<const std::string> arguments,
                               const mta::DecisionsFactory& decisions);

// `mailassay probe`.
[[nodiscard]] int run_probe(std::span<const std::string> arguments,
                            const mta::DecisionsFactory& decisions);

// `mailassay sign` and `mailassay verify`.
[[nodiscard]] int run_sign(std::span<const std::string> arguments);
[[nodiscard]] int run_verify(std::span<const std::string> arguments);

}  // namespace mailassay::cli
