#include "shim/mixer_answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

Json refused(const Error& error) {
    return {{"outcome", "refused"}, {"reason", to_string(error)}};
}

Json as_json(const std::vector<mixer::Loss>& losses) {
    Json all = Json::array();
    for (const mixer::Loss& loss : losses) {
        all.push_back({{"loss", loss.id},
                       {"where", base::escape(loss.where)},
                       {"detail", base::escape(loss.detail)}});
    }
    return all;
}

}  // namespace

Json result_of(const ToX400& request, const mixer::Rules& rules) {
    const auto message = imf::parse_message(request.message);
    if (!message) return refused(message.error());
    const auto made = mixer::to_x400(message->header, request.mapping, rules);
    if (!made) return refused(made.error());
    const auto octets = mixer::encode_ipm(made->heading);
    if (!octets) return refused(octets.error());
    return {{"outcome", "mapped"},
            {"ipm", base::encode_base64(*octets)},
            {"losses", as_json(made->losses)}};
}

Json result_of(const FromX400& request, const mixer::Rules& rules) {
    const auto reading = rules.read(request.ipm);
    if (!reading) return refused(reading.error());
    const auto made = mixer::from_x400(reading->heading, request.mapping, rules);
    if (!made) return refused(made.error());
    return {{"outcome", "mapped"},
            {"message", base::encode_base64(made->header.to_octets() + "\r\n")},
            {"kind", made->kind == mixer::Kind::Military ? "military" : "other"},
            {"losses", as_json(made->losses)}};
}

}  // namespace mailassay::shim
