#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "opes/entry.h"

// An OPES system as its administrator describes it: who answers for it, and which services it has.
namespace mailassay::opes {

inline constexpr std::string_view system_field = "OPES-System";
inline constexpr std::string_view via_field = "OPES-Via";

// When a service is asked: the field of a message comes too late for the first two.
enum class Stage : std::uint8_t { Sender, Recipient, Message };

// Whether there is mail without the service (RFC 4902 section 3.2): without a scan for malware,
// say, there is none.
enum class Necessity : std::uint8_t { Optional, Indispensable };

struct Service {
    std::string uri;
    Stage stage = Stage::Message;
    Necessity necessity = Necessity::Optional;

    friend bool operator==(const Service&, const Service&) = default;
};

struct System {
    // Its own identification, where its privacy policy and who is responsible for it are told
    // (RFC 3897 section 3.2).
    std::string uri;
    std::vector<Parameter> parameters = {};
    std::vector<Service> services = {};
};

// Whether the one who asks for a bypass is known to be allowed to.
enum class Requester : std::uint8_t { Authenticated, Unknown };

// Whether the next hop offers XOPESBYPASS.
enum class NextHop : std::uint8_t { Supports, DoesNot };

// As a parameter; as a field of the message, which speaks for all recipients; or not at all.
enum class Passing : std::uint8_t { Parameter, Field, Nowhere };

// Addresses within a domain and what stands for them outside.
using Readdressing = std::map<std::string, std::string, base::LessIgnoreCase>;

}  // namespace mailassay::opes
