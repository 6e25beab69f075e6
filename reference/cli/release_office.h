#pragma once

#include "base/random.h"
#include "release/rules.h"
#include "shim/carry.h"

// The servers of an organization and the agents of its users in one process, for the operation
// carry of the shim protocol.
namespace mailassay::cli {

// Server and border are those of roles, agents those of releasing; mailboxes and the envelopes of
// drafts are in memory. Both arguments must outlive it.
class ReleaseOffice final : public shim::Carrier {
  public:
    ReleaseOffice(const release::Rules& rules, base::Random& random)
        : rules_(rules), random_(random) {}

    [[nodiscard]] shim::Carried carry(const shim::Carry& request) const override;

  private:
    const release::Rules& rules_;
    base::Random& random_;
};

}  // namespace mailassay::cli
