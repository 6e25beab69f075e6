#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mta/config.h"
#include "mta/message.h"
#include "requiretls/rules.h"

// Mediators (RFC 5598): who originate new messages from one that came in. No I/O.
namespace mailassay::mta {

// Gives an id that no other message in the same spool has.
using MakeId = std::function<std::string()>;

// What came in, as a mediator sees it.
struct Incoming {
    const smtp::Envelope& envelope;
    const std::string& data;
    const std::string& peer_address;
    base::TimePoint arrival;
    requiretls::Tag tag = requiretls::Tag::None;
};

// Whether mail to that address is a mediator's.
[[nodiscard]] bool is_mediated(const Config& config, const smtp::Path& path);

// What becomes of a message to that address: at least one new message, for nothing may vanish.
// nullopt: the address is no mediator's. What asks for an answer but must not get one (RFC 3834
// section 2) goes to the list's owner. [rfc8689/6/1] [rfc8689/6/2]
[[nodiscard]] std::optional<std::vector<Message>> mediate(const Incoming& incoming,
                                                          const smtp::Path& path,
                                                          const Config& config,
                                                          const requiretls::Rules& rules,
                                                          const MakeId& make_id);

}  // namespace mailassay::mta
