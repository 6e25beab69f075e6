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

bool is_trace(const HeaderField& field) {
    return base::equals_ignore_case(field.name, system_field) ||
           base::equals_ignore_case(field.name, via_field);
}

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
    // [rfc4236/4/1] [rfc4236/4/3]
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
    // [rfc4902/3.1/5]
    smtp::Reply reply = refusal;
    for (std::string& line : reply.lines) {
        std::ranges::replace_if(line, [](char c) { return c != ' ' && !base::is_visible(c); }, '?');
        line.resize(std::min(line.size(), reply_text_octets));
    }
    reply.lines.push_back(std::string(reply_prefix) + encoded(system.uri));
    reply.lines.back().resize(std::min(reply.lines.back().size(), reply_text_octets + 40));
    return reply;
}

std::optional<std::string> StandardRules::told_in_report(const System& system) const {
    const std::array<Entry, 1> entry{entry_of(system)};
    return to_string(entry);
}

bool StandardRules::heeds(Requester requester) const {
    return requester == Requester::Authenticated;  // [rfc3897/4.2/1]
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

std::string_view StandardRules::body_of(const HeaderSection& header, std::string_view given,
                                        std::string_view came) const {
    return protection_of(header) == Protection::None ? came : given;
}

HeaderSection StandardRules::readdressed(const HeaderSection& header,
                                         const Readdressing& mapping) const {
    return with_addresses(header, mapping);
}

}  // namespace mailassay::opes
