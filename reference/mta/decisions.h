#pragma once

#include <functional>
#include <memory>

#include "requiretls/facts.h"
#include "requiretls/rules.h"
#include "smtp/server.h"

namespace mailassay::mta {

// What the relay decides by. It holds no decision about REQUIRETLS itself: whoever replaces a part
// here gets a relay that is the same in everything else.
struct Decisions {
    // Never null.
    std::unique_ptr<const requiretls::Rules> rules;
    // Wraps the policy that the listener asks. Called once a connection; empty: nothing is wrapped.
    std::function<std::unique_ptr<smtp::ServerPolicy>(std::unique_ptr<smtp::ServerPolicy>)>
        wrap_policy = {};
};

// Makes the decisions for an edition, which is known only once the configuration has been read.
using DecisionsFactory = std::function<Decisions(requiretls::Edition)>;

// StandardRules and nothing wrapped.
[[nodiscard]] Decisions standard_decisions(requiretls::Edition edition);

}  // namespace mailassay::mta
