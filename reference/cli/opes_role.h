#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/program.h"
#include "milter/role.h"

// The role opes of `mailassay milter`, made by its configuration.
namespace mailassay::cli {

// `config` is a TOML file; its words stand in `mailassay milter --help`.
// Errors: cli.config.syntax, cli.config.unknown-key, cli.config.wrong-type, cli.config.missing, and
// those of read_opes_config().
[[nodiscard]] Result<std::unique_ptr<milter::Role>> make_opes(const std::string& config,
                                                              const Implementation& implementation);

}  // namespace mailassay::cli
