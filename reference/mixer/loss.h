#pragma once

#include <string>
#include <string_view>

// What does not cross the border, and why it can't.
namespace mailassay::mixer {

// The id says why, reason() in words:
//   mixer.loss.field        a field that is not mapped here
//   mixer.loss.extension    an extension or element that is not mapped here
//   mixer.loss.cut          beyond a bound of X.400
//   mixer.loss.characters   control characters, or an extension attribute without text form
//   mixer.loss.no-address   a user without an address, where only addresses may stand
//   mixer.loss.group        the name of a group among authorizing users
//   mixer.loss.merged       authors and authorizing users are one list in X.400
// and after a round trip:
//   mixer.loss.role         somebody stands in another field
//   mixer.loss.changed      a field comes back with another value
//   mixer.loss.added        a field that was not there comes back
struct Loss {
    std::string_view id;  // a literal
    std::string where;    // the field, or the element of the heading
    std::string detail = {};

    friend bool operator==(const Loss&, const Loss&) = default;
};

// Why this is lost, in a sentence for people; "" for an id that is none of these.
[[nodiscard]] std::string_view reason(std::string_view id);

}  // namespace mailassay::mixer
