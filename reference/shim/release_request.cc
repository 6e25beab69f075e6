#include "shim/release_request.h"

#include <utility>

#include "shim/material.h"
#include "shim/reader.h"

namespace mailassay::shim {

namespace {

using Users = std::vector<imf::Mailbox>;

Result<imf::Mailbox> user_in(const std::string& text) {
    auto mailbox = imf::parse_mailbox(text);
    if (!mailbox) return wrong("shim.request.address", text);
    return std::move(*mailbox);
}

Result<Users> take_users(Reader& request, const std::string& key) {
    const auto texts = request.texts(key);
    if (!texts) return std::unexpected(texts.error());
    Users all;
    for (const std::string& text : *texts) {
        auto user = user_in(text);
        if (!user) return std::unexpected(std::move(user.error()));
        all.push_back(std::move(*user));
    }
    return all;
}

// Not given: one.
Result<std::size_t> take_needed(Reader& request) {
    const Json* value = request.take("needed");
    if (value == nullptr) return 1;
    if (!value->is_number_unsigned()) return wrong("shim.request.wrong-type", "needed");
    return value->get<std::size_t>();
}

Result<release::Policy> read_policy(Reader& reader) {
    release::Policy policy;
    auto officers = take_users(reader, "officers");
    if (!officers) return std::unexpected(std::move(officers.error()));
    policy.officers = std::move(*officers);
    const auto needed = take_needed(reader);
    if (!needed) return std::unexpected(needed.error());
    policy.needed = *needed;
    const auto order = reader.choice<release::Order>(
        "order", {{"any", release::Order::Any}, {"as-listed", release::Order::AsListed}});
    if (!order) return std::unexpected(order.error());
    policy.order = *order;
    const auto proof =
        reader.choice<release::Proof>("proof", {{"of-message", release::Proof::OfMessage},
                                                {"of-field", release::Proof::OfField},
                                                {"none", release::Proof::None}});
    if (!proof) return std::unexpected(proof.error());
    policy.proof = *proof;
    const auto doubt = reader.choice<release::Doubt>("doubt", {{"hold", release::Doubt::Hold},
                                                               {"return", release::Doubt::Return},
                                                               {"tell", release::Doubt::Tell}});
    if (!doubt) return std::unexpected(doubt.error());
    policy.doubt = *doubt;
    const auto forgery = reader.choice<release::Forgery>(
        "forgery", {{"return", release::Forgery::Return}, {"to-abuse", release::Forgery::ToAbuse}});
    if (!forgery) return std::unexpected(forgery.error());
    policy.forgery = *forgery;
    const auto unreadable = reader.choice<release::Unreadable>(
        "unreadable", {{"tell", release::Unreadable::Tell}, {"hold", release::Unreadable::Hold}});
    if (!unreadable) return std::unexpected(unreadable.error());
    policy.unreadable = *unreadable;
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return policy;
}

Result<release::Policy> take_policy(Reader& request) {
    const Json* value = request.take("policy");
    if (value == nullptr) return wrong("shim.request.missing", "policy");
    if (!value->is_object()) return wrong("shim.request.wrong-type", "policy");
    Reader reader(*value);
    return read_policy(reader);
}

Result<std::optional<crypto::Signer>> take_signer(Reader& request, const std::string& key) {
    const Json* value = request.take(key);
    if (value == nullptr) return std::nullopt;
    auto signer = read_signer(*value);
    if (!signer) return std::unexpected(std::move(signer.error()));
    return std::move(*signer);
}

Result<releasing::Verification> take_verification(Reader& request) {
    releasing::Verification verification;
    auto policy = take_policy(request);
    if (!policy) return std::unexpected(std::move(policy.error()));
    verification.policy = std::move(*policy);
    auto trust = take_certificates(request, "trust");
    if (!trust) return std::unexpected(std::move(trust.error()));
    verification.trust.anchors = std::move(*trust);
    auto opener = take_signer(request, "opener");
    if (!opener) return std::unexpected(std::move(opener.error()));
    if (*opener) {
        verification.opener =
            releasing::Opener{.key = (*opener)->key, .certificate = (*opener)->certificate};
    }
    auto keys = request.pairs("dkim_keys");
    if (!keys) return std::unexpected(std::move(keys.error()));
    for (auto& [name, record] : *keys) verification.keys.emplace(name, std::move(record));
    const auto reading = request.choice<releasing::Reading>(
        "countersign", {{"review", releasing::Reading::Review},
                        {"countersignature", releasing::Reading::Countersignature},
                        {"signer-info", releasing::Reading::SignerInfo}});
    if (!reading) return std::unexpected(reading.error());
    verification.reading = *reading;
    return verification;
}

Result<std::optional<imf::Mailbox>> take_user(Reader& request, const std::string& key) {
    if (request.take(key) == nullptr) return std::nullopt;
    const auto text = request.text(key);
    if (!text) return std::unexpected(text.error());
    auto user = user_in(*text);
    if (!user) return std::unexpected(std::move(user.error()));
    return std::move(*user);
}

Result<release::Authorization> take_authorization(Reader& request, base::Edition edition) {
    release::Authorization authorization;
    authorization.edition = edition;
    auto user = take_user(request, "user");
    if (!user) return std::unexpected(std::move(user.error()));
    if (!*user) return wrong("shim.request.missing", "user");
    authorization.user = std::move(**user);
    const auto decision =
        request.choice<release::Decision>("decision", {{"return", release::Decision::Return},
                                                       {"release", release::Decision::Release},
                                                       {"discard", release::Decision::Discard},
                                                       {"forward", release::Decision::Forward},
                                                       {"redraft", release::Decision::Redraft}});
    if (!decision) return std::unexpected(decision.error());
    authorization.decision = *decision;
    auto forward_to = take_user(request, "forward_to");
    if (!forward_to) return std::unexpected(std::move(forward_to.error()));
    authorization.forward_to = std::move(*forward_to);
    if (request.take("explanation") != nullptr) {
        auto explanation = request.text("explanation");
        if (!explanation) return std::unexpected(std::move(explanation.error()));
        authorization.explanation = std::move(*explanation);
    }
    return authorization;
}

// What both have in common.
template <class Request>
Result<Request> begun(Reader& reader) {
    Request request;
    auto message = reader.octets("message");
    if (!message) return std::unexpected(std::move(message.error()));
    request.message = std::move(*message);
    auto verification = take_verification(reader);
    if (!verification) return std::unexpected(std::move(verification.error()));
    request.verification = std::move(*verification);
    const auto time = take_time(reader);
    if (!time) return std::unexpected(time.error());
    request.time = *time;
    return request;
}

Result<Deciding> read_deciding(const Json& object, base::Edition edition) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "decisions");
    Reader reader(object);
    auto authorization = take_authorization(reader, edition);
    if (!authorization) return std::unexpected(std::move(authorization.error()));
    auto signer = take_signer(reader, "signer");
    if (!signer) return std::unexpected(std::move(signer.error()));
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return Deciding{.authorization = std::move(*authorization), .signer = std::move(*signer)};
}

}  // namespace

