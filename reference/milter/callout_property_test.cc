#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "milter/callout.h"

namespace mailassay::milter {
namespace {

std::string number(std::uint32_t value) {
    std::string made;
    for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>((value >> shift) & 0xff);
    return made;
}

std::string packet(const std::string& octets) {
    return number(static_cast<std::uint32_t>(octets.size())) + octets;
}

// Version 6, these actions, and the space behind colons kept.
std::string offer(std::uint32_t actions) {
    return packet("O" + number(6) + number(actions) + number(0x100000));
}

struct Shown {
    Session session{.connection = {.host = "h", .address = "192.0.2.1", .helo = "h.example"},
                    .envelope = {.reverse_path = {.address = "<a@x>", .parameters = {}},
                                 .recipients = {{.address = "<b@y>", .parameters = {}},
                                                {.address = "<c@y>", .parameters = {}}}},
                    .macros = {{"i", "Q1"}}};
    imf::Message parsed = *imf::parse_message("Subject: s\r\nX-A: 1\r\nX-A: 2\r\n\r\nbody\r\n");
    Message message{.session = session, .octets = {}, .header = parsed.header, .body = parsed.body};
};

// -- a milter that answers what it likes
// -----------------------------------------------------------

std::string any_packet() {
    const char kind = *rc::gen::element('c', 'a', 'd', 'r', 't', 'y', 's', 'p', 'h', 'i', 'm', 'b',
                                        '+', '-', 'e', 'q', 'O', 'z');
    std::string data = *rc::gen::container<std::string>(
        rc::gen::element('\0', '\1', 'a', ':', ' ', '\r', '\n', '5', '0', '-', '<', '>', '\xff'));
    if (kind == 'O' && *rc::gen::arbitrary<bool>()) return offer(*rc::gen::inRange(0U, 0x200U));
    return packet(kind + data);
}

// Packets, cut anywhere, with lengths that are not theirs, or no packets at all.
std::string any_answer() {
    std::string octets;
    const int packets = *rc::gen::inRange(0, 4);
    for (int i = 0; i < packets; ++i) octets += any_packet();
    if (*rc::gen::inRange(0, 4) == 0 && !octets.empty()) {
        octets.resize(*rc::gen::inRange<std::size_t>(0, octets.size()));
    }
    if (*rc::gen::inRange(0, 6) == 0) octets += *rc::gen::arbitrary<std::string>();
    return octets;
}

RC_GTEST_PROP(Callout, EndsWhateverAMilterAnswers, ()) {
    const Shown shown;
    const CalloutLimits limits{
        .packet_octets = 2'000, .body_octets = 50, .modifications = 5, .header_octets = 60};
    Callout callout(shown.message, Extent::Message, limits);
    // It keeps to the protocol until then; there are thirteen steps, and the last has the changes.
    const auto turn =
        *rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 14), rc::gen::just<std::size_t>(13));
    std::size_t steps = 0;
    while (const auto step = callout.next()) {
        RC_ASSERT(++steps <= 20U);
        RC_ASSERT(step->octets.size() < 10'000U);
        if (!step->awaits_answer) continue;
        std::string answer = steps == 1 ? offer(0x7f) : packet("c");
        if (steps >= turn) answer = any_answer() + (steps == turn ? answer : "");
        const auto cut = *rc::gen::inRange<std::size_t>(0, answer.size() + 1);
        auto answered = callout.received(std::string_view(answer).substr(0, cut));
        if (answered && !*answered)
            answered = callout.received(std::string_view(answer).substr(cut));
        // A milter that is out of turn is let go, and one that is silent is so by the clock.
        if (!answered) RC_ASSERT(answered.error().id.starts_with("milter.callout."));
        if (!answered || !*answered) return;
    }
    const CalloutVerdict verdict = callout.verdict();
    RC_TAG(verdict.index());
    if (const auto* changed = std::get_if<Changed>(&verdict)) {
        RC_ASSERT(changed->body.value_or("").size() <= limits.body_octets);
        RC_ASSERT(changed->header.fields().size() <= 3U + limits.modifications);
        RC_ASSERT(changed->added_recipients.size() <= limits.modifications);
    }
}

// -- a milter that keeps to the protocol
// ----------------------------------------------------------------

// The message as a list of fields and a body, changed by the words of the protocol.
struct Model {
    std::vector<std::pair<std::string, std::string>> fields{
        {"Subject", " s"}, {"X-A", " 1"}, {"X-A", " 2"}};
    std::string body = {};
    bool is_body_new = false;
    std::vector<std::string> added = {};
    std::vector<std::string> removed = {};

