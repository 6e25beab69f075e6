#include "cli/release_config.h"

#include <array>
#include <utility>

#include "cli/message_io.h"
#include "cli/secure_headers_options.h"
#include "dkim/key.h"
#include "release/policy.h"

namespace mailassay::cli {

namespace {

constexpr std::array<std::pair<std::string_view, base::Edition>, 2> edition_words{
    {{"rfc", base::Edition::Rfc}, {"draft", base::Edition::Draft}}};
constexpr std::array<std::pair<std::string_view, release::Order>, 2> order_words{
    {{"any", release::Order::Any}, {"as-listed", release::Order::AsListed}}};
constexpr std::array<std::pair<std::string_view, release::Proof>, 3> proof_words{
    {{"of-message", release::Proof::OfMessage},
     {"of-field", release::Proof::OfField},
     {"none", release::Proof::None}}};
constexpr std::array<std::pair<std::string_view, release::Doubt>, 3> doubt_words{
    {{"hold", release::Doubt::Hold},
     {"return", release::Doubt::Return},
     {"tell", release::Doubt::Tell}}};
constexpr std::array<std::pair<std::string_view, release::Forgery>, 2> forgery_words{
    {{"return", release::Forgery::Return}, {"to-abuse", release::Forgery::ToAbuse}}};
constexpr std::array<std::pair<std::string_view, release::Unreadable>, 2> unreadable_words{
    {{"tell", release::Unreadable::Tell}, {"hold", release::Unreadable::Hold}}};
constexpr std::array<std::pair<std::string_view, releasing::Reading>, 3> reading_words{
    {{"review", releasing::Reading::Review},
     {"countersignature", releasing::Reading::Countersignature},
     {"signer-info", releasing::Reading::SignerInfo}}};
constexpr int most_officers = 10'000;

release::Policy policy_in(RoleConfig& config) {
    release::Policy policy;
    for (const std::string& text : config.texts("officers")) {
        auto officer = imf::parse_mailbox(text);
        if (officer) {
            policy.officers.push_back(std::move(*officer));
        } else {
            config.complain("cli.config.wrong-type", "officers");
        }
    }
    policy.needed = static_cast<std::size_t>(config.number("needed", 1, most_officers));
    policy.order = config.choice("order", order_words);
    policy.proof = config.choice("proof", proof_words);
    policy.doubt = config.choice("doubt", doubt_words);
    policy.forgery = config.choice("forgery", forgery_words);
    policy.unreadable = config.choice("unreadable", unreadable_words);
    return policy;
}

Result<dkim::Keys> read_keys(const std::string& file) {
    const auto text = read_input(file);
    if (!text) return std::unexpected(text.error());
    auto keys = dkim::parse_keys(*text);
    if (!keys) keys.error().detail = file;
    return keys;
}

}  // namespace

Result<RoleConfig> open_release_config(const std::string& path) {
    return RoleConfig::read(path, {"place", "edition", "trust", "officers", "needed", "order",
                                   "proof", "doubt", "forgery", "unreadable", "countersign",
                                   "dkim_keys", "mailbox", "envelopes", "handed_in_by"});
}

Result<ReleaseConfig> read_release_config(RoleConfig& config) {
    ReleaseConfig made{.edition = config.choice("edition", edition_words),
                       .verification = {.policy = policy_in(config), .trust = {}},
                       .mailbox = config.text("mailbox")};
    made.verification.reading = config.choice("countersign", reading_words);
    const auto files = config.texts("trust");
    const std::string keys = config.path("dkim_keys");
    if (!made.mailbox.empty() && !imf::parse_mailbox(made.mailbox)) {
        config.complain("cli.config.wrong-type", "mailbox");
    }
    if (config.fault()) return std::unexpected(*config.fault());
    auto policy = release::checked(std::move(made.verification.policy));
    if (!policy) return std::unexpected(std::move(policy.error()));
    made.verification.policy = std::move(*policy);
    for (const std::string& file : files) {
        auto anchors = read_certificates(config.beside(file));
        if (!anchors) return std::unexpected(std::move(anchors.error()));
        for (auto& anchor : *anchors) {
            made.verification.trust.anchors.push_back(std::move(anchor));
        }
    }
    if (!keys.empty()) {
        auto read = read_keys(keys);
        if (!read) return std::unexpected(std::move(read.error()));
        made.verification.keys = std::move(*read);
    }
    return made;
}

}  // namespace mailassay::cli
