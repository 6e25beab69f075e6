#pragma once

#include <string>
#include <string_view>
#include <vector>

// Comments in a list of addresses, which X.400 has in the names of people (RFC 2156 section 4.7.1).
namespace mailassay::mixer {

// Of each mailbox in the list, members of groups included, in order: its comments with their
// brackets, a space between two; "" for none. The list is one that could be read; of another the
// result is some list of texts.
[[nodiscard]] std::vector<std::string> comments_in(std::string_view addresses);

}  // namespace mailassay::mixer
