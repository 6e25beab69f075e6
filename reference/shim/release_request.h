#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/edition.h"
#include "base/error.h"
#include "releasing/agent.h"
#include "shim/carry.h"

// Requests about Draft and Release (vectors/schema/shim-request.schema.json): what an authorizing
// user's agent makes of a message, and what agents on its way and its recipient do.
namespace mailassay::shim {

class Reader;

struct Authorize {
    std::string message;
    releasing::Verification verification;
    std::optional<base::TimePoint> time;  // nullopt: now
    release::Authorization authorization;
    std::optional<crypto::Signer> signer;  // what the user signs with
};

// Who asks what may be believed of a message.
struct CheckRelease {
    std::string message;
    releasing::Verification verification;
    std::optional<base::TimePoint> time;  // nullopt: now
    base::Edition edition = base::Edition::Rfc;
    std::optional<release::Place> place;  // nullopt: the recipient
    std::vector<imf::Mailbox> recipients;
};

// Errors: those of parse_request(), shim.request.address, those of release::checked().
[[nodiscard]] Result<Authorize> read_authorize(Reader& request);
[[nodiscard]] Result<CheckRelease> read_check_release(Reader& request);
[[nodiscard]] Result<Carry> read_carry(Reader& request);

}  // namespace mailassay::shim
