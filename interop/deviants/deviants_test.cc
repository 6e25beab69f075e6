#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "deviant.h"

namespace mailassay::deviants {
namespace {

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return c == '-' || base::is_digit(c) || (base::is_alpha(c) && base::to_lower(c) == c);
    });
}

// The texts whose clauses a deviant of a base may break.
std::vector<std::string_view> texts_of(Base base) {
    switch (base) {
        case Base::Reference:
            return {"rfc8689/"};
        case Base::Unaware:
            return {"rfc5321/"};
        case Base::SecureHeaders:
            return {"rfc7508/", "rfc3183/", "rfc8550/"};
        case Base::Processor:
            return {"rfc4902/", "rfc4236/", "rfc3897/", "rfc3835/"};
        case Base::Border:
            return {"rfc7912/", "rfc2156/", "rfc6477/"};
        case Base::Release:
            return {"rfc7912/"};
        case Base::UnawareVerifier:
            return {"rfc7508/"};
    }
    std::unreachable();
}

TEST(Deviants, NamesAreUniqueAndWellFormed) {
    std::set<std::string_view> names;
    for (const Deviant& deviant : all_deviants()) {
        EXPECT_TRUE(is_name(deviant.name)) << deviant.name;
        EXPECT_TRUE(names.insert(deviant.name).second) << deviant.name;
    }
    EXPECT_GE(names.size(), 35U);
}

TEST(Deviants, EachSaysInASentenceWhatIsWrongAndWhichClauseItBreaks) {
    for (const Deviant& deviant : all_deviants()) {
        EXPECT_TRUE(deviant.wrong.ends_with('.')) << deviant.name;
        EXPECT_TRUE(std::ranges::any_of(texts_of(deviant.base), [&](std::string_view text) {
            return deviant.requirement.starts_with(text);
        })) << deviant.name;
    }
}

TEST(Deviants, EachMakesRulesForItsEditions) {
    for (const Deviant& deviant : all_deviants()) {
        EXPECT_FALSE(deviant.editions.empty()) << deviant.name;
        ASSERT_NE(deviant.implementation.secure_headers, nullptr) << deviant.name;
        for (const Edition edition : deviant.editions) {
            const mta::Decisions decisions = deviant.implementation.decisions(edition);
            ASSERT_NE(decisions.rules, nullptr) << deviant.name;
            EXPECT_EQ(decisions.rules->edition(), edition) << deviant.name;
        }
    }
}

TEST(Deviants, FoundByName) {
    EXPECT_EQ(find_deviant(all_deviants().front().name), &all_deviants().front());
    EXPECT_EQ(find_deviant("no-such-deviant"), nullptr);
    EXPECT_EQ(find_deviant(""), nullptr);
}

}  // namespace
}  // namespace mailassay::deviants
