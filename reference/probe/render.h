#pragma once

#include <string>

#include "probe/assess.h"

// A probe for people and for machines. Whatever octets peers sent, the text is printable ASCII and
// line feeds.
namespace mailassay::probe {

// A table, one line a host, what to fix, and a summary. Ends in a line feed.
[[nodiscard]] std::string to_text(const DomainProbe& domain, const DomainAssessment& assessment);

// By vectors/schema/probe.schema.json. Ends in a line feed.
[[nodiscard]] std::string to_json(const DomainProbe& domain, const DomainAssessment& assessment,
                                  requiretls::Edition edition);

}  // namespace mailassay::probe
