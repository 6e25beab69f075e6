// What a milter says to whoever calls it as a service: packets, whole, cut off or none. Whatever
// they are, the call ends within its limits, and what is taken of it is a message or a refusal.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "imf/header.h"
#include "milter/callout.h"
#include "require.h"

namespace {

using namespace mailassay::milter;
using mailassay::fuzz::require;

constexpr CalloutLimits limits{
    .packet_octets = 4'096, .body_octets = 4'096, .modifications = 50, .header_octets = 4'096};
constexpr std::string_view offer("\0\0\0\x0dO\0\0\0\6\0\0\0\x7f\0\x10\0\0", 17);
constexpr std::string_view shown = "Subject: s\r\nX-A: 1\r\nX-A: 2\r\n\r\nbody\r\n";

// The next packet of what a milter says, or all of it where that is none.
std::string_view take_packet(std::string_view& said) {
    std::size_t octets = said.size();
    if (said.size() >= 4) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = (length << 8) | static_cast<unsigned char>(said[i]);
        octets = std::min(octets, length + 4);
    }
    const auto packet = said.substr(0, octets);
    said.remove_prefix(octets);
    return packet;
}

void check(const CalloutVerdict& verdict) {
    if (const auto* refused = std::get_if<Refused>(&verdict)) {
        require(!refused->lines.empty(), "a refusal has a line");
        for (const std::string& line : refused->lines) {
            require(!line.contains('\n') && !line.contains('\0'), "a line of a reply is one");
        }
        return;
    }
    const auto* changed = std::get_if<Changed>(&verdict);
    if (changed == nullptr) return;
    const auto again = mailassay::imf::parse_message(changed->header.to_octets() + "\r\n");
    require(again && again->header == changed->header, "each field is one field");
    require(changed->header.fields().size() <= 3 + limits.modifications, "fields are bounded");
    require(changed->body.value_or("").size() <= limits.body_octets, "the body is bounded");
    const auto envelope = changed->added_recipients.size() + changed->removed_recipients.size();
    require(envelope <= limits.modifications, "recipients are bounded");
}

}  // namespace

// The first octet says how far is asked, and whether the milter keeps to the protocol in its offer.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 32'768) return 0;
    std::string_view said = mailassay::fuzz::octets_of(data, size).substr(1);
    const auto parsed = *mailassay::imf::parse_message(shown);
    const Session session{
        .connection = {.host = "h", .address = "192.0.2.1", .helo = "h.example"},
        .envelope = {.reverse_path = {.address = "<a@x>", .parameters = {"SIZE=1"}},
                     .recipients = {{.address = "<b@y>", .parameters = {}}}},
        .macros = {{"i", "Q1"}}};
    const Message message{
        .session = session, .octets = shown, .header = parsed.header, .body = parsed.body};
    Callout callout(message, (data[0] & 1) != 0 ? Extent::Recipients : Extent::Message, limits);
    bool offered = (data[0] & 2) != 0;
    int steps = 0;
    while (const auto step = callout.next()) {
        require(++steps <= 20, "a message has so many steps");
        bool answered = !step->awaits_answer;
        while (!answered) {
            const bool is_offer = !offered;
            offered = true;
            if (!is_offer && said.empty()) return 0;  // silent, which the clock ends
            const auto packet = is_offer ? offer : take_packet(said);
            const auto half = packet.size() / 2;
            auto taken = callout.received(packet.substr(0, half));
            if (taken && !*taken) taken = callout.received(packet.substr(half));
            if (!taken) {
                require(taken.error().id.starts_with("milter.callout."), "a fault has its name");
                return 0;
            }
            answered = *taken;
        }
    }
    check(callout.verdict());
    return 0;
}
