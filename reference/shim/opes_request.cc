#include "shim/opes_request.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "shim/reader.h"

namespace mailassay::shim {

namespace {

constexpr std::uint64_t most_days = 36'500;

Result<std::string> take_uri(Reader& request) {
    auto uri = request.text("uri");
    if (!uri) return uri;
    if (!opes::is_agent(opes::encoded(*uri))) return wrong("shim.request.uri", *uri);
    return uri;
}

Result<smtp::Reply> take_reply(Reader& request, const std::string& key) {
    auto text = request.text(key);
    if (!text) return std::unexpected(std::move(text.error()));
    smtp::ReplyReader reader;
    reader.receive(*text + "\r\n");
    auto reply = reader.next();
    if (!reply) return wrong("shim.request.wrong-type", key);
    if (!reply->has_value()) return wrong("shim.request.wrong-type", key);
    return std::move(reply->value());
}

// What an agent does with mail; not given: it looks at all of it and does nothing else.
Result<opes::Handling> take_handling(Reader& request) {
    const Json* value = request.take("handling");
    opes::Handling handling;
    if (value == nullptr) return handling;
    if (!value->is_object()) return wrong("shim.request.wrong-type", "handling");
    Reader reader(*value);
    const auto sees = reader.choice<opes::Sight>("sees", {{"content", opes::Sight::Content},
                                                          {"header", opes::Sight::Header},
                                                          {"envelope", opes::Sight::Envelope}});
    if (!sees) return std::unexpected(sees.error());
    handling.sees = *sees;
    const auto references =
        reader.choice<opes::References>("references", {{"untouched", opes::References::Untouched},
                                                       {"addresses", opes::References::Addresses},
                                                       {"links", opes::References::Links}});
    if (!references) return std::unexpected(references.error());
    handling.references = *references;
    if (const Json* days = reader.take("kept_days")) {
        const bool fits = days->is_number_unsigned() && days->get<std::uint64_t>() <= most_days;
        if (!fits) return wrong("shim.request.wrong-type", "kept_days");
        handling.kept_days = days->get<int>();
    }
    auto shared = reader.texts("shared_with");
    if (!shared) return std::unexpected(std::move(shared.error()));
    handling.shared_with = std::move(*shared);
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return handling;
}

Result<opes::Consent> read_consent(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "consents");
    Reader reader(object);
    const auto side = reader.choice<opes::Side>(
        "side", {{"recipient", opes::Side::Recipient}, {"sender", opes::Side::Sender}});
    if (!side) return std::unexpected(side.error());
    auto who = reader.texts("who");
    if (!who) return std::unexpected(std::move(who.error()));
    auto services = reader.texts("services");
    if (!services) return std::unexpected(std::move(services.error()));
    if (!std::ranges::all_of(*who, opes::is_who)) return wrong("shim.request.wrong-type", "who");
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return opes::Consent{.side = *side, .who = std::move(*who), .services = std::move(*services)};
}

// Who has agreed; not given: all who receive.
Result<std::vector<opes::Consent>> take_consents(Reader& request) {
    const Json* given = request.take("consents");
    if (given == nullptr) return std::vector{opes::consent_of_all_recipients()};
    if (!given->is_array()) return wrong("shim.request.wrong-type", "consents");
    std::vector<opes::Consent> consents;
    for (const Json& each : *given) {
        auto consent = read_consent(each);
        if (!consent) return std::unexpected(std::move(consent.error()));
        consents.push_back(std::move(*consent));
    }
    return consents;
}

Result<opes::Allowance> read_allowance(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "allowed");
    Reader reader(object);
    auto sender = reader.text("sender");
    if (!sender) return std::unexpected(std::move(sender.error()));
    auto recipient = reader.text("recipient");
    if (!recipient) return std::unexpected(std::move(recipient.error()));
    auto services = reader.texts("services");
    if (!services) return std::unexpected(std::move(services.error()));
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return opes::Allowance{.sender = std::move(*sender),
                           .recipient = std::move(*recipient),
                           .services = std::move(*services)};
}

