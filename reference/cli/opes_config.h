#pragma once

#include <chrono>
#include <string>

#include "base/error.h"
#include "roles/opes.h"

// The configuration of an OPES system (`mailassay milter --help`): what its milter does, and what
// it states of itself.
namespace mailassay::cli {

struct OpesConfig {
    roles::OpesSettings settings;
    std::string allow_list;  // a file; empty: none
    std::chrono::seconds time{30};
};

// Errors: those of RoleConfig, roles.service.socket, cli.config.repeated (the URI of two services),
// cli.config.unconsented (a service that nobody has agreed to).
[[nodiscard]] Result<OpesConfig> read_opes_config(const std::string& path);

}  // namespace mailassay::cli
