#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/header.h"
#include "mixer/heading.h"
#include "mixer/rules.h"

// The header of an Internet message as the heading of an interpersonal message, and back: section 5
// of both editions of Draft and Release, and RFC 2156 for what these leave as it is. Bodies and
// envelopes are not mapped.
namespace mailassay::mixer {

struct Mapping {
    base::Edition edition = base::Edition::Rfc;
    Gateway gateway = Gateway::example();
    Military military = Military::ByExtension;
    // this-IPM of a message that has no Message-ID; PrintableString.
    std::string identifier = "no message identifier";
};

// What the other side has no place for. The id says why:
//   mixer.loss.field        a field that is not mapped here
//   mixer.loss.extension    an extension or element that is not mapped here
//   mixer.loss.cut          beyond a bound of X.400
//   mixer.loss.characters   control characters, or an extension attribute without text form
//   mixer.loss.no-address   a user without an address, where only addresses may stand
//   mixer.loss.group        the name of a group
//   mixer.loss.merged       authors and authorizing users are one list in X.400
//   mixer.loss.role         after a round trip somebody stands in another field
struct Loss {
    std::string_view id;  // a literal
    std::string where;    // the field, or the element of the heading
    std::string detail = {};

    friend bool operator==(const Loss&, const Loss&) = default;
};

struct HeadingMade {
    Heading heading;
    std::vector<Loss> losses;
};

// Errors, their detail the field's name: those of imf address lists with offsets into the field's
// body, mixer.field.repeated (Sender, Subject, Message-ID or MMHS-Authorizing-Users),
// mixer.address.too-long, mixer.string.not-ascii, mixer.heading.missing (neither From nor Sender).
[[nodiscard]] Result<HeadingMade> to_x400(const imf::HeaderSection& header, const Mapping& mapping,
                                          const Rules& rules);

enum class Kind : std::uint8_t { Military, Other };

struct HeaderMade {
    imf::HeaderSection header;
    Kind kind = Kind::Other;
    std::vector<Loss> losses;
};

// Errors: mixer.heading.missing (nobody can be From), those of imf::make_field().
[[nodiscard]] Result<HeaderMade> from_x400(const Heading& heading, const Mapping& mapping,
                                           const Rules& rules);

// What a message loses on the way to X.400 and back: the losses of both ways, and whoever of From,
// Sender and MMHS-Authorizing-Users stands elsewhere. Errors: those of both ways.
[[nodiscard]] Result<std::vector<Loss>> round_trip_losses(const imf::HeaderSection& header,
                                                          const Mapping& mapping,
                                                          const Rules& rules);

}  // namespace mailassay::mixer
