#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "imf/header.h"

// A header section made another one by the three things that a milter can do to a header.
namespace mailassay::milter {

enum class EditKind : std::uint8_t { Change, Delete, Insert };

struct HeaderEdit {
    EditKind kind;
    // Change and Delete: which of the fields of this name, any case, from 1. Insert: how many
    // fields of the section stand above the new one.
    std::size_t index;
    std::string name;
    // All octets behind the colon, leading white space included; lines end in LF. Empty for Delete.
    std::string value;

    friend bool operator==(const HeaderEdit&, const HeaderEdit&) = default;
};

// What has to be done, in this order, to make `before` `after`, octet for octet. Fields that both
// have in the same order are not touched. Deletions go from the last field to the first, and
// insertions from the first to the last, so that an MTA which still counts a deleted field among
// those of its name does the same as one which does not.
[[nodiscard]] std::vector<HeaderEdit> edits(const imf::HeaderSection& before,
                                            const imf::HeaderSection& after);

}  // namespace mailassay::milter
