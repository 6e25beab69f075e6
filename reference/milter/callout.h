#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "imf/header.h"
#include "milter/role.h"

// The MTA's side of the milter protocol, version 6, without I/O: one message is shown to a milter,
// which answers and changes it. What binds a milter is in
// vectors/requirements/milter.toml.
namespace mailassay::milter {

// What a milter wants done with a message.
struct Changed {
    imf::HeaderSection header;
    std::optional<std::string> body = std::nullopt;  // nullopt: as it is
    std::optional<std::string> reverse_path = std::nullopt;
    std::vector<std::string> added_recipients = {};
    std::vector<std::string> removed_recipients = {};
    std::optional<std::string> quarantine = std::nullopt;
};
// The lines of a reply with code and status, without line ends.
struct Refused {
    std::vector<std::string> lines;
};
using CalloutVerdict = std::variant<Changed, Refused, Discard>;

struct CalloutLimits {
    std::size_t packet_octets = std::size_t{1} << 20;
    std::size_t body_octets = std::size_t{256} << 20;  // that it may put in place of the body
    std::size_t modifications = 10'000;
    std::size_t header_octets = std::size_t{4} << 20;  // that it may add
};

// How far the milter is asked: to the last recipient, or over the whole message.
enum class Extent : std::uint8_t { Recipients, Message };

//     while (auto step = callout.next()) {
//         write step->octets;
//         while (step->awaits_answer && !callout.received(read octets)) {}
//     }
//     callout.verdict()
class Callout {
  public:
    // `message` must outlive it.
    Callout(const Message& message, Extent extent, const CalloutLimits& limits = {});

    struct Step {
        std::string octets;
        bool awaits_answer = false;
    };
    // nullopt: the milter has decided, and the connection can be closed.
    [[nodiscard]] std::optional<Step> next();
    // True when the answer is there. May be called with any octets in any pieces.
    // Errors, after which it is of no more use: milter.callout.too-long (a packet, or all changes
    // together), milter.callout.unexpected (an answer that is none, or out of turn),
    // milter.callout.syntax, milter.callout.not-negotiated.
    [[nodiscard]] Result<bool> received(std::string_view octets);
    // Only when next() gave nullopt.
    [[nodiscard]] CalloutVerdict verdict() const;

  private:
    enum class Stage : std::uint8_t {
        Offer,
        Connect,
        Helo,
        Sender,
        Recipient,
        Data,
        Field,
        EndOfHeader,
        Body,
        EndOfMessage,
        Decided
    };

    [[nodiscard]] Step make(char command, const std::string& data, std::uint32_t no_reply);
    [[nodiscard]] bool skips(std::uint32_t step) const { return (steps_ & step) != 0; }
    [[nodiscard]] std::optional<Step> step_of_stage();
    [[nodiscard]] Result<bool> take(char answer, std::string_view data);
    [[nodiscard]] Result<bool> take_offer(std::string_view data);
    [[nodiscard]] Result<bool> take_modification(char answer, std::string_view data);
    [[nodiscard]] Result<void> edit_header(char answer, std::string_view data);
    void decide(CalloutVerdict verdict);
    void accept();

    const Message& message_;
    Extent extent_;
    CalloutLimits limits_;
    Stage stage_ = Stage::Offer;
    std::size_t index_ = 0;  // of the recipient, the field or the octet of the body that is next
    std::uint32_t actions_ = 0;
    std::uint32_t steps_ = 0;
    std::string input_;
    std::vector<imf::HeaderField> fields_;  // as the milter has made them so far
    Changed changed_;
    std::size_t changes_ = 0;
    std::size_t added_octets_ = 0;
    std::optional<CalloutVerdict> verdict_;
};

}  // namespace mailassay::milter
