#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "opes/consent.h"
#include "opes/entry.h"
#include "opes/statement.h"

// An OPES system as its administrator describes it: who answers for it, and which services it has.
namespace mailassay::opes {

inline constexpr std::string_view system_field = "OPES-System";
inline constexpr std::string_view via_field = "OPES-Via";

// When a service is asked: the field of a message comes too late for the first two.
enum class Stage : std::uint8_t { Sender, Recipient, Message };

// Whether there is mail without the service (RFC 4902 section 3.2): without a scan for malware,
// say, there is none.
enum class Necessity : std::uint8_t { Optional, Indispensable };

// What becomes of a message that the service refuses for good.
enum class Refusing : std::uint8_t {
    Replies,      // the client is told
    Quarantines,  // it is taken and held, for whoever it is for to look at
};

struct Service {
    std::string uri;
    Stage stage = Stage::Message;
    Necessity necessity = Necessity::Optional;
    Refusing refusing = Refusing::Replies;  // of a message; in the dialogue there is none to hold
    Handling handling = {};

    friend bool operator==(const Service&, const Service&) = default;
};

struct System {
    // Its own identification, where its privacy policy and who is responsible for it are told
    // (RFC 3897 section 3.2).
    std::string uri;
    std::vector<Parameter> parameters = {};
    std::vector<Service> services = {};
    // A service that neither side has agreed to is never called; without any, none is.
    std::vector<Consent> consents = {};
    // Who sets and enforces its policy, and what the processor itself does with mail.
    std::string responsible = {};
    Handling handling = {};
};

// The agreement of the administration that runs the system, for everybody who it receives mail for.
[[nodiscard]] inline Consent consent_of_all_recipients() {
    return {.side = Side::Recipient, .who = {"*"}, .services = {"*"}};
}

// Whether the next hop offers XOPESBYPASS.
enum class NextHop : std::uint8_t { Supports, DoesNot };

// As a parameter; as a field of the message, which speaks for all recipients; or not at all.
enum class Passing : std::uint8_t { Parameter, Field, Nowhere };

// Addresses within a domain and what stands for them outside.
using Readdressing = std::map<std::string, std::string, base::LessIgnoreCase>;

}  // namespace mailassay::opes
