#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/program.h"
#include "milter/role.h"

// The role release of `mailassay milter`, made by its configuration.
namespace mailassay::cli {

// `config` is a TOML file; its words stand in `mailassay authorize --help`. Errors: those of
// read_release_config(), of roles::EnvelopeFolder, and cli.config.missing (a submission server
// without a folder for envelopes).
[[nodiscard]] Result<std::unique_ptr<milter::Role>> make_release(
    const std::string& config, const Implementation& implementation);

}  // namespace mailassay::cli
