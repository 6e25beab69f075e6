#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "requiretls/facts.h"
#include "smtp/types.h"

// A message in the relay's care, and how far its delivery has come.
namespace mailassay::mta {

enum class Origin : std::uint8_t {
    Received,  // by our listener
    Bounce,    // made here, about another message: a report, or what a mediator has to say
};

// What was accepted; never changes while the message is in the spool.
struct Message {
    std::string id;  // given by the spool; also names the file
    Origin origin = Origin::Received;
    // How REQUIRETLS wants this message handled; decided once, on receipt, and the same for all of
    // its recipients. [rfc8689/4.1/1]
    requiretls::Tag tag = requiretls::Tag::None;
    smtp::Envelope envelope;
    std::string peer_address;  // who handed it in, an IP address; empty for a bounce
    base::TimePoint arrival;
    std::string data;  // as it will be sent onward, our Received field on top

    friend bool operator==(const Message&, const Message&) = default;
};

// Of one recipient.
enum class Fate : std::uint8_t {
    Pending,
    Relayed,  // the next hop took responsibility
    Failed,   // a bounce reports it, or none was due
};

struct Progress {
    unsigned attempts = 0;         // rounds finished
    base::TimePoint next_attempt;  // to the millisecond
    std::vector<Fate> fates;       // one for each recipient of the envelope, in order

    [[nodiscard]] bool is_finished() const;

    friend bool operator==(const Progress&, const Progress&) = default;
};

// Progress of a message of which nothing was tried yet: due at its arrival.
[[nodiscard]] Progress initial_progress(const Message& message);

// The octets of the spool's files. Any octets are allowed in any string; times are kept to the
// millisecond. Decoding is strict: a file cut short or with anything behind its end is an error.
// Error: mta.spool.damaged.
[[nodiscard]] std::string encode(const Message& message);
[[nodiscard]] Result<Message> decode_message(std::string_view octets);
[[nodiscard]] std::string encode(const Progress& progress);
[[nodiscard]] Result<Progress> decode_progress(std::string_view octets);

// RFC 5321 section 6.3: a message that came by too often is in a loop.
inline constexpr std::size_t max_received_fields = 100;

}  // namespace mailassay::mta
