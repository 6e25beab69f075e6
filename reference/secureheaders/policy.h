#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "secureheaders/structure.h"

// The security policy of section 4: which fields are secured, and how. How two parties agree on
// one is beyond the texts; here it is a TOML file.
namespace mailassay::secureheaders {

// Whether the sender is known to follow the same policy, without which step 6 of verification
// (fields added since) is left out.
enum class Sharing : std::uint8_t { NotShared, Shared };

struct Policy {
    // By name, in any case: the field is secured where the message has it.
    std::map<std::string, Status, base::LessIgnoreCase> secured = {};
    // A receiver warns when a message has one of these and its signature does not.
    std::vector<std::string> mandatory = {};
    imf::Canonicalization algorithm = imf::Canonicalization::Relaxed;
    Sharing sharing = Sharing::NotShared;

    [[nodiscard]] bool is_secured(std::string_view name) const { return secured.contains(name); }
    [[nodiscard]] bool is_mandatory(std::string_view name) const;
};

// Which signature of a message it is. With triple wrapping (section 5) the outer one is over what
// the inner one is over, encrypted; of two without anything between them the same is said.
enum class Layer : std::uint8_t { Inner, Outer };

// Policies for both signatures of triple wrapping; a message with one signature that is over no
// envelope is judged by `inner`.
struct Policies {
    Policy inner;
    Policy outer;
};

//   algorithm = "relaxed"            or "simple"; relaxed unless given
//   shared = true                    with the other side; false unless given
//   mandatory = ["From", "Date"]
//   [secured]
//   Subject = "deleted"              or "duplicated", "modified"
//   From = "duplicated"
//   [outer]                          the same once more, for the outer signature of triple
//   wrapping;
//                                    the same policy unless given
// Errors: secureheaders.policy.syntax, .unknown-key, .wrong-type, .field-name, .nothing-secured,
// .too-large (1 MiB). The detail names the key.
[[nodiscard]] Result<Policies> parse_policies(std::string_view toml);

[[nodiscard]] std::string_view to_string(Layer layer);

}  // namespace mailassay::secureheaders
