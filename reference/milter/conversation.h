#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "buffer/octets.h"
#include "milter/edits.h"
#include "milter/role.h"

// One connection of an MTA with a role, without libmilter: what the MTA shows becomes messages,
// what the role answers becomes steps.
namespace mailassay::milter {

// What a conversation may cost.
struct Limits {
    std::size_t message_octets = std::size_t{256} * 1024 * 1024;
    std::size_t header_octets = std::size_t{4} * 1024 * 1024;
    std::size_t fields = 100'000;
    std::size_t recipients = 10'000;
};

// What the MTA is told at the end of a message.
struct Applied {
    std::variant<Deliver, Refuse, Discard> verdict;  // its header changes stand in `header_edits`
    std::vector<HeaderEdit> header_edits = {};
    Notes notes = {};
};

// After a refused message or an abort the next one begins with sender(). Whatever goes wrong before
// the end of a message (too large, no room, a step out of order) is answered at its end, with a
// refusal: a message which is not held as a whole is never delivered.
class Conversation {
  public:
    explicit Conversation(const Role& role, const Limits& limits = {})
        : role_(role), limits_(limits) {}

    void connected(std::string host, std::string address);
    void greeted(std::string name) { session_.connection.helo = std::move(name); }
    // What is known at this step; replaces what an earlier step said of the same name.
    void macro(std::string_view name, std::string_view value);

    // The reply, or nothing to go on.
    [[nodiscard]] std::optional<Reply> sender(Path path);
    [[nodiscard]] std::optional<Reply> recipient(Path path);
    // `value`: all behind the colon, leading white space included; lines end in LF or CRLF.
    void field(std::string_view name, std::string_view value);
    void end_of_header();
    void body(std::string_view octets);
    // Has the role judge the message; what the role throws is a temporary refusal.
    [[nodiscard]] Applied end_of_message();
    void abort();

    // The message's name in the MTA's queue, if it has one yet; for the log.
    [[nodiscard]] std::string queue_name() const;

  private:
    enum class Fault : std::uint8_t { Here, TooLarge };

    void append(std::string_view octets);
    void fail(std::string_view why, Fault fault = Fault::Here);
    [[nodiscard]] Applied refused() const;
    [[nodiscard]] Applied judged(const base::Octets& octets);

    const Role& role_;
    Limits limits_;
    Session session_;
    buffer::Collector message_;
    std::size_t fields_ = 0;
    bool header_ended_ = false;
    std::optional<Fault> fault_;
    std::string_view why_;  // an Error's id
};

}  // namespace mailassay::milter