Result<opes::Service> read_service(Reader& request) {
    auto uri = take_uri(request);
    if (!uri) return std::unexpected(std::move(uri.error()));
    const auto stage =
        request.choice<opes::Stage>("stage", {{"message", opes::Stage::Message},
                                              {"sender", opes::Stage::Sender},
                                              {"recipient", opes::Stage::Recipient}});
    if (!stage) return std::unexpected(stage.error());
    const auto necessity = request.choice<opes::Necessity>(
        "necessity", {{"optional", opes::Necessity::Optional},
                      {"indispensable", opes::Necessity::Indispensable}});
    if (!necessity) return std::unexpected(necessity.error());
    const auto refusing = request.choice<opes::Refusing>(
        "refusing",
        {{"replies", opes::Refusing::Replies}, {"quarantines", opes::Refusing::Quarantines}});
    if (!refusing) return std::unexpected(refusing.error());
    auto handling = take_handling(request);
    if (!handling) return std::unexpected(std::move(handling.error()));
    return opes::Service{.uri = std::move(*uri),
                         .stage = *stage,
                         .necessity = *necessity,
                         .refusing = *refusing,
                         .handling = std::move(*handling)};
}

Result<opes::System> take_system(Reader& request) {
    const Json* value = request.take("system");
    if (value == nullptr) return wrong("shim.request.missing", "system");
    if (!value->is_object()) return wrong("shim.request.wrong-type", "system");
    Reader reader(*value);
    opes::System system;
    auto uri = take_uri(reader);
    if (!uri) return std::unexpected(std::move(uri.error()));
    system.uri = std::move(*uri);
    auto parameters = reader.pairs("parameters");
    if (!parameters) return std::unexpected(std::move(parameters.error()));
    for (auto& [name, text] : *parameters) system.parameters.push_back({name, text});
    if (!opes::parse_entries(opes::to_string(
            std::vector<opes::Entry>{{.agent = system.uri, .parameters = system.parameters}}))) {
        return wrong("shim.request.wrong-type", "parameters");
    }
    auto consents = take_consents(reader);
    if (!consents) return std::unexpected(std::move(consents.error()));
    system.consents = std::move(*consents);
    if (reader.take("responsible") != nullptr) {
        auto responsible = reader.text("responsible");
        if (!responsible) return std::unexpected(std::move(responsible.error()));
        system.responsible = std::move(*responsible);
    }
    auto handling = take_handling(reader);
    if (!handling) return std::unexpected(std::move(handling.error()));
    system.handling = std::move(*handling);
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return system;
}

Result<Edit> read_edit(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "edits");
    Reader reader(object);
    const auto kind = reader.choice<Edit::Kind>("edit", {{"add", Edit::Kind::Add},
                                                         {"insert", Edit::Kind::Insert},
                                                         {"remove", Edit::Kind::Remove},
                                                         {"replace", Edit::Kind::Replace},
                                                         {"body", Edit::Kind::Body}});
    if (!kind) return std::unexpected(kind.error());
    Edit edit{.kind = *kind};
    if (*kind != Edit::Kind::Body) {
        auto name = reader.text("name");
        if (!name) return std::unexpected(std::move(name.error()));
        edit.name = std::move(*name);
    }
    if (*kind != Edit::Kind::Remove) {
        auto value = *kind == Edit::Kind::Body ? reader.octets("value") : reader.text("value");
        if (!value) return std::unexpected(std::move(value.error()));
        edit.value = std::move(*value);
    }
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return edit;
}

Result<Callout> read_callout(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "services");
    Reader reader(object);
    auto service = read_service(reader);
    if (!service) return std::unexpected(std::move(service.error()));
    Callout callout{.service = std::move(*service)};
    const auto edits = reader.list("edits");
    if (!edits) return std::unexpected(edits.error());
    for (const Json* each : *edits) {
        auto edit = read_edit(*each);
        if (!edit) return std::unexpected(std::move(edit.error()));
        callout.edits.push_back(std::move(*edit));
    }
    if (reader.take("reply") != nullptr) {
        auto reply = take_reply(reader, "reply");
        if (!reply) return std::unexpected(std::move(reply.error()));
        callout.refusal = std::move(*reply);
    }
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return callout;
}

Result<std::vector<Callout>> take_callouts(Reader& request) {
    const auto items = request.list("services");
    if (!items) return std::unexpected(items.error());
    std::vector<Callout> all;
    for (const Json* each : *items) {
        auto callout = read_callout(*each);
        if (!callout) return std::unexpected(std::move(callout.error()));
        all.push_back(std::move(*callout));
    }
    return all;
}

