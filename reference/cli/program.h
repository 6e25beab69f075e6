#pragma once

#include <memory>
#include <span>
#include <string>

#include "dca/rules.h"
#include "mixer/rules.h"
#include "mta/relay.h"
#include "opes/rules.h"
#include "release/rules.h"
#include "secureheaders/rules.h"

namespace mailassay::cli {

// What the commands decide by, a mechanism each: the standard rules, or those of a deviant.
struct Implementation {
    mta::DecisionsFactory decisions;  // of the relay and the submitting client
    std::shared_ptr<const secureheaders::Rules> secure_headers;
    std::shared_ptr<const dca::Rules> confidentiality;
    std::shared_ptr<const opes::Rules> adaptation;
    std::shared_ptr<const mixer::Rules> border;
    std::shared_ptr<const release::Rules> release;
};

[[nodiscard]] Implementation standard_implementation();

// The program `mailassay`: arguments without the program's name; the exit code.
[[nodiscard]] int run(std::span<const std::string> arguments, const Implementation& implementation);

// Its commands: arguments behind the command's name.
[[nodiscard]] int run_mta(std::span<const std::string> arguments,
                          const Implementation& implementation);
// `simulate release`.
[[nodiscard]] int run_simulate_release(std::span<const std::string> arguments,
                                       const Implementation& implementation);
[[nodiscard]] int run_simulate(std::span<const std::string> arguments,
                               const Implementation& implementation);
[[nodiscard]] int run_sendmail(std::span<const std::string> arguments,
                               const Implementation& implementation);
[[nodiscard]] int run_probe(std::span<const std::string> arguments,
                            const Implementation& implementation);
[[nodiscard]] int run_sign(std::span<const std::string> arguments,
                           const Implementation& implementation);
[[nodiscard]] int run_verify(std::span<const std::string> arguments,
                             const Implementation& implementation);
[[nodiscard]] int run_shim(std::span<const std::string> arguments,
                           const Implementation& implementation);
[[nodiscard]] int run_vectors(std::span<const std::string> arguments,
                              const Implementation& implementation);
[[nodiscard]] int run_encrypt(std::span<const std::string> arguments,
                              const Implementation& implementation);
[[nodiscard]] int run_decrypt(std::span<const std::string> arguments,
                              const Implementation& implementation);
[[nodiscard]] int run_authorize(std::span<const std::string> arguments,
                                const Implementation& implementation);
[[nodiscard]] int run_milter(std::span<const std::string> arguments,
                             const Implementation& implementation);

[[nodiscard]] int run_statement(std::span<const std::string> arguments,
                                const Implementation& implementation);
[[nodiscard]] int run_mixer(std::span<const std::string> arguments,
                            const Implementation& implementation);

}  // namespace mailassay::cli
