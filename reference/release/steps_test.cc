#include "release/steps.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "base/error.h"

namespace mailassay::release {
namespace {

using base::Edition;

TEST(ReleaseSteps, NoFindingLeadsToTwoPlaces) {
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        std::set<std::pair<Step, Finding>> seen;
        for (const Row& row : table()) {
            if (row.edition.value_or(edition) != edition) continue;
            EXPECT_TRUE(seen.emplace(row.at, row.finding).second) << name_of(row.at);
        }
        EXPECT_EQ(seen.size(), table().size() - 2);
    }
}

TEST(ReleaseSteps, GoForwardOnly) {
    for (const Row& row : table()) {
        if (const Step* next = std::get_if<Step>(&row.then)) {
            EXPECT_GT(*next, row.at);
        }
    }
}

TEST(ReleaseSteps, AForgedEntryEndsItInTheRfcAlone) {
    EXPECT_EQ(after(Step::OwnEntry, Finding::Forged, Edition::Rfc), Next(End::Returned));
    EXPECT_EQ(after(Step::OwnEntry, Finding::ForgedToAbuse, Edition::Rfc), Next(End::ToAbuse));
    EXPECT_EQ(after(Step::OwnEntry, Finding::Forged, Edition::Draft), Next(Step::Review));
    EXPECT_THROW((void)after(Step::Entry, Finding::Proven, Edition::Rfc), Misuse);
}

}  // namespace
}  // namespace mailassay::release
