#pragma once

#include <string>

#include "der/value.h"

namespace mailassay::mixer {

// A distinguished name of X.501 for a person to read, the most significant part last:
// "CN=Duty Officer, O=Navy, C=GB". An attribute without a short name stands with its object
// identifier, what is no text as "?"; "" for what is no name.
[[nodiscard]] std::string directory_name_text(const der::Value& name);

}  // namespace mailassay::mixer
