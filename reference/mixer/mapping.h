#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "imf/header.h"
#include "mixer/heading.h"
#include "mixer/loss.h"
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

// What a message loses on the way to X.400 and back: the losses of both ways, whoever of From,
// Sender and MMHS-Authorizing-Users stands elsewhere, and every field that comes back with another
// meaning or was not there before. None: the header that comes back says what the given one said.
// Errors: those of both ways.
[[nodiscard]] Result<std::vector<Loss>> round_trip_losses(const imf::HeaderSection& header,
                                                          const Mapping& mapping,
                                                          const Rules& rules);

}  // namespace mailassay::mixer
