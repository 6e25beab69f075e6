#include "opes/rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "opes/address_fields.h"
#include "opes/processing.h"

namespace mailassay::opes {

namespace {

using imf::HeaderField;
using imf::HeaderSection;

constexpr std::string_view reply_prefix = "OPES-System: ";
// Of a line of a reply, without code, status and line end (RFC 5321 section 4.5.3.1.5).
constexpr std::size_t reply_text_octets = 490;
// Of a service's words for what is held, which mail servers keep in a line of their queue.
constexpr std::size_t held_reason_octets = 400;

bool is_trace(const HeaderField& field) {
    return base::equals_ignore_case(field.name, system_field) ||
           base::equals_ignore_case(field.name, via_field);
}

// Its URI tells it from any other, and leads to its policy.
// [rfc3897/3.2/1] [rfc3914/5.3/2] [rfc3835/3.4/2]
Entry entry_of(const System& system) {
    return {.agent = system.uri, .parameters = system.parameters};
}

// A field of what an administrator has written, which was checked when it was read.
HeaderField field_of(std::string_view name, const std::vector<Entry>& entries) {
    auto field = imf::make_field(name, to_string(entries));
    if (!field) throw Misuse("an OPES entry that is no field body");
    return std::move(*field);
}

// The system's own fields stand on top, OPES-System above OPES-Via.
std::vector<HeaderField> own_fields(const System& system, std::span<const Service> called,
                                    bool with_via) {
    std::vector<HeaderField> fields{field_of(system_field, {entry_of(system)})};
    std::vector<Entry> via;
    // [rfc4236/4/4] [rfc4236/4/6]
    if (with_via) via.push_back({.agent = system.uri});
    for (const Service& service : called) via.push_back({.agent = service.uri});
    if (!via.empty()) fields.push_back(field_of(via_field, via));
    return fields;
}

bool stands_in(const std::vector<HeaderField>& fields, const HeaderField& field) {
    return std::ranges::any_of(fields,
                               [&](const HeaderField& each) { return each.raw == field.raw; });
}

// Takes the first field out that is one of `wanted`, from `start` on, and says where it stood.
std::optional<std::size_t> take(std::vector<HeaderField>& fields, std::size_t start,
                                const std::vector<HeaderField>& wanted) {
    for (std::size_t i = start; i < fields.size(); ++i) {
        if (!wanted.empty() && fields[i].raw == wanted.front().raw) {
            fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
            return i;
        }
    }
    return std::nullopt;
}

// Whether there is a field of others that lists agents.
bool lists_via(std::span<const HeaderField> fields) {
    return std::ranges::any_of(fields, [](const HeaderField& field) {
        return base::equals_ignore_case(field.name, via_field);
    });
}

}  // namespace

HeaderSection StandardRules::begun(const HeaderSection& header, const System& system) const {
    // On top, as Received is, and what others wrote stays as it is: who signed it will look.
    // [rfc4236/4/1] [rfc4236/4/3] [rfc4236/4/9] [rfc3897/3.1/1] [rfc3914/5.3/1] [rfc3835/3.1/1]
    auto fields = own_fields(system, {}, lists_via(header.fields()));
    fields.insert(fields.end(), header.fields().begin(), header.fields().end());
    return HeaderSection(std::move(fields));
}

HeaderSection StandardRules::restored(const HeaderSection& given, const HeaderSection& came) const {
    std::vector<HeaderField> trace;
    std::ranges::copy_if(given.fields(), std::back_inserter(trace), is_trace);
    // A service has no entry in OPES-System, and none that it writes itself is believed.
    // [rfc4236/4/2]
    std::vector<HeaderField> fields;
    std::size_t next = 0;    // of `trace`
    std::size_t behind = 0;  // the last of them in `fields`; on top, where a reader looks
    for (const HeaderField& field : came.fields()) {
        if (!is_trace(field)) {
            fields.push_back(field);
            continue;
        }
        const auto known =
            std::find_if(trace.begin() + static_cast<std::ptrdiff_t>(next), trace.end(),
                         [&](const HeaderField& each) { return each.raw == field.raw; });
        if (known != trace.end()) {
            // Those before it are missing: they come back above it.
            for (; trace.begin() + static_cast<std::ptrdiff_t>(next) != known; ++next) {
                fields.push_back(trace[next]);
            }
            fields.push_back(trace[next++]);
            behind = fields.size();
        } else if (base::equals_ignore_case(field.name, via_field) && !stands_in(trace, field)) {
            fields.push_back(field);
        }
    }
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(behind),
                  trace.begin() + static_cast<std::ptrdiff_t>(next), trace.end());
    return HeaderSection(std::move(fields));
}