// What the three have in common.
template <class Request>
Result<Request> begun(Reader& reader) {
    Request request;
    const auto edition = take_edition(reader);
    if (!edition) return std::unexpected(edition.error());
    request.edition = *edition;
    auto message = reader.octets("message");
    if (!message) return std::unexpected(std::move(message.error()));
    request.message = std::move(*message);
    auto system = take_system(reader);
    if (!system) return std::unexpected(std::move(system.error()));
    request.system = std::move(*system);
    return request;
}

Result<opes::RecipientRequest> read_recipient(const Json& object) {
    if (!object.is_object()) return wrong("shim.request.wrong-type", "recipients");
    Reader reader(object);
    auto address = reader.text("address");
    if (!address) return std::unexpected(std::move(address.error()));
    auto parameters = reader.texts("parameters");
    if (!parameters) return std::unexpected(std::move(parameters.error()));
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return opes::RecipientRequest{.address = std::move(*address),
                                  .parameters = std::move(*parameters)};
}

}  // namespace

Result<Trace> read_trace(Reader& request) {
    auto trace = begun<Trace>(request);
    if (!trace) return trace;
    auto callouts = take_callouts(request);
    if (!callouts) return std::unexpected(std::move(callouts.error()));
    for (const Callout& callout : *callouts) trace->system.services.push_back(callout.service);
    trace->callouts = std::move(*callouts);
    auto mapping = request.pairs("readdress");
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    for (auto& [from, to] : *mapping) trace->readdressing[from] = to;
    return trace;
}

Result<Bypass> read_bypass(Reader& request) {
    auto bypass = begun<Bypass>(request);
    if (!bypass) return bypass;
    auto callouts = take_callouts(request);
    if (!callouts) return std::unexpected(std::move(callouts.error()));
    for (const Callout& callout : *callouts) bypass->system.services.push_back(callout.service);
    if (request.take("sender") != nullptr) {
        auto sender = request.text("sender");
        if (!sender) return std::unexpected(std::move(sender.error()));
        bypass->requests.sender = std::move(*sender);
    }
    const auto allowed = request.list("allowed");
    if (!allowed) return std::unexpected(allowed.error());
    for (const Json* each : *allowed) {
        auto allowance = read_allowance(*each);
        if (!allowance) return std::unexpected(std::move(allowance.error()));
        bypass->allowances.push_back(std::move(*allowance));
    }
    auto parameters = request.texts("sender_parameters");
    if (!parameters) return std::unexpected(std::move(parameters.error()));
    bypass->requests.sender_parameters = std::move(*parameters);
    const auto recipients = request.list("recipients");
    if (!recipients) return std::unexpected(recipients.error());
    for (const Json* each : *recipients) {
        auto recipient = read_recipient(*each);
        if (!recipient) return std::unexpected(std::move(recipient.error()));
        bypass->requests.recipients.push_back(std::move(*recipient));
    }
    const auto requester = request.choice<opes::Requester>(
        "requester",
        {{"unknown", opes::Requester::Unknown}, {"authenticated", opes::Requester::Authenticated}});
    if (!requester) return std::unexpected(requester.error());
    bypass->requests.requester = *requester;
    const auto next_hop = request.choice<opes::NextHop>(
        "next_hop", {{"does-not", opes::NextHop::DoesNot}, {"supports", opes::NextHop::Supports}});
    if (!next_hop) return std::unexpected(next_hop.error());
    bypass->requests.next_hop = *next_hop;
    return bypass;
}

Result<State> read_state(Reader& request) {
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    auto system = take_system(request);
    if (!system) return std::unexpected(std::move(system.error()));
    auto callouts = take_callouts(request);
    if (!callouts) return std::unexpected(std::move(callouts.error()));
    for (const Callout& callout : *callouts) system->services.push_back(callout.service);
    return State{.edition = *edition, .system = std::move(*system)};
}

Result<Report> read_report(Reader& request) {
    auto report = begun<Report>(request);
    if (!report) return report;
    auto recipient = request.text("recipient");
    if (!recipient) return std::unexpected(std::move(recipient.error()));
    report->recipient = std::move(*recipient);
    auto reason = take_reply(request, "reply");
    if (!reason) return std::unexpected(std::move(reason.error()));
    report->reason = std::move(*reason);
    return report;
}

}  // namespace mailassay::shim
