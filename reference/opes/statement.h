#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "opes/consent.h"

// What a system owes those whose mail it handles, as values: what it sees and keeps, what it does
// to references, and who answers for it (RFC 3897 section 3.2, RFC 4902 sections 5.6 and 5.7). The
// URI of a trace leads to it; vectors/schema/opes-statement.schema.json is its form for machines.
namespace mailassay::opes {

// How much of a message an agent looks at; each includes those before it.
enum class Sight : std::uint8_t { Envelope, Header, Content };

// What it does to references within a message and to others (addresses, identifiers, links).
enum class References : std::uint8_t {
    Untouched,
    Addresses,  // addresses get another form, alike in all fields
    Links,      // parts of a message become links to them, or links lead elsewhere
};

// What one agent does with what it is shown.
struct Handling {
    Sight sees = Sight::Content;
    int kept_days = 0;                          // behind the message's way; 0: not at all
    std::vector<std::string> shared_with = {};  // outside of the system, by name or URI
    References references = References::Untouched;

    friend bool operator==(const Handling&, const Handling&) = default;
};

// What a trace gives away by being there.
enum class Revealed : std::uint8_t { System, Services, Order, Refusals };

struct StatedService {
    std::string uri;
    Handling handling;
    bool is_indispensable = false;

    friend bool operator==(const StatedService&, const StatedService&) = default;
};

struct Statement {
    std::string system;
    std::string responsible;  // who sets and enforces the policy
    std::string policy;       // for people
    Handling handling;        // the processor's own
    std::vector<Revealed> revealed = {};
    std::vector<Consent> consents = {};
    std::vector<StatedService> services = {};

    friend bool operator==(const Statement&, const Statement&) = default;
};

}  // namespace mailassay::opes