Result<Authorize> read_authorize(Reader& request) {
    auto authorize = begun<Authorize>(request);
    if (!authorize) return authorize;
    auto checked = release::checked(authorize->verification.policy);
    if (!checked) return std::unexpected(std::move(checked.error()));
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    auto authorization = take_authorization(request, *edition);
    if (!authorization) return std::unexpected(std::move(authorization.error()));
    authorize->authorization = std::move(*authorization);
    auto signer = take_signer(request, "signer");
    if (!signer) return std::unexpected(std::move(signer.error()));
    authorize->signer = std::move(*signer);
    if (authorize->signer) authorize->signer->signing_time = authorize->time;
    return authorize;
}

Result<CheckRelease> read_check_release(Reader& request) {
    auto check = begun<CheckRelease>(request);
    if (!check) return check;
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    check->edition = *edition;
    const auto place = request.choice<std::optional<release::Place>>(
        "place", {{"recipient", std::nullopt},
                  {"submission", release::Place::Submission},
                  {"border", release::Place::Border},
                  {"delivery", release::Place::Delivery}});
    if (!place) return std::unexpected(place.error());
    check->place = *place;
    if (check->place) {
        auto checked = release::checked(check->verification.policy);
        if (!checked) return std::unexpected(std::move(checked.error()));
    }
    auto recipients = take_users(request, "recipients");
    if (!recipients) return std::unexpected(std::move(recipients.error()));
    check->recipients = std::move(*recipients);
    return check;
}

Result<Carry> read_carry(Reader& request) {
    auto carry = begun<Carry>(request);
    if (!carry) return carry;
    auto checked = release::checked(carry->verification.policy);
    if (!checked) return std::unexpected(std::move(checked.error()));
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    carry->edition = *edition;
    auto sender = take_user(request, "sender");
    if (!sender) return std::unexpected(std::move(sender.error()));
    if (!*sender) return wrong("shim.request.missing", "sender");
    carry->sender = (*sender)->address();
    auto recipients = take_users(request, "recipients");
    if (!recipients) return std::unexpected(std::move(recipients.error()));
    if (recipients->empty()) return wrong("shim.request.missing", "recipients");
    for (const imf::Mailbox& each : *recipients) carry->recipients.push_back(each.address());
    const auto decisions = request.list("decisions");
    if (!decisions) return std::unexpected(decisions.error());
    for (const Json* each : *decisions) {
        auto deciding = read_deciding(*each, *edition);
        if (!deciding) return std::unexpected(std::move(deciding.error()));
        if (deciding->signer) deciding->signer->signing_time = carry->time;
        carry->decisions.push_back(std::move(*deciding));
    }
    return carry;
}

}  // namespace mailassay::shim
