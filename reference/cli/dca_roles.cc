#include "cli/dca_roles.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "cli/message_io.h"
#include "cli/role_config.h"
#include "cli/secure_headers_options.h"
#include "imf/header.h"
#include "roles/dca.h"

namespace mailassay::cli {

namespace {

// The first is the one unless told otherwise.
constexpr std::array<std::pair<std::string_view, CipherChoice>, 5> cipher_words{
    {{"aes-256-cbc", crypto::ContentCipher::Aes256Cbc},
     {"aes-128-cbc", crypto::ContentCipher::Aes128Cbc},
     {"aes-128-gcm", crypto::ContentCipher::Aes128Gcm},
     {"aes-256-gcm", crypto::ContentCipher::Aes256Gcm},
     {"as-they-can", std::nullopt}}};

std::unexpected<Error> wrong(std::string_view id, std::string detail) {
    return std::unexpected(Error{.id = id, .detail = std::move(detail)});
}

constexpr std::array<std::pair<std::string_view, roles::OnFault>, 2> on_fault_words{
    {{"temporary", roles::OnFault::RefuseForNow}, {"permanent", roles::OnFault::RefuseForGood}}};
constexpr std::array<std::pair<std::string_view, roles::OnForeign>, 3> on_foreign_words{
    {{"deliver", roles::OnForeign::Deliver},
     {"temporary", roles::OnForeign::RefuseForNow},
     {"permanent", roles::OnForeign::RefuseForGood}}};
constexpr std::array<std::pair<std::string_view, base::Edition>, 2> edition_words{
    {{"rfc", base::Edition::Rfc}, {"draft", base::Edition::Draft}}};
constexpr std::array<std::pair<std::string_view, std::optional<dca::Agent>>, 3> signs_as_words{
    {{"domain", dca::Agent::DomainSigning},
     {"review", dca::Agent::Review},
     {"user", std::nullopt}}};
constexpr std::array<std::pair<std::string_view, crypto::Encapsulation>, 2> form_words{
    {{"detached", crypto::Encapsulation::Detached}, {"opaque", crypto::Encapsulation::Opaque}}};

const base::SystemClock& system_clock() {
    static const base::SystemClock clock;
    return clock;
}

secureheaders::Strictness strictness_of(RoleConfig& config) {
    return config.flag("tolerant") ? secureheaders::Strictness::Tolerant
                                   : secureheaders::Strictness::Strict;
}

Result<void> read_replacements(RoleConfig& config, dca::Replacements& replacements) {
    const toml::table* given = config.table("replace");
    if (given == nullptr) return {};
    for (const auto& [key, node] : *given) {
        const auto value = node.value<std::string>();
        if (!value) return wrong("cli.config.wrong-type", "replace." + std::string(key.str()));
        // So that a value which is none is told before any message is read.
        if (auto field = imf::make_field(key.str(), *value); !field) {
            return std::unexpected(field.error());
        }
        replacements[std::string(key.str())] = *value;
    }
    return {};
}

Result<std::vector<crypto::Certificate>> read_trust(RoleConfig& config) {
    std::vector<crypto::Certificate> trusted;
    for (const std::string& file : config.texts("trust")) {
        auto found = read_certificates(config.beside(file));
        if (!found) return std::unexpected(found.error());
        std::ranges::move(*found, std::back_inserter(trusted));
    }
    return trusted;
}

Result<KeyHolder> read_holder(RoleConfig& config) {
    for (const char* needed : {"certificate", "key"}) {
        if (config.path(needed).empty()) config.complain("cli.config.missing", needed);
    }
    const std::string password_file = config.path("password_file");
    if (config.fault()) return std::unexpected(*config.fault());
    const auto password = read_password(password_file);
    if (!password) return std::unexpected(password.error());
    return read_key_holder(config.path("certificate"), config.path("key"), *password);
}

Result<dca::OuterSigning> read_outer(const RoleConfig& config, const toml::table& table) {
    auto outer = config.part(table, {"as", "certificate", "key", "password_file", "form", "trust"});
    if (!outer) return std::unexpected(outer.error());
    const auto as = outer->choice("as", signs_as_words);
    const auto form = outer->choice("form", form_words);
    auto trusted = read_trust(*outer);
    if (!trusted) return std::unexpected(trusted.error());
    auto holder = read_holder(*outer);
    if (!holder) return std::unexpected(holder.error());
    return dca::OuterSigning{
        .signer = {.key = std::move(holder->key), .certificate = holder->certificates.front()},
        .chain = {holder->certificates.begin() + 1, holder->certificates.end()},
        .as = as,
        .encapsulation = form,
        .trust = {.anchors = std::move(*trusted), .at = {}}};
}

Result<roles::DcaOutSettings::Domain> read_domain(const RoleConfig& config, std::string name,
                                                  const toml::node& node) {
    roles::DcaOutSettings::Domain domain{.name = std::move(name), .certificates = {}};
    const toml::array* paths = node.as_array();
    if (paths == nullptr || paths->empty()) {
        return wrong("cli.config.wrong-type", "domains." + domain.name);
    }
    for (const toml::node& each : *paths) {
        const auto path = each.value<std::string>();
        if (!path) return wrong("cli.config.wrong-type", "domains." + domain.name);
        auto found = read_certificates(config.beside(*path));
        if (!found) return std::unexpected(found.error());
        std::ranges::move(*found, std::back_inserter(domain.certificates));
    }
    return domain;
}

}  // namespace

Result<CipherChoice> cipher_named(std::string_view name) {
    for (const auto& [known, cipher] : cipher_words) {
        if (known == name) return cipher;
    }
    return wrong("cli.cipher.unknown", std::string(name));
}

Result<std::unique_ptr<milter::Role>> make_dca_out(const std::string& path,
                                                   const Implementation& implementation) {
    auto config = RoleConfig::read(
        path, {"on_fault", "cipher", "edition", "tolerant", "replace", "domains", "outer"});
    if (!config) return std::unexpected(config.error());
    roles::DcaOutSettings settings{.cipher = config->choice("cipher", cipher_words),
                                   .edition = config->choice("edition", edition_words),
                                   .strictness = strictness_of(*config),
                                   .on_fault = config->choice("on_fault", on_fault_words)};
    if (auto done = read_replacements(*config, settings.replacements); !done) {
        return std::unexpected(done.error());
    }
    const toml::table* domains = config->table("domains");
    if (domains == nullptr || domains->empty()) config->complain("cli.config.missing", "domains");
    if (config->fault()) return std::unexpected(*config->fault());
    for (const auto& [key, node] : *domains) {
        auto domain = read_domain(*config, std::string(key.str()), node);
        if (!domain) return std::unexpected(domain.error());
        settings.domains.push_back(std::move(*domain));
    }
    if (const toml::table* table = config->table("outer")) {
        auto outer = read_outer(*config, *table);
        if (!outer) return std::unexpected(outer.error());
        settings.outer = std::move(*outer);
    }
    if (config->fault()) return std::unexpected(*config->fault());
    return std::make_unique<roles::DcaOut>(std::move(settings), *implementation.confidentiality,
                                           system_clock());
}

Result<std::unique_ptr<milter::Role>> make_dca_in(const std::string& path,
                                                  const Implementation& implementation) {
    auto config = RoleConfig::read(path, {"certificate", "key", "password_file", "on_fault",
                                          "on_foreign", "edition", "tolerant", "trust"});
    if (!config) return std::unexpected(config.error());
    const auto on_fault = config->choice("on_fault", on_fault_words);
    const auto on_foreign = config->choice("on_foreign", on_foreign_words);
    const auto edition = config->choice("edition", edition_words);
    const auto strictness = strictness_of(*config);
    auto trusted = read_trust(*config);
    if (!trusted) return std::unexpected(trusted.error());
    auto holder = read_holder(*config);
    if (!holder) return std::unexpected(holder.error());
    return std::make_unique<roles::DcaIn>(
        roles::DcaInSettings{.key = std::move(holder->key),
                             .certificate = holder->certificates.front(),
                             .edition = edition,
                             .strictness = strictness,
                             .on_fault = on_fault,
                             .on_foreign = on_foreign,
                             .trust = std::move(*trusted)},
        *implementation.confidentiality, system_clock());
}

}  // namespace mailassay::cli
