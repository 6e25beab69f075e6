#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "imf/address.h"

// What verification found on a message, as plain facts: who verifies signatures says it, the rules
// decide on it.
namespace mailassay::release {

// Whether From and Sender are whose they say.
enum class Origin : std::uint8_t {
    Proven,        // a signature that covers them holds, and it is the sender's
    Unproven,      // there is none that says anything about them
    Contradicted,  // one is broken, or somebody else's
};

// Whether the content can be read by who has to review it.
enum class Sealing : std::uint8_t { Readable, Sealed };

// Whether a signature holds.
enum class Standing : std::uint8_t { Holds, Broken, Untrusted };

// What a signature of an authorizing user is over, and so what it proves.
enum class Cover : std::uint8_t {
    Message,  // the drafter's signature, or what he signed
    Field,    // the header as it was when the user was added to it
};

// A review signature, whatever its form, or a DKIM signature in place of one.
struct Endorsement {
    // The addresses of its signer's certificate.
    std::vector<imf::Mailbox> signer;
    Standing standing = Standing::Holds;
    Cover cover = Cover::Message;
    // With Cover::Field: the users in the field that it is over.
    std::vector<imf::Mailbox> users = {};
};

// What a signature of DKIM covers.
enum class Covered : std::uint8_t {
    Origin,  // every From, and every Sender if there is one
    Field,   // every MMHS-Authorizing-Users
    Body,    // the whole of it
};

// A signature of a domain (RFC 6376).
struct DomainSignature {
    imf::Mailbox agent;  // for whom it was made (i=); the local part may be empty
    std::string domain;  // who made it (d=)
    Standing standing = Standing::Holds;
    std::set<Covered> covered = {};
};

struct Evidence {
    Origin origin = Origin::Unproven;
    Sealing sealing = Sealing::Readable;
    std::vector<Endorsement> endorsements = {};
};

}  // namespace mailassay::release
