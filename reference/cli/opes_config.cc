#include "cli/opes_config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/role_config.h"
#include "opes/entry.h"

namespace mailassay::cli {

namespace {

template <class Value, std::size_t count>
using Words = std::array<std::pair<std::string_view, Value>, count>;

constexpr Words<opes::Stage, 3> stage_words{{{"message", opes::Stage::Message},
                                             {"sender", opes::Stage::Sender},
                                             {"recipient", opes::Stage::Recipient}}};
constexpr Words<roles::OnFailure, 2> on_failure_words{
    {{"temporary", roles::OnFailure::RefuseForNow}, {"go-on", roles::OnFailure::GoOn}}};
constexpr Words<opes::Refusing, 2> on_refusal_words{
    {{"reply", opes::Refusing::Replies}, {"quarantine", opes::Refusing::Quarantines}}};
constexpr Words<opes::Side, 2> side_words{
    {{"recipient", opes::Side::Recipient}, {"sender", opes::Side::Sender}}};
constexpr Words<opes::Sight, 3> sight_words{{{"content", opes::Sight::Content},
                                             {"header", opes::Sight::Header},
                                             {"envelope", opes::Sight::Envelope}}};
constexpr Words<opes::References, 3> reference_words{{{"untouched", opes::References::Untouched},
                                                      {"addresses", opes::References::Addresses},
                                                      {"links", opes::References::Links}}};
constexpr int most_seconds = 3600;
constexpr int most_days = 36'500;

// An agent's URI, which an entry of a trace can hold.
std::string agent(RoleConfig& config, std::string_view key) {
    std::string uri = config.text(key);
    if (uri.empty()) config.complain("cli.config.missing", key);
    if (!opes::is_agent(opes::encoded(uri))) config.complain("cli.config.wrong-type", key);
    return uri;
}

Result<opes::Handling> read_handling(RoleConfig& file) {
    const toml::table* table = file.table("handling");
    if (table == nullptr) return opes::Handling{};
    auto config = file.part(*table, {"sees", "kept_days", "shared_with", "references"});
    if (!config) return std::unexpected(config.error());
    opes::Handling handling{.sees = config->choice("sees", sight_words),
                            .kept_days = config->number("kept_days", 0, most_days),
                            .shared_with = config->texts("shared_with"),
                            .references = config->choice("references", reference_words)};
    if (config->fault()) return std::unexpected(*config->fault());
    return handling;
}

Result<opes::Consent> read_consent(const RoleConfig& file, const toml::table& table) {
    auto config = file.part(table, {"side", "who", "services"});
    if (!config) return std::unexpected(config.error());
    opes::Consent consent{.side = config->choice("side", side_words),
                          .who = config->texts("who"),
                          .services = config->texts("services")};
    if (consent.who.empty()) config->complain("cli.config.missing", "who");
    if (!std::ranges::all_of(consent.who, opes::is_who)) {
        config->complain("cli.config.wrong-type", "who");
    }
    if (consent.services.empty()) config->complain("cli.config.missing", "services");
    if (config->fault()) return std::unexpected(*config->fault());
    return consent;
}

Result<roles::OpesService> read_service(const RoleConfig& file, const toml::table& table) {
    auto config = file.part(
        table, {"uri", "socket", "stage", "indispensable", "on_failure", "on_refusal", "handling"});
    if (!config) return std::unexpected(config.error());
    const auto where = roles::parse_service_socket(config->text("socket"));
    if (!where) return std::unexpected(where.error());
    auto handling = read_handling(*config);
    if (!handling) return std::unexpected(std::move(handling.error()));
    roles::OpesService service{
        .what = {.uri = agent(*config, "uri"),
                 .stage = config->choice("stage", stage_words),
                 .necessity = config->flag("indispensable") ? opes::Necessity::Indispensable
                                                            : opes::Necessity::Optional,
                 .refusing = config->choice("on_refusal", on_refusal_words),
                 .handling = std::move(*handling)},
        .where = *where,
        .on_failure = config->choice("on_failure", on_failure_words)};
    if (config->fault()) return std::unexpected(*config->fault());
    return service;
}

// The system without its services.
Result<opes::System> read_system(RoleConfig& config) {
    opes::System system{.uri = agent(config, "uri"), .responsible = config.text("responsible")};
    if (system.responsible.empty()) config.complain("cli.config.missing", "responsible");
    if (!config.text("policy").empty()) {
        system.parameters = {{.name = "policy", .value = agent(config, "policy")}};
    }
    auto handling = read_handling(config);
    if (!handling) return std::unexpected(std::move(handling.error()));
    system.handling = std::move(*handling);
    for (const toml::table* table : config.tables("consent")) {
        auto consent = read_consent(config, *table);
        if (!consent) return std::unexpected(std::move(consent.error()));
        system.consents.push_back(std::move(*consent));
    }
    if (config.fault()) return std::unexpected(*config.fault());
    return system;
}

// A service that stands in the file and is never called is a mistake. [rfc3835/2.1/1]
bool is_consented(const opes::System& system, const std::string& service) {
    return std::ranges::any_of(system.consents, [&](const opes::Consent& consent) {
        return std::ranges::any_of(consent.services, [&](const std::string& listed) {
            return opes::is_about(listed, service, system.uri);
        });
    });
}

}  // namespace

Result<OpesConfig> read_opes_config(const std::string& path) {
    auto config = RoleConfig::read(path, {"uri", "policy", "responsible", "handling", "consent",
                                          "allow_list", "own_clients", "timeout", "service"});
    if (!config) return std::unexpected(config.error());
    auto system = read_system(*config);
    if (!system) return std::unexpected(std::move(system.error()));
    OpesConfig read{
        .settings = {.system = std::move(*system), .own_clients = config->texts("own_clients")},
        .allow_list = config->path("allow_list"),
        .time = std::chrono::seconds(config->number("timeout", 30, most_seconds))};
    const auto tables = config->tables("service");
    if (config->fault()) return std::unexpected(*config->fault());
    auto& settings = read.settings;
    for (const toml::table* table : tables) {
        auto service = read_service(*config, *table);
        if (!service) return std::unexpected(service.error());
        const std::string& uri = service->what.uri;
        const bool repeated = std::ranges::any_of(settings.services, [&](const auto& other) {
            return opes::same_agent(other.what.uri, uri);
        });
        if (repeated) return std::unexpected(Error{.id = "cli.config.repeated", .detail = uri});
        if (!is_consented(settings.system, uri)) {
            return std::unexpected(
                Error{.id = "cli.config.unconsented", .requirement = "rfc3835/2.1", .detail = uri});
        }
        settings.system.services.push_back(service->what);
        settings.services.push_back(std::move(*service));
    }
    return read;
}

}  // namespace mailassay::cli
