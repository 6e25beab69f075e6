#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/edition.h"
#include "crypto/signed_data.h"
#include "releasing/agent.h"

// A message on its whole way: from its drafter by way of a submission server to those who may
// authorize it, and by what they decide over the border to its recipients.
namespace mailassay::shim {

// A user who takes the first message out of his mailbox, and what he decides on it.
struct Deciding {
    release::Authorization authorization;
    std::optional<crypto::Signer> signer;
};

struct Carry {
    std::string message;
    releasing::Verification verification;
    std::optional<base::TimePoint> time;  // nullopt: now
    base::Edition edition = base::Edition::Rfc;
    std::string sender;                   // of the envelope
    std::vector<std::string> recipients;  // likewise
    std::vector<Deciding> decisions;      // one after the other
};

struct Carried {
    // What is in the mailboxes in the end, by address; those without a message are not there.
    std::map<std::string, std::vector<std::string>> mailboxes = {};
    // Why something was not taken, in order.
    std::vector<std::string> refusals = {};
};

// Servers, which this module has none of.
class Carrier {
  public:
    virtual ~Carrier() = default;
    [[nodiscard]] virtual Carried carry(const Carry& request) const = 0;
};

}  // namespace mailassay::shim
