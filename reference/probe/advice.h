#pragma once

#include <string>

#include "probe/assess.h"

// Findings in words, for the administrator who has to act on them.
namespace mailassay::probe {

// Printable ASCII without a full stop at the end; what peers said is quoted, escaped and cut.
struct Advice {
    std::string problem = {};
    std::string fix = {};  // the one thing to do
};

// About a host. Empty for Finding::None.
[[nodiscard]] Advice advise(const DomainProbe& domain, const HostProbe& host, Finding finding);
// About a domain without hosts.
[[nodiscard]] Advice advise(const DomainProbe& domain, Finding finding);

}  // namespace mailassay::probe