HeaderSection StandardRules::augmented(const HeaderSection& header, const System& system,
                                       std::span<const Service> called) const {
    std::vector<HeaderField> fields = header.fields();
    // The system's fields as they were before the last service was called, wherever they stand now.
    const auto before = called.first(called.size() - std::min<std::size_t>(called.size(), 1));
    auto was = own_fields(system, before, false);
    auto at = take(fields, 0, was);
    if (!at) return header;
    for (const bool with_via : {true, false}) {
        was = own_fields(system, before, with_via);
        was.erase(was.begin());
        if (take(fields, *at, was)) break;
    }
    const auto made = own_fields(system, called, lists_via(std::span(fields).subspan(*at)));
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(*at), made.begin(), made.end());
    return HeaderSection(std::move(fields));
}

bool StandardRules::is_traced(const HeaderSection& header, const System& system) const {
    return std::ranges::any_of(header.find_all(system_field), [&](const HeaderField* field) {
        const auto entries = parse_entries(field->body);
        return entries && std::ranges::any_of(*entries, [&](const Entry& entry) {
                   return same_agent(entry.agent, system.uri);
               });
    });
}

smtp::Reply StandardRules::explained(const smtp::Reply& refusal, const System& system) const {
    // An ordinary reply, for whoever knows nothing of this. [rfc4902/3.1/5] [rfc3835/2.5/1]
    smtp::Reply reply = refusal;
    for (std::string& line : reply.lines) {
        std::ranges::replace_if(line, [](char c) { return c != ' ' && !base::is_visible(c); }, '?');
        line.resize(std::min(line.size(), reply_text_octets));
    }
    reply.lines.push_back(std::string(reply_prefix) + encoded(system.uri));
    return reply;
}

std::optional<std::string> StandardRules::told_in_report(const System& system) const {
    const std::array<Entry, 1> entry{entry_of(system)};
    return to_string(entry);
}

bool StandardRules::heeds(Requester requester) const {
    return requester == Requester::Authenticated;  // [rfc3897/4.2/1] [rfc3835/3.2/1]
}

bool StandardRules::names(const BypassRequest& request, const Service& service,
                          const System& system) const {
    if (request.all) return true;
    return std::ranges::any_of(request.agents, [&](const std::string& agent) {
        if (same_agent(agent, service.uri) || same_agent(agent, system.uri)) return true;
        // Whom nobody here knows stands for all. [rfc3897/4.3/4]
        return std::ranges::none_of(
            system.services, [&](const Service& other) { return same_agent(agent, other.uri); });
    });
}

bool StandardRules::may_be_bypassed(const Service& service) const {
    return service.necessity == Necessity::Optional;
}

bool StandardRules::field_comes_in_time(Stage stage) const {
    return stage == Stage::Message;
}

Result<std::optional<BypassRequest>> StandardRules::unreadable(const Error& fault,
                                                               const System&) const {
    // Who asked it learns so at once. [rfc4236/5/1]
    return std::unexpected(fault);
}

bool StandardRules::keeps_recipients_apart() const {
    return true;
}

Passing StandardRules::passing(NextHop next_hop) const {
    return next_hop == NextHop::Supports ? Passing::Parameter : Passing::Field;
}

