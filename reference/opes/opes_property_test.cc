#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "opes/processing.h"

namespace mailassay::opes {
namespace {

const StandardRules rules;

std::string a_uri() {
    return "https://" + *rc::gen::element<std::string>("a.example", "B.example", "c.d.example") +
           "/" + *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc,;=?&2C"))) +
           *rc::gen::element<std::string>("", "%2C", "%c3%A9");
}

Entry an_entry() {
    Entry entry{.agent = encoded(a_uri())};
    const int count = *rc::gen::inRange(0, 3);
    for (int i = 0; i < count; ++i) {
        entry.parameters.push_back(
            {.name = *rc::gen::element<std::string>("policy", "v", "x-y"),
             .value = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'))});
    }
    return entry;
}

System a_system() {
    System system{.uri = a_uri(), .consents = {consent_of_all_recipients()}};
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
        system.services.push_back(
            {.uri = a_uri(),
             .stage = *rc::gen::element(Stage::Recipient, Stage::Message),
             .necessity = *rc::gen::element(Necessity::Optional, Necessity::Indispensable)});
    }
    return system;
}

imf::HeaderSection a_header() {
    imf::HeaderSection header;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
        const auto name =
            *rc::gen::element<std::string>("OPES-System", "OPES-Via", "Received", "Subject");
        header.append(*imf::make_field(name, to_string(std::vector<Entry>{an_entry()})));
    }
    return header;
}

RC_GTEST_PROP(Entries, ComeBackAsTheyWereWritten, ()) {
    std::vector<Entry> entries;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) entries.push_back(an_entry());
    const auto read = parse_entries(imf::make_field("OPES-Via", to_string(entries))->body);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == entries);
}

RC_GTEST_PROP(Requests, ComeBackAsTheyWereWritten, ()) {
    BypassRequest request{.all = *rc::gen::arbitrary<bool>()};
    const int count = request.all ? 0 : *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i) request.agents.push_back(encoded(a_uri()));
    RC_ASSERT(*parse_bypass(to_string(request)) == request);
    const auto parameter = to_parameter(request);
    RC_ASSERT(requested_by(std::vector{parameter})->value() == request);
}

// Whatever services do to a header: the trace that was there is there, in its order, and so is the
// system, and so are the services that were called.
RC_GTEST_PROP(Trace, SurvivesAnyService, ()) {
    const System system = a_system();
    const imf::HeaderSection header = a_header();
    Processing processing({.header = header, .separator = "\r\n", .body = "x", .defects = {}},
                          system, rules);
    for (const Service& service : system.services) {
        std::vector<imf::HeaderField> fields;
        for (const auto& field : processing.message().header.fields()) {
            if (*rc::gen::inRange(0, 3) != 0) fields.push_back(field);
        }
        if (*rc::gen::arbitrary<bool>()) std::ranges::reverse(fields);
        processing.returned(service, imf::HeaderSection(fields), "x");
    }
    const auto& after = processing.message().header;
    RC_ASSERT(rules.is_traced(after, system));
    std::vector<std::string> was;
    for (const auto& field : header.fields()) {
        if (field.name.starts_with("OPES-")) was.push_back(field.raw);
    }
    std::vector<std::string> is;
    for (const auto& field : after.fields()) {
        if (field.name.starts_with("OPES-")) is.push_back(field.raw);
    }
    // As a subsequence: the system's own stand among them.
    auto at = is.begin();
    for (const std::string& raw : was) {
        at = std::find(at, is.end(), raw);
        RC_ASSERT(at != is.end());
        ++at;
    }
    std::string via;
    for (const auto* field : after.find_all("OPES-Via")) via += imf::unfold(field->body) + ",";
    for (const Service& service : system.services) {
        RC_ASSERT(via.find(encoded(service.uri)) != std::string::npos);
    }
}

// What can't be left out is called for everybody; without a known requester so is all else.
RC_GTEST_PROP(Bypass, NeverLeavesOutWhatIsIndispensable, ()) {
    const System system = a_system();
    BypassRequest request{.all = *rc::gen::arbitrary<bool>()};
    if (!request.all) request.agents = {encoded(a_uri())};
    const auto requester = *rc::gen::element(Requester::Authenticated, Requester::Unknown);
    const auto made = plan({},
                           {.sender_parameters = {to_parameter(request)},
                            .recipients = {{.address = "a@x"}},
                            .requester = requester,
                            .next_hop = NextHop::Supports},
                           system, rules);
    RC_ASSERT(made.has_value());
    const auto& called = made->recipients[0].called;
    for (const Service& service : system.services) {
        const bool is_called = std::ranges::find(called, service) != called.end();
        if (service.necessity == Necessity::Indispensable || requester == Requester::Unknown) {
            RC_ASSERT(is_called);
        } else if (request.all) {
            RC_ASSERT(!is_called || std::ranges::count(system.services, service) > 1);
        }
    }
}

}  // namespace
}  // namespace mailassay::opes
