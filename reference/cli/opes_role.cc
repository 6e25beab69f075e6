#include "cli/opes_role.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "cli/role_config.h"
#include "opes/entry.h"
#include "roles/opes.h"

namespace mailassay::cli {

namespace {

constexpr std::array<std::pair<std::string_view, opes::Stage>, 3> stage_words{
    {{"message", opes::Stage::Message},
     {"sender", opes::Stage::Sender},
     {"recipient", opes::Stage::Recipient}}};
constexpr std::array<std::pair<std::string_view, roles::OnFailure>, 2> on_failure_words{
    {{"temporary", roles::OnFailure::RefuseForNow}, {"go-on", roles::OnFailure::GoOn}}};
constexpr int most_seconds = 3600;

// An agent's URI, which an entry of a trace can hold.
std::string agent(RoleConfig& config, std::string_view key) {
    std::string uri = config.text(key);
    if (uri.empty()) config.complain("cli.config.missing", key);
    if (!opes::is_agent(opes::encoded(uri))) config.complain("cli.config.wrong-type", key);
    return uri;
}

Result<roles::OpesService> read_service(const RoleConfig& file, const toml::table& table) {
    auto config = file.part(table, {"uri", "socket", "stage", "indispensable", "on_failure"});
    if (!config) return std::unexpected(config.error());
    const auto where = roles::parse_service_socket(config->text("socket"));
    if (!where) return std::unexpected(where.error());
    roles::OpesService service{
        .what = {.uri = agent(*config, "uri"),
                 .stage = config->choice("stage", stage_words),
                 .necessity = config->flag("indispensable") ? opes::Necessity::Indispensable
                                                            : opes::Necessity::Optional},
        .where = *where,
        .on_failure = config->choice("on_failure", on_failure_words)};
    if (config->fault()) return std::unexpected(*config->fault());
    return service;
}

}  // namespace

Result<std::unique_ptr<milter::Role>> make_opes(const std::string& path,
                                                const Implementation& implementation) {
    auto config = RoleConfig::read(path, {"uri", "policy", "own_clients", "timeout", "service"});
    if (!config) return std::unexpected(config.error());
    roles::OpesSettings settings{.uri = agent(*config, "uri"),
                                 .own_clients = config->texts("own_clients")};
    const std::string policy = config->text("policy");
    if (!policy.empty()) {
        settings.parameters = {{.name = "policy", .value = agent(*config, "policy")}};
    }
    const std::chrono::seconds time(config->number("timeout", 30, most_seconds));
    const auto tables = config->tables("service");
    if (config->fault()) return std::unexpected(*config->fault());
    for (const toml::table* table : tables) {
        auto service = read_service(*config, *table);
        if (!service) return std::unexpected(service.error());
        const bool repeated = std::ranges::any_of(settings.services, [&](const auto& other) {
            return opes::same_agent(other.what.uri, service->what.uri);
        });
        if (repeated) {
            return std::unexpected(Error{.id = "cli.config.repeated", .detail = service->what.uri});
        }
        settings.services.push_back(std::move(*service));
    }
    return std::make_unique<roles::Opes>(std::move(settings), *implementation.adaptation,
                                         std::make_unique<roles::SocketCaller>(time));
}

}  // namespace mailassay::cli
