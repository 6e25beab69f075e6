#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mixer/heading.h"

// Message identifiers (RFC 2156 section 4.7.3).
namespace mailassay::mixer {

// The value of a Message-ID, in its angle brackets or without. nullopt: it can't be an identifier
// of X.400, whose bound is 64 characters of PrintableString.
[[nodiscard]] std::optional<IpmIdentifier> to_identifier(std::string_view message_id);

// In angle brackets; without characters that no message identifier has.
[[nodiscard]] std::string to_message_id(const IpmIdentifier& identifier);

}  // namespace mailassay::mixer