bool StandardRules::is_consented(const Service& service, const System& system,
                                 const Parties& parties) const {
    // [rfc3835/2.1/1] [rfc4902/5.1/1] [rfc4236/7/1]
    return std::ranges::any_of(system.consents, [&](const Consent& consent) {
        const bool by_sender = consent.side == Side::Sender;
        // Anybody can write an address into a reverse-path; it agrees to nothing by that.
        if (by_sender && parties.requester != Requester::Authenticated) return false;
        const auto address = by_sender ? parties.sender : parties.recipient;
        return std::ranges::any_of(consent.who,
                                   [&](const auto& who) { return is_meant(who, address); }) &&
               std::ranges::any_of(consent.services, [&](const auto& listed) {
                   return is_about(listed, service.uri, system.uri);
               });
    });
}

bool StandardRules::is_allowed(const Service& service, const System& system, const Parties& parties,
                               std::span<const Allowance> allowances) const {
    // [rfc4902/3.2/7]
    return std::ranges::any_of(allowances, [&](const Allowance& each) {
        if (!is_meant(each.sender, parties.sender) ||
            !is_meant(each.recipient, parties.recipient)) {
            return false;
        }
        return each.services.empty() || std::ranges::any_of(each.services, [&](const auto& listed) {
                   return is_about(listed, service.uri, system.uri);
               });
    });
}

std::optional<std::string> StandardRules::held(const Service& service, const smtp::Reply& refusal,
                                               const System& system) const {
    // Who is told to come back later keeps the message himself. [rfc4902/3.2/8]
    if (service.refusing == Refusing::Replies || !refusal.is_permanent()) return std::nullopt;
    const smtp::Reply told = explained(refusal, system);
    // The service's words may be long; the last line, which says where, is there in any case.
    std::string reason;
    for (const std::string& line : told.lines) {
        const bool is_last = &line == &told.lines.back();
        if (is_last) reason.resize(std::min(reason.size(), held_reason_octets));
        reason += (reason.empty() ? "" : "; ") + line;
    }
    return reason;
}

Statement StandardRules::stated(const System& system) const {
    const auto policy = std::ranges::find(system.parameters, "policy", &Parameter::name);
    // [rfc3897/3.2/2] [rfc3897/3.2/3] [rfc4902/5.7/1] [rfc3835/3.4/1]
    Statement statement{
        .system = system.uri,
        .responsible = system.responsible,
        .policy = policy == system.parameters.end() ? system.uri : policy->value,
        .handling = system.handling,
        .revealed = {Revealed::System, Revealed::Services, Revealed::Order, Revealed::Refusals},
        .consents = system.consents};
    for (const Service& service : system.services) {
        statement.services.push_back(
            {.uri = service.uri,
             .handling = service.handling,
             .is_indispensable = service.necessity == Necessity::Indispensable});
    }
    return statement;
}

bool StandardRules::keeps_content(const imf::Message& given, const imf::Message& came) const {
    // [rfc4902/3.3/1]
    if (protection_of(given.header) != Protection::None) return true;
    // What is protected within a message may get other neighbours, and stays in its order.
    const auto left = protected_parts(came);
    auto at = left.begin();
    return !std::ranges::all_of(protected_parts(given), [&](std::string_view part) {
        at = std::find(at, left.end(), part);
        return at != left.end() && (++at, true);
    });
}

HeaderSection StandardRules::described(const HeaderSection& given,
                                       const HeaderSection& came) const {
    const auto describes = [](const HeaderField& field) {
        return base::starts_with_ignore_case(field.name, "Content-") ||
               base::equals_ignore_case(field.name, "MIME-Version");
    };
    std::vector<HeaderField> fields;
    std::optional<std::size_t> place;  // of the first of those that came
    for (const HeaderField& field : came.fields()) {
        if (!describes(field)) {
            fields.push_back(field);
        } else if (!place) {
            place = fields.size();
        }
    }
    std::vector<HeaderField> own;
    std::ranges::copy_if(given.fields(), std::back_inserter(own), describes);
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(place.value_or(fields.size())),
                  own.begin(), own.end());
    return HeaderSection(std::move(fields));
}

HeaderSection StandardRules::readdressed(const HeaderSection& header,
                                         const Readdressing& mapping) const {
    return with_addresses(header, mapping);
}

}  // namespace mailassay::opes
