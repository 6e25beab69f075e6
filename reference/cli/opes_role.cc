#include "cli/opes_role.h"

#include <utility>

#include "cli/opes_config.h"
#include "roles/opes.h"

namespace mailassay::cli {

Result<std::unique_ptr<milter::Role>> make_opes(const std::string& path,
                                                const Implementation& implementation) {
    auto config = read_opes_config(path);
    if (!config) return std::unexpected(std::move(config.error()));
    std::unique_ptr<const roles::Allowances> allowances = std::make_unique<roles::NoAllowances>();
    if (!config->allow_list.empty()) {
        allowances = std::make_unique<roles::AllowListFile>(config->allow_list);
    }
    return std::make_unique<roles::Opes>(std::move(config->settings), *implementation.adaptation,
                                         std::make_unique<roles::SocketCaller>(config->time),
                                         std::move(allowances));
}

}  // namespace mailassay::cli
