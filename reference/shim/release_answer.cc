#include "shim/release_answer.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/base64.h"

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

Json address_or_null(const std::optional<imf::Mailbox>& user) {
    return user ? Json(user->address()) : Json(nullptr);
}

std::string_view name_of(release::Fate fate) {
    switch (fate) {
        case release::Fate::Passes:
            return "passes";
        case release::Fate::ToOfficers:
            return "to-officers";
        case release::Fate::Refused:
            return "refused";
    }
    return "unknown";
}

releasing::Verification at(const releasing::Verification& verification, base::TimePoint time) {
    releasing::Verification made = verification;
    made.trust.at = time;
    return made;
}

Json with_reason(Json answer, const std::optional<Error>& reason) {
    if (reason) answer["reason"] = to_string(*reason);
    return answer;
}

Json judged_by_recipient(const CheckRelease& request, const releasing::Verification& verification,
                         const release::Rules& rules) {
    const release::Chain chain =
        releasing::chain_of(request.message, verification, request.edition, rules);
    Json users = Json::array();
    for (const imf::Mailbox& user : chain.proven) users.push_back(user.address());
    return with_reason(
        {{"outcome", chain.fault ? "not-authorized" : "authorized"}, {"users", std::move(users)}},
        chain.fault);
}

}  // namespace

Json result_of(const Authorize& request, const release::Rules& rules, base::TimePoint now,
               base::Random& random) {
    const auto made =
        releasing::authorize(request.message, at(request.verification, request.time.value_or(now)),
                             request.authorization, request.signer, rules, random);
    if (!made) return {{"outcome", "set-aside"}, {"reason", to_string(made.error())}};
    Json steps = Json::array();
    for (const release::Step step : made->outcome.steps) steps.push_back(name_of(step));
    Json answer{{"outcome", name_of(made->outcome.end)},
                {"steps", std::move(steps)},
                {"next", address_or_null(made->outcome.next)}};
    if (made->message) answer["message"] = base::encode_base64(*made->message);
    if (made->notice) {
        answer["notice"] = {{"to", made->notice->to.address()},
                            {"message", base::encode_base64(made->notice->message)}};
    }
    return with_reason(std::move(answer), made->outcome.reason);
}

Json result_of(const CheckRelease& request, const release::Rules& rules, base::TimePoint now) {
    const releasing::Verification verification =
        at(request.verification, request.time.value_or(now));
    if (!request.place) return judged_by_recipient(request, verification, rules);
    const release::Judgement judged = releasing::check(
        request.message, request.recipients, *request.place, verification, request.edition, rules);
    Json recipients = Json::array();
    for (const release::RecipientFate& each : judged.recipients) {
        recipients.push_back({{"address", each.recipient.address()}, {"fate", name_of(each.fate)}});
    }
    return with_reason({{"outcome", "judged"},
                        {"recipients", std::move(recipients)},
                        {"next", address_or_null(judged.next)}},
                       judged.reason);
}

Json result_of(const Carry& request, const Carrier& carrier, base::TimePoint now) {
    Carry timed = request;
    timed.time = request.time.value_or(now);
    const Carried carried = carrier.carry(timed);
    Json mailboxes = Json::object();
    for (const auto& [address, messages] : carried.mailboxes) {
        for (const std::string& each : messages) {
            mailboxes[address].push_back(base::encode_base64(each));
        }
    }
    Json refusals = Json::array();
    for (const std::string& each : carried.refusals) refusals.push_back(each);
    return {{"outcome", "carried"},
            {"mailboxes", std::move(mailboxes)},
            {"refusals", std::move(refusals)}};
}

}  // namespace mailassay::shim
