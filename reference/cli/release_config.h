#pragma once

#include <string>

#include "base/edition.h"
#include "base/error.h"
#include "cli/role_config.h"
#include "releasing/agent.h"

// What `mailassay authorize` and `mailassay milter --role release` read from the one configuration
// of an organization.
namespace mailassay::cli {

struct ReleaseConfig {
    base::Edition edition = base::Edition::Rfc;
    releasing::Verification verification;  // its trust has no time yet
    std::string mailbox = {};              // where drafts go; empty: to those who may authorize
};

// The words stand in `mailassay authorize --help`. Errors: those of RoleConfig::read(),
// release::checked(), and cli.config.wrong-type for an address that is none.
[[nodiscard]] Result<ReleaseConfig> read_release_config(RoleConfig& config);

// All words of the file: what one of the two programs does not need, it leaves alone.
[[nodiscard]] Result<RoleConfig> open_release_config(const std::string& path);

}  // namespace mailassay::cli
