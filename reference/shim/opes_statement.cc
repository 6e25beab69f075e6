#include "shim/opes_statement.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(opes::Sight sight) {
    switch (sight) {
        case opes::Sight::Envelope:
            return "envelope";
        case opes::Sight::Header:
            return "header";
        case opes::Sight::Content:
            return "content";
    }
    std::unreachable();
}

std::string_view word_of(opes::References references) {
    switch (references) {
        case opes::References::Untouched:
            return "untouched";
        case opes::References::Addresses:
            return "addresses";
        case opes::References::Links:
            return "links";
    }
    std::unreachable();
}

std::string_view word_of(opes::Revealed revealed) {
    switch (revealed) {
        case opes::Revealed::System:
            return "system";
        case opes::Revealed::Services:
            return "services";
        case opes::Revealed::Order:
            return "order";
        case opes::Revealed::Refusals:
            return "refusals";
    }
    std::unreachable();
}

Json as_json(const opes::Handling& handling) {
    return {{"sees", word_of(handling.sees)},
            {"kept_days", handling.kept_days},
            {"shared_with", handling.shared_with},
            {"references", word_of(handling.references)}};
}

Json as_json(const opes::Consent& consent) {
    Json domains = Json::array();
    std::size_t addresses = 0;
    for (const std::string& who : consent.who) {
        if (who.starts_with('@')) {
            domains.push_back(who.substr(1));
        } else if (who != "*") {
            ++addresses;
        }
    }
    return {{"side", consent.side == opes::Side::Sender ? "sender" : "recipient"},
            {"everybody", std::ranges::find(consent.who, "*") != consent.who.end()},
            {"domains", std::move(domains)},
            {"addresses", addresses},
            {"services", consent.services}};
}

}  // namespace

Json as_json(const opes::Statement& statement) {
    Json revealed = Json::array();
    for (const opes::Revealed each : statement.revealed) revealed.push_back(word_of(each));
    Json consents = Json::array();
    for (const opes::Consent& each : statement.consents) consents.push_back(as_json(each));
    Json services = Json::array();
    for (const opes::StatedService& each : statement.services) {
        services.push_back({{"uri", each.uri},
                            {"indispensable", each.is_indispensable},
                            {"handling", as_json(each.handling)}});
    }
    return {{"schema", 1},
            {"system", statement.system},
            {"responsible", statement.responsible},
            {"policy", statement.policy},
            {"handling", as_json(statement.handling)},
            {"trace_reveals", std::move(revealed)},
            {"consent", std::move(consents)},
            {"services", std::move(services)}};
}

}  // namespace mailassay::shim