    [[nodiscard]] std::string header() const {
        std::string made;
        for (const auto& [name, value] : fields) made += fmt::format("{}:{}\r\n", name, value);
        return made;
    }

    // The packet that has the same effect.
    std::string add(const std::string& name, const std::string& value) {
        fields.emplace_back(name, value);
        return packet("h" + name + '\0' + value + '\0');
    }
    std::string insert(std::uint32_t index, const std::string& name, const std::string& value) {
        // Of 0 and 1 the MTA's own Received is the difference.
        const std::size_t at = std::min<std::size_t>(index == 0 ? 0 : index - 1, fields.size());
        fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at), {name, value});
        return packet("i" + number(index) + name + '\0' + value + '\0');
    }
    std::string change(std::uint32_t index, const std::string& name, const std::string& value) {
        std::uint32_t count = 0;
        const auto found = std::ranges::find_if(
            fields, [&](const auto& each) { return each.first == name && ++count == index; });
        if (found == fields.end()) {
            if (!value.empty()) fields.emplace_back(name, value);
        } else if (value.empty()) {
            fields.erase(found);
        } else {
            found->second = value;
        }
        return packet("m" + number(index) + name + '\0' + value + '\0');
    }
    std::string replace(const std::string& piece) {
        is_body_new = true;
        body += piece;
        return packet("b" + piece);
    }
    std::string readdress(const std::string& address, bool is_new) {
        (is_new ? added : removed).push_back(address);
        return packet((is_new ? "+" : "-") + address + '\0');
    }
};

std::string any_change(Model& model) {
    const std::string name = *rc::gen::element<std::string>("Subject", "X-A", "X-B");
    const std::string value =
        fmt::format(" {}", *rc::gen::container<std::string>(rc::gen::inRange('a', 'd')));
    const auto index = *rc::gen::inRange<std::uint32_t>(0, 5);
    switch (*rc::gen::inRange(0, 6)) {
        case 0:
            return model.add(name, value);
        case 1:
            return model.insert(index, name, value);
        case 2:
            return model.change(std::max(index, 1U), name, value);
        case 3:
            return model.change(std::max(index, 1U), name, "");
        case 4:
            return model.replace(*rc::gen::arbitrary<std::string>());
        default:
            return model.readdress(fmt::format("<{}@x>", index), *rc::gen::arbitrary<bool>());
    }
}

RC_GTEST_PROP(Callout, AppliesChangesInTheirOrder, ()) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    Model model;
    std::string changes;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) changes += any_change(model);
    std::size_t steps = 0;
    while (const auto step = callout.next()) {
        ++steps;
        if (!step->awaits_answer) continue;
        std::string answer = packet("c");
        if (steps == 1) answer = offer(0x7f);
        if (step->octets.ends_with(packet("E"))) answer.insert(0, changes);
        const auto answered = callout.received(answer);
        RC_ASSERT(answered.has_value());
        RC_ASSERT(*answered);
    }
    const CalloutVerdict verdict = callout.verdict();
    const auto& changed = std::get<Changed>(verdict);
    RC_ASSERT(changed.header.to_octets() == model.header());
    RC_ASSERT(changed.body.has_value() == model.is_body_new);
    RC_ASSERT(changed.body.value_or("") == model.body);
    RC_ASSERT(changed.added_recipients == model.added);
    RC_ASSERT(changed.removed_recipients == model.removed);
}

}  // namespace
}  // namespace mailassay::milter
