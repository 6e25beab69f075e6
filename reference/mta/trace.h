#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mta/message.h"
#include "smtp/types.h"

// Trace information (RFC 5321 section 4.4).
namespace mailassay::mta {

// The Received field to put on top of a message: all its octets, CRLF included. What the client
// said about itself is hostile and goes in only where it has the form of a name or an address.
[[nodiscard]] std::string received_field(const Message& message, std::string_view hostname,
                                         smtp::Protocol protocol);

// How many Received fields stand in the header section of a message; `max_received_fields` and more
// mean a loop.
[[nodiscard]] std::size_t count_received_fields(std::string_view data);

}  // namespace mailassay::mta
