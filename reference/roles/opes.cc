#include "roles/opes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.h"

namespace mailassay::roles {

namespace {

// Of a service's own words in a reply; the trace comes behind them.
constexpr std::size_t most_lines = 6;

smtp::Reply reply_of(const std::vector<std::string>& lines) {
    std::string octets;
    for (const std::string& line : lines) octets += line + "\r\n";
    smtp::ReplyReader reader;
    reader.receive(octets);
    const auto read = reader.next();
    if (read && *read && ((*read)->is_transient() || (*read)->is_permanent())) return **read;
    const bool for_now = !lines.empty() && lines.front().starts_with('4');
    return smtp::make_reply(for_now ? 451 : 550, "Refused by a service");
}

milter::Reply as_milter_reply(smtp::Reply reply) {
    const int cls = reply.code / 100;
    const auto status = reply.status.value_or(dsn::EnhancedStatus{cls, 7, 1});
    milter::Reply made{.code = std::to_string(reply.code),
                       .status = dsn::to_string(status),
                       .text = std::move(reply.lines.back())};
    reply.lines.pop_back();
    made.first_lines = std::move(reply.lines);
    return made;
}

// A parameter of MAIL or RCPT that can't be read (README of opes, 4.4).
milter::Reply bad_parameter(const Error& error) {
    return {.code = "501",
            .status = "5.5.4",
            .text = fmt::format("{} can't be read: {}", opes::bypass_keyword, error.id)};
}

std::string joined(const std::vector<opes::Service>& services) {
    std::string text;
    for (const opes::Service& service : services) {
        text += (text.empty() ? "" : " ") + service.uri;
    }
    return text;
}

bool is_called(const std::vector<opes::Service>& called, const opes::Service& service) {
    return std::ranges::find(called, service) != called.end();
}

// Whoever needs a service gets it: what one recipient does not want is not decided for another.
std::vector<opes::Service> called_for_any(const opes::System& system, const opes::Plan& plan) {
    std::vector<opes::Service> called;
    std::ranges::copy_if(
        system.services, std::back_inserter(called), [&](const opes::Service& each) {
            return std::ranges::any_of(plan.recipients, [&](const opes::RecipientPlan& recipient) {
                return is_called(recipient.called, each);
            });
        });
    return called;
}

milter::Changes& merge(milter::Changes& changes, milter::Envelope& envelope,
                       const milter::Changed& changed) {
    if (changed.reverse_path) {
        changes.reverse_path = changed.reverse_path;
        envelope.reverse_path = {.address = *changed.reverse_path, .parameters = {}};
    }
    for (const std::string& added : changed.added_recipients) {
        std::erase(changes.removed_recipients, added);
        changes.added_recipients.push_back(added);
        envelope.recipients.push_back({.address = added, .parameters = {}});
    }
    for (const std::string& removed : changed.removed_recipients) {
        std::erase(changes.added_recipients, removed);
        changes.removed_recipients.push_back(removed);
        std::erase_if(envelope.recipients,
                      [&](const milter::Path& path) { return path.address == removed; });
    }
    if (changed.quarantine) changes.quarantine = changed.quarantine;
    return changes;
}

}  // namespace

// A message on its way through the services.
struct Opes::Way {
    opes::Processing processing;
    milter::Session session;
    milter::Changes changes = {};
    bool body_changed = false;
    std::string failed = {};  // services that could not be asked
    std::string held = {};    // services for which it is held
};

Opes::Opes(OpesSettings settings, const opes::Rules& rules,
           std::unique_ptr<const ServiceCaller> caller,
           std::unique_ptr<const Allowances> allowances)
    : settings_(std::move(settings)),
      system_(settings_.system),
      rules_(rules),
      caller_(std::move(caller)),
      allowances_(std::move(allowances)) {
    system_.services.clear();
    for (const OpesService& service : settings_.services) {
        system_.services.push_back(service.what);
    }
}

const OpesService& Opes::service_of(const opes::Service& what) const {
    const auto found = std::ranges::find(settings_.services, what, &OpesService::what);
    if (found == settings_.services.end()) throw Misuse("a service of another system");
    return *found;
}

opes::Requests Opes::requests_of(const milter::Session& session,
                                 const opes::AllowList& allowed) const {
    const auto login = session.macros.find("auth_authen");
    const bool known = (login != session.macros.end() && !login->second.empty()) ||
                       std::ranges::find(settings_.own_clients, session.connection.address) !=
                           settings_.own_clients.end();
    opes::Requests requests{
        .sender = std::string(session.envelope.reverse_path.bare()),
        .sender_parameters = session.envelope.reverse_path.parameters,
        .requester = known ? opes::Requester::Authenticated : opes::Requester::Unknown,
        // A milter does not see who comes next, nor can it give parameters to it.
        .next_hop = opes::NextHop::DoesNot,
        .allowances = allowed.allowances};
    for (const milter::Path& path : session.envelope.recipients) {
        requests.recipients.push_back(
            {.address = std::string(path.bare()), .parameters = path.parameters});
    }
    return requests;
}

milter::Reply Opes::explained(const std::vector<std::string>& lines) const {
    smtp::Reply reply = reply_of(lines);
    reply.lines.resize(std::min(reply.lines.size(), most_lines));
    // [rfc4902/3.1/5]
    return as_milter_reply(rules_.explained(reply, system_));
}

std::optional<milter::Reply> Opes::failed(const OpesService& service) const {
    const bool goes_on = service.on_failure == OnFailure::GoOn &&
                         service.what.necessity == opes::Necessity::Optional;
    if (goes_on) return std::nullopt;
    return explained({"451 4.3.0 A service can't be asked now"});
}

std::optional<milter::Reply> Opes::asked(opes::Stage stage,
                                         const std::vector<opes::Service>& called,
                                         const milter::Session& session,
                                         const milter::Path* last) const {
    milter::Session shown = session;
    if (last != nullptr) shown.envelope.recipients = {*last};
    const milter::Message dialogue{.session = shown, .octets = {}, .header = {}, .body = {}};
    for (const opes::Service& each : called) {
        if (each.stage != stage) continue;
        const OpesService& service = service_of(each);
        const auto verdict = caller_->call(service.where, dialogue, milter::Extent::Recipients);
        if (!verdict) {
            if (auto reply = failed(service)) return reply;
        } else if (const auto* refused = std::get_if<milter::Refused>(&*verdict)) {
            return explained(refused->lines);
        }
    }
    return std::nullopt;
}

std::optional<milter::Reply> Opes::refuses_sender(const milter::Session& session) const {
    // As if for one recipient who asks nothing: what is called for MAIL is called before any is
    // known.
    const auto allowed = allowances_->now();
    opes::Requests requests = requests_of(session, *allowed);
    requests.recipients = {{.address = {}}};
    const auto made = opes::plan({}, requests, system_, rules_);
    if (!made) return bad_parameter(made.error());
    return asked(opes::Stage::Sender, made->recipients.front().called, session, nullptr);
}

std::optional<milter::Reply> Opes::refuses_recipient(const milter::Session& session,
                                                     const milter::Path& path) const {
    const auto allowed = allowances_->now();
    opes::Requests requests = requests_of(session, *allowed);
    requests.recipients.push_back(
        {.address = std::string(path.bare()), .parameters = path.parameters});
    const auto made = opes::plan({}, requests, system_, rules_);
    if (!made) return bad_parameter(made.error());
    const auto& called = made->recipients.back().called;
    // [rfc4902/3.2/3]
    if (called != made->recipients.front().called) {
        return milter::Reply{
            .code = "452",
            .status = "4.5.3",
            .text = "This recipient needs a message of its own: other services are called for it"};
    }
    return asked(opes::Stage::Recipient, called, session, &path);
}

std::optional<milter::Reply> Opes::refused(const OpesService& service,
                                           const std::vector<std::string>& lines, Way& way) const {
    auto reason = rules_.held(service.what, reply_of(lines), system_);
    if (!reason) return explained(lines);
    // The first reason stands; each service that has one is told in the log.
    if (!way.changes.quarantine) way.changes.quarantine = std::move(reason);
    way.held += (way.held.empty() ? "" : " ") + service.what.uri;
    way.processing.returned(service.what, way.processing.message().header,
                            way.processing.message().body);
    return std::nullopt;
}

std::optional<milter::Reply> Opes::carry_through(const OpesService& service, Way& way) const {
    const imf::Message& now = way.processing.message();
    const std::string octets = now.to_octets();
    const milter::Message shown{
        .session = way.session,
        .octets = octets,
        .header = now.header,
        .body = std::string_view(octets).substr(octets.size() - now.body.size())};
    auto verdict = caller_->call(service.where, shown, milter::Extent::Message);
    if (!verdict) {
        way.failed += (way.failed.empty() ? "" : " ") + service.what.uri + " " +
                      std::string(verdict.error().id);
        return failed(service);
    }
    if (const auto* no = std::get_if<milter::Refused>(&*verdict)) {
        return refused(service, no->lines, way);
    }
    // Who lets mail vanish owes its sender a report; this is one. [rfc4902/1.3/1] [rfc4902/1.5/1]
    if (std::holds_alternative<milter::Discard>(*verdict)) {
        return refused(service, {"550 5.7.1 A service discards this message"}, way);
    }
    auto& changed = std::get<milter::Changed>(*verdict);
    merge(way.changes, way.session.envelope, changed);
    way.body_changed = way.body_changed || changed.body.has_value();
    std::string body = changed.body ? std::move(*changed.body) : now.body;
    way.processing.returned(service.what, std::move(changed.header), std::move(body));
    return std::nullopt;
}

milter::Answer Opes::judge(const milter::Message& message) const {
    const auto allowed = allowances_->now();
    const auto plan =
        opes::plan(message.header, requests_of(message.session, *allowed), system_, rules_);
    if (!plan) return {.verdict = milter::Refuse{bad_parameter(plan.error())}};
    const auto called = called_for_any(system_, *plan);
    Way way{.processing = opes::Processing(
                imf::Message{
                    .header = message.header, .body = std::string(message.body), .defects = {}},
                system_, rules_),
            .session = message.session};
    for (const opes::Service& each : called) {
        if (each.stage != opes::Stage::Message) continue;
        if (auto reply = carry_through(service_of(each), way)) {
            return {.verdict = milter::Refuse{std::move(*reply)},
                    .notes = {{"service", each.uri}, {"failed", way.failed}}};
        }
    }
    // [rfc4902/3.1/8]
    if (const auto finished = way.processing.finished(); !finished) {
        return {.verdict = milter::Refuse{explained({"451 4.3.0 The trace was lost"})},
                .notes = {{"why", std::string(finished.error().id)}}};
    }
    imf::HeaderSection header = way.processing.message().header;
    // [rfc4902/3.2/5]
    if (plan->field) {
        auto field = imf::make_field(opes::bypass_field, opes::to_string(*plan->field));
        if (field) header.prepend(std::move(*field));
    }
    way.changes.header = std::move(header);
    if (way.body_changed) {
        way.changes.body = base::Octets::owned(std::string(way.processing.message().body));
    }
    return {.verdict = milter::Deliver{std::move(way.changes)},
            .notes = {{"called", joined(called)}, {"failed", way.failed}, {"held", way.held}}};
}

}  // namespace mailassay::roles
