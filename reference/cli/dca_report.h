#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dca/message.h"

// What `mailassay encrypt` and `mailassay decrypt` say beside the message.
namespace mailassay::cli {

// On standard error, a line each: what became of the header, and what is wrong with names. Nothing
// that was hidden is said.
void print_dca_report(std::string_view command, const std::vector<dca::Change>& changes,
                      std::optional<dca::Unchanged> unchanged, const std::vector<dca::Flag>& flags);

// The signatures around an envelope, a line each.
void print_outer_signatures(std::string_view command,
                            const std::vector<dca::OuterSignature>& signatures);

}  // namespace mailassay::cli
