#include "milter/callout.h"

#include <gtest/gtest.h>

namespace mailassay::milter {
namespace {

std::string packet(const std::string& octets) {
    const auto size = octets.size();
    std::string made;
    for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>((size >> shift) & 0xff);
    return made + octets;
}

// The answer to an offer: these actions, these steps.
std::string offer(char actions, const std::string& steps = std::string(4, '\0')) {
    return packet(std::string("O\0\0\0\6\0\0\0", 8) + actions + steps);
}

struct Shown {
    Session session{.connection = {.host = "h", .address = "192.0.2.1", .helo = "h.example"},
                    .envelope = {.reverse_path = {.address = "<a@x>", .parameters = {"SIZE=1"}},
                                 .recipients = {{.address = "<b@y>", .parameters = {}}}},
                    .macros = {{"i", "Q1"}}};
    imf::Message parsed = *imf::parse_message("Subject: s\r\nX-A: 1\r\nX-A: 2\r\n\r\nbody\r\n");
    Message message{.session = session, .octets = {}, .header = parsed.header, .body = parsed.body};
};

// Answers the offer, then 'c' to all, and `at_end` to the end of the message; the commands said.
std::string converse(Callout& callout, const std::string& first, const std::string& at_end,
                     Error* error = nullptr) {
    std::string commands;
    while (auto step = callout.next()) {
        for (std::size_t at = 0; at < step->octets.size();) {
            const auto length =
                static_cast<std::size_t>(static_cast<unsigned char>(step->octets[at + 3]) |
                                         (static_cast<unsigned char>(step->octets[at + 2]) << 8));
            commands += step->octets[at + 4];
            at += 4 + length;
        }
        if (!step->awaits_answer) continue;
        const char last = commands.back();
        const std::string answer = last == 'O' ? first : last == 'E' ? at_end : packet("c");
        for (const char c : answer) {
            const auto answered = callout.received(std::string_view(&c, 1));
            if (!answered) {
                if (error != nullptr) *error = answered.error();
                return commands;
            }
        }
    }
    return commands;
}

TEST(Callout, ShowsAllOfAMessage) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    EXPECT_EQ(converse(callout, offer(0x7f), packet("c")), "OCHDMRTLLLNBE");
    const auto verdict = callout.verdict();
    const auto& changed = std::get<Changed>(verdict);
    EXPECT_EQ(changed.header, shown.message.header);
    EXPECT_FALSE(changed.body);
}

TEST(Callout, EndsBehindTheRecipients) {
    const Shown shown;
    Callout callout(shown.message, Extent::Recipients);
    EXPECT_EQ(converse(callout, offer(0x7f), ""), "OCHDMR");
}

TEST(Callout, LeavesOutWhatIsNotWanted) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    EXPECT_EQ(converse(callout, offer(0x7f, std::string("\0\0\2\x7f", 4)), packet("c")), "OE");
}

TEST(Callout, TakesChanges) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    const std::string index_two("\0\0\0\2", 4);
    const std::string index_zero(4, '\0');
    converse(callout, offer(0x7f),
             packet(std::string("hX-B\0new\n\tline\0", 16)) +
                 packet("m" + index_two + std::string("X-A\0other\0", 10)) +
                 packet("i" + index_zero + std::string("X-Top\0t\0", 8)) + packet("bnew") +
                 packet("b body") + packet(std::string("e<c@z>\0", 7)) +
                 packet(std::string("+<d@z>\0", 7)) + packet("a"));
    const auto verdict = callout.verdict();
    const auto& changed = std::get<Changed>(verdict);
    EXPECT_EQ(changed.header.to_octets(),
              "X-Top: t\r\nSubject: s\r\nX-A: 1\r\nX-A: other\r\nX-B: new\r\n\tline\r\n");
    EXPECT_EQ(changed.body, "new body");
    EXPECT_EQ(changed.reverse_path, "<c@z>");
    EXPECT_EQ(changed.added_recipients, std::vector<std::string>{"<d@z>"});
}

TEST(Callout, CountsTheFieldOfTheMtaWhereOneIsInserted) {
    const Shown shown;
    for (const char index : {'\0', '\1', '\2', '\x7f'}) {
        Callout callout(shown.message, Extent::Message);
        const std::string place = std::string(3, '\0') + index;
        converse(callout, offer(0x7f),
                 packet("i" + place + std::string("X-N\0n\0", 6)) + packet("c"));
        const auto verdict = callout.verdict();
        const auto& fields = std::get<Changed>(verdict).header.fields();
        const std::size_t at = index == '\x7f' ? 3 : index == '\2' ? 1 : 0;
        EXPECT_EQ(fields[at].name, "X-N") << int{index};
    }
}

TEST(Callout, DeletesAField) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    const std::string index_one("\0\0\0\1", 4);
    converse(callout, offer(0x7f),
             packet("m" + index_one + std::string("x-a\0\0", 5)) + packet("c"));
    const auto verdict = callout.verdict();
    EXPECT_EQ(std::get<Changed>(verdict).header.to_octets(), "Subject: s\r\nX-A: 2\r\n");
}

TEST(Callout, TellsWhyItWasRefused) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    converse(callout, offer(0x7f), packet(std::string("y550-5.7.1 no\r\n550 5.7.1 never\0", 31)));
    const auto verdict = callout.verdict();
    EXPECT_EQ(std::get<Refused>(verdict).lines,
              (std::vector<std::string>{"550-5.7.1 no", "550 5.7.1 never"}));
}

std::string_view fault(const std::string& first, const std::string& at_end) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message);
    Error error;
    converse(callout, first, at_end, &error);
    return error.id;
}

TEST(Callout, SaysWhatIsWrongWithAMilter) {
    EXPECT_EQ(fault(packet("c"), ""), "milter.callout.unexpected");
    EXPECT_EQ(fault(packet("O"), ""), "milter.callout.syntax");
    EXPECT_EQ(fault(offer(static_cast<char>(0xff)), ""), "milter.callout.not-negotiated");
    EXPECT_EQ(fault(offer(0), packet("bx")), "milter.callout.not-negotiated");
    EXPECT_EQ(fault(offer(0x7f), packet("z")), "milter.callout.not-negotiated");
    EXPECT_EQ(fault(offer(0x7f), packet("y550")), "milter.callout.syntax");
    EXPECT_EQ(fault(offer(0x7f), packet("hX")), "milter.callout.syntax");
    EXPECT_EQ(fault(offer(0x7f), packet(std::string("hX\0a\n\nb: c\0", 11))),
              "milter.callout.syntax");
    EXPECT_EQ(fault(offer(0x7f), std::string("\x7f\0\0\0c", 5)), "milter.callout.too-long");
    EXPECT_EQ(fault(offer(0x7f), packet("s")), "milter.callout.unexpected");
}

TEST(Callout, IsBounded) {
    const Shown shown;
    Callout callout(shown.message, Extent::Message, {.body_octets = 3});
    Error error;
    converse(callout, offer(0x7f), packet("bfour"), &error);
    EXPECT_EQ(error.id, "milter.callout.too-long");
}

}  // namespace
}  // namespace mailassay::milter
