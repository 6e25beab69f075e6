#include "shim/opes_request.h"

#include <utility>

#include "shim/reader.h"

namespace mailassay::shim {

namespace {

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
    return opes::Service{.uri = std::move(*uri), .stage = *stage, .necessity = *necessity};
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
