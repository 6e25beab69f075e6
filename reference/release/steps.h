#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/edition.h"

// The procedure of an authorizing user's agent (RFC 7912 section 3.3, section 3 of the draft) as a
// table: five steps, what is found at each, and where that leads.
namespace mailassay::release {

enum class Step : std::uint8_t {
    Origin,    // 1: who wrote and sent it
    OwnEntry,  // 2: whether the user is in the field already
    Review,    // 3: the user looks at it, and decides
    Entry,     // 4: the user is added to the field
    Onward,    // 5: where it goes
};

// Where a message is in the end.
enum class End : std::uint8_t {
    Released,   // to the transfer system
    ToNext,     // to another authorizing user
    Returned,   // to whom it came from, with the reason
    ToAbuse,    // to a mailbox for abuse
    Discarded,  // thrown away
    Redrafted,  // the user is its drafter now
    SetAside,   // kept, for a person to decide
};

enum class Finding : std::uint8_t {
    // at Origin
    Proven,
    DoubtTold,      // not proven; the user is told
    DoubtHeld,      // not proven; nothing goes on
    DoubtReturned,  // not proven; it goes back
    SealedTold,     // the user can't decrypt it; its sender is told
    SealedHeld,     // likewise; it is kept
    // at OwnEntry
    Malformed,  // the field can't be read, or stands twice
    Absent,
    Valid,
    Forged,         // the entry does not hold
    ForgedToAbuse,  // likewise, where a mailbox is set up for that
    // at Review
    Approved,
    Rejected,
    ThrownAway,
    TakenOver,
    NotEntitled,  // the user may not authorize it, or not yet
    // at Entry
    Entered,
    // at Onward
    Complete,
    Incomplete,
};

using Next = std::variant<Step, End>;

struct Row {
    Step at;
    Finding finding;
    Next then;
    // The one edition that has it so; nullopt: both.
    std::optional<base::Edition> edition = std::nullopt;
};

// Every row; no finding of a step has two in an edition.
[[nodiscard]] std::span<const Row> table();
// Throws Misuse for what is no finding of that step.
[[nodiscard]] Next after(Step at, Finding finding, base::Edition edition);

[[nodiscard]] std::string_view name_of(Step step);
[[nodiscard]] std::string_view name_of(End end);

}  // namespace mailassay::release
