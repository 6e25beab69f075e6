#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "imf/address.h"

// What an organization asks for before a message may leave it.
namespace mailassay::release {

enum class Order : std::uint8_t {
    Any,
    AsListed,  // each authorizing user behind those who are listed before him
};

// What has to stand behind an entry of the field.
enum class Proof : std::uint8_t {
    None,       // nothing: the way of the message is trusted
    OfMessage,  // a signature on this message by the same address
    OfField,    // one that covers the field too
};

// What becomes of a message whose origin can't be verified.
enum class Doubt : std::uint8_t {
    Hold,    // it is set aside
    Return,  // it goes back
    Tell,    // the user is told, and decides
};

// What becomes of a message that its user can't decrypt.
enum class Unreadable : std::uint8_t {
    Tell,  // its sender is told where it is proven that it is his, so that nobody can have others
           // flooded; where it is not, it is set aside
    Hold,  // it is set aside
};

// Where an entry of the user's own that does not hold takes a message (RFC 7912).
enum class Forgery : std::uint8_t { Return, ToAbuse };

struct Policy {
    // Who may authorize; with Order::AsListed in their order. A mailbox that a group shares is one.
    std::vector<imf::Mailbox> officers;
    // How many of them a message needs.
    std::size_t needed = 1;
    Order order = Order::Any;
    Proof proof = Proof::OfMessage;
    Doubt doubt = Doubt::Hold;
    Forgery forgery = Forgery::Return;
    Unreadable unreadable = Unreadable::Tell;
};

// The policy as it is, if it can be met. Errors: release.policy.nobody, release.policy.needed
// (none, or more than there are), release.policy.twice (an officer; the offset is his place).
[[nodiscard]] Result<Policy> checked(Policy policy);

}  // namespace mailassay::release
