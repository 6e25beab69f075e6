#include "release/steps.h"

#include "base/error.h"

namespace mailassay::release {

namespace {

using base::Edition;

// [rfc7912/3.3/1] [draft-melnikov/3/6]
constexpr auto rows = std::to_array<Row>({
    // [rfc7912/3.3/2] [draft-melnikov/3/7]
    {Step::Origin, Finding::Proven, Step::OwnEntry},
    // [rfc7912/3.3/3] [draft-melnikov/3/8]
    {Step::Origin, Finding::DoubtTold, Step::OwnEntry},
    {Step::Origin, Finding::DoubtHeld, End::SetAside},
    {Step::Origin, Finding::DoubtReturned, End::Returned},
    // [rfc7912/3.3.1/2] [rfc7912/3.3.1/3]
    {Step::Origin, Finding::SealedTold, End::Returned},
    // [rfc7912/3.3.1/6]
    {Step::Origin, Finding::SealedHeld, End::SetAside},

    // [rfc7912/4/2]
    {Step::OwnEntry, Finding::Malformed, End::Returned},
    // [rfc7912/3.3/7]
    {Step::OwnEntry, Finding::Absent, Step::Review},
    // [rfc7912/3.3/10] [draft-melnikov/3/11]
    {Step::OwnEntry, Finding::Valid, Step::Onward},
    // [rfc7912/3.3/11]
    {Step::OwnEntry, Finding::Forged, End::Returned, Edition::Rfc},
    {Step::OwnEntry, Finding::ForgedToAbuse, End::ToAbuse, Edition::Rfc},
    // [draft-melnikov/3/12]: the field is taken off, which is why the user is not in it any more.
    {Step::OwnEntry, Finding::Forged, Step::Review, Edition::Draft},
    {Step::OwnEntry, Finding::ForgedToAbuse, Step::Review, Edition::Draft},

    {Step::Review, Finding::Approved, Step::Entry},
    // [rfc7912/3.3/16] [rfc7912/3.3/18] [draft-melnikov/3/18] [draft-melnikov/3/19]
    {Step::Review, Finding::Rejected, End::Returned},
    // [rfc7912/3.3/17]
    {Step::Review, Finding::ThrownAway, End::Discarded},
    // [rfc7912/3.1/3] [draft-melnikov/1/4]
    {Step::Review, Finding::NotEntitled, End::SetAside},
    // [rfc7912/3.3/20]
    {Step::Review, Finding::TakenOver, End::Redrafted},

    {Step::Entry, Finding::Entered, Step::Onward},

    // [rfc7912/3.3/26] [draft-melnikov/3/23]
    {Step::Onward, Finding::Complete, End::Released},
    {Step::Onward, Finding::Incomplete, End::ToNext},
});

}  // namespace

std::span<const Row> table() {
    return rows;
}

Next after(Step at, Finding finding, Edition edition) {
    for (const Row& row : rows) {
        if (row.at == at && row.finding == finding && row.edition.value_or(edition) == edition) {
            return row.then;
        }
    }
    throw Misuse("release: no such finding at this step");
}

std::string_view name_of(Step step) {
    switch (step) {
        case Step::Origin:
            return "origin";
        case Step::OwnEntry:
            return "own-entry";
        case Step::Review:
            return "review";
        case Step::Entry:
            return "entry";
        case Step::Onward:
            return "onward";
    }
    return "unknown";
}

std::string_view name_of(End end) {
    switch (end) {
        case End::Released:
            return "released";
        case End::ToNext:
            return "to-next";
        case End::Returned:
            return "returned";
        case End::ToAbuse:
            return "to-abuse";
        case End::Discarded:
            return "discarded";
        case End::Redrafted:
            return "redrafted";
        case End::SetAside:
            return "set-aside";
    }
    return "unknown";
}

}  // namespace mailassay::release
