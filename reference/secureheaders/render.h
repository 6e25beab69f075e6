#pragma once

#include <string>
#include <string_view>

#include "secureheaders/verify.h"

// What a receiver's mail client must display (section 4.5.2): each secured field with its name,
// value, status and validity, the algorithm, the warnings, and the verdict.
namespace mailassay::secureheaders {

// For a terminal. Of the message, UTF-8 that can be seen stays, and all else is escaped.
[[nodiscard]] std::string to_text(const MessageResult& result);

// One line, without a line end: vectors/schema/verify.schema.json. `file` names the message.
// Octets that are not UTF-8 are escaped.
[[nodiscard]] std::string to_json(std::string_view file, Edition edition,
                                  const Result<MessageResult>& result);

}  // namespace mailassay::secureheaders
