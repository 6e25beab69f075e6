// Replies: the split of the octets changes nothing, what is printed is one reply and is read as
// written.

#include <optional>
#include <vector>

#include "require.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"

using namespace mailassay;

namespace {

struct Read {
    std::vector<smtp::Reply> replies;
    std::optional<Error> error;
    friend bool operator==(const Read&, const Read&) = default;
};

void read_all(smtp::ReplyReader& reader, Read& read) {
    while (!read.error) {
        auto next = reader.next();
        if (!next) {
            read.error = next.error();
        } else if (!*next) {
            return;
        } else {
            read.replies.push_back(std::move(**next));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::octets_of(data, size);
    constexpr smtp::ReplyLimits kLimits{.line_octets = 64, .lines = 5};

    Read whole;
    smtp::ReplyReader reader(kLimits);
    reader.receive(octets);
    read_all(reader, whole);

    Read bytewise;
    smtp::ReplyReader slow_reader(kLimits);
    for (const char& c : octets) {
        slow_reader.receive(std::string_view(&c, 1));
        read_all(slow_reader, bytewise);
    }
    fuzz::require(whole == bytewise, "the split of the octets changes nothing");

    for (const smtp::Reply& reply : whole.replies) {
        fuzz::require(reply.code >= 200 && reply.code < 600, "a code is a code");
        fuzz::require(!reply.lines.empty(), "a reply has a line");
        (void)smtp::Capabilities::from_ehlo(reply).size_limit();

        smtp::ReplyReader again;
        again.receive(smtp::to_octets(reply));
        const auto one = again.next();
        fuzz::require(one && *one && again.empty(), "what is printed is one reply");
        fuzz::require((*one)->code == reply.code && (*one)->lines.size() == reply.lines.size(),
                      "a reply is read as written");
    }
    return 0;
}
