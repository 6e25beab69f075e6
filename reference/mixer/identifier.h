#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mixer/heading.h"

// Message identifiers (RFC 2156 section 4.7.3), and what RFC 6477 section 6 adds for military ones.
namespace mailassay::mixer {

// The value of a Message-ID, in its angle brackets or without. nullopt: it can't be an identifier
// of X.400, whose bound is 64 characters of PrintableString.
[[nodiscard]] std::optional<IpmIdentifier> to_identifier(std::string_view message_id);

// In angle brackets; without characters that no message identifier has. `route` is the gateway's
// own O/R address, which completed() gave to identifiers that had none.
[[nodiscard]] std::string to_message_id(const IpmIdentifier& identifier, const OrAddress& route);

// As ACP 123 wants it: fifteen characters at least, and an O/R address.
[[nodiscard]] IpmIdentifier completed(IpmIdentifier identifier, const OrAddress& route);

// What stands in In-Reply-To and References: identifiers, and what lies between them as phrases.
// What is too long for X.400 is left out, and `lost` says so.
struct References {
    std::vector<IpmIdentifier> identifiers;
    bool lost = false;
};
[[nodiscard]] References to_references(std::string_view value);
// A message identifier, or the phrase that it was made of.
[[nodiscard]] std::string to_reference(const IpmIdentifier& identifier, const OrAddress& route);

}  // namespace mailassay::mixer
