#pragma once

#include <cstdint>

namespace mailassay::base {

// Which text of a mechanism applies: the Internet-Draft in which it was first written, or the RFC.
enum class Edition : std::uint8_t { Draft, Rfc };

}  // namespace mailassay::base
